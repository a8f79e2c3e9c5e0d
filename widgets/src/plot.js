// A small line plot: this candidate in the accent colour, the reference dashed in orange, DFT or experiment as open circles,
// a cross-hair that reads them.
import { h, s, setText } from "./dom.js";
import { room } from "./room.js";
import { interpolate, linear, number, tickLabel, ticks } from "./scale.js";

const PAD = { left: 42, right: 8, top: 6, bottom: 30 };

export class LinePlot {
  /** title may hold HTML nodes; x is the axis title with its unit, y names what is drawn; every : distance of the ticks across where round numbers are not those people use, as of angles. */
  constructor({ title, x, y, every = null }) {
    Object.assign(this, { names: { x }, every });
    this.svg = s("svg", { role: "img", "aria-label": `${y} against ${x}` });
    this.read = h("small", { class: "read" });
    this.wait = h("small", { class: "wait", role: "status", hidden: true });
    this.stage = h("div", { class: "stage plot", onpointermove: (e) => this.hover(e), onpointerleave: () => this.leave() }, this.svg);
    this.root = h("figure", {}, h("figcaption", {}, title, this.wait, this.read), this.stage);
    this.series = [];
  }

  /**
   * series: [{name, kind: "this" | "reference" | "pbe" | "measured", x: [...], y: [...]}], the measured and those with `dots` as circles; limits {x, y: [low, high]} clip what
   * runs off (a core, say); labels [[x, text]] stand instead of numbers under the axis.
   */
  set(series, limits = {}, marks = [], labels = null) {
    Object.assign(this, { series, limits, marks, labels });
    this.draw();
  }

  /** A few words above the plot: what it waits for, or why it stays empty. */
  say(text) {
    this.wait.hidden = !text;
    setText(this.wait, text ?? "");
  }

  draw() {
    const { width, height } = room(this.stage, () => this.draw());
    if (!width || !height) return;
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const drawn = this.series.filter((l) => l.x.length);
    if (!drawn.length) return this.svg.replaceChildren();
    const xs = drawn.flatMap((l) => l.x);
    const [x0, x1] = this.limits.x ?? around(Math.min(...xs), Math.max(...xs));
    const [y0, y1] = this.limits.y ?? span(drawn.flatMap((l) => l.y).filter(Number.isFinite));
    this.x = linear(x0, x1, PAD.left, width - PAD.right);
    this.y = linear(y0, y1, height - PAD.bottom, PAD.top);
    this.cross = s("line", { class: "cross", y1: PAD.top, y2: height - PAD.bottom, visibility: "hidden" });
    this.svg.replaceChildren(this.axes(x0, x1, y0, y1, width, height), ...drawn.map((l) => (dotted(l) ? this.circles(l, x0, x1, y0, y1) : s("path", { class: l.kind, d: this.line(l, x0, x1, y0, y1) }))), this.cross);
  }

  axes(x0, x1, y0, y1, width, height) {
    const g = s("g", { class: "axes" });
    const across = this.every ? Array.from({ length: Math.floor((x1 - x0) / this.every) + 1 }, (_, i) => x0 + i * this.every) : ticks(x0, x1, Math.max(4, Math.round(width / 62))), up = ticks(y0, y1, 5);
    const step = (list) => (list.length > 1 ? list[1] - list[0] : 1);
    for (const v of up) {
      const zero = Math.abs(v) < 1e-12;
      g.append(s("line", { class: zero ? "zero" : null, x1: PAD.left, x2: width - PAD.right, y1: this.y(v), y2: this.y(v) }), s("text", { x: PAD.left - 6, y: this.y(v) + 3.5, "text-anchor": "end" }, tickLabel(v, step(up))));
    }
    for (const [v, text] of this.labels ?? []) g.append(s("text", { x: this.x(v), y: height - PAD.bottom + 14, "text-anchor": "middle" }, text));
    for (const v of this.labels ? [] : across) {
      const last = this.x(v) > width - 12; // half of its digits would be outside
      g.append(s("text", { x: last ? width - 1 : this.x(v), y: height - PAD.bottom + 14, "text-anchor": last ? "end" : "middle" }, tickLabel(v, step(across))));
    }
    for (const v of this.marks ?? []) if (v > x0 && v < x1) g.append(s("line", { class: "markline", x1: this.x(v), x2: this.x(v), y1: PAD.top, y2: height - PAD.bottom }));
    g.append(s("text", { x: (PAD.left + width - PAD.right) / 2, y: height - 3, "text-anchor": "middle" }, this.names.x));
    return g;
  }

  /** Path of one line; pieces beyond the limits are cut at the edge. */
  line(l, x0, x1, y0, y1) {
    const room = 0.25 * (y1 - y0);
    let d = "", pen = false;
    l.x.forEach((x, i) => {
      const y = l.y[i];
      const inside = Number.isFinite(y) && x >= x0 && x <= x1 && y > y0 - room && y < y1 + room;
      if (inside) d += `${pen ? "L" : "M"}${this.x(x).toFixed(1)} ${this.y(y).toFixed(1)}`;
      pen = inside;
    });
    return d.replaceAll(/M[^ML]+(?=M|$)/g, "$&h0"); // a point without neighbours is a dot, and not nothing
  }

  circles(l, x0, x1, y0, y1) {
    const g = s("g", { class: l.kind });
    l.x.forEach((x, i) => {
      if (x >= x0 && x <= x1 && l.y[i] >= y0 && l.y[i] <= y1) g.append(s("circle", { cx: this.x(x), cy: this.y(l.y[i]), r: 3 }));
    });
    return g;
  }

  hover(event) {
    const lead = this.series.find((l) => ["this", "reference"].includes(l.kind) && l.x.length);
    if (!this.x || !lead) return;
    const at = event.clientX - this.stage.getBoundingClientRect().left;
    const x = lead.x.reduce((best, v) => (Math.abs(this.x(v) - at) < Math.abs(this.x(best) - at) ? v : best));
    this.cross.setAttribute("x1", this.x(x));
    this.cross.setAttribute("x2", this.x(x));
    this.cross.setAttribute("visibility", "visible");
    const near = (l) => l.x.findIndex((v) => Math.abs(this.x(v) - this.x(x)) < 4);
    const values = this.series.filter((l) => l.kind !== "pbe" && !l.dots).map((l) => [l.kind, l.kind === "measured" ? l.y[near(l)] : interpolate(l.x, l.y, x)]).filter(([, v]) => Number.isFinite(v));
    this.read.replaceChildren(`${this.labels ? leg(this.labels, x) : number(x)}: `, ...values.flatMap(([kind, v], i) => [i ? " " : "", h("span", { class: kind }, number(v))]));
  }

  leave() {
    this.cross?.setAttribute("visibility", "hidden");
    this.read.replaceChildren();
  }
}

const dotted = (l) => l.kind === "measured" || l.dots;

/** The leg of a labelled axis that x lies on: X–U. */
function leg(labels, x) {
  const next = Math.max(1, labels.findIndex(([at]) => at >= x));
  return `${labels[next - 1][1].split("|").at(-1)}–${labels[next][1].split("|")[0]}`;
}

/** Limits across, with room for a first point that stands alone. */
const around = (low, high) => (low < high ? [low, high] : [low - 1, high + 1]);

/** Limits with a little air around the values. */
function span(values) {
  const [low, high] = [Math.min(...values), Math.max(...values)], air = 0.06 * (high - low || 1);
  return [low - air, high + air];
}
