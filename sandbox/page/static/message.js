// One bubble. `update` compares what is shown with what came and touches only the part that differs: a film keeps
// playing while its caption changes, and a progress bar edited every few seconds does not flicker.

import { h, icon, timeOf } from "./dom.js";
import { Keyboard } from "./keyboard.js";
import { mediaKey, mediaOf } from "./media.js";
import { keepOpened, richText } from "./richtext.js";
import { previewOf } from "./store.js";

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

  /** `on` is the chat's handlers: press, open, copied, pay, command, photo, find. */
  constructor(message, on) {
    this.#on = on;
    this.#keyboard = new Keyboard({ ...on, press: (data) => on.press(message.message_id, data), pay: () => on.pay(message.message_id) });
    this.el = h(
      "article",
      { "data-testid": "message", "data-message-id": message.message_id, "data-out": String(Boolean(message.out)) },
      h("div", { class: "stack" }, this.#box),
    );
    this.#box.append(this.#words);
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

  #updateReply(quoted) {
    const id = quoted?.message_id ?? 0;
    if (id === this.#shown.reply) return;
    this.#shown.reply = id;
    this.#reply.remove();
    if (!quoted) return;
    const name = quoted.from?.first_name ?? "Message";
    const lines = [h("strong", {}, name), h("span", {}, previewOf(quoted))];
    this.#reply = h("button", { type: "button", class: "reply", onclick: () => this.#on.find(id) }, lines);
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
