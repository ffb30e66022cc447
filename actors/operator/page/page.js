// Follows the feed: keeps a board of what it was told, and has it drawn when something changed.
// Comes back by itself after a break, with the last number it saw; so nothing is missed and nothing shown twice.

import { draw } from "/draw.js";

const ENDED = 12, LINES = 200, OVER = new Set(["delivered", "failed", "cancelled"]);
const OPEN_ORDERS = new Set(["draft", "waiting", "claimed", "disputed"]);
const FIRST_PAUSE = 500, LONGEST_PAUSE = 5000; // milliseconds

const board = {
  seq: 0, startedAt: 0, release: "", instance: "", totals: null, live: false,
  jobs: new Map(), orders: new Map(), posts: new Map(), actors: new Map(), lines: [],
};
let pause = FIRST_PAUSE, dirty = true, drawnAt = 0;

const given = new URLSearchParams(location.search).get("token");
if (given) {
  sessionStorage.setItem("token", given);
  history.replaceState(null, "", location.pathname); // not in the address bar, where it is copied from
}

function put(map, key, value, over, most) {
  map.delete(key);
  map.set(key, value);
  const gone = [...map].filter(([, one]) => over(one)).map(([id]) => id);
  for (const id of gone.slice(0, Math.max(0, gone.length - most))) map.delete(id);
}

const apply = {
  snapshot(event) {
    Object.assign(board, { startedAt: event.started_at, release: event.release, instance: event.instance });
    board.totals = event.totals;
    board.jobs = new Map(event.jobs.map(job => [job.id, job]));
    board.orders = new Map(event.orders.map(order => [order.id, order]));
    board.posts = new Map(event.posts.map(post => [post.id, post]));
    board.actors = new Map(event.actors.map(actor => [actor.name, actor]));
    board.lines = event.lines.slice(-LINES);
  },
  job: ({ job }) => put(board.jobs, job.id, { ...job, heard: Date.now() }, one => OVER.has(one.state), ENDED),
  order: ({ order }) => put(board.orders, order.id, order, one => !OPEN_ORDERS.has(one.state), ENDED),
  post: ({ post }) => put(board.posts, post.id, post, one => one.state !== "due", 0),
  actor: ({ actor }) => board.actors.set(actor.name, actor),
  totals: ({ totals }) => { board.totals = totals; },
  log: ({ line }) => { board.lines.push(line); if (board.lines.length > LINES) board.lines.shift(); },
};

function connect() {
  const query = new URLSearchParams();
  if (board.seq) query.set("after", board.seq);
  const token = sessionStorage.getItem("token");
  if (token) query.set("token", token);
  const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/feed?${query}`);
  socket.onmessage = message => {
    const event = JSON.parse(message.data);
    apply[event.kind]?.(event);
    board.seq = event.seq;
    pause = FIRST_PAUSE;
    board.live = dirty = true;
  };
  socket.onclose = async () => {
    board.live = false;
    dirty = true;
    if (await tokenIsWanted()) return;
    setTimeout(connect, pause);
    pause = Math.min(LONGEST_PAUSE, 2 * pause);
  };
}

// A refused WebSocket does not say why; this path does.
async function tokenIsWanted() {
  const token = sessionStorage.getItem("token");
  const headers = token ? { authorization: `Bearer ${token}` } : {};
  const answer = await fetch("/allowed", { headers }).catch(() => null);
  const wanted = answer?.status === 401;
  document.getElementById("key").hidden = !wanted;
  document.getElementById("main").hidden = wanted;
  return wanted;
}

document.getElementById("key").addEventListener("submit", event => {
  event.preventDefault();
  sessionStorage.setItem("token", document.getElementById("token").value);
  document.getElementById("key").hidden = true;
  document.getElementById("main").hidden = false;
  connect();
});

function frame(now) {
  if (dirty || now - drawnAt > 1000) { // once a second in any case: ages and times left pass by themselves
    draw(board);
    dirty = false;
    drawnAt = now;
  }
  requestAnimationFrame(frame);
}

// Asked first, because a WebSocket that is refused is an error in the browser's console.
tokenIsWanted().then(wanted => { if (!wanted) connect(); });
requestAnimationFrame(frame);
