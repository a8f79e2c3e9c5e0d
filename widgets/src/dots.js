// Dot plots of elastic constants, point defects, surfaces and faults: the candidate over the reference potential, PBE and experiment, each its own shape.
import { appear, h, line, s, setText } from "./dom.js";
import { axesOf, DOTS, dots, reach } from "./dots_data.js";
import { referenceName } from "./front.js";
import { dropDown } from "./menu.js";
import { room } from "./room.js";
import { linear, tickLabel, ticks } from "./scale.js";

const PAD = { left: 100, right: 46, row: 22, axis: 30 };

export class DotsView {
  /** atoms : the panel that shows the structure behind a property, or null. */
  constructor(store, { send, atoms = null }) {
    Object.assign(this, { store, send, guest: atoms });
    this.key = h("small", { class: "key" });
    this.status = h("span", { role: "status" });
    // One button for two things: it is where the eye is when a validation takes long.
    this.button = h("button", { type: "button", class: "chip away", onclick: () => send(this.relaxing ? { type: "cancel-structure" } : this.busy ? { type: "cancel" } : { type: "validate", id: store.selected.candidate }) });
    this.panels = Object.fromEntries(Object.entries(DOTS).map(([name, { title, axes }]) => {
      const svg = s("svg", { role: "img" }), says = h("p", { class: "says", hidden: true }), small = h("small", {}, axes.map(({ unit }) => unit).join(" and "));
      const stage = h("div", { class: "dots", style: `min-height:${axes.reduce((sum, { rows }) => sum + Math.max(...Object.values(rows).map((each) => each.length)) * PAD.row + PAD.axis, 4)}px` }, svg);
      const look = dropDown("show structure ▾", "The relaxed atoms behind a property, to be turned with the mouse", "chip");
      return [name, { svg, says, stage, look, root: h("section", { class: `panel dots-${name}`, "aria-label": `${title} of the chosen candidate` }, h("h3", {}, `${title} `, small, h("span", { class: "chips end" }, look)), stage, line(says)) }];
    }));
    this.root = h("div", { class: "area-dots" }, h("p", { class: "dotskey" }, this.button, this.status, this.key), ...Object.values(this.panels).map((p) => p.root), atoms?.root ?? "");
  }

  /** Have the atoms of a property relaxed and shown. */
  show(name, label) {
    this.relaxing = label;
    this.guest.expect();
    this.send({ type: "structure", id: this.store.selected.candidate, name });
    this.update();
  }

  /** How that went. */
  say({ ok, text }) {
    this.relaxing = null;
    if (!ok) this.guest?.say({ ok, text }); // where the atoms would be
    else if (text) this.guest?.close();
    this.update();
    if (ok && !text) this.guest?.root.scrollIntoView({ block: "nearest" });
  }

  /** What can be looked at of a panel's properties. */
  offer({ look }, axes, id) {
    const { store } = this, shown = store.settings.structures ?? [], rows = axes.flatMap((axis) => axis.rows).filter(([name]) => shown.includes(name));
    appear(look, rows.length && store.connected && id && this.guest?.manager);
    const key = JSON.stringify(rows);
    if (key === look.offered) return;
    look.offered = key;
    look.fill(rows.map(([name, label]) => ({ name: label, act: () => this.show(name, label) })));
  }

  update() {
    const { store } = this, id = store.selected.candidate, message = store.validation;
    if (message) this.last = message; // reference, PBE and experiment stay while the next candidate is computed
    else if (!store.validations.size) this.last = null;
    const reference = this.last?.reference ?? null, known = this.last?.measured?.table ?? {}, own = message?.own?.table ?? {};
    const structure = message?.own?.structure ?? this.last?.own?.structure ?? this.last?.measured?.structure;
    this.busy = Boolean(message && !message.done);
    appear(this.button, this.relaxing || this.busy || message?.stopped);
    setText(this.button, this.relaxing || this.busy ? "Cancel" : "Compute");
    this.button.title = this.relaxing ? "End this relaxation" : this.busy ? "End this validation; what is there stays" : "Compute what is missing";
    const doing = this.busy ? `computing ${message.doing.replace("starting", "")} …` : message?.stopped ? "cancelled" : "";
    setText(this.status, this.relaxing ? `relaxing the structure: ${this.relaxing} …` : doing);
    this.guest?.update();
    const names = [["this", id], ["reference", reference?.table && referenceName(reference.name)], ["pbe", Object.keys(known).length && "PBE"], ["measured", Object.keys(known).length && "experiment"]];
    this.key.replaceChildren(...names.filter(([, text]) => text).flatMap(([kind, text]) => [legendMark(kind), h("span", {}, text)]));
    for (const [name, panel] of Object.entries(this.panels)) {
      const axes = axesOf(name, structure);
      this.offer(panel, axes, id);
      this.draw(panel, { title: DOTS[name].title, axes }, own, reference?.table, known, { this: id, reference: reference && referenceName(reference.name), pbe: "PBE", measured: "experiment" });
      const remark = DOTS[name].groups.map((group) => message?.own?.remarks?.[group]).find(Boolean);
      panel.says.hidden = !remark;
      setText(panel.says, remark ? `${remark}.` : "");
    }
  }

  draw({ svg, stage }, { title, axes }, own, reference, known, names) {
    const { width, height } = room(stage, () => this.update());
    if (!width || !height) return;
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const count = axes.reduce((sum, { rows }) => sum + rows.length, 0), row = Math.min(34, (height - 4 - axes.length * PAD.axis) / count);
    const said = [], parts = [];
    let top = 4;
    for (const { unit, rows } of axes) {
      const found = rows.map(([property]) => dots(property, own, reference, known)), [low, high] = reach(found);
      const x = linear(low, high, PAD.left, width - PAD.right), bottom = top + rows.length * row;
      const at = ticks(low, high, Math.max(3, Math.round((width - PAD.left) / 60))), step = at.length > 1 ? at[1] - at[0] : 1;
      const g = s("g", { class: "axes" });
      if (found.some((row) => row.length)) for (const v of at) g.append(s("line", { class: Math.abs(v) < 1e-12 ? "zero" : null, x1: x(v), x2: x(v), y1: top, y2: bottom }), s("text", { x: x(v), y: bottom + 13, "text-anchor": "middle" }, tickLabel(v, step)));
      g.append(s("text", { x: width - PAD.right + 8, y: bottom + 13 }, unit));
      parts.push(g);
      rows.forEach(([, label, digits], i) => {
        const y = top + (i + 0.5) * row, value = found[i].find((d) => d.kind === "this")?.value;
        const text = (v) => v.toFixed(digits).replace("-", "−");
        parts.push(s("text", { class: "label", x: PAD.left - 8, y: y + 4, "text-anchor": "end" }, label));
        if (value !== undefined) parts.push(s("text", { class: "value", x: width - 2, y: y + 4, "text-anchor": "end" }, text(value)));
        for (const { kind, value: v } of found[i]) {
          const inside = Math.min(Math.max(v, low), high), mark = shape(kind, x(inside), y, v > high ? 1 : v < low ? -1 : 0);
          mark.append(s("title", {}, `${label}, ${names[kind]}: ${text(v)} ${unit}`));
          parts.push(mark);
        }
        if (found[i].length) said.push(`${label}: ${found[i].map(({ kind, value: v }) => `${names[kind]} ${text(v)}`).join(", ")} ${unit}`);
      });
      top = bottom + PAD.axis;
    }
    svg.setAttribute("aria-label", said.length ? `${title}. ${said.join("; ")}` : `${title}: nothing known yet`);
    svg.replaceChildren(...parts);
  }
}

/** Disc, diamond, bar and ring: told apart without colour. A value beyond the axis is a triangle that points to it. */
function shape(kind, x, y, beyond = 0) {
  const path = (d) => s("path", { class: `dot ${kind}`, d });
  if (beyond) return path(`M${x - 4 * beyond} ${y - 5}L${x + 5 * beyond} ${y}L${x - 4 * beyond} ${y + 5}Z`);
  if (kind === "reference") return path(`M${x} ${y - 5.5}L${x + 5.5} ${y}L${x} ${y + 5.5}L${x - 5.5} ${y}Z`);
  if (kind === "pbe") return path(`M${x} ${y - 7}V${y + 7}`);
  return s("circle", { class: `dot ${kind}`, cx: x, cy: y, r: kind === "this" ? 4.5 : 4 });
}

const legendMark = (kind) => s("svg", { class: "mark", width: 14, height: 14, "aria-hidden": "true" }, shape(kind, 7, 7));
