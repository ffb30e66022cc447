// The bar above the messages: the bot, what it is doing, and the person on whose behalf one is looking.

import { avatar, h, iconButton } from "./dom.js";
import { menuButton } from "./overlay.js";
import { actionText } from "./store.js";

export class Header {
  #face = h("img", { class: "avatar", src: "/static/icon.svg", alt: "" });
  #name = h("strong", { class: "bot-name" });
  #status = h("span", { class: "bot-status", "data-testid": "status" });
  #who = h("span", { class: "who" });
  #chat = null;
  el;

  /** `on` has `back()`, `faults()`, `receipt()`, `block(blocked)`. */
  constructor(on) {
    const menu = menuButton("more", "More", "chat-menu", () => [
      this.#chat.blocked
        ? { label: "Unblock the bot", icon: "tick", testid: "unblock", run: () => on.block(false) }
        : { label: "Block the bot", icon: "block", testid: "block", danger: true, run: () => on.block(true) },
      { label: "Send a made-up Kaspi receipt", icon: "file", testid: "receipt", run: on.receipt },
      { label: "Faults", icon: "bolt", testid: "menu-faults", run: on.faults },
    ]);
    this.el = h(
      "header",
      { class: "bar" },
      iconButton("back", "People", { class: "only-narrow", "data-testid": "back", onclick: on.back }),
      this.#face,
      h("span", { class: "bot" }, this.#name, this.#status),
      this.#who,
      menu,
    );
  }

  show(chat) {
    this.#chat = chat;
    const { id, first_name } = chat.person;
    this.#who.title = `You are ${first_name}`;
    this.#who.replaceChildren(avatar(id, first_name, "tiny"), h("span", {}, first_name));
    this.update();
  }

  update() {
    const { bot, connected } = this.#chat;
    this.#name.textContent = bot.first_name;
    const action = actionText(this.#chat);
    const words = !connected ? "connecting" : action || "bot";
    if (this.#status.dataset.words === words) return;
    this.#status.dataset.words = words;
    this.#status.classList.toggle("acting", connected && Boolean(action));
    const dots = words === "bot" ? null : h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i"));
    this.#status.replaceChildren(words, dots ?? "");
  }
}
