// The list of messages of one chat: keeps the DOM in step with the chat, node by node, and minds the scroll position.
// While the reader is at the bottom the list follows; otherwise it stays still and offers a way down.

import { dayOf, h, icon } from "./dom.js";
import { Bubble } from "./message.js";

const NEAR = 48; // pixels from the bottom that still count as being there
const TOGETHER = 600; // seconds within which neighbours of one side form a group

export class Conversation {
  #list = h("div", { class: "messages", role: "log", "aria-label": "Messages" });
  #scroller = h("div", { class: "scroller", tabindex: "-1" }, this.#list);
  #count = h("span", { class: "badge", hidden: true });
  #down = h(
    "button",
    { type: "button", class: "jump", "aria-label": "Jump down", "data-testid": "jump-down", hidden: true },
    icon("down"),
    this.#count,
  );
  #empty = h("div", { class: "empty", hidden: true });
  el = h("div", { class: "conversation" }, this.#scroller, this.#empty, this.#down);
  #bubbles = new Map();
  #days = new Map();
  #stuck = true;
  #top = 0;
  #newest = 0;
  #away = 0; // the newest message_id when the reader left the bottom
  #chat;
  #on;

  constructor(chat, on) {
    this.#chat = chat;
    this.#on = { ...on, find: (id) => this.#find(id) };
    chat.addEventListener("messages", () => this.render());
    this.#down.addEventListener("click", () => this.toBottom(true));
    this.#scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    const resized = new ResizeObserver(() => this.#follow());
    resized.observe(this.#list);
    resized.observe(this.#scroller);
    this.render();
  }

  /** Called when the conversation comes back on the screen: a detached element forgets its scroll position. */
  shown() {
    if (this.#stuck) this.toBottom(false);
    else this.#scroller.scrollTop = this.#top;
  }

  toBottom(smooth) {
    this.#stuck = true;
    this.#scroller.scrollTo({ top: this.#scroller.scrollHeight, behavior: smooth ? "smooth" : "instant" });
  }

  get atBottom() {
    return this.#stuck;
  }

  render() {
    const { messages } = this.#chat;
    if (messages.at(-1)?.out && messages.at(-1).message_id > this.#newest) this.#stuck = true;
    this.#newest = messages.at(-1)?.message_id ?? 0;
    const wanted = this.#nodes(messages);
    const kept = new Set(wanted);
    // Stale nodes go first: moving a node that is still wanted would restart the film in it.
    for (const node of [...this.#list.childNodes]) if (!kept.has(node)) node.remove();
    let cursor = this.#list.firstChild;
    for (const node of wanted) {
      if (node === cursor) cursor = cursor.nextSibling;
      else this.#list.insertBefore(node, cursor);
    }
    this.#showEmpty(this.#chat.loaded && messages.length === 0);
    this.#follow();
    this.#showDown();
  }

  #nodes(messages) {
    const nodes = [];
    const bubbles = new Map();
    const days = new Map();
    messages.forEach((message, index) => {
      const [before, after] = [messages[index - 1], messages[index + 1]];
      const day = dayOf(message.date);
      if (!before || dayOf(before.date) !== day) {
        const el = this.#days.get(day) ?? h("div", { class: "day" }, h("span", {}, day));
        days.set(day, el);
        nodes.push(el);
      }
      const group = [!together(before, message) && "first", !together(message, after) && "last"].filter(Boolean).join(" ");
      const bubble = this.#bubbles.get(message.message_id) ?? new Bubble(message, this.#on);
      bubble.update(message, group);
      bubbles.set(message.message_id, bubble);
      nodes.push(bubble.el);
    });
    this.#bubbles = bubbles;
    this.#days = days;
    return nodes;
  }

  #showEmpty(empty) {
    if (empty && !this.#empty.childElementCount) {
      const start = h(
        "button",
        { type: "button", class: "primary", "data-testid": "start", onclick: () => this.#on.command("/start") },
        "Start",
      );
      this.#empty.append(h("strong", {}, "No messages here yet"), h("p", {}, "Press Start to meet the bot."), start);
    }
    this.#empty.hidden = !empty;
  }

  #scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller;
    if (!clientHeight) return;
    const atBottom = scrollHeight - scrollTop - clientHeight <= NEAR;
    if (this.#stuck && !atBottom) this.#away = this.#newest;
    this.#stuck = atBottom;
    this.#top = scrollTop;
    this.#showDown();
    if (atBottom) this.#on.read();
  }

  #follow() {
    if (this.#stuck && this.#scroller.isConnected) this.#scroller.scrollTop = this.#scroller.scrollHeight;
  }

  #showDown() {
    const fresh = this.#chat.messages.filter((message) => !message.out && message.message_id > this.#away).length;
    this.#down.hidden = this.#stuck;
    this.#count.textContent = String(fresh);
    this.#count.hidden = fresh === 0;
  }

  #find(message_id) {
    const el = this.#bubbles.get(message_id)?.el;
    if (!el) return;
    el.scrollIntoView({ block: "center", behavior: "smooth" });
    el.classList.add("found");
    setTimeout(() => el.classList.remove("found"), 1500);
  }
}

function together(a, b) {
  if (!a || !b || Boolean(a.out) !== Boolean(b.out)) return false;
  return Math.abs(b.date - a.date) < TOGETHER && dayOf(a.date) === dayOf(b.date);
}
