// The chosen candidate: its equations, its errors beside the reference's, and buttons that copy it.
import { appear, copy, h, setText } from "./dom.js";
import { referenceName } from "./front.js";
import { number } from "./scale.js";
import { crystals } from "./table_data.js";
import { formula, plain, typeset } from "./typeset.js";

const NEAR = "Frames within 0.1 eV/atom of the lowest of their composition: what decides elasticity and stacking";
const ERRORS = { energy_mae: ["energy", "meV/atom"], force_mae: ["force", "meV/Å"], near_energy_mae: ["near, energy", "meV/atom", NEAR], near_force_mae: ["near, force", "meV/Å", NEAR] };

const FEW = 3; // functions of an embedded atom

export class EquationView {
  constructor(store, { send }) {
    Object.assign(this, { store, send });
    this.small = h("small", {});
    this.math = h("div", { class: "equations", "aria-live": "polite" });
    this.errors = h("table", { class: "errors" });
    this.facts = h("p", { class: "facts" });
    this.wrong = h("p", { class: "says", role: "status", hidden: true });
    const copies = (label, kind, title) => h("button", { type: "button", title, onclick: (e) => this.copy(e.currentTarget, kind) }, label);
    this.pin = h("button", { type: "button", title: "Mark this candidate", onclick: () => this.send({ type: "command", name: "pin", candidate: this.store.selected.candidate }) }, "Pin");
    this.buttons = h("div", { class: "buttons" }, copies("Copy LaTeX", "latex"), copies("Python", "python", "Copy as Python source"), copies("SymPy", "sympy", "Copy as a SymPy expression"), h("span", { class: "sp" }), this.pin);
    this.choice = h("select", { onchange: () => store.compare(this.choice.value || null) });
    this.against = h("label", { class: "against" }, "compare with", this.choice);
    this.sure = h("button", { type: "button", title: "How well the data determine each constant: its standard deviation in the last digits", onclick: () => this.send({ type: "uncertain", id: store.selected.candidate }) }, "± constants");
    this.buttons.prepend(this.sure);
    this.root = h("section", { class: "panel area-equation", "aria-label": "Chosen equation" }, h("h3", {}, "Equation", this.small), (this.reading = h("div", { class: "reading" }, this.wrong, this.math)), this.errors, this.against, this.facts, this.buttons);
  }

  update() {
    this.reading.style.setProperty("--functions", this.store.settings.n_functions ?? FEW);
    const { store } = this, c = store.candidate, node = store.nodes.get(store.selected.node);
    this.buttons.hidden = !c;
    this.errors.hidden = !c;
    this.against.hidden = !c;
    this.facts.hidden = !c;
    this.wrong.hidden = c?.right_crystal !== false;
    if (!c) {
      this.drawn = null;
      this.small.textContent = node ? `node #${node.id}` : "";
      this.math.replaceChildren(node ? h("div", { class: "math plain" }, node.label ?? "") : h("p", { class: "empty" }, "Nothing found yet."),
        node ? h("p", { class: "empty" }, `No candidate was taken from this node (${node.move}, loss ${number(node.loss)}).`) : "");
      return;
    }
    this.small.textContent = `${c.complexity} nodes · ${c.n_constants} constants · ${c.id}`;
    const latex = store.detail?.latex ?? c.latex;
    const other = store.against === null ? null : store.reference, sure = store.uncertain.get(c.id), energy = store.detail?.energy;
    const key = JSON.stringify([c.id, latex ?? c.formulas, sure, other, energy]);
    if (key !== this.drawn) this.math.replaceChildren(energy ? h("div", { class: "energy", title: "What these functions add to the energy of atom i: sums over its neighbours j and k, and P Legendre's polynomials of the angle between them" }, formula(energy)) : "", latex ? typeset(latex, store.functionsOf(latex)) : plain(c.formulas, store.functionsOf(c.formulas)), sure ? h("div", { class: "uncertain", title: "Standard deviations in the last digits, from the scatter of the residuals over the frames" }, plain(sure, store.functionsOf(sure))) : "",
      other ? h("div", { class: "other", "aria-label": `compared with ${other.name ?? other.id}` }, other.latex ? typeset(other.latex, store.functionsOf(other.latex), { small: true }) : plain(other.formulas, store.functionsOf(other.formulas))) : "");
    this.drawn = key;
    this.choice.disabled = !store.connected;
    appear(this.sure, !sure && store.controls.includes("pin"));
    this.choices(c);
    this.table(c);
    const own = node?.candidate === c.id; // else what the move found was not worth a node, and the tree shows where it began
    const where = c.node !== null && c.node !== undefined ? `found ${own ? "at" : "from"} node #${c.node} by ${c.move ?? "search"}` : (c.move ?? "");
    setText(this.facts, [where, `cutoff ${number(c.cutoff)} Å`, c.offset ? `offset ${number(c.offset)} eV/atom` : "", { true: "F convex", false: "F not convex" }[store.detail?.convex] ?? ""].filter(Boolean).join(" · "));
    setText(this.wrong, this.wrong.hidden ? "" : `▲ ${crystals(c.structures)}`);
    this.pin.setAttribute("aria-pressed", String(store.pins.includes(c.id)));
    appear(this.pin, store.controls.includes("pin"));
  }

  /** What a candidate can be compared with: the published forms, and the front. */
  choices(c) {
    const { store } = this, option = (value, text) => h("option", { value, selected: value === (store.against ?? "") }, text);
    const front = store.front.filter((id) => id !== c.id), group = (label, items) => (items.length ? h("optgroup", { label }, ...items) : null);
    const key = JSON.stringify([store.against, front, store.references.map((r) => r.name)]);
    if (key === this.offered || document.activeElement === this.choice) return;
    this.offered = key;
    const others = store.references.filter((r) => r !== store.references.find((x) => x.name.toLowerCase() === "sutton-chen"));
    this.choice.replaceChildren(...[group("published, refitted", [option("", "Sutton–Chen"), ...others.map((r) => option(r.name, referenceName(r.name)))]),
      group("front", front.map((id) => option(id, `${id}, ${store.candidates.get(id)?.complexity ?? "?"} nodes`)))].filter(Boolean));
  }

  table(c) {
    const r = this.store.reference, errors = (of) => Object.keys(ERRORS).flatMap((name) => [of?.[name], of?.[`test_${name}`]]);
    const key = JSON.stringify([errors(c), r && (r.name ?? r.id), errors(r)]);
    if (key === this.listed) return;
    this.listed = key;
    const head = ["", "train", "test", r ? `${referenceName(r.name ?? r.id)}, test` : null];
    const row = (name, unit, key, title) => {
      const cell = (v, cls) => h("td", { class: cls }, number(v));
      const better = r && c[`test_${key}`] < r[`test_${key}`];
      return h("tr", { title }, h("th", { scope: "row" }, name, h("span", {}, ` ${unit}`)), cell(c[key]), cell(c[`test_${key}`], better ? "better" : null), r ? cell(r[`test_${key}`], "reference") : null);
    };
    this.errors.replaceChildren(h("tr", {}, ...head.filter((t) => t !== null).map((t, i) => h(i ? "th" : "td", { scope: i ? "col" : null, class: i === 3 ? "reference" : null }, t))),
      ...Object.entries(ERRORS).filter(([key]) => key === "energy_mae" || key === "force_mae" || Number.isFinite(c[key])).map(([key, [name, unit, title]]) => row(name, unit, key, title)));
  }

  async copy(button, kind) {
    const text = this.store.detail?.copy?.[kind];
    if (!text) return;
    const label = button.textContent;
    if (await copy(text)) button.textContent = "Copied";
    setTimeout(() => { button.textContent = label; }, 1200);
  }
}
