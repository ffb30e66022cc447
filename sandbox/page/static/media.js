// Photo, film and file inside a bubble. Every picture has its final size before a byte of it is loaded, so nothing
// jumps; a film is loaded only when played, because a browser gives one host six connections and no more.

import { fileUrl } from "./api.js";
import { bytesOf, h, icon, lengthOf } from "./dom.js";

const MAX_WIDTH = 420; // CSS pixels, about what Telegram Web allows
const MAX_HEIGHT = 440;
const MIN_WIDTH = 220; // so that a caption and the time have room under a narrow film

/** What identifies the media of a message: while it stays the same, the nodes stay too. */
export function mediaKey(message) {
  const { photo, video, document: file, animation } = message;
  return photo?.at(-1)?.file_id ?? video?.file_id ?? animation?.file_id ?? file?.file_id ?? "";
}

/** The node that shows it and, for a picture or a film, the width its bubble takes in CSS pixels. */
export function mediaOf(message, onPhoto) {
  if (message.photo?.length) return photo(message.photo, onPhoto);
  const film = message.video ?? message.animation;
  if (film) return video(film);
  if (message.document) return { el: documentCard(message.document), width: null };
  return null;
}

function frame(width, height, ...children) {
  const ratio = width && height ? width / height : 1;
  const fits = Math.min(MAX_WIDTH, width || MAX_WIDTH, MAX_HEIGHT * ratio);
  const shown = Math.max(MIN_WIDTH, Math.round(fits));
  const el = h("div", { class: "media" }, ...children);
  el.style.aspectRatio = `${shown} / ${Math.min(MAX_HEIGHT, Math.round(shown / ratio))}`;
  return { el, width: shown };
}

function photo(sizes, onPhoto) {
  const best = sizes.reduce((a, b) => (b.width > a.width ? b : a));
  const image = h("img", { src: fileUrl(best.file_id), alt: "Photo", decoding: "async", draggable: "false" });
  const button = h(
    "button",
    { type: "button", class: "photo", "aria-label": "Enlarge the photo", "data-testid": "photo" },
    image,
  );
  button.addEventListener("click", () => onPhoto(image.src));
  return frame(best.width, best.height, button);
}

function video(film) {
  const player = h("video", {
    "data-testid": "video",
    src: fileUrl(film.file_id),
    poster: film.thumbnail && fileUrl(film.thumbnail.file_id),
    preload: film.thumbnail ? "none" : "metadata",
    playsinline: true,
  });
  const length = film.duration ? lengthOf(film.duration) : "";
  const play = h(
    "button",
    { type: "button", class: "play", "aria-label": `Play the video${length && `, ${length}`}` },
    icon("play", 30),
  );
  const badge = h("span", { class: "duration" }, length);
  const box = frame(film.width, film.height, player, play, length ? badge : null);
  play.addEventListener("click", () => {
    pauseOthers(player);
    player.controls = true;
    player.play();
    player.focus();
  });
  player.addEventListener("play", () => {
    pauseOthers(player);
    box.el.classList.add("playing");
  });
  player.addEventListener("ended", () => {
    player.controls = false;
    box.el.classList.remove("playing");
  });
  player.addEventListener("error", () => box.el.classList.add("broken"));
  return box;
}

function pauseOthers(player) {
  for (const other of document.querySelectorAll("video")) if (other !== player) other.pause();
}

function documentCard(file) {
  const name = file.file_name ?? "file";
  const suffix = name.includes(".") ? name.split(".").at(-1).slice(0, 4) : "";
  const size = file.file_size ? `${bytesOf(file.file_size)} · ` : "";
  return h(
    "a",
    { class: "document", href: fileUrl(file.file_id), download: name, "data-testid": "document" },
    h("span", { class: "document-icon" }, suffix || icon("file")),
    h(
      "span",
      { class: "document-words" },
      h("span", { class: "document-name" }, name),
      h("span", { class: "document-hint" }, `${size}Download`),
    ),
  );
}
