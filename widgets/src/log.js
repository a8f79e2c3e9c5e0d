// A short log under the tree: what came onto the front, and what people did.
import { h } from "./dom.js";
import { entries } from "./log_data.js";
import { clock } from "./scale.js";

const WORDS = { front: "front", you: "you", refused: "refused" };

export class LogView {
  constructor(store, { onselect }) {
    Object.assign(this, { store, onselect, shown: "" });
    this.root = h("ol", { class: "log", tabindex: "0", "aria-label": "Log: what came onto the front, and what people asked for, newest first" });
  }

  update() {
    if (this.root.hidden) return;
    const list = entries(this.store, this.store.time), key = JSON.stringify(list);
    if (key === this.shown) return;
    this.shown = key;
    this.root.replaceChildren(...(list.length ? list.map((entry) => this.row(entry)) : [h("li", {}, h("span", {}, "Improvements of the front, and all you do, will be listed here."))]));
  }

  row({ t, kind, text, choice }) {
    const what = choice ? h("button", { type: "button", title: `${text}: show it`, onclick: () => this.onselect(choice) }, text) : h("span", { title: text }, text);
    return h("li", { "data-kind": kind }, h("time", {}, clock(t)), h("b", {}, WORDS[kind]), what);
  }
}
