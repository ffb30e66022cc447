// One bubble. `update` compares what is shown with what came and touches only the part that differs: a film keeps
// playing while its caption changes, and a progress bar edited every few seconds does not flicker.

import { h, icon, timeOf } from "./dom.js";
import { Keyboard } from "./keyboard.js";
import { mediaKey, mediaOf } from "./media.js";
import { menuAt } from "./overlay.js";
import { keepOpened, richText } from "./richtext.js";
import { previewOf } from "./store.js";

const LONG_PRESS = 600; // milliseconds; Chromium makes its right click after 500
const UNKNOWN = "This page cannot show this kind of message.";

export class Bubble {
  el;
  message = null;
  #shown = { group: "", media: null, text: null, meta: "", reply: 0 };
  #box = h("div", { class: "bubble" });
  #reply = h("div", { class: "reply" });
  #media = null;
  #body = h("span", { class: "body" });
  #meta = h("span", { class: "meta" });
  #words = h("div", { class: "words" }, this.#body, this.#meta);
  #keyboard;
  #on;

  /** `on` is the chat's handlers: press, open, copied, pay, command, photo, reply, find. */
  constructor(message, on) {
    this.#on = on;
    this.#keyboard = new Keyboard({ ...on, press: (data) => on.press(message.message_id, data), pay: () => on.pay(message.message_id) });
    this.el = h(
      "article",
      { "data-testid": "message", "data-message-id": message.message_id, "data-out": String(Boolean(message.out)) },
      h("div", { class: "stack" }, this.#box),
    );
    this.#box.append(this.#words);
    onMenuWanted(this.#box, (x, y) => menuAt(x, y, this.#menu()));
  }

  #menu() {
    const words = wordsOf(this.message);
    return [
      { label: "Reply", icon: "reply", testid: "reply", run: () => this.#on.reply(this.message) },
      words && { label: "Copy the text", icon: "copy", testid: "copy-text", run: () => this.#on.copied(words) },
    ].filter(Boolean);
  }

  /** `group` says where the bubble stands among its neighbours: "", "first", "last" or "first last". */
  update(message, group) {
    if (message === this.message && group === this.#shown.group) return;
    this.message = message;
    this.#shown.group = group;
    const rows = message.reply_markup?.inline_keyboard ?? payRow(message);
    this.#updateReply(message.reply_to_message);
    this.#updateMedia(message);
    this.#updateText(message);
    this.#updateMeta(message);
    this.#updateKeyboard(rows);
    const state = [
      "message", message.out ? "out" : "in", group, rows.length && "has-keys", this.#media?.width && "has-media",
      this.#media && !this.#media.width && "has-file",
      this.#shown.text === "" && "no-words",
    ];
    this.el.className = state.filter(Boolean).join(" ");
  }

  #updateReply(answered) {
    const id = answered?.message_id ?? 0;
    if (id === this.#shown.reply) return;
    this.#shown.reply = id;
    this.#reply.remove();
    if (!answered) return;
    const find = () => this.#on.find(id);
    this.#reply = h("button", { type: "button", class: "reply", "data-testid": "quote", onclick: find }, quoted(answered));
    this.#box.prepend(this.#reply);
  }

  #updateMedia(message) {
    const key = mediaKey(message);
    if (key === this.#shown.media) return;
    this.#shown.media = key;
    this.#media?.el.remove();
    this.#media = key ? mediaOf(message, this.#on.photo) : null;
    this.#box.style.width = this.#media?.width ? `${this.#media.width}px` : "";
    if (this.#media) this.#words.before(this.#media.el);
  }

  #updateText(message) {
    const text = wordsOf(message);
    const entities = message.entities ?? message.caption_entities ?? [];
    const key = text && JSON.stringify([text, entities]);
    if (key === this.#shown.text) return;
    this.#shown.text = key;
    const fresh = h(
      "span",
      { class: "body" },
      message.invoice ? invoice(message.invoice) : null,
      richText(text, entities, this.#on),
    );
    keepOpened(this.#body, fresh);
    this.#body.replaceChildren(...fresh.childNodes);
    this.#words.classList.toggle("jumbo", !entities.length && !this.#media && isFewEmoji(text));
  }

  #updateMeta(message) {
    const meta = `${message.edit_date ? "edited " : ""}${timeOf(message.date)}`;
    if (meta === this.#shown.meta) return;
    this.#shown.meta = meta;
    const iso = new Date(message.date * 1000).toISOString();
    this.#meta.replaceChildren(
      message.edit_date ? h("span", { class: "edited" }, "edited") : "",
      h("time", { datetime: iso, title: new Date(message.date * 1000).toLocaleString() }, timeOf(message.date)),
      message.out ? icon("ticks", 17) : "",
    );
  }

  #updateKeyboard(rows) {
    this.#keyboard.update(rows);
    const el = this.#keyboard.el;
    if (rows.length && !el.isConnected) this.#box.after(el);
    if (!rows.length) el.remove();
  }
}

/** Who said what, in two lines: what a reply shows of the message it answers to. */
export const quoted = (message) => [
  h("strong", {}, message.from?.first_name ?? "Message"),
  h("span", {}, previewOf(message)),
];

/** Calls `open(x, y)` at a right click, and at a long press where the browser makes no right click of it (Safari). */
function onMenuWanted(el, open) {
  let timer;
  const stop = () => clearTimeout(timer);
  el.addEventListener("contextmenu", (event) => {
    event.preventDefault();
    stop();
    open(event.clientX, event.clientY);
  });
  el.addEventListener("pointerdown", ({ pointerType, clientX, clientY }) => {
    stop();
    if (pointerType === "touch") timer = setTimeout(() => open(clientX, clientY), LONG_PRESS);
  });
  // A finger that scrolls ends as pointercancel.
  for (const end of ["pointerup", "pointercancel"]) el.addEventListener(end, stop);
}

function wordsOf(message) {
  if (message.text !== undefined) return message.text;
  if (message.invoice) return message.invoice.description ?? "";
  if (message.successful_payment) {
    const { total_amount, currency } = message.successful_payment;
    return `You paid ${amountOf(total_amount, currency)}`;
  }
  if (message.refunded_payment) {
    const { total_amount, currency } = message.refunded_payment;
    return `${amountOf(total_amount, currency)} came back to you`;
  }
  return message.caption ?? (mediaKey(message) ? "" : UNKNOWN);
}

/** Stars (XTR) have no minor unit; other currencies of the Bot API are taken to have two decimals. */
const amountOf = (amount, currency) => (currency === "XTR" ? `⭐ ${amount}` : `${(amount / 100).toFixed(2)} ${currency}`);

/** Telegram draws the pay button of an invoice by itself; once paid it shows a receipt. */
function payRow({ invoice, paid }) {
  if (!invoice) return [];
  return [[{ text: paid ? "Paid ✓" : `⭐ Pay ${invoice.total_amount}`, pay: true }]];
}

function invoice({ title, currency, total_amount }) {
  return h("span", { class: "invoice" }, h("strong", {}, title), h("span", {}, amountOf(total_amount, currency)));
}

const EMOJI = /^(?:\p{Extended_Pictographic}\uFE0F?){1,3}$/u;
const isFewEmoji = (text) => EMOJI.test(text);
