// The user-side HTTP API of the Telegram stand-in: every request this page makes is a function here.

const BASE = "/sandbox/api";

/** What the sandbox said when it refused, in words a toast can show. */
export class ApiError extends Error {}

async function call(method, path, body) {
  const form = body instanceof FormData;
  const init = { method };
  if (body !== undefined) {
    init.body = form ? body : JSON.stringify(body);
    if (!form) init.headers = { "content-type": "application/json" };
  }
  let response;
  try {
    response = await fetch(BASE + path, init);
  } catch {
    throw new ApiError("The sandbox does not answer.");
  }
  const text = await response.text();
  if (!response.ok) throw new ApiError(reasonIn(text) || `The sandbox answered ${response.status}.`);
  return text ? JSON.parse(text) : null;
}

function reasonIn(text) {
  try {
    const body = JSON.parse(text);
    return body.error ?? body.detail ?? body.description ?? "";
  } catch {
    return text.length < 200 ? text : "";
  }
}

export const getPeople = () => call("GET", "/people");
export const addPerson = (person) => call("POST", "/people", person);
export const sendText = (person, text, reply_to) => call("POST", "/send", { person, text, reply_to });
export const press = (person, message_id, data) => call("POST", "/press", { person, message_id, data });
export const pay = (person, message_id) => call("POST", "/pay", { person, message_id });
export const sendReceipt = (person) => call("POST", "/receipt", { person });
export const setBlocked = (person, blocked) => call("POST", "/block", { person, blocked });
export const getFaults = () => call("GET", "/faults");
export const planFault = (fault) => call("POST", "/faults", fault);
export const clearFaults = () => call("DELETE", "/faults");
export const getManners = () => call("GET", "/manners");
export const playManners = (dialect) => call("POST", "/manners", { dialect });
export const getStripe = () => call("GET", "/stripe");
export const actOnSession = (session, action) => call("POST", "/stripe", { session, action });
export const fileUrl = (file_id) => `${BASE}/file/${encodeURIComponent(file_id)}`;

/** `kind` is "photo" or "document". */
export function upload(person, kind, file, caption, reply_to) {
  const form = new FormData();
  form.set("person", person);
  form.set("kind", kind);
  if (caption) form.set("caption", caption);
  if (reply_to) form.set("reply_to", reply_to);
  form.set("file", file, file.name || "image.png");
  return call("POST", "/upload", form);
}

const EVENTS = ["snapshot", "message", "edit", "delete", "action", "answer", "commands", "payment"];
const FIRST_RETRY = 500; // milliseconds; doubled up to LAST_RETRY while the server is away
const LAST_RETRY = 4000;

/**
 * The live events of one person, reconnecting for ever. The browser's own reconnecting gives up after an HTTP error
 * and a restarting server may show one, hence ours. Every connection starts with a snapshot.
 * Returns a function that closes the stream.
 */
export function openEvents(person, onEvent, onState) {
  let source;
  let timer;
  let delay = FIRST_RETRY;
  const connect = () => {
    source = new EventSource(`${BASE}/events?person=${person}`);
    source.onopen = () => {
      delay = FIRST_RETRY;
      onState(true);
    };
    source.onerror = () => {
      source.close();
      onState(false);
      timer = setTimeout(connect, delay);
      delay = Math.min(delay * 2, LAST_RETRY);
    };
    for (const kind of EVENTS) {
      source.addEventListener(kind, (event) => onEvent(kind, JSON.parse(event.data)));
    }
  };
  connect();
  return () => {
    clearTimeout(timer);
    source.close();
  };
}
