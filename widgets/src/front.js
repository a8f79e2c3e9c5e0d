// The Pareto front: error against complexity, with everything it dominates and the published forms refitted on the same data.
import { h, s, toggle } from "./dom.js";
import { History } from "./history.js";
import { Menu } from "./menu.js";
import { entries } from "./menu_data.js";
import { room } from "./room.js";
import { linear, log, logTicks, number, tickLabel, ticks } from "./scale.js";
import { plain, typeset } from "./typeset.js";

const PAD = { left: 44, right: 14, top: 12, bottom: 36 };
/** Two people are joined by a dash. */
export const referenceName = (name) => name.replaceAll("-", "–");

export class FrontView {
  constructor(store, view, { onselect, act = null }) {
    Object.assign(this, { store, stores: [store], view, onselect, hits: [] }); // of several searches the fronts lie over one another
    view.metric ??= "force";
    view.split ??= "test";
    view.all ??= true;
    this.buttons = h("span", { class: "chips end", role: "group", "aria-label": "What the front shows" });
    this.svg = s("svg", { role: "img" });
    this.card = h("div", { class: "card", hidden: true });
    this.stage = h("div", {
      class: "stage front", tabindex: "0", role: "application", "aria-label": "Pareto front. Left and right arrow keys go along the front, m opens a menu.",
      onpointermove: (e) => this.hover(e), onpointerleave: () => { this.card.hidden = true; this.mark.setAttribute("visibility", "hidden"); },
      onclick: (e) => this.click(e), oncontextmenu: (e) => this.menuAt(e),
    }, this.svg, this.card);
    this.stage.keys = (event) => this.key(event);
    this.history = new History(this);
    this.mark = s("circle", { class: "hovered", r: 8, visibility: "hidden" });
    this.root = h("section", { class: "panel area-front", "aria-label": "Pareto front" },
      h("h3", {}, "Pareto front", this.buttons), this.stage, this.history.root);
    this.menu = act && new Menu(this.root, "What can be done with this candidate", act);
    this.chips();
  }

  chips() {
    const pick = (key, value) => () => { this.view[key] = value; this.chips(); this.update(); };
    const { view } = this;
    this.buttons.replaceChildren(
      toggle("force", view.metric === "force", pick("metric", "force"), "Force error"), toggle("energy", view.metric === "energy", pick("metric", "energy"), "Energy error"),
      h("i", {}), toggle("test", view.split === "test", pick("split", "test"), "Frames the search never saw"), toggle("train", view.split === "train", pick("split", "train"), "Frames it was fitted to"),
      h("i", {}), toggle("all", view.all, pick("all", !view.all), "Also the candidates that others dominate"));
  }

  /** Whether a candidate came of a person's own formula, also where that led to a form that was known. */
  yours(c, of = null) {
    return (of ? [of] : this.stores).some((store) => store.yours(c));
  }

  get field() {
    return `${this.view.split === "test" ? "test_" : ""}${this.view.metric}_mae`;
  }

  /** Axis limits that show the front, the references and what a person injected; hopeless candidates are clipped away at the top. */
  frame(front, known, references) {
    const value = (c) => c[this.field], good = (v) => Number.isFinite(v) && v > 0;
    const core = [...front, ...references, ...known.filter((c) => this.yours(c))].filter((c) => good(value(c)));
    if (!core.length) return null;
    const ys = core.map(value), xs = core.map((c) => c.complexity);
    const others = this.view.all ? known.map((c) => c.complexity).filter(Number.isFinite).sort((a, b) => a - b) : [];
    const high = others[Math.floor(0.98 * (others.length - 1))] ?? 0;
    let top = Math.max(...ys);
    const cap = 3 * Math.max(...references.map(value).filter(good), Math.min(...ys) * 2); // one absurd point must not flatten the rest
    top = Math.min(top, cap);
    return { x0: Math.min(...xs, others[0] ?? Infinity) - 2, x1: Math.max(...xs, high) + 2, y0: Math.min(...ys) / 1.12, y1: top * 1.15 };
  }

  update() {
    const { store, view } = this, { time } = store, { width, height } = room(this.stage, () => this.update());
    this.history.update();
    if (!width) return;
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const at = (t) => this.stores.map((of) => ({ of, front: of.frontAt(t), known: of.known(t) })), layers = at(time);
    const front = layers.flatMap((l) => l.front), known = layers.flatMap((l) => l.known);
    const references = this.published().filter((r) => Number.isFinite(r[this.field]));
    const whole = time === null ? layers : at(null); // axes stay while the past is shown
    const f = this.frame(whole.flatMap((l) => l.front), whole.flatMap((l) => l.known), references);
    this.hits = [];
    this.svg.setAttribute("aria-label", `${front.length} candidates on the front, ${known.length} in all, ${references.length} published potentials`);
    if (!f) {
      this.svg.replaceChildren(s("text", { class: "empty", x: width / 2, y: height / 2, "text-anchor": "middle" }, "the first candidates will appear here"));
      return;
    }
    const x = linear(f.x0, f.x1, PAD.left, width - PAD.right), y = log(f.y0, f.y1, height - PAD.bottom, PAD.top);
    const unit = view.metric === "force" ? "meV/Å" : "meV/atom";
    const parts = [this.axes(f, x, y, width, height, `${view.metric} error, ${view.split} (${unit})`)];
    const layer = (i, ...drawn) => s("g", { class: `layer-${i}` }, ...drawn);
    layers.forEach((l, i) => view.all && parts.push(layer(i, this.dominated(l, f, x, y))));
    layers.forEach((l, i) => parts.push(layer(i, this.step(l.front, f, x, y, width), ...this.own(l, f, x, y, width), ...this.points(l, f, x, y))));
    parts.push(...this.diamonds(references, f, x, y, width), this.mark);
    this.svg.replaceChildren(...parts);
  }

  /** Published forms, their constants refitted to the same frames. */
  published() {
    return this.store.references;
  }

  axes(f, x, y, width, height, title) {
    const g = s("g", { class: "axes" }), step = (list) => (list.length > 1 ? list[1] - list[0] : 1);
    for (const v of logTicks(f.y0, f.y1))
      g.append(s("line", { x1: PAD.left, x2: width - PAD.right, y1: y(v), y2: y(v) }), s("text", { x: PAD.left - 7, y: y(v) + 3.5, "text-anchor": "end" }, number(v, v < 10 ? 2 : Math.ceil(Math.log10(v + 1)))));
    const marks = ticks(f.x0, f.x1, 6);
    for (const v of marks) g.append(s("text", { x: x(v), y: height - PAD.bottom + 15, "text-anchor": "middle" }, tickLabel(v, step(marks))));
    g.append(s("text", { x: (PAD.left + width - PAD.right) / 2, y: height - 4, "text-anchor": "middle" }, "complexity (nodes)"),
      s("text", { transform: `translate(11 ${(height - PAD.bottom + PAD.top) / 2}) rotate(-90)`, "text-anchor": "middle" }, title));
    return g;
  }

  /** All dominated candidates as one path of zero-length strokes: thousands cost one element. */
  dominated({ of, front: members, known }, f, x, y) {
    const front = new Set(members.map((c) => c.id));
    let d = "";
    for (const c of known) {
      const v = c[this.field];
      if (front.has(c.id) || !(v >= f.y0 && v <= f.y1) || c.complexity > f.x1) continue;
      const [px, py] = [x(c.complexity), y(v)];
      d += `M${px.toFixed(1)} ${py.toFixed(1)}h0`;
      this.hits.push({ x: px, y: py, candidate: c, of, reach: 7 });
    }
    return s("path", { class: known.length > 800 ? "dominated many" : "dominated", d });
  }

  /** Formulas of a person's own, wherever they came to lie. */
  own({ of, known }, f, x, y, width) {
    return known.filter((c) => this.yours(c, of) && c[this.field] >= f.y0 && c[this.field] <= f.y1).map((c) => {
      const [px, py] = [x(c.complexity), y(c[this.field])], left = px + 50 > width;
      this.hits.push({ x: px, y: py, candidate: c, of, reach: 12 });
      return s("g", { class: "own" }, s("circle", { cx: px, cy: py, r: 3.5 }), s("text", { x: px + (left ? -9 : 9), y: py + 3.5, "text-anchor": left ? "end" : "start" }, "yours"));
    });
  }

  step(front, f, x, y, width) {
    let d = "", least = Infinity;
    for (const c of front) {
      const v = c[this.field];
      if (!(v < least)) continue;
      const py = Math.max(y(v), PAD.top).toFixed(1);
      d += least === Infinity ? `M${x(c.complexity).toFixed(1)} ${py}` : `H${x(c.complexity).toFixed(1)}V${py}`;
      least = v;
    }
    return s("path", { class: "step", d: d && `${d}H${width - PAD.right}` });
  }

  /** Members of the front: full dots where they are the best in the error shown, rings where they are in the other one. */
  points({ of, front }, f, x, y) {
    let least = Infinity;
    return front.flatMap((c) => {
      const v = c[this.field], best = v < least;
      if (best) least = v;
      if (!(v > 0) || v > f.y1) return [];
      const [px, py] = [x(c.complexity), y(v)], chosen = c.id === of.selected.candidate;
      this.hits.push({ x: px, y: py, candidate: c, of, reach: 14 });
      const wrong = c.right_crystal === false, cls = `${best ? "point" : "point other"}${wrong ? " wrong" : ""}`;
      const dot = this.dot(of, { class: cls, "data-id": c.id }, px, py, best ? 4.5 : 3);
      return chosen ? [s("circle", { class: "chosen", cx: px, cy: py, r: 9 }), dot] : [dot];
    }).concat(this.away(of, x, y, f, front));
  }

  dot(of, attributes, cx, cy, r) {
    return s("circle", { ...attributes, cx, cy, r });
  }

  /** The selected candidate's ring when it is not on the front. */
  away(of, x, y, f, front) {
    const c = of.candidate;
    if (!c || front.includes(c) || !(c[this.field] >= f.y0 && c[this.field] <= f.y1)) return [];
    return [s("circle", { class: "chosen", cx: x(c.complexity), cy: y(c[this.field]), r: 7 }), s("circle", { class: "aside", cx: x(c.complexity), cy: y(c[this.field]), r: 3 })];
  }

  diamonds(references, f, x, y, width) {
    const shown = references.filter((r) => r[this.field] <= f.y1).sort((a, b) => a.complexity - b.complexity);
    const boxes = shown.map((r) => [x(r.complexity) - 8, y(r[this.field]) - 6, 16, 12]); // what labels must keep clear of
    return shown.map((r) => {
      const px = x(r.complexity), py = y(r[this.field]), long = 6.2 * r.name.length, left = px + 14 + long > width;
      const box = [left ? px - 11 - long : px + 11, py - 6, long, 12];
      for (const shift of [0, -9, 9, -14, 14]) {
        box[1] = py - 6 + shift;
        if (!boxes.some((b) => b[0] < box[0] + box[2] && box[0] < b[0] + b[2] && b[1] < box[1] + box[3] && box[1] < b[1] + b[3])) break;
      }
      boxes.push(box);
      const ly = box[1] + 10;
      this.hits.push({ x: px, y: py, reference: r, reach: 10 });
      return s("g", { class: "reference" }, s("path", { d: `M${px} ${py - 6}l6 6l-6 6l-6 -6z` }),
        s("text", { x: px + (left ? -11 : 11), y: ly, "text-anchor": left ? "end" : "start" }, referenceName(r.name)));
    });
  }

  nearest(event) {
    const box = this.stage.getBoundingClientRect(), x = event.clientX - box.left, y = event.clientY - box.top;
    let found = null, least = Infinity;
    for (const hit of this.hits) {
      const d = Math.hypot(hit.x - x, hit.y - y);
      if (d < hit.reach && d - hit.reach < least) [found, least] = [hit, d - hit.reach];
    }
    return found;
  }

  hover(event) {
    const hit = this.nearest(event), c = hit?.candidate ?? hit?.reference;
    this.card.hidden = !c;
    this.stage.style.cursor = hit?.candidate ? "pointer" : "default";
    this.mark.setAttribute("visibility", c ? "visible" : "hidden");
    if (!c) return;
    this.mark.setAttribute("cx", hit.x);
    this.mark.setAttribute("cy", hit.y);
    const error = (split) => `${number(c[`${split}energy_mae`])} · ${number(c[`${split}force_mae`])}`;
    this.card.replaceChildren(
      h("b", {}, hit.reference ? `${referenceName(c.name)}, refitted${c.doubt ? ": does not fit" : ""}` : this.title(hit), h("span", {}, ` ${c.complexity} nodes`)),
      h("dl", {}, h("dt", {}, "train"), h("dd", {}, error("")), h("dt", {}, "test"), h("dd", {}, `${error("test_")}`)),
      h("small", {}, "energy meV/atom · force meV/Å"),
      c.latex ? typeset(c.latex, this.store.functionsOf(c.latex), { small: true }) : plain(c.formulas, this.store.functionsOf(c.formulas)));
    const w = this.stage.clientWidth, k = this.stage.clientHeight, box = this.card.getBoundingClientRect();
    this.card.style.left = `${Math.max(2, hit.x + 14 + box.width > w ? hit.x - 14 - box.width : hit.x + 14)}px`;
    this.card.style.top = `${Math.max(2, Math.min(hit.y - 20, k - box.height - 2))}px`;
  }

  title({ candidate }) {
    return candidate.id;
  }

  click(event) {
    this.stage.focus({ preventScroll: true });
    const hit = this.nearest(event);
    if (hit?.candidate) this.onselect({ candidate: hit.candidate.id }, hit.of);
  }

  menuAt(event) {
    if (!this.menu) return;
    event.preventDefault();
    event.stopPropagation(); // JupyterLab's own menu
    const id = this.nearest(event)?.candidate?.id;
    if (id !== undefined && !this.menu.open) this.openMenu(id, event.clientX, event.clientY);
  }

  openMenu(id, x, y) {
    this.onselect({ candidate: id });
    this.card.hidden = true;
    this.menu.show(id, entries(this.store, { node: this.store.selected.node, candidate: id }), x, y, this.stage);
  }

  key(event) {
    if (event.key === "m" || event.key === "ContextMenu") {
      const hit = this.hits.find(({ candidate }) => candidate?.id === this.store.selected.candidate && candidate), box = this.stage.getBoundingClientRect();
      if (hit) this.openMenu(hit.candidate.id, box.left + hit.x, box.top + hit.y);
      return true;
    }
    const way = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!way) return false;
    const front = this.store.frontAt(this.store.time), at = front.findIndex((c) => c.id === this.store.selected.candidate);
    const next = front[at < 0 ? 0 : Math.min(Math.max(at + way, 0), front.length - 1)];
    if (next) this.onselect({ candidate: next.id });
    return true;
  }
}
