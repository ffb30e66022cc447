// Puts the page together: one chat per person, one of them on the screen. The person looked at is in the address
// (`#42`), so a reload stays where it was.

import * as api from "./api.js";
import { acceptDrops } from "./attach.js";
import { Composer } from "./composer.js";
import { Conversation } from "./conversation.js";
import { h } from "./dom.js";
import { Faults } from "./faults.js";
import { Header } from "./header.js";
import { alertModal, askForPerson, copy, enlarge, toast } from "./overlay.js";
import { People } from "./people.js";
import { Chat } from "./store.js";
import { Streams } from "./streams.js";

const PATIENCE = 15_000; // milliseconds a pressed button spins at most
const CHECKOUT = 10_000; // milliseconds Telegram waits for the bot's answer (Bot API, answerPreCheckoutQuery)
const RETRY = 1500; // milliseconds between attempts to list the people while the server is away

const chats = new Map();
const views = new Map();
let current = null;

const main = document.getElementById("chat");
const faults = new Faults(document.getElementById("drawer"));
const stage = h("div", { class: "stage" });
const people = new People(document.getElementById("column"), {
  choose: (person) => show(person),
  add: () => askForPerson(addPerson),
  faults: () => faults.toggle(),
});
const header = new Header({
  back: () => (document.body.dataset.view = "people"),
  faults: () => faults.toggle(),
  receipt: () => sendReceipt(current),
  block: (blocked) => block(current, blocked),
});
const composer = new Composer({ send, upload, unblock: () => block(current, false) });
const streams = new Streams(
  (person, kind, data) => chats.get(person).apply(kind, data),
  (person, connected) => {
    chats.get(person).setConnected(connected);
    if (connected) refreshPeople().catch(() => {}); // the next connection tries again
  },
);

function open(person) {
  const chat = new Chat(person);
  chats.set(person.id, chat);
  views.set(person.id, new Conversation(chat, handlers(chat)));
  people.add(chat);
  streams.add(person.id);
  chat.addEventListener("messages", () => seen(chat));
  chat.addEventListener("answer", ({ detail }) => chat === current && answer(chat, detail));
  chat.addEventListener("commands", () => chat === current && composer.update());
  chat.addEventListener("status", () => {
    updateTitle();
    if (chat !== current) return;
    header.update();
    composer.update();
  });
}

function show(person) {
  const chat = chats.get(person);
  document.body.dataset.view = "chat";
  if (chat !== current) {
    current = chat;
    history.replaceState(null, "", `#${person}`);
    streams.focus(person);
    people.choose(person);
    main.hidden = false; // before the composer measures itself
    header.show(chat);
    composer.show(chat);
    stage.replaceChildren(views.get(person).el);
  }
  views.get(person).shown();
  seen(chat);
  composer.focus();
}

/** What a bubble can ask for; `chat` is the one it hangs in. */
function handlers(chat) {
  return {
    press: (message_id, data) => press(chat, message_id, data),
    command: (text) => send(chat, text),
    open: (url) => follow(chat, url),
    copied: copy,
    pay: (message_id) => pay(chat, message_id),
    photo: enlarge,
    reply: (message) => chat === current && composer.answerTo(message),
    read: () => seen(chat),
  };
}

async function press(chat, message_id, data) {
  try {
    const { query_id } = await api.press(chat.person.id, message_id, data);
    await chat.answered(query_id, PATIENCE);
  } catch (error) {
    toast(error.message);
  }
}

/** Telegram asks the bot first; only its yes, within ten seconds, makes it a payment. */
async function pay(chat, message_id) {
  if (chat.messages.find((message) => message.message_id === message_id)?.paid) {
    return toast("This invoice is paid already.");
  }
  try {
    const { checkout_id } = await api.pay(chat.person.id, message_id);
    if (!(await chat.answered(checkout_id, CHECKOUT))) toast("The bot did not answer in time: nothing was paid.");
  } catch (error) {
    toast(error.message);
  }
}

function answer(chat, { text, show_alert, url }) {
  if (url) follow(chat, url);
  if (text && show_alert) alertModal(chat.bot.first_name, text);
  else if (text) toast(text);
}

/** Opens a link; a deep link to this bot sends its /start instead, as Telegram does. */
function follow(chat, url) {
  const deep = /^https?:\/\/t\.me\/(\w+)\/?(?:\?start=([\w-]*))?$/i.exec(url);
  if (deep && deep[1].toLowerCase() === chat.bot.username?.toLowerCase()) {
    if (deep[2] !== undefined) send(chat, `/start ${deep[2]}`.trim());
    return;
  }
  window.open(url, "_blank", "noopener");
}

/** True when the sandbox took the text. */
async function send(chat, text, reply_to) {
  try {
    await api.sendText(chat.person.id, text, reply_to);
    return true;
  } catch (error) {
    toast(error.message);
    return false;
  }
}

function upload(chat, kind, file, caption, reply_to) {
  return api.upload(chat.person.id, kind, file, caption, reply_to);
}

async function sendReceipt(chat) {
  try {
    await api.sendReceipt(chat.person.id);
  } catch (error) {
    toast(error.message);
  }
}

async function block(chat, blocked) {
  try {
    await api.setBlocked(chat.person.id, blocked);
    chat.setBlocked(blocked);
  } catch (error) {
    toast(error.message);
  }
}

async function addPerson(details) {
  const person = await api.addPerson(details);
  if (!chats.has(person.id)) open(person);
  show(person.id);
}

/** People the server has and this page has not met; who is blocked may also have changed over a restart. */
async function refreshPeople() {
  for (const person of await api.getPeople()) {
    const known = chats.get(person.id);
    if (!known) open(person);
    else if (known.blocked !== Boolean(person.blocked)) known.setBlocked(Boolean(person.blocked));
  }
}

/** The chat on the screen is read as far as its reader is at the bottom. */
function seen(chat) {
  if (chat === current && views.get(chat.person.id).atBottom && document.body.dataset.view === "chat") chat.markRead();
  updateTitle();
}

function updateTitle() {
  const unread = [...chats.values()].reduce((sum, chat) => sum + chat.unread, 0);
  document.title = `${unread ? `(${unread}) ` : ""}${current?.bot.first_name ?? "Kadr"} · sandbox`;
}

/** Typing anywhere goes to the composer, as in Telegram. */
document.addEventListener("keydown", (event) => {
  const { target, key } = event;
  const elsewhere = target === document.body || target.classList.contains("scroller");
  if (elsewhere && key.length === 1 && key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey) composer.focus();
});

async function begin() {
  main.append(h("div", { class: "wallpaper", "aria-hidden": "true" }), header.el, stage, composer.el);
  main.hidden = true;
  acceptDrops(main, (file) => composer.take(file));
  for (;;) {
    try {
      await refreshPeople();
      break;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, RETRY));
    }
  }
  if (!chats.size) return toast("The sandbox knows nobody yet: add a person.");
  const asked = Number(location.hash.slice(1));
  show(chats.has(asked) ? asked : chats.keys().next().value);
}

begin();
