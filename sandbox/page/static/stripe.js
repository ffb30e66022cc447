// The Stripe account behind the bot: its newest payment pages, and what the merchant or a bank can do to each.

import { actOnSession, getStripe } from "./api.js";
import { h } from "./dom.js";
import { toast } from "./overlay.js";

const NAMES = {
  refund: "Refund",
  "refund-part": "Refund a quarter",
  dispute: "Dispute",
  win: "Win",
  lose: "Lose",
  expire: "Expire",
  vanish: "Vanish",
};

/** What makes sense for a session that stands like this. */
function possible(status) {
  if (status === "open") return ["expire", "vanish"];
  if (status === "paid" || (status.startsWith("refunded") && status !== "refunded 100 %")) {
    return ["refund", "refund-part", "dispute"];
  }
  if (status === "dispute: needs response") return ["win", "lose"];
  return [];
}

export class Stripe {
  #list = h("ul", { class: "fault-list", "data-testid": "stripe-sessions" });
  #seen = "";
  el = h("section", {}, h("h3", {}, "Stripe"), this.#list);

  async refresh() {
    try {
      this.#show(await getStripe());
    } catch {
      // the header already says that the server is away
    }
  }

  async #act(session, action) {
    try {
      this.#show(await actOnSession(session, action));
    } catch (error) {
      toast(error.message);
      await this.refresh();
    }
  }

  #show({ sessions }) {
    const seen = JSON.stringify(sessions);
    if (seen === this.#seen) return;
    this.#seen = seen;
    const rows = sessions.map(({ id, order, amount, status }) => {
      const buttons = possible(status).map((action) => h(
        "button",
        { type: "button", class: "chip", "data-testid": `stripe-${action}`, onclick: () => this.#act(id, action) },
        NAMES[action],
      ));
      return h("li", {}, `${order} · ${amount} · ${status}`, buttons.length > 0 && h("div", { class: "chips" }, buttons));
    });
    const nothing = h("li", { class: "nothing" }, "Nobody has asked for a payment page yet.");
    this.#list.replaceChildren(...(rows.length ? rows : [nothing]));
  }
}
