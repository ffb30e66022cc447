// What is known of one person's chat with the bot. It is fed by the person's stream and tells its views what changed;
// it draws nothing. Nothing is kept across a reload: the server's snapshot is the truth.

const ANSWERS_KEPT = 50; // an answer may arrive before the reply to the press that asks for it
const ACTION_SECONDS = 5; // how long Telegram shows a chat action (Bot API, sendChatAction)

/** Dispatches "messages", "status", "commands" and "answer" (detail: the answer). */
export class Chat extends EventTarget {
  person;
  messages = []; // ascending message_id
  commands = [];
  bot = { first_name: "Bot", username: "" };
  action = null;
  connected = true;
  loaded = false;
  blocked;
  read = 0; // the newest message_id this person has seen
  draft = "";
  replyTo = null; // the message that the next one answers to
  #answers = new Map();
  #waiting = new Map();
  #actionTimer;

  constructor(person) {
    super();
    this.person = person;
    this.blocked = Boolean(person.blocked);
  }

  get last() {
    return this.messages.at(-1);
  }

  get unread() {
    return this.messages.filter((message) => !message.out && message.message_id > this.read).length;
  }

  markRead() {
    const newest = this.last?.message_id ?? 0;
    if (newest === this.read) return;
    this.read = newest;
    this.#tell("status");
  }

  setConnected(connected) {
    if (this.connected === connected) return;
    this.connected = connected;
    this.#tell("status");
  }

  setBlocked(blocked) {
    this.blocked = blocked;
    this.#tell("status");
  }

  /** Takes one event of the person's stream. */
  apply(kind, data) {
    switch (kind) {
      case "snapshot":
        return this.#snapshot(data);
      case "message":
        if (!data.out) this.#setAction(null);
        return this.#put(data);
      case "edit":
        return this.#put(data);
      case "delete":
        this.messages = this.messages.filter((message) => message.message_id !== data.message_id);
        return this.#tell("messages");
      case "action":
        return this.#setAction(data);
      case "answer":
        return this.#answer(data);
      case "payment":
        return this.#payment(data);
      case "commands":
        this.commands = Array.isArray(data) ? data : data.commands;
        return this.#tell("commands");
      default:
        return console.warn("unknown event", kind, data);
    }
  }

  /** Resolves with true when the bot has answered the query, with false after `patience` milliseconds. */
  answered(query_id, patience) {
    const id = String(query_id);
    if (this.#answers.has(id)) return Promise.resolve(true);
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), patience);
      this.#waiting.set(id, () => {
        clearTimeout(timer);
        resolve(true);
      });
    });
  }

  #snapshot({ messages, commands, bot }) {
    this.messages = [...messages].sort((a, b) => a.message_id - b.message_id);
    this.commands = commands ?? [];
    this.bot = bot ?? this.bot;
    const newest = this.last?.message_id ?? 0;
    // A first snapshot is history; ids below those already seen mean that the world started anew.
    if (!this.loaded) this.read = newest;
    else if (newest < this.read) this.read = 0;
    this.loaded = true;
    this.#tell("messages", "commands", "status");
  }

  #put(message) {
    const at = this.messages.findIndex((known) => known.message_id >= message.message_id);
    if (at < 0) this.messages.push(message);
    else if (this.messages[at].message_id === message.message_id) this.messages[at] = message;
    else this.messages.splice(at, 0, message);
    this.#tell("messages");
  }

  #setAction(data) {
    clearTimeout(this.#actionTimer);
    this.action = data?.action && data.action !== "cancel" ? data.action : null;
    if (this.action) {
      const left = Number(data.until) - Date.now() / 1000;
      // A sandbox may run on a clock of its own; then its deadline says nothing here.
      const seconds = left > 0 && left <= ACTION_SECONDS + 1 ? left : ACTION_SECONDS;
      this.#actionTimer = setTimeout(() => this.#setAction(null), seconds * 1000);
    }
    this.#tell("status");
  }

  #payment(payment) {
    const invoice = this.messages.find((message) => message.message_id === payment.message_id);
    if (invoice && payment.state === "paid") this.#put({ ...invoice, paid: true });
    if (payment.state !== "asking") this.#answer({ ...payment, query_id: payment.checkout_id, text: "" });
    if (payment.error) this.dispatchEvent(new CustomEvent("answer", { detail: { text: payment.error, show_alert: true } }));
  }

  #answer(answer) {
    const id = String(answer.query_id);
    this.#answers.set(id, answer);
    if (this.#answers.size > ANSWERS_KEPT) this.#answers.delete(this.#answers.keys().next().value);
    this.#waiting.get(id)?.();
    this.#waiting.delete(id);
    this.dispatchEvent(new CustomEvent("answer", { detail: answer }));
  }

  #tell(...kinds) {
    for (const kind of kinds) this.dispatchEvent(new Event(kind));
  }
}

const ACTIONS = {
  typing: "typing",
  upload_photo: "sending a photo",
  record_video: "recording a video",
  upload_video: "sending a video",
  upload_document: "sending a file",
  record_voice: "recording a voice message",
  upload_voice: "sending a voice message",
  choose_sticker: "choosing a sticker",
  find_location: "looking for a location",
  record_video_note: "recording a video message",
  upload_video_note: "sending a video message",
};

/** What the bot is doing now, in Telegram's words, or "". */
export const actionText = (chat) => (chat.action ? (ACTIONS[chat.action] ?? chat.action.replaceAll("_", " ")) : "");

/** One line that stands for a message in the list of people. */
export function previewOf(message) {
  const words = (message.text ?? message.caption ?? "").replace(/\s+/g, " ").trim().slice(0, 120);
  if (message.photo) return words ? `🖼 ${words}` : "🖼 Photo";
  if (message.video) return words ? `🎬 ${words}` : "🎬 Video";
  if (message.document) return `📎 ${words || message.document.file_name || "File"}`;
  if (message.invoice) return `🧾 ${message.invoice.title}`;
  if (message.successful_payment) return "🧾 Payment";
  if (message.refunded_payment) return "↩️ Refund";
  return words || "Message";
}
