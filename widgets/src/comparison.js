// Two searches in numbers, one column each: how far they are, how good, and which leads at some lengths.
import { appear, h, setText } from "./dom.js";
import { best, LIMITS, leaders } from "./pair_data.js";
import { pillText } from "./pill_data.js";
import { count, number } from "./scale.js";

export class ComparisonView {
  constructor(stores, names, view, { send }) {
    Object.assign(this, { stores, names, view, send });
    this.columns = stores.map((_, i) => this.column(i));
    const line = (name, key, unit, title) => h("tr", {}, h("th", { scope: "row", title }, name, unit ? h("span", {}, ` ${unit}`) : null), ...this.columns.map((column) => column[key]));
    this.what = h("th", { scope: "rowgroup", colspan: 3 });
    this.table = h("table", { class: "comparison" },
      h("thead", {}, h("tr", {}, h("td", {}), ...names.map((name, i) => h("th", { scope: "col", class: `side-${i}` }, h("i", { class: "sign", "aria-hidden": "true" }), name)))),
      h("tbody", {}, line("", "state"), line("evaluations", "evaluations"), line("nodes of the tree", "nodes"),
        line("best, energy", "energy", "meV/atom", "Error on frames the search never saw, of its candidate of lowest training loss"), line("best, force", "force", "meV/Å", "Error on frames the search never saw, of its candidate of lowest training loss")),
      h("tbody", {}, h("tr", { class: "what" }, this.what), ...LIMITS.map((limit, k) => line(`up to ${limit} nodes`, k, "", `Of the formula of lowest training loss with at most ${limit} nodes`))));
    this.differences = h("ul", { class: "differences" });
    this.root = h("section", { class: "panel area-comparison", "aria-label": "The two searches in numbers" }, h("div", { class: "scroll" }, this.table), h("h3", {}, "What differs"), this.differences);
  }

  column(i) {
    const cell = () => h("td", { class: `side-${i}` }), column = { pill: h("span", { class: "pill", role: "status" }), why: h("small", { class: "why" }) };
    column.toggle = h("button", { type: "button", class: "chip", onclick: () => this.send(i, column.next) });
    column.stop = h("button", { type: "button", class: "chip", title: `Stop ${this.names[i]}; its results stay`, onclick: () => this.send(i, "stop") }, "Stop");
    for (const key of ["state", "evaluations", "nodes", "energy", "force", ...LIMITS.keys()]) column[key] = cell();
    column.state.append(column.pill, column.toggle, column.stop, column.why);
    return column;
  }

  /** What is to be said to a search in its state, as [command, label]; null where there is nothing. */
  static next({ header, controls }) {
    const state = header.state ?? "new";
    const [command, label] = { new: ["start", "Start"], running: ["pause", "Pause"], finished: [] }[state] ?? ["resume", "Resume"];
    return controls.includes(command) ? [command, label] : null;
  }

  say(differences) {
    this.differences.replaceChildren(...differences.map((text) => h("li", {}, text)));
  }

  update() {
    const { view, stores } = this, known = stores.map((store) => store.known(store.time)), field = `${view.split === "test" ? "test_" : ""}${view.metric}_mae`;
    setText(this.what, `${view.metric} error, ${view.split} (${view.metric === "force" ? "meV/Å" : "meV/atom"}), of the best formula of`);
    const found = leaders(known, field);
    this.columns.forEach((column, i) => {
      const { header, nodes } = stores[i], state = header.state ?? "new", b = best(known[i]), next = ComparisonView.next(stores[i]);
      setText(column.pill, pillText(header));
      column.pill.dataset.state = state;
      column.pill.title = header.message ?? "";
      setText(column.why, header.message ?? "");
      setText(column.evaluations, count(header.evaluations ?? 0));
      setText(column.nodes, count(nodes.size));
      setText(column.energy, number(b?.test_energy_mae));
      setText(column.force, number(b?.test_force_mae));
      for (const k of LIMITS.keys()) {
        const leads = found[k].leads === i;
        column[k].classList.toggle("leads", leads);
        column[k].replaceChildren(h("small", {}, leads ? "leads" : ""), number(found[k].values[i]));
      }
      appear(column.toggle, next);
      if (next) {
        column.next = next[0];
        setText(column.toggle, next[1]);
      }
      appear(column.stop, ["running", "paused"].includes(state) && stores[i].controls.includes("stop"));
    });
  }
}
