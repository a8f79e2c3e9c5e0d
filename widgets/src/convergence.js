// Best loss and hypervolume over the search time, under the slider that shows the run as it was.
import { h, s, setText } from "./dom.js";
import { bestLosses, stepAt, volumes } from "./convergence_data.js";
import { room } from "./room.js";
import { linear, log, number } from "./scale.js";

const PAD = { x: 8, y: 4 }; // the slider's knob is as wide as twice this

export class ConvergenceView {
  /** of : a view with `stores`, whose first is drawn, and `field`, the error that the front shows. */
  constructor(of) {
    this.of = of;
    this.svg = s("svg", { role: "img", "aria-label": "Best loss and hypervolume of the front over the search time" });
    this.stage = h("div", { class: "stage convergence" }, this.svg);
    this.loss = h("b", {});
    this.volume = h("b", {});
    this.words = h("small", { class: "mut" }, h("span", { class: "line-loss" }, "best loss ", this.loss), h("span", { class: "line-volume", title: "Area that the front dominates, in nodes and logarithm of the error shown above, as a share of the largest" }, "hypervolume ", this.volume));
    this.root = h("div", { class: "converges" }, this.stage, this.words);
  }

  update(end, time) {
    const store = this.of.stores[0], { width, height } = room(this.stage, () => this.of.history.update());
    const losses = bestLosses(store), { field } = this.of, key = `${store.fronts.length} ${field}`;
    if (this.known !== key || this.store !== store.candidates) Object.assign(this, { known: key, store: store.candidates, areas: volumes(store, field) });
    this.root.hidden = losses.length < 2 || !end;
    if (this.root.hidden || !width) return;
    const at = time ?? end, x = linear(0, end, PAD.x, width - PAD.x), values = losses.map(([, loss]) => loss);
    const y = log(Math.min(...values), Math.max(...values), height - PAD.y, PAD.y), up = linear(0, 1, height - PAD.y, PAD.y);
    const path = (steps, scale) => steps.reduce((d, [t, v]) => d + (d ? `H${x(t).toFixed(1)}V${scale(v).toFixed(1)}` : `M${x(t).toFixed(1)} ${scale(v).toFixed(1)}`), "") + `H${x(end).toFixed(1)}`;
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.svg.replaceChildren(s("path", { class: "volume", d: this.areas.length ? path(this.areas, up) : "" }), s("path", { class: "loss", d: path(losses, y) }), s("line", { class: "cross", x1: x(at), x2: x(at), y1: 0, y2: height }));
    setText(this.loss, number(stepAt(losses, at)));
    const area = stepAt(this.areas, at);
    setText(this.volume, area === null ? "–" : `${Math.round(100 * area)} %`);
  }
}
