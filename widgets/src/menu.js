// Menus: below a button, and where a person points. Arrows, Enter, Escape; a click elsewhere closes them.
import { h } from "./dom.js";
import { step } from "./menu_data.js";

/**
 * A button that opens a menu below it: arrows go along it, Escape closes it. entries : [{name, what, act, checked}]; one with `checked` is a switch, after
 * which the menu stays open. `fill(entries)` gives it others.
 */
export function dropDown(label, title, cls, entries = []) {
  let items = [];
  const summary = h("summary", { class: cls, title, role: "button", "aria-haspopup": "menu" }, label), list = h("div", { role: "menu", "aria-label": title });
  const menu = h("details", { class: "menu", onfocusout: (e) => { if (!menu.contains(e.relatedTarget)) menu.open = false; } }, summary, list);
  menu.fill = (wanted) => {
    const at = items.indexOf(document.activeElement);
    items = wanted.map(({ name, what = "", act, checked }) => h("button", {
      type: "button", role: checked === undefined ? "menuitem" : "menuitemcheckbox", "aria-checked": checked === undefined ? null : String(checked), onclick: () => { menu.open = checked !== undefined; act(); },
    }, h("b", {}, name), h("span", {}, what)));
    const { open } = menu; // the focus leaves a button that is taken away, and would close the menu
    list.replaceChildren(...items);
    menu.open = open;
    items[at]?.focus({ preventScroll: true });
  };
  menu.keys = ({ key }) => {
    if (key === "Escape" && menu.open) {
      menu.open = false;
      summary.focus();
      return true;
    }
    const at = items.indexOf(document.activeElement), next = step(items.map(() => ({})), key, at);
    if (next === undefined || (at < 0 && key !== "ArrowDown")) return false;
    menu.open = true;
    items[next].focus();
    return true;
  };
  menu.fill(entries);
  return menu;
}

export class Menu {
  /** host : the panel that it stays inside of; run(act) : what a chosen entry asks for. */
  constructor(host, label, run) {
    Object.assign(this, { host, run, list: [], back: null });
    this.root = h("div", { class: "popup", role: "menu", "aria-label": label, hidden: true, oncontextmenu: (e) => { e.preventDefault(); e.stopPropagation(); } });
    this.root.keys = (event) => this.key(event);
    this.root.addEventListener("focusout", (e) => { if (!this.root.contains(e.relatedTarget)) this.close(false); });
    this.outside = (e) => { if (!this.root.contains(e.target)) this.close(false); };
    host.classList.add("hosts-popup");
    host.append(this.root);
  }

  get open() {
    return !this.root.hidden;
  }

  /** Open over the point (x, y) of the window; `title` says what it is about, `back` gets the focus when it closes. */
  show(title, list, x, y, back) {
    Object.assign(this, { list, back });
    this.buttons = list.map((entry) => h("button", { type: "button", role: "menuitem", tabindex: "-1", disabled: entry.disabled, onclick: () => this.choose(entry) }, entry.label));
    this.root.replaceChildren(h("b", {}, title), ...this.buttons);
    this.root.hidden = false;
    const box = this.host.getBoundingClientRect(), own = this.root.getBoundingClientRect();
    const inside = (at, size, room) => Math.max(4, Math.min(at, room - size - 4));
    this.root.style.left = `${inside(x - box.left + (x + own.width + 6 > box.right ? -own.width - 2 : 2), own.width, box.width)}px`;
    this.root.style.top = `${inside(y - box.top + 2, own.height, box.height)}px`;
    window.addEventListener("pointerdown", this.outside, true);
    this.focus(step(list, "Home", -1));
  }

  focus(at) {
    (this.buttons[at] ?? this.root).focus({ preventScroll: true });
  }

  choose(entry) {
    this.close();
    this.run(entry.act);
  }

  close(return_ = true) {
    if (!this.open) return;
    window.removeEventListener("pointerdown", this.outside, true);
    this.root.hidden = true;
    if (return_) this.back?.focus({ preventScroll: true });
  }

  key({ key }) {
    const at = this.buttons.indexOf(document.activeElement);
    if (key === "Escape" || key === "Tab") this.close();
    else if ((key === "Enter" || key === " ") && at >= 0) this.choose(this.list[at]);
    else {
      const next = step(this.list, key, at);
      if (next === undefined) return false;
      this.focus(next);
    }
    return true;
  }
}
