// Entities into DOM nodes. Offsets and lengths are UTF-16 units (Bot API, MessageEntity), which is how JavaScript
// counts a string already. Entities nest; two that overlap without nesting are cut at the outer one's end.

import { h, iconButton } from "./dom.js";

const BLOCKS = new Set(["pre", "blockquote", "expandable_blockquote"]);
const SAFE = /^(https?|tg|mailto|tel):/i;

/**
 * Nodes for `text`. `on` has `command(text)` for a pressed /command, `open(url)` for a link, `copied(text)`.
 */
export function richText(text, entities = [], on) {
  const known = entities.filter((entity) => entity.length > 0);
  const sorted = known.sort((a, b) => a.offset - b.offset || b.length - a.length);
  return range(text, 0, text.length, sorted, on);
}

function range(text, start, end, entities, on) {
  const nodes = [];
  let at = start;
  let index = 0;
  while (index < entities.length) {
    const entity = entities[index];
    const from = Math.max(entity.offset, at);
    const to = Math.min(entity.offset + entity.length, end);
    index += 1;
    if (from >= to) continue;
    if (from > at) nodes.push(text.slice(at, from));
    const inner = [];
    while (index < entities.length && entities[index].offset < to) inner.push(entities[index++]);
    nodes.push(styled(entity, text.slice(from, to), range(text, from, to, inner, on), on));
    // A block ends its line by itself: the line break written after it would show as an empty line.
    at = BLOCKS.has(entity.type) && text[to] === "\n" ? to + 1 : to;
  }
  if (at < end) nodes.push(text.slice(at, end));
  return nodes;
}

const TAGS = { bold: "strong", italic: "em", underline: "u", strikethrough: "s" };

function styled(entity, words, inner, on) {
  if (entity.type in TAGS) return h(TAGS[entity.type], {}, inner);
  switch (entity.type) {
    case "code":
      return h("code", { title: "Copy", onclick: () => on.copied(words) }, inner);
    case "pre":
      return pre(entity, words, inner, on);
    case "spoiler":
      return spoiler(inner);
    case "blockquote":
      return h("blockquote", {}, inner);
    case "expandable_blockquote":
      return expandable(inner);
    case "bot_command":
      return h("button", { type: "button", class: "link", onclick: () => on.command(words) }, inner);
    case "text_link":
      return link(entity.url, inner, on);
    case "url":
      return link(SAFE.test(words) ? words : `https://${words}`, inner, on);
    case "email":
      return link(`mailto:${words}`, inner, on);
    case "phone_number":
      return link(`tel:${words}`, inner, on);
    case "mention":
      return link(`https://t.me/${words.slice(1)}`, inner, on);
    case "text_mention":
    case "hashtag":
    case "cashtag":
      return h("span", { class: "link" }, inner);
    default:
      return h("span", {}, inner);
  }
}

function link(url, inner, on) {
  if (!SAFE.test(url)) return h("span", {}, inner);
  const open = (event) => {
    event.preventDefault();
    on.open(url);
  };
  return h("a", { href: url, target: "_blank", rel: "noopener noreferrer", onclick: open }, inner);
}

function pre(entity, words, inner, on) {
  const bar = h(
    "span",
    { class: "pre-bar" },
    entity.language ?? "code",
    iconButton("copy", "Copy", { onclick: () => on.copied(words) }),
  );
  return h("pre", {}, bar, h("span", { class: "pre-text" }, inner));
}

function spoiler(inner) {
  const el = h("span", { class: "spoiler", tabindex: "0", role: "button", "aria-label": "Spoiler, press to show" }, inner);
  const show = (event) => {
    if (el.classList.contains("shown") || (event.type === "keydown" && event.key !== "Enter")) return;
    event.preventDefault();
    event.stopPropagation();
    // Telegram shows every spoiler of the message at once.
    for (const other of el.closest(".body").querySelectorAll(".spoiler")) {
      other.classList.add("shown");
      other.removeAttribute("role");
      other.removeAttribute("aria-label");
    }
  };
  el.addEventListener("click", show, true);
  el.addEventListener("keydown", show);
  return el;
}

function expandable(inner) {
  const toggle = h(
    "button",
    { type: "button", class: "quote-toggle", "aria-label": "Expand the quote", "aria-expanded": "false" },
  );
  const el = h("blockquote", { class: "expandable" }, h("span", { class: "quote-text" }, inner), toggle);
  toggle.addEventListener("click", () => {
    const open = el.classList.toggle("open");
    toggle.setAttribute("aria-expanded", String(open));
  });
  return el;
}

/** Carries what the reader opened (spoilers, quotes) from the old nodes of a body over to the new ones. */
export function keepOpened(old, fresh) {
  if (old.querySelector(".spoiler.shown")) {
    for (const el of fresh.querySelectorAll(".spoiler")) el.classList.add("shown");
  }
  const quotes = [...fresh.querySelectorAll(".expandable")];
  [...old.querySelectorAll(".expandable")].forEach((el, index) => {
    if (el.classList.contains("open")) quotes[index]?.classList.add("open");
  });
}
