// The left column: whose phone this page is. Every row is one person's chat with the bot.

import { avatar, h, iconButton, timeOf } from "./dom.js";
import { actionText, previewOf } from "./store.js";

export class People {
  #list = h("nav", { class: "people", "aria-label": "People" });
  #rows = new Map();
  #on;

  /** `on` has `choose(person)`, `add()` and `faults()`. */
  constructor(column, on) {
    this.#on = on;
    const title = h("h1", {}, "Kadr sandbox");
    const faults = iconButton("bolt", "Faults", { "data-testid": "faults", onclick: on.faults });
    const add = iconButton("plus", "Add a person", { "data-testid": "add-person", onclick: on.add });
    column.append(h("header", { class: "bar" }, title, faults, add), this.#list);
  }

  add(chat) {
    const { person } = chat;
    const row = new Row(chat);
    row.el.addEventListener("click", () => this.#on.choose(person.id));
    this.#rows.set(person.id, row);
    this.#list.append(row.el);
  }

  choose(person) {
    for (const [id, row] of this.#rows) {
      if (id === person) row.el.setAttribute("aria-current", "true");
      else row.el.removeAttribute("aria-current");
    }
  }
}

class Row {
  #time = h("time", { class: "person-time" });
  #preview = h("span", { class: "person-preview" });
  #badge = h("span", { class: "badge", hidden: true });
  #chat;
  el;

  constructor(chat) {
    this.#chat = chat;
    const { id, first_name, username, language_code } = chat.person;
    this.el = h(
      "button",
      { type: "button", class: "person", "data-testid": `person-${id}`, title: username ? `@${username}` : first_name },
      avatar(id, first_name),
      h("span", { class: "person-name" }, first_name, h("span", { class: "person-language" }, language_code)),
      this.#time,
      this.#preview,
      this.#badge,
    );
    for (const kind of ["messages", "status"]) chat.addEventListener(kind, () => this.#update());
    this.#update();
  }

  #update() {
    const { last, unread, blocked } = this.#chat;
    const action = actionText(this.#chat);
    this.#time.textContent = last ? timeOf(last.date) : "";
    const you = last?.out ? h("span", { class: "you" }, "You: ") : "";
    if (blocked) this.#preview.replaceChildren("Bot blocked");
    else if (action) this.#preview.replaceChildren(h("span", { class: "acting" }, `${action}…`));
    else this.#preview.replaceChildren(you, last ? previewOf(last) : "No messages yet");
    this.#badge.textContent = String(unread);
    this.#badge.hidden = unread === 0;
    this.#badge.setAttribute("aria-label", `${unread} unread`);
  }
}
