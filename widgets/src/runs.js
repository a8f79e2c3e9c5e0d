// The runs beside this one: state, data, best values and a person's notes; open one here, stop it, compare two, delete it once that was confirmed.
import { arrange, h, line, setText, steadily } from "./dom.js";
import { best, budget, when } from "./runs_data.js";
import { count, number } from "./scale.js";

const LIVE = new Set(["running", "paused"]);
const AGAIN = 5_000; // milliseconds after an answer, while a run in it goes on

export class RunsView {
  /** onpair : called before two runs are asked for, side by side. */
  constructor(store, view, { send, onpair }) {
    Object.assign(this, { store, view, send, rows: new Map(), chosen: new Set(), confirming: null });
    view.runs ??= false;
    this.small = h("small", {});
    this.compare = h("button", { type: "button", class: "chip", onclick: () => { onpair(); this.send({ type: "compare", runs: [...this.chosen] }); } }, "compare two");
    this.again = h("button", { type: "button", class: "chip", title: "Look again", onclick: () => this.ask() }, "refresh");
    this.shut = h("button", { type: "button", class: "chip", onclick: () => this.toggle(false) }, "close");
    this.note = h("p", { class: "note", role: "status" });
    this.body = h("tbody", {});
    const head = (text, unit) => h("th", { scope: "col" }, text, unit ? h("span", {}, ` ${unit}`) : null);
    this.table = h("table", { class: "runs" }, h("thead", {}, h("tr", {}, h("th", { scope: "col", "aria-label": "compare" }), head("run"), head("state"), head("data"), head("search"), head("best", "meV/atom · meV/Å"), head("changed"), head("notes"), h("th", { scope: "col", "aria-label": "actions" }))), this.body);
    this.root = h("section", { class: "panel area-runs", "aria-label": "Runs", hidden: !view.runs }, h("h3", {}, "Runs ", this.small, h("span", { class: "chips end" }, this.compare, this.again, this.shut)), line(this.note), this.box = h("div", { class: "scroll" }, this.table));
  }

  /** Show the runs, or hide them. */
  toggle(on = !this.view.runs) {
    this.view.runs = on;
    this.root.hidden = !on;
    if (on) this.ask();
  }

  ask() {
    this.say({ ok: true, text: this.store.runs ? "" : "reading the runs …" });
    this.send({ type: "runs" });
  }

  say({ ok, text }) {
    this.note.className = ok ? "note" : "note error";
    setText(this.note, text);
  }

  update() {
    this.root.hidden = !this.view.runs;
    if (!this.view.runs) return;
    const { runs, connected } = this.store;
    for (const button of [this.again, this.compare]) button.disabled = !connected;
    if (!runs) return;
    if (this.note.textContent === "reading the runs …") this.say({ ok: true, text: "" });
    setText(this.small, `${count(runs.rows.length)} in ${runs.folder}`);
    const names = new Set(runs.rows.map((run) => run.name));
    for (const name of this.chosen) if (!names.has(name)) this.chosen.delete(name);
    for (const name of this.rows.keys()) if (!names.has(name)) this.rows.delete(name);
    for (const run of runs.rows) {
      if (!this.rows.has(run.name)) this.rows.set(run.name, this.row(run.name));
      this.fill(this.rows.get(run.name), run);
    }
    steadily(this.box, () => arrange(this.body, runs.rows.map((run) => this.rows.get(run.name))));
    this.tell();
    if (runs !== this.answer) this.follow(runs);
  }

  /** Look again after a while, as long as a run goes on and somebody sees it. */
  follow(runs) {
    this.answer = runs;
    clearTimeout(this.timer);
    if (!runs.rows.some((run) => LIVE.has(run.state))) return;
    this.timer = setTimeout(() => {
      if (document.hidden || !this.box.checkVisibility()) this.follow(runs);
      else if (this.store.connected) this.send({ type: "runs" });
    }, AGAIN);
  }

  stop() {
    clearTimeout(this.timer);
  }

  tell() {
    this.compare.disabled = !this.store.connected || this.chosen.size !== 2;
    this.compare.title = this.chosen.size === 2 ? "Show both side by side" : "Tick two runs first";
  }

  /** The next step of deleting: asked for, confirmed, or thought better of. */
  confirm(name) {
    this.confirming = name;
    this.update();
    (this.body.querySelector(".sure") ?? this.body.querySelector("button"))?.focus({ preventScroll: true });
  }

  /** A row without words; it stays as long as its run is there. */
  row(name) {
    const box = h("input", { type: "checkbox", "aria-label": `Compare ${name}`, onchange: () => { this.chosen[box.checked ? "add" : "delete"](name); this.tell(); } });
    const words = h("input", { type: "text", class: "words", placeholder: "a note of your own", "aria-label": `Note on ${name}`, onchange: () => this.send({ type: "note", run: name, text: words.value }) });
    words.keys = ({ key }) => key === "Enter" && (words.blur(), true);
    const pill = h("span", { class: "pill" }), [named, data, searched, errors, changed, does] = ["name", "data", null, null, null, "does"].map((cls) => h("td", { class: cls }));
    const row = h("tr", { "data-run": name }, h("td", {}, box), named, h("td", { class: "state" }, pill), data, searched, errors, changed, h("td", { class: "words" }, words), does);
    return Object.assign(row, { box, words, pill, named, data, searched, errors, changed, does });
  }

  /** Write what is news into a row. A run that goes on is news every few seconds: no button or box may go away under the pointer, nor a note that is being written. */
  fill(row, run) {
    const { connected } = this.store, live = LIVE.has(run.state), asks = this.confirming === run.name;
    row.classList.toggle("here", Boolean(run.here));
    row.box.checked = this.chosen.has(run.name);
    row.named.replaceChildren(h("b", {}, run.name), ...[run.here && h("span", {}, " shown here"), run.forked_from && h("small", {}, `fork of ${run.forked_from.split("/").at(-1)}`), run.trees && h("small", {}, `${run.trees} trees`)].filter(Boolean));
    row.pill.dataset.state = run.state;
    for (const [cell, text] of [[row.pill, run.state], [row.data, `${run.dataset}, ${count(run.frames)} frames`], [row.searched, budget(run)], [row.errors, best(run, number)], [row.changed, when(run.changed)]]) setText(cell, text);
    row.words.disabled = !connected;
    if (document.activeElement !== row.words) row.words.value = run.note;
    const key = JSON.stringify([live, run.here, asks, connected]), focus = row.does.contains(document.activeElement) && document.activeElement.textContent;
    if (key === row.offered) return;
    row.offered = key;
    const act = (label, title, message, disabled = false) => h("button", { type: "button", class: "chip", title, disabled: disabled || !connected, onclick: () => (typeof message === "function" ? message() : this.send(message)) }, label);
    const buttons = asks
      ? [act("delete", "There is no way back", () => { this.confirming = null; this.send({ type: "delete", run: run.name }); }), act("keep", "Leave it", () => this.confirm(null))]
      : [act("open", "Show it here, in place of this one", { type: "open", run: run.name }, run.here), act("stop", live ? "End its search; its results stay" : "It has ended", { type: "end", run: run.name }, !live), act("delete", live ? "Stop it first" : run.here ? "It is shown here: open another one first" : "Delete it with all that is in its folder", () => this.confirm(run.name), live || run.here)];
    if (asks) buttons[0].classList.add("sure");
    row.does.replaceChildren(...(asks ? [h("span", { class: "ask" }, `Delete ${run.name} and all in it?`)] : []), ...buttons);
    buttons.find((button) => button.textContent === focus)?.focus({ preventScroll: true });
  }
}
