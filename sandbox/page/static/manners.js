// Which server the video stand-in plays. The bot follows a change by itself; jobs that are under way stay what they are.

import { getManners, playManners } from "./api.js";
import { h } from "./dom.js";
import { toast } from "./overlay.js";

const NAMES = {
  openai: "OpenAI",
  litellm: "LiteLLM proxy",
  "vllm-omni": "vLLM-Omni",
  sglang: "SGLang Diffusion",
  openrouter: "OpenRouter",
  gateway: "a gateway (new-api)",
};

export class Manners {
  #select = h("select", { "data-testid": "manners", "aria-label": "The video server is" });
  el = h("section", {}, h("h3", {}, "The video server is"), h("label", { class: "field" }, this.#select));

  constructor() {
    this.#select.addEventListener("change", () => this.#play(this.#select.value));
  }

  /** Show what is played now: somebody else may have changed it. */
  async refresh() {
    try {
      this.#show(await getManners());
    } catch {
      // the header already says that the server is away
    }
  }

  async #play(dialect) {
    try {
      this.#show(await playManners(dialect));
      toast(`The video server is now ${NAMES[dialect] ?? dialect}.`);
    } catch (error) {
      toast(error.message);
      await this.refresh();
    }
  }

  #show({ dialect, dialects }) {
    if (this.#select.options.length !== dialects.length) {
      this.#select.replaceChildren(...dialects.map((name) => h("option", { value: name }, NAMES[name] ?? name)));
    }
    this.#select.value = dialect;
  }
}
