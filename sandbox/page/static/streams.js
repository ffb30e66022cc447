// Which people have a live stream. A browser opens at most six connections to one host, and a playing film and a
// request need one each, so four are kept: with more people the last of the four visits the others in turn, and
// their previews are then a few seconds late. A hidden tab lets go of all, so that a second tab can work.

import { openEvents } from "./api.js";

const LIVE = 4;
const VISIT = 3000; // milliseconds

export class Streams {
  #open = new Map();
  #recent = [];
  #visits = 0;
  #deliver;
  #state;

  /** `deliver(person, kind, data)` for each event, `state(person, connected)` when a stream opens or breaks. */
  constructor(deliver, state) {
    this.#deliver = deliver;
    this.#state = state;
    document.addEventListener("visibilitychange", () => this.#sync());
    setInterval(() => {
      if (this.#recent.length <= LIVE) return;
      this.#visits += 1;
      this.#sync();
    }, VISIT);
  }

  add(person) {
    this.#recent.push(person);
    this.#sync();
  }

  /** The person now looked at is always live. */
  focus(person) {
    this.#recent = [person, ...this.#recent.filter((other) => other !== person)];
    this.#sync();
  }

  #wanted() {
    if (document.hidden) return [];
    if (this.#recent.length <= LIVE) return this.#recent;
    const rest = this.#recent.slice(LIVE - 1);
    return [...this.#recent.slice(0, LIVE - 1), rest[this.#visits % rest.length]];
  }

  #sync() {
    const wanted = this.#wanted();
    for (const [person, close] of this.#open) {
      if (wanted.includes(person)) continue;
      close();
      this.#open.delete(person);
    }
    for (const person of wanted) {
      if (this.#open.has(person)) continue;
      const close = openEvents(
        person,
        (kind, data) => this.#deliver(person, kind, data),
        (connected) => this.#state(person, connected),
      );
      this.#open.set(person, close);
    }
  }
}
