// Where a person writes. Enter sends, Shift+Enter breaks the line, "/" opens the commands; what was typed and not sent
// waits for the person it belongs to.

import { askToSend } from "./attach.js";
import { CommandMenu } from "./commands.js";
import { h, icon, iconButton } from "./dom.js";
import { quoted } from "./message.js";

const LIMIT = 4096; // characters of one message (Bot API, sendMessage)
const TALLEST = 0.4; // of the window's height

export class Composer {
  #text = h("textarea", {
    rows: "1", placeholder: "Message", "aria-label": "Message", "data-testid": "composer", maxlength: LIMIT,
    autocomplete: "off", enterkeyhint: "send",
  });
  #send = h(
    "button",
    { type: "button", class: "send", "aria-label": "Send", title: "Send", "data-testid": "send", disabled: true },
    icon("send", 24),
  );
  #menu = h(
    "button",
    { type: "button", class: "menu-pill", "aria-label": "Commands", "data-testid": "menu" },
    icon("menu", 18),
    h("span", {}, "Menu"),
  );
  #file = h("input", { type: "file", hidden: true, "data-testid": "attach-input", "aria-hidden": "true", tabindex: "-1" });
  #attach = iconButton("clip", "Attach a photo or a file", { "data-testid": "attach" });
  #unblock = h("button", { type: "button", class: "unblock", "data-testid": "unblock-bar", hidden: true }, "Unblock the bot");
  #reply = h("div", { class: "composer-reply", "data-testid": "reply-bar", hidden: true });
  #row = h(
    "div",
    { class: "composer-row" },
    h("div", { class: "composer-box" }, this.#reply, this.#menu, this.#text, this.#attach, this.#file),
    this.#send,
  );
  #commands = new CommandMenu((command) => this.#sendText(command));
  #chat = null;
  #on;
  el = h("div", { class: "composer" }, this.#commands.el, this.#row, this.#unblock);

  /** `on` has the promises `send(chat, text, reply_to)` and `upload(chat, kind, file, caption, reply_to)`, and `unblock()`. */
  constructor(on) {
    this.#on = on;
    this.#text.addEventListener("input", () => this.#typed());
    this.#text.addEventListener("keydown", (event) => this.#key(event));
    this.#text.addEventListener("paste", (event) => this.#pasted(event));
    this.#send.addEventListener("click", () => this.#sendText(this.#text.value));
    this.#menu.addEventListener("click", () => this.#toggleCommands());
    this.#attach.addEventListener("click", () => this.#file.click());
    this.#file.addEventListener("change", () => {
      const [file] = this.#file.files;
      this.#file.value = ""; // so that the same file can be chosen twice
      if (file) this.take(file);
    });
    this.#unblock.addEventListener("click", () => on.unblock());
    document.addEventListener("pointerdown", (event) => {
      if (!this.el.contains(event.target)) this.#commands.hide();
    });
  }

  show(chat) {
    if (this.#chat) this.#chat.draft = this.#text.value;
    this.#chat = chat;
    this.#text.value = chat.draft;
    this.#commands.hide();
    this.#showReply();
    this.update();
    this.#grow();
  }

  update() {
    const { blocked, commands } = this.#chat;
    this.#row.hidden = blocked;
    this.#unblock.hidden = !blocked;
    this.#menu.hidden = commands.length === 0;
  }

  focus() {
    if (matchMedia("(pointer: fine)").matches) this.#text.focus({ preventScroll: true });
  }

  /** Opens the dialog that sends a file. */
  take(file) {
    const chat = this.#chat;
    askToSend(file, async (kind, chosen, caption) => {
      await this.#on.upload(chat, kind, chosen, caption, chat.replyTo?.message_id);
      chat.replyTo = null;
      this.#showReply();
    });
  }

  /** What is sent next answers to this message; null to answer to none. */
  answerTo(message) {
    this.#chat.replyTo = message;
    this.#showReply();
    this.focus();
  }

  #showReply() {
    const message = this.#chat.replyTo;
    this.#reply.hidden = !message;
    if (!message) return;
    const drop = iconButton("close", "Do not reply", { "data-testid": "reply-drop", onclick: () => this.answerTo(null) });
    this.#reply.replaceChildren(icon("reply"), h("span", { class: "reply" }, quoted(message)), drop);
  }

  #typed() {
    this.#grow();
    const typed = /^\/([a-z0-9_]*)$/i.exec(this.#text.value);
    if (typed) this.#commands.show(this.#chat.commands, typed[1]);
    else this.#commands.hide();
  }

  #grow() {
    this.#text.style.height = "auto";
    this.#text.style.height = `${Math.min(this.#text.scrollHeight, innerHeight * TALLEST)}px`;
    this.#send.disabled = this.#text.value.trim() === "";
  }

  #key(event) {
    if (event.isComposing) return;
    if (this.#commands.open && this.#menuKey(event)) return event.preventDefault();
    if (event.key === "Escape" && this.#chat.replyTo) return this.answerTo(null);
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.#sendText(this.#commands.chosen ? `/${this.#commands.chosen}` : this.#text.value);
    }
  }

  /** True when the key belonged to the open command menu. */
  #menuKey(event) {
    if (event.key === "ArrowDown") this.#commands.move(1);
    else if (event.key === "ArrowUp") this.#commands.move(-1);
    else if (event.key === "Escape") this.#commands.hide();
    else if (event.key === "Tab" && !event.shiftKey) {
      this.#text.value = `/${this.#commands.first} `;
      this.#typed();
    } else return false;
    return true;
  }

  #toggleCommands() {
    if (this.#commands.open) this.#commands.hide();
    else this.#commands.show(this.#chat.commands, "");
    this.#menu.setAttribute("aria-expanded", String(this.#commands.open));
    this.focus();
  }

  #pasted(event) {
    const [file] = event.clipboardData?.files ?? [];
    if (!file) return;
    event.preventDefault();
    this.take(file);
  }

  async #sendText(text) {
    const words = text.trim();
    if (!words) return;
    const chat = this.#chat;
    this.#text.value = "";
    this.#typed();
    const { replyTo } = chat;
    this.answerTo(null);
    if (await this.#on.send(chat, words, replyTo?.message_id)) return;
    // Not sent: give the words back, unless something else was begun meanwhile.
    if (this.#chat !== chat) chat.draft ||= words;
    else if (!this.#text.value) {
      this.#text.value = words;
      this.#grow();
    }
  }
}
