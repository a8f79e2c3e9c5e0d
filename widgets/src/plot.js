// A small line plot: this candidate in the accent colour, the reference dashed in orange, a cross-hair that reads both.
import { h, s } from "./dom.js";
import { linear, number, tickLabel, ticks } from "./scale.js";

const PAD = { left: 36, right: 8, top: 6, bottom: 30 };

export class LinePlot {
  /** title may hold HTML nodes; x is the axis title with its unit, y names what is drawn. */
  constructor({ title, x, y }) {
    this.names = { x };
    this.svg = s("svg", { role: "img", "aria-label": `${y} against ${x}` });
    this.read = h("small", { class: "read" });
    this.stage = h("div", { class: "stage plot", onpointermove: (e) => this.hover(e), onpointerleave: () => this.leave() }, this.svg);
    this.root = h("figure", {}, h("figcaption", {}, title, this.read), this.stage);
    this.series = [];
  }

  /** series: [{name, kind: "this" | "reference", x: [...], y: [...]}]; limits {y: [low, high]} clip what runs off (a core, say). */
  set(series, limits = {}, marks = []) {
    Object.assign(this, { series, limits, marks });
    this.draw();
  }

  draw() {
    const width = this.stage.clientWidth, height = this.stage.clientHeight;
    if (!width || !height) return;
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const drawn = this.series.filter((l) => l.x.length);
    if (!drawn.length) return this.svg.replaceChildren();
    const xs = drawn.flatMap((l) => l.x);
    const [x0, x1] = [Math.min(...xs), Math.max(...xs)];
    const [y0, y1] = this.limits.y ?? span(drawn.flatMap((l) => l.y).filter(Number.isFinite));
    this.x = linear(x0, x1, PAD.left, width - PAD.right);
    this.y = linear(y0, y1, height - PAD.bottom, PAD.top);
    this.cross = s("line", { class: "cross", y1: PAD.top, y2: height - PAD.bottom, visibility: "hidden" });
    this.svg.replaceChildren(this.axes(x0, x1, y0, y1, width, height), ...drawn.map((l) => s("path", { class: l.kind, d: this.line(l, y0, y1) })), this.cross);
  }

  axes(x0, x1, y0, y1, width, height) {
    const g = s("g", { class: "axes" });
    const across = ticks(x0, x1, 4), up = ticks(y0, y1, 5);
    const step = (list) => (list.length > 1 ? list[1] - list[0] : 1);
    for (const v of up) {
      const zero = Math.abs(v) < 1e-12;
      g.append(s("line", { class: zero ? "zero" : null, x1: PAD.left, x2: width - PAD.right, y1: this.y(v), y2: this.y(v) }), s("text", { x: PAD.left - 6, y: this.y(v) + 3.5, "text-anchor": "end" }, tickLabel(v, step(up))));
    }
    for (const v of across) g.append(s("text", { x: this.x(v), y: height - PAD.bottom + 14, "text-anchor": "middle" }, tickLabel(v, step(across))));
    for (const v of this.marks ?? []) if (v > x0 && v < x1) g.append(s("line", { class: "markline", x1: this.x(v), x2: this.x(v), y1: PAD.top, y2: height - PAD.bottom }));
    g.append(s("text", { x: (PAD.left + width - PAD.right) / 2, y: height - 3, "text-anchor": "middle" }, this.names.x));
    return g;
  }

  /** Path of one line; pieces beyond the limits are cut at the edge. */
  line(l, y0, y1) {
    const room = 0.25 * (y1 - y0);
    let d = "", pen = false;
    l.x.forEach((x, i) => {
      const y = l.y[i];
      const inside = Number.isFinite(y) && y > y0 - room && y < y1 + room;
      if (inside) d += `${pen ? "L" : "M"}${this.x(x).toFixed(1)} ${this.y(y).toFixed(1)}`;
      pen = inside;
    });
    return d;
  }

  hover(event) {
    if (!this.x || !this.series.length) return;
    const box = this.stage.getBoundingClientRect(), lead = this.series[0].x;
    let at = 0;
    for (let i = 0; i < lead.length; i++) if (Math.abs(this.x(lead[i]) - (event.clientX - box.left)) < Math.abs(this.x(lead[at]) - (event.clientX - box.left))) at = i;
    this.cross.setAttribute("x1", this.x(lead[at]));
    this.cross.setAttribute("x2", this.x(lead[at]));
    this.cross.setAttribute("visibility", "visible");
    this.read.replaceChildren(`${number(lead[at])}: `, ...this.series.flatMap((l, i) => [i ? " " : "", h("span", { class: l.kind }, number(l.y[at]))]));
  }

  leave() {
    this.cross?.setAttribute("visibility", "hidden");
    this.read.replaceChildren();
  }
}

/** Limits with a little air around the values. */
function span(values) {
  const [low, high] = [Math.min(...values), Math.max(...values)], air = 0.06 * (high - low || 1);
  return [low - air, high + air];
}
