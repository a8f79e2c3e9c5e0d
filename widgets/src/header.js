// One line: what is searched, how far it is, how good it is, and the buttons.
import { h, setText } from "./dom.js";
import { pillText } from "./pill_data.js";
import { headerAt } from "./replay.js";
import { count, number } from "./scale.js";

const TARGETS = [["lammps", "LAMMPS", "setfl table and an input that runs it"], ["python", "Python", "one file, needs NumPy only"], ["ase", "ASE", "a calculator for the Atomic Simulation Environment"],
  ["latex", "LaTeX", "equations for a paper"], ["sympy", "SymPy", "symbolic expressions"], ["json", "JSON", "the candidate with its errors and origin"],
  ["all", "Everything", "all of these and a validation report in one archive; half a minute, can be cancelled"]];

export class HeaderView {
  constructor(store, { send }) {
    Object.assign(this, { store, send });
    this.what = h("span", { class: "mut" });
    this.pill = h("span", { class: "pill", role: "status" });
    this.evaluations = h("span", { class: "num" });
    this.rate = h("span", { class: "num" });
    this.best = h("span", { class: "num", title: "Mean absolute errors, on frames the search never saw, of the candidate with the lowest training loss" });
    const button = (label, title, name, cls) => h("button", { type: "button", class: cls, title, onclick: () => this.send({ type: "command", name: typeof name === "string" ? name : name() }) }, label);
    this.start = button("Start", "Start the search", "start", "primary");
    this.pause = button("❚❚ Pause", "Let the worker finish its move and wait", () => (store.header.state === "running" ? "pause" : "resume"));
    this.step = button("Step", "Do one move", "step");
    this.stop = button("Stop", "End the search; its results stay", "stop");
    this.menu = this.exportMenu();
    this.note = h("p", { class: "note", role: "status", hidden: true });
    this.progress = h("div", { class: "progress", role: "progressbar", "aria-label": "Share of the search's budget used", "aria-valuemin": 0, "aria-valuemax": 100 }, h("i", {}));
    this.root = h("header", {}, h("div", { class: "row" }, h("b", { class: "logo" }, "srlab"), this.what, this.pill, this.evaluations, this.rate, this.best, h("span", { class: "actions" }, this.start, this.pause, this.step, this.stop, this.menu)), this.progress, this.note);
  }

  exportMenu() {
    const items = TARGETS.map(([to, name, what]) => h("button", { type: "button", role: "menuitem", onclick: () => this.export(to) }, h("b", {}, name), h("span", {}, what)));
    const summary = h("summary", { class: "primary" }, "Export ▾");
    const menu = h("details", { class: "menu",
      onfocusout: (e) => { if (!menu.contains(e.relatedTarget)) menu.open = false; } }, summary, h("div", { role: "menu", "aria-label": "Export the chosen candidate" }, ...items));
    menu.keys = ({ key }) => {
      if (key !== "Escape" || !menu.open) return false;
      menu.open = false;
      summary.focus();
      return true;
    };
    return menu;
  }

  export(to) {
    this.menu.open = false;
    const id = this.store.selected.candidate;
    if (!id) return this.say({ ok: false, text: "Choose a candidate first." });
    this.send({ type: "export", id, to });
  }

  /** A line under the header: what an export or a command came to. */
  say({ ok, text, stay = false, cancel = null }) {
    clearTimeout(this.timer);
    this.note.hidden = !text;
    this.note.className = ok ? "note" : "note error";
    if (cancel && this.ends?.isConnected) setText(this.note.firstChild, text); // the button stays under the pointer
    else this.note.replaceChildren(...(cancel ? [h("span", {}, text), (this.ends = h("button", { type: "button", class: "chip", onclick: () => this.send({ type: cancel }) }, "Cancel"))] : [text]));
    if (ok && !stay) this.timer = setTimeout(() => { this.note.hidden = true; }, 8000);
  }

  update() {
    const { header, run, settings, candidates, time } = this.store, state = header.state ?? "new";
    const shown = time === null ? { ...header, state } : headerAt(this.store, time);
    const parts = [run.element, run.dataset, run.frames ? `${count(run.frames)} frames` : null, run.seed !== undefined && run.seed !== null ? `seed ${run.seed}` : null];
    setText(this.what, parts.filter(Boolean).join(" · "));
    setText(this.pill, pillText(state === "new" ? { state } : shown));
    this.pill.dataset.state = shown.state;
    this.pill.classList.toggle("beat", shown.state === "running" && !this.pill.classList.contains("beat"));
    this.pill.title = header.message ?? "";
    setText(this.evaluations, `${count(shown.evaluations ?? 0)} evaluations`);
    setText(this.rate, shown.state === "running" ? `${count(header.rate ?? 0)} /s` : "");
    const error = this.store.error;
    if (error && error !== this.told) {
      this.told = error;
      this.say({ ok: false, text: error.text });
    }
    if ((header.message ?? "") !== (this.why ?? "")) { // why it rests, when nobody told it to; until it goes on
      this.why = header.message ?? "";
      this.say({ ok: true, text: this.why, stay: true });
    }
    const b = shown.best;
    this.best.hidden = !b;
    const best = b && `${number(b.energy)} ${number(b.force)}`;
    if (best && best !== this.shown) this.best.replaceChildren("best ", h("b", {}, number(b.energy)), " meV/atom · ", h("b", {}, number(b.force)), " meV/Å");
    this.shown = best;
    const controls = settings.controls ?? [], live = ["running", "paused"].includes(state);
    this.start.hidden = state !== "new" || !controls.includes("start");
    this.pause.hidden = state === "new" || !controls.includes("pause");
    const again = ["paused", "stopped", "died"].includes(state);
    this.pause.disabled = !live && !again;
    setText(this.pause, again ? "▶ Resume" : "❚❚ Pause");
    this.pause.title = { stopped: "Take the search up again where it was stopped", died: "Start the worker again; it goes on from the journal" }[state] ?? "Let the worker finish its move and wait";
    this.step.hidden = state === "new" || !controls.includes("step");
    this.step.disabled = state !== "paused";
    this.stop.hidden = state === "new" || !controls.includes("stop");
    this.stop.disabled = !live;
    this.menu.hidden = candidates.size === 0;
    const share = settings.seconds ? shown.elapsed / settings.seconds : settings.evaluations ? shown.evaluations / settings.evaluations : null;
    this.progress.style.visibility = share === null || state === "new" ? "hidden" : "visible";
    if (share !== null) {
      const percent = Math.min(100, 100 * (shown.state === "finished" ? 1 : share || 0));
      this.progress.firstChild.style.width = `${percent}%`;
      this.progress.setAttribute("aria-valuenow", Math.round(percent));
    }
  }
}
