// How many nodes each use of an operator counts: a field for each, one where nothing was said, and for a person's own what they are made of.
import { h } from "./dom.js";
import { asked, choicesOf } from "./costs_data.js";

export class CostsView {
  /** send(costs) : asks for another list of [operator, nodes]. */
  constructor(store, { send }) {
    Object.assign(this, { store, send, fields: new Map() });
    this.list = h("div", { class: "costs" });
    this.root = h("div", { role: "group", "aria-label": "Costs of operators" }, h("p", { class: "mut", title: "Complexity counts operators, variables and constants; what costs more has to earn it" }, "cost of each use, nodes"), this.list);
  }

  field({ name, about, own }) {
    const input = h("input", { type: "number", min: 1, max: 20, step: 1, placeholder: own ? "as made" : null, "aria-label": `Cost of ${name}`, onchange: () => this.ask() });
    this.fields.set(name, input);
    return h("label", { title: `${name}: ${about}` }, name, input);
  }

  /** Python says whether the numbers can be. */
  ask() {
    this.send(asked(this.choices, new Map([...this.fields].map(([name, { value }]) => [name, value]))));
  }

  update(live) {
    const { costs } = this.store.settings, choices = choicesOf(this.store.settings), key = JSON.stringify(choices);
    this.root.hidden = !choices.length;
    if (key !== this.shown) {
      Object.assign(this, { shown: key, choices });
      this.fields.clear();
      this.list.replaceChildren(...choices.map((choice) => this.field(choice)));
    }
    const known = new Map(costs ?? []);
    for (const { name, own } of choices) {
      const input = this.fields.get(name);
      input.disabled = !live;
      if (document.activeElement !== input) input.value = known.get(name) ?? (own ? "" : 1);
    }
  }
}
