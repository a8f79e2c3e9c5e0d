// How many nodes each use of an operator counts: a field for each, one where nothing was said.
import { h } from "./dom.js";

export class CostsView {
  /** send(costs) : asks for another list of [operator, nodes]. */
  constructor(store, { send }) {
    Object.assign(this, { store, send, fields: new Map() });
    this.list = h("div", { class: "costs" });
    this.root = h("div", { role: "group", "aria-label": "Costs of operators" }, h("p", { class: "mut", title: "Complexity counts operators, variables and constants; what costs more has to earn it" }, "cost of each use, nodes"), this.list);
  }

  field({ name, about }) {
    const input = h("input", { type: "number", min: 1, max: 20, step: 1, "aria-label": `Cost of ${name}`, onchange: () => this.ask() });
    this.fields.set(name, input);
    return h("label", { title: `${name}: ${about}` }, name, input);
  }

  /** Python says whether the numbers can be. */
  ask() {
    this.send([...this.fields].map(([name, { value }]) => [name, value.trim() === "" ? 1 : Number(value)]).filter(([, cost]) => cost !== 1));
  }

  update(live) {
    const { costs, cost_choices: choices = [] } = this.store.settings;
    this.root.hidden = !choices.length;
    if (choices.length !== this.fields.size) {
      this.fields.clear();
      this.list.replaceChildren(...choices.map((choice) => this.field(choice)));
    }
    const known = new Map(costs ?? []);
    for (const [name, input] of this.fields) {
      input.disabled = !live;
      if (document.activeElement !== input) input.value = known.get(name) ?? 1;
    }
  }
}
