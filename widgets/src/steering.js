// Steering: which operators the search may use, how bold it is, how long its formulas may grow, and a formula of your own.
import { CostsView } from "./costs.js";
import { appear, h, line, setText, toggle } from "./dom.js";
import { OwnOperatorsView } from "./own_operators.js";
import { nameOf } from "./own_operators_data.js";
import { number } from "./scale.js";
import { TargetsView } from "./targets.js";

/** What can be injected as it stands, by template. */
const EXAMPLES = {
  eam: "phi = 900.0*exp(-3.2*r)\nf = exp(-1.6*r)\nF = -12.0*sqrt(rho)",
  pair: "phi = 900.0*exp(-3.2*r) - 60.0*r^(-6.0)",
  "two-density": "phi = 900.0*exp(-3.2*r)\nf = exp(-1.6*r)\ng = exp(-2.4*r)\nF = -12.0*sqrt(rho1) + 0.5*rho2",
};
const REFUSED = "the injected formula was refused"; // how the worker begins to say so

export class SteerView {
  constructor(store, view, { send }) {
    Object.assign(this, { store, view, send, held: null, waiting: null });
    this.operators = h("div", { class: "chips", role: "group", "aria-label": "Operators the search may use" });
    this.exploration = this.slider("exploration", "exploration", { min: 0, max: 3, step: 0.05 }, "0 exploits the best branches only", (v) => number(v, 2));
    this.complexity = this.slider("max nodes", "max_complexity", { min: 10, max: 80, step: 1 }, "Longest formula the search may write: operators, variables and constants together", String);
    this.weight = this.slider("force weight", "force_weight", { min: 0, max: 2, step: 0.05 }, "Weight of the force errors in the loss", (v) => number(v, 2));
    this.window = this.slider("window", "window", { min: 0.1, max: 3, step: 0.05 }, "Reach of a move: 1 is the usual schedule, which shrinks with depth", (v) => number(v, 2));
    this.focus = this.slider("focus", "focus", { min: -2, max: 0.5, step: 0.05 }, "How far above the lowest energy of its composition a frame counts a quarter, eV/atom: to the left only what decides elasticity and stacking, at the right end all alike", (v) => (v === null ? "off" : number(v, 2)),
      { read: (v) => (v >= 0.5 ? null : Number((10 ** v).toPrecision(2))), place: (v) => (v === null ? 0.5 : Math.log10(v)) });
    this.stress = this.slider("stress weight", "stress_weight", { min: 0, max: 2, step: 0.05 }, "Weight of the stress errors in the loss, where the frames have stresses", (v) => number(v, 2));
    this.shared = this.slider("shared errors", "correlation_length", { min: 0, max: 0.1, step: 0.005 }, "How far apart, by radial distribution, frames share the error of a formula: differences between those nearer than this count more than their energies; at the left end each has its own", (v) => (v === 0 ? "off" : number(v, 2)));
    this.energy = this.slider("energy weight", "energy_weight", { min: 0, max: 5, step: 0.05 }, "Weight of the energy errors in the loss", (v) => number(v, 2));
    this.targets = new TargetsView(store, { send: (targets) => this.set({ targets }) });
    this.costs = new CostsView(store, { send: (costs) => this.set({ costs }) });
    this.own = new OwnOperatorsView(store, { send: (own_operators) => this.set({ own_operators }) });
    this.count = h("span", {});
    this.more = h("details", { class: "more", open: Boolean(view.more), ontoggle: () => { view.more = this.more.open; } },
      h("summary", {}, "Weights, own operators, costs, targets", this.count), this.window.root, this.energy.root, this.stress.root, this.shared.root, this.own.root, this.costs.root, this.targets.root);
    this.sliders = [this.exploration, this.complexity, this.weight, this.focus, this.window, this.energy, this.stress, this.shared];
    this.answer = h("p", { class: "note", role: "status" });
    this.text = h("textarea", {
      rows: 3, spellcheck: "false", autocomplete: "off", "aria-label": "Formula to inject", "aria-describedby": "srlab-inject-note",
      placeholder: EXAMPLES.eam, oninput: () => this.say({ ok: true, text: "" }),
    });
    this.text.keys = ({ key, shiftKey }) => key === "Enter" && !shiftKey && (this.inject(), true);
    this.go = h("button", { type: "button", title: "Have the search fit this formula and go on from it (Enter; Shift and Enter begins a new line)", onclick: () => this.inject() }, "Inject");
    this.note = h("p", { class: "note", id: "srlab-inject-note", role: "status" });
    this.form = h("div", {}, h("div", { class: "inject" }, this.text, this.go), line(this.note));
    this.root = h("section", { class: "panel area-steer", "aria-label": "Steering" }, h("h3", {}, "Steer", this.hint = h("small", {})), this.operators,
      this.exploration.root, this.complexity.root, this.weight.root, this.focus.root, this.more, line(this.answer), this.form);
  }

  /** A labelled slider that sends its value when let go, and shows the worker's value otherwise. */
  slider(label, setting, range, title, print, { read = (v) => v, place = (v) => v } = {}) {
    const out = h("output", {});
    const input = h("input", {
      type: "range", ...range, title, "aria-label": label,
      oninput: () => { this.held = setting; out.textContent = print(read(Number(input.value))); },
      onchange: () => { this.held = null; this.set({ [setting]: read(Number(input.value)) }); },
    });
    return { root: h("label", { class: "slide" }, h("span", { title }, label), input, out), input, out, setting, print, place };
  }

  /** Ask for other settings; what is shown stays the worker's word, and so does the answer. */
  set(settings) {
    this.waiting = { settings: this.store.settings, error: this.store.error };
    const slow = ["energy_weight", "force_weight", "stress_weight", "focus", "correlation_length", "targets"].some((name) => name in settings);
    this.reply({ ok: true, text: slow && this.store.header.state !== "new" ? "The worker measures anew all it has found …" : "…" });
    this.send({ type: "command", name: "set", settings });
  }

  reply({ ok, text }) {
    this.answer.className = ok ? "note" : "note error";
    this.answer.textContent = text;
  }

  /** Put a formula into the field, for a person to change and inject. */
  edit(text) {
    this.text.value = text.replaceAll(/;\s*/g, "\n");
    this.say({ ok: true, text: "" });
    this.text.focus();
  }

  /** What is written, on one line as on several; where nothing is, the example that is shown. */
  inject() {
    const written = this.text.value.trim() || this.text.placeholder, text = written.split(/\n+/).map((line) => line.trim().replace(/;$/, "")).filter(Boolean).join("; ");
    this.text.value = written;
    this.asked = this.store.error;
    this.send({ type: "inject", text });
    this.say({ ok: true, text: "…" });
  }

  say({ ok, text, about = "inject" }) {
    if (about === "steer") {
      this.waiting = null;
      this.reply({ ok, text });
      return this.update(); // the slider goes back to what is in force
    }
    this.note.className = ok ? "note" : "note error";
    this.note.textContent = text;
    this.text.setAttribute("aria-invalid", String(!ok));
  }

  update() {
    const { error } = this.store;
    if (error && error !== this.asked && this.asked !== undefined && error.text.startsWith(REFUSED)) { // the worker's word on it, which comes later than Python's
      this.asked = error;
      this.say({ ok: false, text: `${error.text[0].toUpperCase()}${error.text.slice(1)}` });
    }
    if (this.waiting && this.store.error !== this.waiting.error) this.say({ ok: false, text: this.store.error.text, about: "steer" });
    else if (this.waiting && this.store.settings !== this.waiting.settings) this.say({ ok: true, text: "", about: "steer" });
    const { settings, header, controls } = this.store;
    this.text.placeholder = EXAMPLES[settings.template] ?? EXAMPLES.eam;
    const live = controls.includes("set") && ["new", "running", "paused"].includes(header.state);
    setText(this.hint, live ? "" : this.store.connected ? "the search has ended" : "not connected");
    const active = new Set(settings.operators ?? []), all = this.all;
    const key = JSON.stringify([all, [...active], live]);
    if (key !== this.shown) {
      this.shown = key;
      this.operators.replaceChildren(...all.map((name) => {
        const words = settings.operator_words?.[name] ?? (settings.own_operators ?? []).find((each) => nameOf(each) === name), title = `${words ? `${words}\n` : ""}${active.has(name) ? "In use: click to do without it" : "Not in use: click to allow it"}`;
        const chip = toggle(name, active.has(name), () => this.flip(name), title);
        chip.disabled = !live;
        return chip;
      }));
    }
    const force = [[settings.costs, "cost"], [settings.targets, "target"]].flatMap(([list, word]) => (list?.length ? [`${list.length} ${word}${list.length > 1 ? "s" : ""}`] : []));
    setText(this.count, force.length ? ` · ${force.join(", ")}` : "");
    this.count.title = force.length ? `in force: ${force.join(", ")}` : ""; // of a narrow panel the line may end before
    this.costs.update(live);
    this.own.update(live);
    this.targets.root.hidden = !settings.target_choices?.length || settings.targets === undefined;
    this.targets.update(live);
    for (const slide of this.sliders) {
      const value = settings[slide.setting];
      slide.root.hidden = value === undefined || (value === null && slide !== this.focus);
      slide.input.disabled = !live;
      if (this.held === slide.setting || slide.root.hidden) continue;
      const at = slide.place(value);
      if (at > Number(slide.input.max)) slide.input.max = at;
      slide.input.value = at;
      setText(slide.out, slide.print(value));
    }
    appear(this.form, controls.includes("inject"));
    this.text.disabled = this.go.disabled = !live;
  }

  /** Names of all operators there are: the template's, then a person's own. */
  get all() {
    const { all_operators, operators = [], own_operators = [] } = this.store.settings;
    return [...new Set([...(all_operators ?? operators), ...own_operators.map(nameOf)])];
  }

  flip(name) {
    const active = new Set(this.store.settings.operators ?? []);
    if (!active.delete(name)) active.add(name);
    if (!active.size) return this.reply({ ok: false, text: "At least one operator must stay." });
    this.set({ operators: this.all.filter((o) => active.has(o)) });
  }
}
