// The slider over the search time, and a button that plays the whole run back.
import { h, setText } from "./dom.js";
import { moment } from "./replay.js";
import { clock } from "./scale.js";

const FRAME = 66; // milliseconds: tree, front and equation are drawn for each
const STEPS = 20; // jumps of a replay where a person wants no motion

export class History {
  constructor(store) {
    Object.assign(this, { store, timer: null });
    this.button = h("button", { type: "button", class: "play", onclick: () => (this.timer ? this.stop() : this.play()) });
    this.slider = h("input", { type: "range", min: 0, max: 1000, value: 1000, "aria-label": "Search time shown", oninput: () => this.scrub() });
    this.when = h("output", {}, "now");
    this.root = h("div", { class: "slide history" }, this.button, h("span", {}, "history"), this.slider, this.when);
  }

  get end() {
    return this.store.header.elapsed ?? 0;
  }

  scrub() {
    this.stop();
    const share = this.slider.value / 1000;
    this.store.at(share >= 1 ? null : share * this.end);
  }

  /** From the moment shown, or from the first formula, to now. */
  play() {
    const { end, store } = this, from = store.time ?? Math.max(0, (store.candidates.values().next().value?.t ?? 0) - 0.5), start = performance.now();
    if (!end) return;
    const still = globalThis.matchMedia?.("(prefers-reduced-motion: reduce)").matches ? STEPS : null;
    store.playing = true;
    const tick = () => {
      const t = moment(from, performance.now() - start, end, still);
      if (t === null) this.stop();
      store.at(t);
    };
    this.timer = setInterval(tick, FRAME);
    tick();
    this.update();
  }

  stop() {
    if (!this.timer) return;
    clearInterval(this.timer);
    this.timer = null;
    this.store.playing = false;
    this.store.emit("time", "selection"); // what waited for the end of the replay
  }

  update() {
    const { store, end } = this;
    setText(this.when, store.time === null ? "now" : clock(store.time));
    if (document.activeElement !== this.slider || store.playing) this.slider.value = store.time === null || !end ? 1000 : Math.min(999, (1000 * store.time) / end);
    setText(this.button, this.timer ? "❚❚" : "▶");
    this.button.title = this.timer ? "Halt the replay" : "Replay the run in twenty seconds: tree, front, equation and numbers as they came";
    this.button.setAttribute("aria-label", this.timer ? "Halt the replay" : "Replay the run");
    this.button.disabled = !end || store.nodes.size < 2;
  }
}
