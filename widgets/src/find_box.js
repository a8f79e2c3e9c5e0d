// The search field over the tree.
import { h, setText } from "./dom.js";
import { find } from "./find.js";
import { count } from "./scale.js";

export class FindBox {
  /** onfound(ids) when what is looked for changed; onselect({node}) for the next one. */
  constructor(store, { onfound, onselect }) {
    Object.assign(this, { store, onfound, onselect, found: [], at: -1 });
    this.input = h("input", { type: "search", placeholder: "find: sqrt, #12, cross", "aria-label": "Find nodes of the tree by formula, number or move; Enter goes to the next one", oninput: () => this.look() });
    this.input.keys = (event) => this.key(event);
    this.says = h("span", { class: "mut", role: "status" });
    this.root = h("span", { class: "find" }, this.input, this.says);
  }

  look() {
    this.at = -1;
    this.refresh();
  }

  /** The tree has grown: look again, the place among the found ones stays. */
  refresh() {
    const here = this.found[this.at];
    this.found = find(this.store.nodes, this.input.value);
    this.at = here === undefined ? -1 : this.found.indexOf(here);
    this.tell();
    this.onfound(new Set(this.found));
  }

  tell() {
    setText(this.says, !this.input.value.trim() ? "" : this.at < 0 ? `${count(this.found.length)} found` : `${this.at + 1} of ${count(this.found.length)}`);
  }

  /** Enter goes to the next one, with Shift to the one before; Escape clears. */
  key(event) {
    if (event.key === "Enter" && this.found.length) {
      const n = this.found.length;
      this.at = event.shiftKey ? (Math.max(this.at, 0) + n - 1) % n : (this.at + 1) % n;
      this.onselect({ node: this.found[this.at] });
      this.tell();
      return true;
    }
    if (event.key === "Escape" && this.input.value) {
      this.input.value = "";
      this.look();
      return true;
    }
    return false;
  }
}
