// Building DOM nodes, icons and the few ways a date or a length is written.
// Text always goes in as text nodes: nothing a message contains is ever parsed as HTML.

/** An element. `props`: `class`, `dataset`, `on…` listeners, anything else is an attribute; false and null are left out. */
export function h(tag, props = {}, ...children) {
  const el = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) el.addEventListener(name.slice(2), value);
    else if (name === "dataset") Object.assign(el.dataset, value);
    else el.setAttribute(name, value === true ? "" : value);
  }
  el.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return el;
}

const PATHS = {
  back: "M15 5l-7 7 7 7",
  bolt: "M13 3L5 13.5h6L10.5 21 19 10h-6.5z",
  clip: "M18.5 11.5l-6.8 6.8a4.2 4.2 0 0 1-6-6l7.3-7.2a2.8 2.8 0 0 1 4 4l-7.2 7.2a1.4 1.4 0 0 1-2-2l6.2-6.3",
  close: "M6 6l12 12M18 6L6 18",
  copy: "M9 9h9.5v10.5H9zM6 15H4.5V4.5H14V6",
  down: "M6 9.5l6 6 6-6",
  external: "M8 16L16.5 7.5M9.5 7.5h7v7",
  file: "M7 3.5h7l4 4V20.5H7zM13.5 3.5V8H18",
  more: "M12 5.5v.01M12 12v.01M12 18.5v.01",
  plus: "M12 5v14M5 12h14",
  menu: "M4.5 7h15M4.5 12h15M4.5 17h15",
  reply: "M10 6.5L4 12l6 5.5V14c4.5 0 7.5 1.2 10 4.5-.6-5.4-4-9.2-10-9.6z",
  tick: "M4.5 12.5l4 4 9-9.5",
  ticks: "M2 12.5l4 4 8.5-9.5M10.5 15.3l1.3 1.2L20.5 7",
  trash: "M5 7h14M9.5 7V4.5h5V7M7 7l.8 13h8.4L17 7",
  block: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM6 6l12 12",
};
const FILLED = {
  play: "M8.5 5.6v12.8a.9.9 0 0 0 1.36.77l10.7-6.4a.9.9 0 0 0 0-1.54L9.86 4.83a.9.9 0 0 0-1.36.77z",
  send: "M3.4 20.2l17.5-7.4a.9.9 0 0 0 0-1.65L3.4 3.75a.84.84 0 0 0-1.15 1.02L4.2 10.6l8.8 1.4-8.8 1.4-1.95 5.78a.84.84 0 0 0 1.15 1.02z",
};

export function icon(name, size = 24) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  const filled = name in FILLED;
  path.setAttribute("d", filled ? FILLED[name] : PATHS[name]);
  for (const [key, value] of Object.entries({ viewBox: "0 0 24 24", width: size, height: size, "aria-hidden": "true" })) {
    svg.setAttribute(key, value);
  }
  svg.setAttribute("class", filled ? "icon filled" : "icon");
  svg.append(path);
  return svg;
}

/** A round button that shows only an icon; `label` is what a screen reader says. */
export function iconButton(name, label, props = {}) {
  return h(
    "button",
    { type: "button", "aria-label": label, title: label, ...props, class: `round ${props.class ?? ""}` },
    icon(name),
  );
}

const initials = (name) => {
  const words = name.trim().split(/\s+/).map((word) => [...word][0] ?? "");
  return words.slice(0, 2).join("").toUpperCase() || "?";
};

export function avatar(id, name, size = "") {
  return h("span", { class: `avatar tint-${Math.abs(Number(id) || 0) % 7} ${size}`, "aria-hidden": "true" }, initials(name));
}

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const dayOfYear = new Intl.DateTimeFormat("en", { day: "numeric", month: "long" });
const dayAndYear = new Intl.DateTimeFormat("en", { day: "numeric", month: "long", year: "numeric" });
const midnight = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();

/** Seconds since the epoch as "14:02", in the reader's time zone. */
export const timeOf = (seconds) => clock.format(new Date(seconds * 1000));

export function dayOf(seconds) {
  const date = new Date(seconds * 1000);
  const days = Math.round((midnight(new Date()) - midnight(date)) / 86_400_000);
  if (days === 0) return "Today";
  if (days === 1) return "Yesterday";
  return (date.getFullYear() === new Date().getFullYear() ? dayOfYear : dayAndYear).format(date);
}

export const lengthOf = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.round(seconds) % 60).padStart(2, "0")}`;

export function bytesOf(count) {
  if (count < 1024) return `${count} B`;
  if (count < 1024 * 1024) return `${(count / 1024).toFixed(1)} KB`;
  return `${(count / 1024 / 1024).toFixed(1)} MB`;
}
