// Draws the board. Rows are kept and changed in place, so that bars glide; words are set as text, never as HTML.

const RAILS = { stars: "⭐ Stars", stripe: "💳 Stripe", kaspi: "🏦 Kaspi" };
const OVER = new Set(["delivered", "failed", "cancelled"]);
const WORDS = { submitting: "ordering", unknown: "looking for it", ready: "uploading" };
const ENDED_SHOWN = 6, OPEN_SHOWN = 24;
const number = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const $ = id => document.getElementById(id);

function el(tag, className = "", text = "") {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== "") made.textContent = text;
  return made;
}

function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Make the children of `list` one for each item, in order, keeping those that are there. */
function keyed(list, items, key, make, change) {
  const there = new Map([...list.children].map(child => [child.dataset.key, child]));
  let before = null;
  for (const item of items) {
    const name = String(key(item));
    let node = there.get(name);
    there.delete(name);
    if (!node) {
      node = make(item);
      node.dataset.key = name;
    }
    change(node, item);
    const next = before ? before.nextSibling : list.firstChild;
    if (node !== next) list.insertBefore(node, next);
    before = node;
  }
  for (const gone of there.values()) gone.remove();
}

export function duration(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min`;
  if (whole < 86400) return `${Math.floor(whole / 3600)} h ${Math.floor(whole % 3600 / 60)} min`;
  return `${Math.floor(whole / 86400)} d ${Math.floor(whole % 86400 / 3600)} h`;
}

function money(amount, currency) {
  if (currency.toUpperCase() === "XTR") return `${number.format(amount)} ⭐`;
  return `${number.format(amount / 100)} ${currency === "KZT" ? "₸" : currency}`;
}

export function draw(board) {
  const now = Date.now() / 1000;
  const live = $("live");
  live.dataset.state = board.live ? "on" : "off";
  say(live, board.live ? "live" : board.seq ? "no answer, trying again" : "connecting");
  if (!board.totals) return;
  facts(board, now);
  tiles(board.totals);
  films(board, now);
  rails(board.totals.rails);
  orders(board);
  backends(board.totals.backends, now);
  actors(board);
  posts(board, now);
  log(board.lines);
}

function facts(board, now) {
  const { totals } = board;
  const shown = [
    ["up", board.startedAt ? duration(now - board.startedAt) : ""],
    ["polled", totals.polled_ago === null ? "not yet" : `${duration(totals.polled_ago)} ago`],
    ["memory", totals.memory ? `${number.format(totals.memory / 1e6)} MB` : ""],
    ["release", board.release.slice(0, 7)],
    ["instance", board.instance],
  ].filter(([, value]) => value);
  keyed($("facts"), shown, ([name]) => name, ([name]) => {
    const fact = el("div");
    fact.append(el("dt", "", name), el("dd"));
    return fact;
  }, (fact, [, value]) => say(fact.lastChild, value));
}

function tiles(totals) {
  const shown = [
    ["queued", totals.queued, totals.queued ? `oldest ${duration(totals.queue_age)}` : "", totals.queue_age > 600 && "warn"],
    ["at work", totals.at_backend + totals.ready, ""],
    ["films today", totals.delivered_today, ""],
    ["failed today", totals.failed_today, "", totals.failed_today > 0 && "warn"],
    ["tokens today", totals.tokens_today, ""],
    ["posts due", totals.posts_due, totals.posts_due ? `oldest ${duration(totals.post_lag)}` : "", totals.post_lag > 60 && "bad"],
    ["people", totals.people, ""],
  ];
  keyed($("tiles"), shown, ([name]) => name, ([name]) => {
    const tile = el("div", "tile");
    tile.append(el("b"), el("span", "", name), " ", el("em"));
    return tile;
  }, (tile, [, value, more, tone]) => {
    tile.className = `tile ${tone || ""}`;
    say(tile.children[0], number.format(value));
    say(tile.children[2], more ? `· ${more}` : "");
  });
}

function films(board, now) {
  const all = [...board.jobs.values()];
  const open = all.filter(job => !OVER.has(job.state))
    .sort((a, b) => (a.place > 0) - (b.place > 0) || a.place - b.place || a.id - b.id);
  const over = all.filter(job => OVER.has(job.state)).sort((a, b) => b.ended_at - a.ended_at);
  const shown = [...open.slice(0, OPEN_SHOWN), ...over.slice(0, ENDED_SHOWN)];
  const { queued, at_backend, ready } = board.totals;
  const hidden = open.length < OPEN_SHOWN ? 0 : Math.max(open.length, queued + at_backend + ready) - OPEN_SHOWN;
  say($("films-count"), hidden ? `and ${number.format(hidden)} more` : "");
  $("jobs-none").hidden = shown.length > 0;
  keyed($("jobs"), shown, job => job.id, makeJob, (row, job) => changeJob(row, job, now));
}

function makeJob(job) {
  const row = el("li", "job");
  const bar = el("div", "bar");
  bar.append(el("i"), el("span"));
  row.append(el("span", "number", `№${job.id}`), el("span", "who"), el("span", "prompt"), el("span", "kind"), bar,
    el("span", "when"));
  row.dataset.testid = "job";
  return row;
}

function changeJob(row, job, now) {
  const [, who, prompt, kind, bar, when] = row.children;
  const over = OVER.has(job.state), working = job.state === "processing";
  row.className = `job ${job.state} ${over ? "over" : working ? "work" : "wait"}`;
  say(who, job.who);
  say(prompt, job.prompt);
  prompt.title = job.prompt;
  say(kind, `${job.model} · ${job.seconds} s · ${job.size} · ${job.price}`);
  bar.firstChild.style.setProperty("--far", `${job.percent}%`);
  const passed = job.heard ? now - job.heard / 1000 : 0;
  if (over) {
    say(bar.lastChild, job.failure ? job.failure.replaceAll("_", " ") : job.state);
    say(when, `${duration(now - job.ended_at)} ago`);
  } else if (working) {
    say(bar.lastChild, `${job.estimated ? "≈" : ""}${job.percent}%`);
    say(when, job.left === null ? "any moment" : `≈ ${duration(Math.max(1, job.left - passed))}`);
  } else {
    say(bar.lastChild, job.place ? `in the queue, ${job.place}.` : WORDS[job.state] ?? job.state);
    say(when, job.place ? `for ${duration(now - job.created_at)}` : "");
  }
}

function rails(shown) {
  keyed($("rails"), shown, rail => rail.name, rail => {
    const row = el("li");
    row.append(el("b", "", RAILS[rail.name] ?? rail.name), el("small"), el("span", "sum"));
    return row;
  }, (row, rail) => {
    const parts = [`${rail.paid} paid`];
    if (rail.waiting) parts.push(`${rail.waiting} waiting`);
    if (rail.claimed) parts.push(`${rail.claimed} to decide`);
    say(row.children[1], parts.join(" · "));
    say(row.children[2], rail.amount ? money(rail.amount, rail.currency) : "");
  });
}

function orders(board) {
  const shown = [...board.orders.values()].sort((a, b) => b.changed_at - a.changed_at).slice(0, 6);
  keyed($("orders"), shown, order => order.id, order => {
    const row = el("li", "order");
    row.append(el("code", "", order.code || `№${order.id}`), el("span"), el("span"));
    return row;
  }, (row, order) => {
    const amount = order.amount ? ` · ${money(order.amount, order.currency)}` : "";
    say(row.children[1], `${order.who} · ${number.format(order.tokens)} tokens${amount}`);
    row.children[2].className = order.state;
    say(row.children[2], order.state);
  });
}

function backends(shown, now) {
  keyed($("backends"), shown, one => one.name, one => {
    const row = el("li");
    row.append(el("span", "", one.name), el("span", "places"));
    return row;
  }, (row, one) => {
    const rests = one.resting_until > now;
    const right = row.lastChild;
    right.className = rests || one.reason ? "trouble" : "places";
    if (rests || one.reason) {
      say(right, rests ? `rests ${duration(one.resting_until - now)}: ${one.reason}` : `on trial: ${one.reason}`);
    } else if (one.places <= 24) {
      const marks = Array.from({ length: one.places }, (_, place) => el("i", place < one.busy ? "busy" : ""));
      right.replaceChildren(...marks);
      right.title = `${one.busy} of ${one.places} places are taken`;
    } else {
      say(right, `${one.busy} of ${one.places}`);
    }
  });
}

function actors(board) {
  keyed($("actors"), [...board.actors.values()], actor => actor.name, () => el("li"), (row, actor) => {
    row.className = actor.state;
    say(row, actor.name.replaceAll("_", " ") + (actor.restarts ? ` ×${actor.restarts}` : ""));
    row.title = actor.state;
  });
}

function posts(board, now) {
  const due = [...board.posts.values()].filter(post => post.state === "due");
  const shown = due.sort((a, b) => a.changed_at - b.changed_at).slice(0, 6);
  $("posts-none").hidden = shown.length > 0;
  keyed($("posts"), shown, post => post.id, post => {
    const row = el("li");
    row.append(el("span", "", `${post.slot} → ${post.chat_id}`), el("small"));
    return row;
  }, (row, post) => {
    const tries = post.attempts ? ` · ${post.attempts} tries` : "";
    say(row.lastChild, `${duration(now - post.changed_at)}${tries}`);
  });
}

function log(lines) {
  const list = $("lines");
  const last = lines.at(-1);
  if (list.last === last && list.children.length === lines.length) return;
  const atTheEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
  list.last = last;
  list.replaceChildren(...lines.map(line => {
    const row = el("div", `line ${line.level}`);
    const ids = Object.entries(line.ids).map(([name, value]) => `${name}=${value}`).join(" ");
    row.append(el("time", "", new Date(line.at * 1000).toLocaleTimeString("en-GB")), el("b", "", line.event),
      el("span", "", `${ids} ${line.text}`.trim()));
    return row;
  }));
  if (atTheEnd) list.scrollTop = list.scrollHeight;
}
