// What lies over the chat for a moment: toasts, an alert, the enlarged photo and a question with a few fields.

import { h, icon, iconButton } from "./dom.js";

const TOAST = 3500; // milliseconds, and a little more for a long text

/** Telegram's toast, over the chat. A new one replaces the old one. */
export function toast(text) {
  const place = document.getElementById("toasts");
  const { left, width } = document.getElementById("chat").getBoundingClientRect();
  place.style.left = width ? `${left}px` : "0";
  place.style.width = width ? `${width}px` : "100%";
  const el = h("div", { class: "toast", role: "status", "data-testid": "toast" }, text);
  place.replaceChildren(el);
  // Shown anew each time: only the latest of the top layer is above an open dialog.
  place.hidePopover();
  place.showPopover();
  setTimeout(() => el.classList.add("leaving"), TOAST + text.length * 25);
  el.addEventListener("transitionend", () => el.classList.contains("leaving") && el.remove());
}

/** A modal <dialog> that removes itself when closed. `content` builds its children from a `close` function. */
export function dialog(className, label, content) {
  const el = h("dialog", { class: className, "aria-label": label });
  el.append(...content(() => el.close()));
  el.addEventListener("close", () => el.remove());
  el.addEventListener("click", (event) => event.target === el && el.close()); // the backdrop
  document.body.append(el);
  el.showModal();
  return el;
}

/** What `answerCallbackQuery` with `show_alert` looks like. */
export function alertModal(title, text) {
  const el = dialog("sheet alert", title, (close) => [
    h("h2", {}, title),
    h("p", {}, text),
    h(
      "div",
      { class: "sheet-actions" },
      h("button", { type: "button", class: "text-button", autofocus: true, onclick: close }, "OK"),
    ),
  ]);
  el.dataset.testid = "alert";
}

export function enlarge(src) {
  dialog("viewer", "Photo", (close) => [
    h("img", { src, alt: "Photo", onclick: close }),
    iconButton("close", "Close", { onclick: close, class: "viewer-close" }),
  ]);
}

/** Copies, and says so. Without the clipboard's permission the text is shown instead, to be copied by hand. */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast("Copied to clipboard");
  } catch {
    alertModal("Copy this", text);
  }
}

/** The form for a new person; `add` takes {first_name, username?, language_code} and may throw. */
export function askForPerson(add) {
  const name = h(
    "input",
    { name: "first_name", required: true, maxlength: "64", autocomplete: "off", autofocus: true, "data-testid": "person-name" },
  );
  const username = h("input", { name: "username", pattern: "[A-Za-z0-9_]{3,32}", autocomplete: "off", placeholder: "optional" });
  const languages = { kk: "Қазақша", ru: "Русский", en: "English", de: "Deutsch (not one of the bot's)" };
  const options = Object.entries(languages).map(([code, words]) => h("option", { value: code }, `${words} · ${code}`));
  const language = h("select", { name: "language_code", "data-testid": "person-language" }, options);
  dialog("sheet", "Add a person", (close) => {
    const submit = async (event) => {
      event.preventDefault();
      const person = { first_name: name.value.trim(), language_code: language.value };
      if (username.value) person.username = username.value;
      try {
        await add(person);
        close();
      } catch (error) {
        toast(error.message);
      }
    };
    return [
      h(
        "form",
        { method: "dialog", onsubmit: submit },
        h("h2", {}, "Add a person"),
        h("label", { class: "field" }, "Name", name),
        h("label", { class: "field" }, "Username", username),
        h("label", { class: "field" }, "Telegram language", language),
        h(
          "div",
          { class: "sheet-actions" },
          h("button", { type: "button", class: "text-button", onclick: close }, "Cancel"),
          h("button", { type: "submit", class: "text-button", "data-testid": "person-add" }, "Add"),
        ),
      ),
    ];
  });
}

/** A small menu under the button that opens it. `items()` gives [{label, icon, testid, danger, run}] at each opening. */
export function menuButton(iconName, label, testid, items) {
  const id = `popover-${testid}`;
  const button = iconButton(iconName, label, { popovertarget: id, "data-testid": testid, "aria-haspopup": "menu" });
  const menu = h("div", { class: "popover-menu", popover: "auto", id, role: "menu" });
  menu.addEventListener("beforetoggle", (event) => {
    if (event.newState !== "open") return;
    const { bottom, right } = button.getBoundingClientRect();
    menu.style.top = `${bottom + 4}px`;
    menu.style.right = `${document.documentElement.clientWidth - right}px`;
    menu.replaceChildren(...items().map((item) => menuItem(item, menu)));
  });
  return [button, menu];
}

/** The same menu where one pressed. The next press or Escape closes it; `auto` would close it at the end of this press. */
export function menuAt(x, y, items) {
  document.querySelector(".popover-menu.at")?.hidePopover();
  const menu = h("div", { class: "popover-menu at", popover: "manual", role: "menu", "data-testid": "message-menu" });
  menu.append(...items.map((item) => menuItem(item, menu)));
  document.body.append(menu);
  menu.showPopover();
  const { clientWidth, clientHeight } = document.documentElement;
  menu.style.left = `${Math.max(4, Math.min(x, clientWidth - menu.offsetWidth - 4))}px`;
  menu.style.top = `${Math.max(4, Math.min(y, clientHeight - menu.offsetHeight - 4))}px`;
  const outside = (event) => menu.contains(event.target) || menu.hidePopover();
  const escape = (event) => event.key === "Escape" && menu.hidePopover();
  menu.addEventListener("toggle", ({ newState }) => {
    if (newState === "open") return;
    document.removeEventListener("pointerdown", outside, true);
    document.removeEventListener("keydown", escape, true);
    menu.remove();
  });
  document.addEventListener("pointerdown", outside, true);
  document.addEventListener("keydown", escape, true);
  menu.firstElementChild.focus({ preventScroll: true });
}

function menuItem(item, menu) {
  const run = () => {
    menu.hidePopover();
    item.run();
  };
  const className = item.danger ? "menu-item danger" : "menu-item";
  return h(
    "button",
    { type: "button", role: "menuitem", class: className, "data-testid": item.testid, onclick: run },
    icon(item.icon, 20),
    item.label,
  );
}
