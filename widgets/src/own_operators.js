// Operators of a person's own: those there are, and a field that defines one.
import { h } from "./dom.js";
import { nameOf, withAnother } from "./own_operators_data.js";

const EXAMPLE = "bump(x) = exp(-x^2)";
const WORDS = "A formula of one argument, which the search then uses as an operator: between atoms the argument is a*(r + b), in the embedding a*rho. With numbers of its own, as in exp(-1.5*x), which fits then move, it is r or rho itself";

export class OwnOperatorsView {
  /** send(definitions) : asks for another list of them. */
  constructor(store, { send }) {
    Object.assign(this, { store, send });
    this.list = h("ul", { class: "targets", "aria-label": "Own operators" });
    this.text = h("input", { type: "text", class: "define", placeholder: EXAMPLE, spellcheck: "false", autocomplete: "off", title: WORDS, "aria-label": "Own operator" });
    this.text.keys = ({ key }) => key === "Enter" && (this.define(), true);
    this.go = h("button", { type: "button", title: WORDS, onclick: () => this.define() }, "Define");
    this.root = h("div", { role: "group", "aria-label": "Own operators" }, h("div", { class: "target" }, this.text, this.go), this.list);
  }

  get definitions() {
    return this.store.settings.own_operators ?? [];
  }

  /** Python says whether it can be; it stays in the field until it is in force. */
  define() {
    this.asked = this.text.value.trim() || EXAMPLE;
    this.text.value = this.asked;
    this.send(withAnother(this.definitions, this.asked));
  }

  row(definition, live) {
    return h("li", {}, h("code", {}, definition), h("button", { type: "button", disabled: !live, "aria-label": `Remove the operator ${nameOf(definition)}`, title: "Do without it; formulas that have it stay", onclick: () => this.send(this.definitions.filter((each) => each !== definition)) }, "×"));
  }

  update(live) {
    this.root.hidden = this.store.settings.own_operators === undefined;
    const key = JSON.stringify([this.definitions, live]);
    if (key !== this.shown) {
      this.shown = key;
      this.list.replaceChildren(...this.definitions.map((definition) => this.row(definition, live)));
      this.list.hidden = !this.definitions.length;
      if (this.asked && this.definitions.some((each) => nameOf(each) === nameOf(this.asked))) this.asked = this.text.value = "";
    }
    this.text.disabled = this.go.disabled = !live;
  }
}
