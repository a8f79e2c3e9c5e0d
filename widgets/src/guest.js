// A panel that shows another widget of the kernel: plotly's figures and nglview's atoms draw themselves, the dashboard gives them a place.
import { h, setText } from "./dom.js";

const PATIENCE = 6_000; // milliseconds; anywidget itself gives a widget two seconds to load, and then leaves its place empty
const LATE = "It did not load in time, on a page with much to do: close it here and show it once more.";
const PREFIX = "IPY_MODEL_", DRAWN = "plotlywidget-after-render";

/** Widgets of a notebook wait for the messages of its window system, which nobody sends to what stands in a page of our own. */
function attached(view) {
  const widget = view.luminoWidget ?? view.pWidget;
  for (const type of ["before-attach", "after-attach"]) widget?.processMessage?.({ type, isConflatable: false, conflate: () => false });
}

/** Atoms of nglview take the width of their place when they are told to. */
async function refit(view) {
  view.stage?.handleResize();
  for (const inside of await Promise.all(view.children_views?.views ?? [])) refit(inside);
}

/** A widget that the kernel has closed still draws for a frame or two; what it then wants to tell has nobody to go to. */
async function hush(view) {
  view.model.sync = () => {};
  for (const inside of await Promise.all(view.children_views?.views ?? [])) hush(inside);
}

export class GuestView {
  /** slot : name of the panel in Python; open : message that asks for the widget; title, ask, hint : words; tall : pixels that the widget takes. */
  constructor(store, { manager, send, slot, open = null, title, ask = "show", hint = "", tall = 380 }) {
    Object.assign(this, { store, manager, send, slot, open, tall, shown: null, view: null, awaited: false });
    this.ask = h("button", { type: "button", class: "chip", title: hint, onclick: () => this.press() }, ask);
    this.shut = h("button", { type: "button", class: "chip", hidden: true, onclick: () => this.close() }, "close");
    this.place = h("div", { class: "guest" });
    this.note = h("p", { class: "note", role: "status" });
    this.root = h("section", { class: `panel area-${slot}`, "aria-label": title, hidden: open === null || !manager }, h("h3", {}, title, h("small", {}, hint), h("span", { class: "chips end" }, open ? this.ask : "", this.shut)), h("div", { class: "room" }, this.note, this.place));
    // A figure of plotly looks at the width of its place when the window changes; it says on the document that it is drawn.
    const fit = () => window.dispatchEvent(new Event("resize"));
    this.drawn = ({ detail }) => this.place.contains(detail?.element) && fit();
    document.addEventListener(DRAWN, this.drawn);
    this.resized = new ResizeObserver(() => {
      const { clientWidth } = this.place;
      if (this.wide !== clientWidth && this.view) {
        fit();
        refit(this.view);
      }
      this.wide = clientWidth;
    });
    this.resized.observe(this.place);
  }

  press() {
    this.expect();
    this.send(this.open);
  }

  /** A widget was asked for: make room for it at once, or all below would move when it comes, seconds later. */
  expect(text = "…") {
    this.awaited = true;
    this.say({ ok: true, text });
    this.update();
  }

  /** It does not come, or is not wanted any more. */
  close() {
    this.awaited = false;
    if (this.shown) this.send({ type: "dismiss", slot: this.slot });
    else this.say({ ok: true, text: "" });
    this.update();
  }

  say({ ok, text }) {
    this.note.className = ok ? "note" : "note error";
    setText(this.note, text);
  }

  update() {
    if (!this.manager) return;
    const reference = this.store.guests[this.slot] ?? null;
    if (reference) this.awaited = false;
    const here = Boolean(reference) || this.awaited;
    this.ask.hidden = here;
    this.ask.disabled = !this.store.connected;
    this.shut.hidden = !here;
    this.shut.disabled = !this.store.connected && Boolean(reference);
    this.place.style.minHeight = here ? `${this.tall}px` : "";
    if (this.open === null) this.root.hidden = !here;
    if (reference !== this.shown) this.seat(reference);
  }

  /** Show another widget; one that is asked for meanwhile goes first. */
  async seat(reference) {
    this.shown = reference;
    if (this.view) hush(this.view);
    this.leave();
    if (!reference) return this.say({ ok: true, text: "" });
    try {
      const model = await this.manager.get_model(reference.slice(PREFIX.length)), view = await this.manager.create_view(model);
      if (reference !== this.shown) return view.remove();
      this.view = view;
      this.place.replaceChildren(view.el);
      attached(view);
      clearTimeout(this.late);
      this.late = setTimeout(() => this.view === view && !view.el.childElementCount && this.say({ ok: false, text: LATE }), PATIENCE);
      this.say({ ok: true, text: "" });
    } catch (error) {
      if (reference === this.shown) this.say({ ok: false, text: `This cannot be shown here: ${error.message ?? error}` });
    }
  }

  leave() {
    clearTimeout(this.late);
    this.view?.remove();
    this.view = null;
    this.place.replaceChildren();
  }

  stop() {
    document.removeEventListener(DRAWN, this.drawn);
    this.resized.disconnect();
    this.leave();
  }
}
