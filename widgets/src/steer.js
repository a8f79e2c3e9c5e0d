// Steering: which operators the search may use, how bold it is, how long its formulas may grow, and a formula of your own.
import { h, setText, toggle } from "./dom.js";
import { number } from "./scale.js";
import { TargetsView } from "./targets.js";

export class SteerView {
  constructor(store, view, { send }) {
    Object.assign(this, { store, view, send, held: null, waiting: null });
    this.operators = h("div", { class: "chips", role: "group", "aria-label": "Operators the search may use" });
    this.exploration = this.slider("exploration", "exploration", { min: 0, max: 3, step: 0.05 }, "0 exploits the best branches only", (v) => number(v, 2));
    this.complexity = this.slider("max nodes", "max_complexity", { min: 10, max: 80, step: 1 }, "Longest formula the search may write: operators, variables and constants together", String);
    this.weight = this.slider("force weight", "force_weight", { min: 0, max: 2, step: 0.05 }, "Weight of the force errors in the loss", (v) => number(v, 2));
    this.window = this.slider("window", "window", { min: 0.1, max: 3, step: 0.05 }, "Reach of a move: 1 is the usual schedule, which shrinks with depth", (v) => number(v, 2));
    this.energy = this.slider("energy weight", "energy_weight", { min: 0, max: 5, step: 0.05 }, "Weight of the energy errors in the loss", (v) => number(v, 2));
    this.targets = new TargetsView(store, { send: (targets) => this.set({ targets }) });
    this.count = h("span", {});
    this.more = h("details", { class: "more", open: Boolean(view.more), ontoggle: () => { view.more = this.more.open; } },
      h("summary", {}, "Window, energy weight, property targets", this.count), this.window.root, this.energy.root, this.targets.root);
    this.answer = h("p", { class: "note", role: "status" });
    this.text = h("input", {
      type: "text", spellcheck: "false", autocomplete: "off", "aria-label": "Formula to inject", "aria-describedby": "srlab-inject-note",
      placeholder: "phi = A*exp(-p*r); f = exp(-q*r); F = -B*sqrt(rho)",
      oninput: () => this.say({ ok: true, text: "" }),
    });
    this.text.keys = ({ key }) => key === "Enter" && (this.inject(), true);
    this.go = h("button", { type: "button", onclick: () => this.inject() }, "Inject");
    this.note = h("p", { class: "note", id: "srlab-inject-note", role: "status" });
    this.form = h("div", {}, h("div", { class: "inject" }, this.text, this.go), this.note);
    this.root = h("section", { class: "panel area-steer", "aria-label": "Steering" }, h("h3", {}, "Steer", this.hint = h("small", {})), this.operators,
      this.exploration.root, this.complexity.root, this.weight.root, this.more, this.answer, this.form);
  }

  /** A labelled slider that sends its value when let go, and shows the worker's value otherwise. */
  slider(label, setting, range, title, print) {
    const out = h("output", {});
    const input = h("input", {
      type: "range", ...range, title, "aria-label": label,
      oninput: () => { this.held = setting; out.textContent = print(Number(input.value)); },
      onchange: () => { this.held = null; this.set({ [setting]: Number(input.value) }); },
    });
    return { root: h("label", { class: "slide" }, h("span", {}, label), input, out), input, out, setting, print };
  }

  /** Ask for other settings; what is shown stays the worker's word, and so does the answer. */
  set(settings) {
    this.waiting = { settings: this.store.settings, error: this.store.error };
    const slow = ["energy_weight", "force_weight", "targets"].some((name) => name in settings);
    this.reply({ ok: true, text: slow && this.store.header.state !== "new" ? "The worker measures anew all it has found …" : "…" });
    this.send({ type: "command", name: "set", settings });
  }

  reply({ ok, text }) {
    this.answer.className = ok ? "note" : "note error";
    this.answer.textContent = text;
  }

  /** Put a formula into the field, for a person to change and inject. */
  edit(text) {
    this.text.value = text;
    this.say({ ok: true, text: "" });
    this.text.focus();
  }

  inject() {
    const text = this.text.value.trim();
    if (!text) return this.say({ ok: false, text: "Write a formula first, for example phi = 900*exp(-3*r); f = exp(-1.2*r); F = -sqrt(rho)" });
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
    if (this.waiting && this.store.error !== this.waiting.error) this.say({ ok: false, text: this.store.error.text, about: "steer" });
    else if (this.waiting && this.store.settings !== this.waiting.settings) this.say({ ok: true, text: "", about: "steer" });
    const { settings, header } = this.store, controls = settings.controls ?? [];
    const live = controls.includes("set") && ["new", "running", "paused"].includes(header.state);
    setText(this.hint, live ? "" : "the search has ended");
    const active = new Set(settings.operators ?? []), all = settings.all_operators ?? [...active];
    const key = JSON.stringify([all, [...active], live]);
    if (key !== this.shown) {
      this.shown = key;
      this.operators.replaceChildren(...all.map((name) => {
        const chip = toggle(name, active.has(name), () => this.flip(name), active.has(name) ? `Use no more ${name}` : `Allow ${name}`);
        chip.disabled = !live;
        return chip;
      }));
    }
    const targets = settings.targets?.length ?? 0;
    setText(this.count, targets ? ` (${targets} in force)` : "");
    this.targets.root.hidden = !settings.target_choices?.length || settings.targets === undefined;
    this.targets.update(live);
    for (const slide of [this.exploration, this.complexity, this.weight, this.window, this.energy]) {
      const value = settings[slide.setting];
      slide.root.hidden = value === undefined || value === null;
      slide.input.disabled = !live;
      if (this.held === slide.setting || slide.root.hidden) continue;
      if (value > Number(slide.input.max)) slide.input.max = value;
      slide.input.value = value;
      setText(slide.out, slide.print(Number(value)));
    }
    this.form.hidden = !controls.includes("inject");
    this.text.disabled = this.go.disabled = !live;
  }

  flip(name) {
    const active = new Set(this.store.settings.operators ?? []);
    if (!active.delete(name)) active.add(name);
    if (!active.size) return this.reply({ ok: false, text: "At least one operator must stay." });
    this.set({ operators: (this.store.settings.all_operators ?? [...active]).filter((o) => active.has(o)) });
  }
}
