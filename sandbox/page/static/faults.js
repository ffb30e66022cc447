// The drawer that makes the services around the bot misbehave. It reads the plan every two seconds while it is open.

import { clearFaults, getFaults, planFault } from "./api.js";
import { h, iconButton } from "./dom.js";
import { Manners } from "./manners.js";
import { toast } from "./overlay.js";
import { Stripe } from "./stripe.js";

const REFRESH = 2000; // milliseconds
const STRUCK_SHOWN = 30;

const OPERATIONS = {
  telegram: [
    "*",
    "sendMessage",
    "editMessageText",
    "sendVideo",
    "sendPhoto",
    "sendDocument",
    "answerCallbackQuery",
    "sendInvoice",
    "answerPreCheckoutQuery",
    "refundStarPayment",
    "getStarTransactions",
    "getUpdates",
    "getFile",
    "download",
  ],
  videos: ["*", "create", "retrieve", "content", "list", "delete"],
  stripe: [
    "*",
    "sessions.create",
    "sessions.retrieve",
    "sessions.list",
    "sessions.expire",
    "events.list",
    "refunds.create",
  ],
};
const SERVICE_NAMES = { telegram: "Telegram", videos: "Video server", stripe: "Stripe" };
const KIND_NAMES = {
  rate_limit: "429: too many requests",
  server_error: "500: server error",
  slow: "slow",
  lose_request: "request gets lost",
  lose_answer: "answer gets lost",
  malformed: "answer is not JSON",
  conflict: "409: another getUpdates",
  refuse: "refused by moderation",
  fail_halfway: "fails half-way",
  forget: "forgets what it had",
  drip: "answer drips",
  locked: "429: locked",
  kept_error: "500, kept for the key",
};
const ONLY_FOR = { conflict: "telegram", refuse: "videos", fail_halfway: "videos", drip: "stripe", locked: "stripe", kept_error: "stripe" };

const PRESETS = [
  ["Video server: 429", { service: "videos", operation: "create", kind: "rate_limit", times: 2, seconds: 10 }],
  ["Video server: 500", { service: "videos", operation: "*", kind: "server_error", times: 3, seconds: 0 }],
  ["Video server: slow", { service: "videos", operation: "*", kind: "slow", times: 3, seconds: 15 }],
  ["Refused by moderation", { service: "videos", operation: "create", kind: "refuse", times: 1, seconds: 0 }],
  ["Fails half-way", { service: "videos", operation: "create", kind: "fail_halfway", times: 1, seconds: 0 }],
  ["Answer of a create gets lost", { service: "videos", operation: "create", kind: "lose_answer", times: 1, seconds: 0 }],
  ["Video server forgets its jobs", { service: "videos", operation: "retrieve", kind: "forget", times: 1, seconds: 0 }],
  ["Telegram: 429", { service: "telegram", operation: "sendMessage", kind: "rate_limit", times: 2, seconds: 5 }],
  ["Telegram: 500", { service: "telegram", operation: "sendMessage", kind: "server_error", times: 3, seconds: 0 }],
];

const nameOfKind = (kind) => KIND_NAMES[kind] ?? kind.replaceAll("_", " ");
const nameOfService = (service) => SERVICE_NAMES[service] ?? service;

export class Faults {
  #drawer;
  #planned = h("ul", { class: "fault-list", "data-testid": "faults-planned" });
  #struck = h("ul", { class: "fault-list struck", "data-testid": "faults-struck" });
  #service = h("select", { "data-testid": "fault-service" });
  #operation = h("select", { "data-testid": "fault-operation" });
  #kind = h("select", { "data-testid": "fault-kind" });
  #times = h("input", { type: "number", min: "1", max: "999", value: "1", required: true, "data-testid": "fault-times" });
  #seconds = h(
    "input",
    { type: "number", min: "0", max: "3600", step: "0.5", value: "5", required: true, "data-testid": "fault-seconds" },
  );
  #manners = new Manners();
  #kinds = Object.keys(KIND_NAMES);
  #seen = "";
  #stripe = new Stripe();
  #timer;

  constructor(drawer) {
    this.#drawer = drawer;
    this.#service.append(...Object.keys(OPERATIONS).map((service) => h("option", { value: service }, nameOfService(service))));
    this.#service.value = "videos";
    this.#service.addEventListener("change", () => this.#fill());
    drawer.append(this.#header(), h("div", { class: "drawer-body" }, this.#manners.el, this.#stripe.el, this.#presets(), this.#form(), this.#lists()));
    drawer.addEventListener("keydown", (event) => event.key === "Escape" && this.toggle(false));
    this.#fill();
  }

  toggle(open = this.#drawer.hidden) {
    this.#drawer.hidden = !open;
    clearInterval(this.#timer);
    if (!open) return;
    this.#refresh();
    this.#manners.refresh();
    this.#timer = setInterval(() => this.#refresh(), REFRESH);
  }

  #header() {
    return h(
      "header",
      { class: "bar" },
      h("h2", {}, "Faults"),
      iconButton("close", "Close", { "data-testid": "faults-close", onclick: () => this.toggle(false) }),
    );
  }

  #presets() {
    const buttons = PRESETS.map(([name, fault]) => h(
      "button",
      { type: "button", class: "chip", title: describe(fault), onclick: () => this.#plan(fault) },
      name,
    ));
    return h("section", {}, h("h3", {}, "Presets"), h("div", { class: "chips" }, buttons));
  }

  #form() {
    const submit = (event) => {
      event.preventDefault();
      this.#plan({
        service: this.#service.value,
        operation: this.#operation.value,
        kind: this.#kind.value,
        times: Number(this.#times.value),
        seconds: Number(this.#seconds.value),
      });
    };
    const field = (label, input) => h("label", { class: "field" }, label, input);
    return h(
      "section",
      {},
      h("h3", {}, "Your own"),
      h(
        "form",
        { class: "fault-form", onsubmit: submit },
        field("Service", this.#service),
        field("Operation", this.#operation),
        field("What goes wrong", this.#kind),
        field("Times", this.#times),
        field("Seconds", this.#seconds),
        h("button", { type: "submit", class: "primary", "data-testid": "fault-plan" }, "Plan"),
      ),
    );
  }

  #lists() {
    const clear = h(
      "button",
      { type: "button", class: "text-button", "data-testid": "faults-clear", onclick: () => this.#run(clearFaults) },
      "Clear",
    );
    return [
      h("section", {}, h("h3", {}, "Planned", clear), this.#planned),
      h("section", {}, h("h3", {}, "Struck"), this.#struck),
    ];
  }

  /** The operations and kinds that make sense for the chosen service. */
  #fill() {
    const service = this.#service.value;
    const operations = OPERATIONS[service].map((name) => h("option", { value: name }, name === "*" ? "any" : name));
    this.#operation.replaceChildren(...operations);
    const kinds = this.#kinds.filter((kind) => (ONLY_FOR[kind] ?? service) === service);
    this.#kind.replaceChildren(...kinds.map((kind) => h("option", { value: kind }, nameOfKind(kind))));
  }

  #plan(fault) {
    return this.#run(() => planFault(fault));
  }

  async #run(change) {
    try {
      await change();
    } catch (error) {
      toast(error.message);
    }
    await this.#refresh();
  }

  async #refresh() {
    this.#stripe.refresh();
    let faults;
    try {
      faults = await getFaults();
    } catch {
      return; // the header already says that the server is away
    }
    const seen = JSON.stringify(faults);
    if (seen === this.#seen) return;
    this.#seen = seen;
    if (faults.kinds && String(faults.kinds) !== String(this.#kinds)) {
      this.#kinds = faults.kinds;
      this.#fill();
    }
    list(this.#planned, faults.planned.map(describe), "Nothing is planned.");
    const recent = faults.struck.slice(-STRUCK_SHOWN).reverse();
    list(
      this.#struck,
      recent.map(([service, operation, kind]) => `${nameOfService(service)} · ${operation} · ${nameOfKind(kind)}`),
      "Nothing has struck yet.",
    );
  }
}

function describe({ service, operation, kind, times, seconds }) {
  const what = `${nameOfService(service)} · ${operation === "*" ? "any" : operation} · ${nameOfKind(kind)}`;
  return `${what} · ${times}×${seconds ? ` · ${seconds} s` : ""}`;
}

function list(el, lines, nothing) {
  const rows = lines.length ? lines.map((line) => h("li", {}, line)) : [h("li", { class: "nothing" }, nothing)];
  el.replaceChildren(...rows);
}
