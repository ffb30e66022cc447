// Choosing what to send: a file from the disk, a pasted picture or one dropped on the chat, shown with a caption
// before it goes. A picture goes as a photo unless the box is unticked; Telegram would compress it, this page does not.

import { bytesOf, h, icon } from "./dom.js";
import { dialog, toast } from "./overlay.js";

const PHOTO = /^image\/(jpeg|png|webp|gif|bmp|heic|heif)$/;

/** `send(kind, file, caption)` gives a promise; the dialog closes when it is kept. */
export function askToSend(file, send) {
  const isImage = PHOTO.test(file.type);
  const url = isImage ? URL.createObjectURL(file) : null;
  const asPhoto = h("input", { type: "checkbox", checked: true, "data-testid": "as-photo" });
  const caption = h(
    "textarea",
    {
      rows: "1",
      placeholder: "Add a caption…",
      "aria-label": "Caption",
      maxlength: "1024",
      autofocus: true,
      "data-testid": "caption",
    },
  );
  const submit = h("button", { type: "submit", class: "primary", "data-testid": "send-file" }, "Send");
  const el = dialog("sheet attach", "Send a file", (close) => {
    const go = async (event) => {
      event.preventDefault();
      submit.disabled = true;
      try {
        await send(isImage && asPhoto.checked ? "photo" : "document", file, caption.value.trim());
        close();
      } catch (error) {
        toast(error.message);
        submit.disabled = false;
      }
    };
    const form = h(
      "form",
      { method: "dialog", onsubmit: go },
      h("h2", {}, isImage ? "Send a photo" : "Send a file"),
      isImage ? h("img", { class: "preview", src: url, alt: "" }) : fileRow(file),
      isImage && h("label", { class: "check" }, asPhoto, "Send as a photo"),
      h("div", { class: "caption" }, caption, submit),
    );
    caption.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      form.requestSubmit();
    });
    return [form];
  });
  el.addEventListener("close", () => url && URL.revokeObjectURL(url));
}

function fileRow(file) {
  const words = h(
    "span",
    { class: "document-words" },
    h("span", { class: "document-name" }, file.name),
    h("span", { class: "document-hint" }, bytesOf(file.size)),
  );
  return h("div", { class: "document" }, h("span", { class: "document-icon" }, icon("file")), words);
}

/** Lets pictures be dropped on `area`; `take(file)` gets the first one. */
export function acceptDrops(area, take) {
  let depth = 0; // dragenter and dragleave also come from every child
  const over = (on) => {
    depth = on ? depth + 1 : Math.max(0, depth - 1);
    area.classList.toggle("dropping", depth > 0);
  };
  const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
  area.addEventListener("dragenter", (event) => hasFiles(event) && over(true));
  area.addEventListener("dragleave", (event) => hasFiles(event) && over(false));
  area.addEventListener("dragover", (event) => hasFiles(event) && event.preventDefault());
  area.addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    depth = 1;
    over(false);
    const [file] = event.dataTransfer.files;
    if (file) take(file);
  });
}
