// One line: what is searched, how far it is, how good it is, and the buttons.
import { appear, h, line, setText } from "./dom.js";
import { LostNote } from "./lost.js";
import { dropDown } from "./menu.js";
import { pillText } from "./pill_data.js";
import { headerAt } from "./replay.js";
import { count, number } from "./scale.js";

const TARGETS = [["lammps", "LAMMPS", "setfl table and an input that runs it"], ["python", "Python", "one file, needs NumPy only"], ["ase", "ASE", "a calculator for the Atomic Simulation Environment"], ["torch", "PyTorch", "a module for batches and GPUs"],
  ["latex", "LaTeX", "equations for a paper"], ["sympy", "SymPy", "symbolic expressions"], ["json", "JSON", "the candidate with its errors and origin"],
  ["all", "Everything", "all of these and a validation report in one archive; half a minute, can be cancelled"]];

const MORE = [[60, "1 minute"], [600, "10 minutes"], [3600, "1 hour"]]; // what an ended search can be given

export class HeaderView {
  /**
   * runs : shows or hides the runs beside this one; null where a page has no room for them. attach : of a run's folder, the function that has a new
   * kernel show it in place of this page, or null where that cannot be.
   */
  constructor(store, { send, runs = null, attach = () => null }) {
    Object.assign(this, { store, send, runs, attach });
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
    this.more = dropDown("Extend ▾", "Search on for so much longer", "", MORE.map(([seconds, name]) => ({ name, act: () => this.send({ type: "extend", seconds }) })));
    this.others = h("button", { type: "button", title: "The runs beside this one: open, compare, stop or delete them", onclick: () => this.runs() }, "Runs");
    this.menu = dropDown("Export ▾", "Export the chosen candidate", "primary", TARGETS.map(([to, name, what]) => ({ name, what, act: () => this.export(to) })));
    this.lost = new LostNote({ what: "the search", attach: () => (store.settings.folder === undefined ? null : this.attach(store.settings.folder)) });
    this.note = h("p", { class: "note", role: "status", hidden: true });
    this.progress = h("div", { class: "progress", role: "progressbar", "aria-label": "Share of the search's budget used", "aria-valuemin": 0, "aria-valuemax": 100 }, h("i", {}));
    this.root = h("header", {}, h("div", { class: "row" }, h("span", { class: "info" }, h("b", { class: "logo" }, "srlab"), this.what, this.pill, this.evaluations, this.rate, this.best),
      // Each button has a place of its own, also while it is not there; two that are never there together share one.
      h("span", { class: "actions" }, h("span", { class: "stack" }, this.start, this.pause), this.step, h("span", { class: "stack" }, this.stop, this.more), this.others, this.menu)), this.progress, line(this.lost.root, this.note));
  }

  export(to) {
    const id = this.store.selected.candidate;
    if (!id) return this.say({ ok: false, text: "Choose a candidate first." });
    this.send({ type: "export", id, to });
  }

  /** A line under the header: what an export or a command came to, with a button that cancels it or opens a run. */
  say({ ok, text, stay = false, cancel = null, open = null }) {
    clearTimeout(this.timer);
    this.note.hidden = !text;
    this.note.className = ok ? "note" : "note error";
    const kind = cancel ?? open;
    if (kind && kind === this.kind && this.ends?.isConnected) setText(this.note.lastChild, text); // the button stays under the pointer
    else {
      this.kind = kind;
      const button = cancel ? ["Cancel", { type: cancel }] : open ? ["Open it here", { type: "open", run: open }] : null;
      this.ends = button && h("button", { type: "button", class: "chip", onclick: () => { this.send(button[1]); if (open) this.note.hidden = true; } }, button[0]);
      this.note.replaceChildren(...(button ? [this.ends, h("span", {}, text)] : [text])); // the button first: words come and go
    }
    if (ok && !stay) this.timer = setTimeout(() => { this.note.hidden = true; }, 8000);
  }

  update() {
    const { header, run, settings, candidates, time } = this.store, state = header.state ?? "new";
    const shown = time === null ? { ...header, state } : headerAt(this.store, time);
    const parts = [run.element, run.dataset, run.frames ? `${count(run.frames)} frames` : null, run.seed !== undefined && run.seed !== null ? `seed ${run.seed}` : null];
    setText(this.what, parts.filter(Boolean).join(" · "));
    if (settings.folder !== this.folder) {
      if (this.folder !== undefined) this.say({ ok: true, text: "" }); // what was said was of the run before
      this.folder = settings.folder;
    }
    this.what.title = this.what.textContent; // the path of a file may be too long for the line
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
    const { controls, connected } = this.store, live = ["running", "paused"].includes(state);
    this.lost.tell(connected, ["from srlab_widgets import Dashboard", `Dashboard.attach(${settings.folder === undefined ? "RUN" : JSON.stringify(settings.folder)})`]);
    appear(this.start, state === "new" && controls.includes("start"));
    appear(this.pause, state !== "new" && controls.includes("pause"));
    const again = ["paused", "stopped", "died"].includes(state);
    this.pause.disabled = !live && !again;
    setText(this.pause, again ? "▶ Resume" : "❚❚ Pause");
    this.pause.title = { stopped: "Take the search up again where it was stopped", died: "Start the worker again; it goes on from the journal" }[state] ?? "Let the worker finish its move and wait";
    appear(this.step, state !== "new" && controls.includes("step"));
    this.step.disabled = state !== "paused";
    const ended = ["finished", "stopped"].includes(state) && controls.includes("extend");
    appear(this.stop, state !== "new" && !ended && controls.includes("stop"));
    this.stop.disabled = !live;
    appear(this.more, ended);
    this.others.hidden = !this.runs || !controls.includes("runs");
    appear(this.menu, candidates.size > 0 && connected);
    if (!connected) {
      setText(this.pill, "not connected");
      this.pill.dataset.state = "died";
    }
    const share = settings.seconds ? shown.elapsed / settings.seconds : settings.evaluations ? shown.evaluations / settings.evaluations : null;
    this.progress.style.visibility = share === null || state === "new" ? "hidden" : "visible";
    if (share !== null) {
      const percent = Math.min(100, 100 * (shown.state === "finished" ? 1 : share || 0));
      this.progress.firstChild.style.width = `${percent}%`;
      this.progress.setAttribute("aria-valuenow", Math.round(percent));
    }
  }
}
