// The candidates on the front as a table of equations, the published forms beside them.
import { arrange, h, setText } from "./dom.js";
import { referenceName } from "./front.js";
import { knee, scores } from "./picks.js";
import { number } from "./scale.js";
import { LEFT, formula } from "./typeset.js";

export class TableView {
  constructor(store, view, { onselect }) {
    Object.assign(this, { store, view, onselect, rows: new Map() });
    this.small = h("small", {});
    this.body = h("tbody", {});
    const head = (text, unit, span, cls) => h("th", { scope: "col", colspan: span, class: cls }, text, unit ? h("span", {}, ` ${unit}`) : null);
    this.table = h("table", { class: "candidates" },
      h("colgroup", {}, ...["name", "n", "n", "n", "n", "n", "n", "pair", "density", "embedding"].map((name) => h("col", { class: name }))), h("thead", {},
      h("tr", {}, head(""), head("nodes"), head("energy", "meV/atom", 2), head("force", "meV/Å", 2), head("score"), ...Object.values(LEFT).map((latex) => h("th", { scope: "col", rowspan: 2, class: "eq" }, formula(latex)))),
      h("tr", {}, head(""), head(""), head("train"), head("test"), head("train"), head("test"), head(""))), this.body);
    this.root = h("section", { class: "panel area-table", "aria-label": "Candidates" }, h("h3", {}, "Candidates on the front", this.small), h("div", { class: "scroll" }, this.table));
  }

  update() {
    const front = this.store.frontAt(this.store.time), { references } = this.store;
    setText(this.small, `${front.length} of ${this.store.known(this.store.time).length} · mean absolute errors`);
    const rows = [...front.map((c) => ({ c })), ...references.map((r) => ({ c: r, reference: true }))].sort((a, b) => a.c.complexity - b.c.complexity);
    const score = scores(front), best = knee(front);
    arrange(this.body, rows.map(({ c, reference }) => this.known(c, reference)));
    for (const row of this.body.children) {
      const { id } = row.dataset, on = id !== undefined && id === String(this.store.selected.candidate);
      if (id === undefined) continue;
      row.classList.toggle("selected", on);
      row.setAttribute("aria-selected", String(on));
      row.knee.hidden = id !== best;
      setText(row.score, score.has(id) ? score.get(id).toFixed(2) : "");
      if (!on || this.followed === id) continue;
      this.followed = id;
      requestAnimationFrame(() => this.show(row)); // once all is laid out
    }
  }

  /** Scroll the table, and not the page, to a row, so that a whole row follows the head. */
  show(row) {
    const box = this.table.parentElement, head = this.table.tHead.offsetHeight, top = row.offsetTop - head, bottom = row.offsetTop + row.offsetHeight;
    if (top < box.scrollTop) box.scrollTop = top;
    else if (bottom > box.scrollTop + box.clientHeight) box.scrollTop = [...this.body.children].map((each) => each.offsetTop - head).find((at) => at >= bottom - box.clientHeight);
  }

  /** A row, typeset once: a replay, and a young search, change the front many times a second. */
  known(c, reference) {
    const key = JSON.stringify([c.id ?? c.name, c.complexity, c.energy_mae, c.test_energy_mae, c.force_mae, c.test_force_mae, c.latex ?? c.formulas]);
    if (this.rows.size > 500 && !this.rows.has(key)) this.rows.clear();
    if (!this.rows.has(key)) this.rows.set(key, this.row(c, reference));
    return this.rows.get(key);
  }

  equation(c, part) {
    const latex = c.latex?.[part];
    return h("td", { class: "eq" }, latex ? formula(latex) : h("code", {}, c.formulas?.[part] ?? ""));
  }

  row(c, reference) {
    const cell = (v) => h("td", {}, number(v));
    const mark = h("span", { class: "knee", title: "More nodes pay less from here on", hidden: true }, "knee"), score = h("td", { title: "Fall of ln(loss) for each node more than the step before" });
    const pick = () => this.onselect({ candidate: c.id });
    const row = h("tr", reference ? { class: "reference", title: `${referenceName(c.name)}, its constants refitted to the same frames` } : {
      "data-id": c.id, tabindex: "0", onclick: (event) => (event.shiftKey ? this.store.compare(c.id) : pick()), title: "Click to select, Shift and click to compare with it",
    }, h("td", { class: "name" }, reference ? referenceName(c.name) : c.id, mark), h("td", {}, String(c.complexity)), cell(c.energy_mae), cell(c.test_energy_mae), cell(c.force_mae), cell(c.test_force_mae),
    score, ...Object.keys(LEFT).map((part) => this.equation(c, part)));
    Object.assign(row, { knee: mark, score });
    row.keys = ({ key }) => {
      const way = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[key];
      if (key === "Enter" || key === " ") pick();
      else if (way) {
        let next = row[way];
        while (next && !next.dataset.id) next = next[way];
        next?.focus();
      } else return false;
      return true;
    };
    return row;
  }
}
