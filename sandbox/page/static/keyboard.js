// The inline keyboard under a bubble. A pressed button spins until the bot answers its callback query; an edit that
// leaves the keyboard as it was leaves the buttons (and the focus on one of them) as they were.

import { h, icon } from "./dom.js";

export class Keyboard {
  el = h("div", { class: "keyboard", role: "group", "aria-label": "Buttons" });
  #key = "";
  #busy = new Set(); // callback_data of the presses not answered yet
  #on;

  /** `on` has `press(data)` giving a promise that ends with the answer, `open(url)`, `copied(text)`, `pay()`. */
  constructor(on) {
    this.#on = on;
  }

  update(rows = []) {
    const key = JSON.stringify(rows);
    if (key === this.#key) return;
    this.#key = key;
    const focused = [...this.el.querySelectorAll("button")].indexOf(document.activeElement);
    this.el.replaceChildren(...rows.map((row) => h("div", { class: "keys" }, ...row.map((button) => this.#button(button)))));
    this.el.querySelectorAll("button")[focused]?.focus({ preventScroll: true });
  }

  #button(button) {
    const mark = button.url || button.web_app ? icon("external", 14) : button.copy_text ? icon("copy", 14) : null;
    const el = h(
      "button",
      { type: "button", class: "key", "data-testid": "inline-button", title: button.text },
      h("span", { class: "key-text" }, button.text),
      mark && h("span", { class: "key-mark" }, mark),
      h("span", { class: "spinner", "aria-hidden": "true" }),
    );
    if (button.callback_data !== undefined) {
      el.dataset.data = button.callback_data;
      el.classList.toggle("busy", this.#busy.has(button.callback_data));
    }
    el.addEventListener("click", () => this.#pressed(button));
    return el;
  }

  #pressed(button) {
    if (button.callback_data !== undefined) return this.#press(button.callback_data);
    if (button.url) return this.#on.open(button.url);
    if (button.copy_text) return this.#on.copied(button.copy_text.text);
    return this.#on.pay();
  }

  async #press(data) {
    if (this.#busy.has(data)) return;
    this.#busy.add(data);
    this.#show(data, true);
    try {
      await this.#on.press(data);
    } finally {
      this.#busy.delete(data);
      this.#show(data, false);
    }
  }

  #show(data, busy) {
    for (const el of this.el.querySelectorAll("[data-data]")) {
      if (el.dataset.data !== data) continue;
      el.classList.toggle("busy", busy);
      el.setAttribute("aria-busy", String(busy));
    }
  }
}
