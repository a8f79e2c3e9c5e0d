// Two fronts in one plot: circles and squares in two colours, over the published forms.
import { s } from "./dom.js";
import { FrontView } from "./front.js";
import { published } from "./pair_data.js";

export class PairFrontView extends FrontView {
  constructor(stores, names, view, { onselect }) {
    super(stores[0], view, { onselect });
    Object.assign(this, { stores, labels: names });
    this.root.setAttribute("aria-label", "Two Pareto fronts");
    this.root.querySelector("h3").firstChild.textContent = "Pareto fronts";
    this.stage.setAttribute("aria-label", "Two Pareto fronts. Left and right arrow keys go along a front, up and down change to the other one.");
    this.history.slider.title = "Both searches as they were after the same time";
  }

  published() {
    return published(this.stores, this.labels);
  }

  dot(of, attributes, cx, cy, r) {
    return of === this.stores[0] ? super.dot(of, attributes, cx, cy, r) : s("rect", { ...attributes, x: cx - r, y: cy - r, width: 2 * r, height: 2 * r });
  }

  title({ candidate, of }) {
    return `${this.labels[this.stores.indexOf(of)]}: ${candidate.id}`;
  }

  key(event) {
    const turn = ["ArrowUp", "ArrowDown"].includes(event.key), way = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!turn && !way) return false;
    if (turn) this.side = 1 - (this.side ?? 0);
    const of = this.stores[this.side ?? 0], front = of.frontAt(of.time), at = front.findIndex((c) => c.id === of.selected.candidate);
    const next = front[at < 0 ? 0 : Math.min(Math.max(at + (way ?? 0), 0), front.length - 1)];
    if (next) this.onselect({ candidate: next.id }, of);
    return true;
  }
}
