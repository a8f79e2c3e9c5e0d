// The slider over the search time, and a button that plays the whole run back.
import { ConvergenceView } from "./convergence.js";
import { h, setText } from "./dom.js";
import { moment } from "./replay.js";
import { clock } from "./scale.js";

const FRAME = 66; // milliseconds: tree, front and equation are drawn for each
const STEPS = 20; // jumps of a replay where a person wants no motion

/** of : a view with `stores`, all of which are shown as they were at the same search time. */
export class History {
  constructor(of) {
    Object.assign(this, { of, timer: null });
    this.button = h("button", { type: "button", class: "play", onclick: () => (this.playing ? this.stop() : this.play()) });
    this.slider = h("input", { type: "range", min: 0, max: 1000, value: 1000, "aria-label": "Search time shown", oninput: () => this.scrub() });
    this.when = h("output", {}, "now");
    this.convergence = of.stores.length === 1 ? new ConvergenceView(of) : null; // two runs have two measures of a loss
    this.root = h("div", { class: "past" }, h("div", { class: "slide history" }, this.button, h("span", {}, "history"), this.slider, this.when), this.convergence?.root ?? "");
  }

  get end() {
    return Math.max(...this.of.stores.map((store) => store.header.elapsed ?? 0));
  }

  get time() {
    return this.of.stores[0].time;
  }

  get playing() {
    return this.timer !== null;
  }

  show(t) {
    for (const store of this.of.stores) store.at(t);
  }

  scrub() {
    this.stop();
    const share = this.slider.value / 1000;
    this.show(share >= 1 ? null : share * this.end);
  }

  /** From the moment shown, or from the first formula, to now. */
  play() {
    const { end } = this, { stores } = this.of, first = Math.min(...stores.map((store) => store.candidates.values().next().value?.t ?? 0));
    const from = this.time ?? Math.max(0, first - 0.5), start = performance.now();
    if (!end) return;
    const still = globalThis.matchMedia?.("(prefers-reduced-motion: reduce)").matches ? STEPS : null;
    for (const store of stores) store.playing = true;
    const tick = () => {
      const t = moment(from, performance.now() - start, end, still);
      if (t === null) this.stop();
      this.show(t);
    };
    this.timer = setInterval(tick, FRAME);
    tick();
    this.update();
  }

  stop() {
    if (!this.playing) return;
    clearInterval(this.timer);
    this.timer = null;
    for (const store of this.of.stores) {
      store.playing = false;
      store.emit("time", "selection"); // what waited for the end of the replay
    }
  }

  update() {
    const { end, time } = this;
    setText(this.when, time === null ? "now" : clock(time));
    if (document.activeElement !== this.slider || this.playing) this.slider.value = time === null || !end ? 1000 : Math.min(999, (1000 * time) / end);
    setText(this.button, this.playing ? "❚❚" : "▶");
    this.button.title = this.playing ? "Halt the replay" : "Replay the run in twenty seconds: tree, front, equation and numbers as they came";
    this.button.setAttribute("aria-label", this.playing ? "Halt the replay" : "Replay the run");
    this.convergence?.update(end, time);
    this.button.disabled = !end || this.of.stores.every((store) => store.nodes.size < 2);
  }
}
