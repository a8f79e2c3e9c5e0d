// A short log under the tree: what came onto the front, and what people did.
import { arrange, h, steadily } from "./dom.js";
import { entries, keyed } from "./log_data.js";
import { step } from "./menu_data.js";
import { clock } from "./scale.js";

const WORDS = { front: "front", you: "you", refused: "refused" };

export class LogView {
  constructor(store, { onselect }) {
    Object.assign(this, { store, onselect, rows: new Map() });
    this.empty = h("li", {}, h("span", {}, "What comes onto the front, and all you do, will be listed here."));
    this.root = h("ol", { class: "log", tabindex: "0", "aria-label": "Log: what came onto the front, and what people asked for, newest first. Arrow keys go along it." });
    this.root.keys = ({ key }) => this.key(key);
  }

  update() {
    if (this.root.hidden) return;
    const rows = keyed(entries(this.store, this.store.time));
    for (const [key, entry] of rows) rows.set(key, this.rows.get(key) ?? this.row(entry));
    this.rows = rows;
    steadily(this.root, () => arrange(this.root, rows.size ? [...rows.values()] : [this.empty]));
  }

  /** The list is one stop of the Tab key: arrows go along its lines, so that whoever wants past it is past it. */
  key(key) {
    const lines = [...this.root.querySelectorAll("button")].map((button) => ({ button }));
    const next = step(lines, key, lines.findIndex(({ button }) => button === document.activeElement));
    if (next === undefined) return false;
    lines[next].button.focus();
    return true;
  }

  row({ t, kind, text, choice }) {
    const what = choice ? h("button", { type: "button", tabindex: "-1", title: choice.run ? `${text}: open it here` : `${text}: show it`, onclick: () => this.onselect(choice) }, text) : h("span", { title: text }, text);
    return h("li", { "data-kind": kind }, h("time", {}, clock(t)), h("b", {}, WORDS[kind]), what);
  }
}
