// The list of the bot's commands above the composer. Nothing is chosen until an arrow key is pressed, so Enter sends
// what was typed: a command that is not in the list (an admin's, a mistyped one) can always be tried.

import { h } from "./dom.js";

export class CommandMenu {
  el = h("div", { class: "commands", role: "listbox", "aria-label": "Commands", "data-testid": "commands", hidden: true });
  #items = [];
  #at = -1;
  #send;

  constructor(send) {
    this.#send = send;
  }

  get open() {
    return !this.el.hidden;
  }

  get chosen() {
    return this.#items[this.#at]?.command ?? null;
  }

  /** The command that Tab completes to. */
  get first() {
    return this.chosen ?? this.#items[0]?.command ?? null;
  }

  /** Shows the commands that begin with what was typed after the slash. */
  show(commands, typed) {
    this.#items = commands.filter(({ command }) => command.startsWith(typed.toLowerCase()));
    this.#at = -1;
    this.el.replaceChildren(...this.#items.map((item) => this.#row(item)));
    this.el.hidden = this.#items.length === 0;
    this.el.scrollTop = 0;
  }

  hide() {
    this.el.hidden = true;
    this.#at = -1;
  }

  /** Moves the choice by one up (-1) or down (1), around the ends. */
  move(step) {
    const count = this.#items.length;
    this.#at = this.#at < 0 && step < 0 ? count - 1 : (this.#at + step + count) % count;
    [...this.el.children].forEach((row, index) => row.setAttribute("aria-selected", String(index === this.#at)));
    this.el.children[this.#at].scrollIntoView({ block: "nearest" });
  }

  #row({ command, description }) {
    const words = [h("strong", {}, `/${command}`), h("span", {}, description)];
    const send = () => this.#send(`/${command}`);
    return h(
      "button",
      { type: "button", class: "command", role: "option", tabindex: "-1", "aria-selected": "false", onclick: send },
      words,
    );
  }
}
