// Properties that are part of the loss: those in force, and a row that adds one.
import { h, setText } from "./dom.js";
import { number } from "./scale.js";

export class TargetsView {
  /** send(targets) : asks for another list of [name, value, weight]. */
  constructor(store, { send }) {
    Object.assign(this, { store, send });
    this.list = h("ul", { class: "targets", "aria-label": "Targets in force" });
    this.name = h("select", { "aria-label": "Property", onchange: () => this.fill() });
    const field = (label, step) => h("input", { type: "number", step, "aria-label": label, autocomplete: "off" });
    this.value = field("Value of the target", "any");
    this.weight = field("Weight of the target", "any");
    this.weight.value = 1;
    for (const input of [this.value, this.weight]) input.keys = ({ key }) => key === "Enter" && (this.add(), true);
    this.unit = h("span", { class: "unit" });
    this.go = h("button", { type: "button", onclick: () => this.add() }, "Add");
    this.form = h("div", { class: "target" }, this.name, this.value, this.unit, h("label", { title: "A weight of 1 counts a typical error of the property like the scatter of the data" }, "weight ", this.weight), this.go);
    this.root = h("div", { role: "group", "aria-label": "Property targets" }, this.form, this.list);
  }

  get targets() {
    return this.store.settings.targets ?? [];
  }

  about(name) {
    return (this.store.settings.target_choices ?? []).find((choice) => choice.name === name);
  }

  /** The chosen property's unit, and its value: that in force, else the PBE reference. */
  fill() {
    const [, value, weight] = this.targets.find(([name]) => name === this.name.value) ?? [null, this.about(this.name.value)?.value ?? "", 1];
    this.value.value = value;
    this.weight.value = weight;
    this.tell();
  }

  tell() {
    setText(this.unit, this.about(this.name.value)?.unit ?? "");
    setText(this.go, this.targets.some(([name]) => name === this.name.value) ? "Change" : "Add");
  }

  /** Python says whether the numbers can be: a field left empty goes there as it is. */
  add() {
    const number = (input) => (input.value.trim() === "" ? null : Number(input.value));
    const others = this.targets.filter(([name]) => name !== this.name.value);
    this.send([...others, [this.name.value, number(this.value), number(this.weight)]]);
  }

  row([name, value, weight], live) {
    const { label = name, unit = "" } = this.about(name) ?? {};
    return h("li", {}, h("span", {}, `${label} `, h("b", {}, number(value, 4)), ` ${unit}`), h("span", { class: "mut" }, `weight ${number(weight, 2)}`),
      h("button", { type: "button", disabled: !live, "aria-label": `Remove the target ${label}`, title: "Leave it out of the loss again", onclick: () => this.send(this.targets.filter((each) => each[0] !== name)) }, "×"));
  }

  update(live) {
    const choices = this.store.settings.target_choices ?? [];
    if (choices.length !== this.name.options.length) {
      this.name.replaceChildren(...choices.map((choice) => h("option", { value: choice.name }, choice.label)));
      this.fill();
    }
    const key = JSON.stringify([this.targets, live]);
    if (key !== this.shown) {
      this.shown = key;
      this.list.replaceChildren(...this.targets.map((target) => this.row(target, live)));
      this.list.hidden = !this.targets.length;
    }
    for (const each of [this.name, this.value, this.weight, this.go]) each.disabled = !live;
    this.tell();
  }
}
