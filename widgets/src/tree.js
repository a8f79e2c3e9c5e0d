// The search tree on a canvas: thousands of nodes, zoom, hover card, keyboard.
import { select } from "d3-selection";
import { zoom, zoomIdentity } from "d3-zoom";
import { lossScale, viridis } from "./colour.js";
import { appear, h, setText, toggle } from "./dom.js";
import { folded } from "./find.js";
import { FindBox } from "./find_box.js";
import { layout, neighbour } from "./layout.js";
import { LogView } from "./log.js";
import { Menu } from "./menu.js";
import { entries } from "./menu_data.js";
import { flagsAt, lastNode, visitsAt } from "./replay.js";
import { room } from "./room.js";
import { count, number } from "./scale.js";
import { badges, bins, dots, link, ring, square } from "./tree_paint.js";
import { facts } from "./tree_card.js";
import { nearest, place, radius } from "./tree_place.js";
import { SCORE, told } from "./why.js";

export class TreeView {
  constructor(store, view, { onselect, send, act }) {
    Object.assign(this, { store, view, onselect, send, past: null, hovered: null, seen: -1, places: new Map(), points: new Map(), found: new Set(), hidden: new Map(), inks: new Map() });
    this.view.transform ??= zoomIdentity;
    this.view.closed ??= new Set(); // folded nodes
    this.finder = new FindBox(store, { onselect: (choice) => { this.reveal(choice.node); onselect(choice); }, onfound: (ids) => { this.found = ids; this.draw(); } });
    this.canvas = h("canvas", { "aria-hidden": "true" });
    this.card = h("div", { class: "card", hidden: true });
    this.spoken = h("div", { class: "sr", "aria-live": "polite" });
    this.shapeButton = toggle("radial", Boolean(view.radial), () => this.turn(), "Draw the tree around its root");
    this.foldButton = toggle("fold", false, () => this.fold(), "Hide what lies below the selected node, or show it again (key: f)");
    this.forkButton = h("button", { class: "chip", type: "button", title: "Start a second search from what this one knows, drawn to the selected node; this one goes on", onclick: () => send({ type: "fork", node: store.selected.node }) }, "fork");
    this.fitButton = h("button", { class: "chip", type: "button", title: "Show the whole tree (double-click does the same)", onclick: () => this.fit() }, "fit");
    this.flags = [["boost", "Give the branch of the selected node more visits"], ["prune", "Give the branch of the selected node no more visits"]].map(([name, title]) => toggle(name, false, () => this.flag(name), title));
    this.stage = h("div", {
      class: "stage tree", tabindex: "0", role: "application",
      "aria-label": "Search tree. Arrow keys move along the tree, Home goes to the root, End to the best node, plus and minus zoom, 0 shows all, f folds a branch, m opens a menu.",
      onpointermove: (e) => this.hover(e), onpointerleave: () => this.leave(), onclick: (e) => this.click(e), oncontextmenu: (e) => this.menuAt(e),
    }, this.canvas, this.card, this.spoken);
    this.stage.keys = (event) => this.key(event);
    Object.assign(this, { low: h("span", {}), high: h("span", {}), small: h("small", {}) });
    this.bar = h("i", { style: `background:linear-gradient(90deg,${[0, 0.2, 0.4, 0.6, 0.8, 1].map(viridis).join(",")})` });
    this.action = h("p", { class: "tick", "aria-live": "off" });
    this.why = h("p", { class: "tick why", "aria-live": "off" });
    this.log = new LogView(store, { onselect: (choice) => { if (choice.node !== undefined) this.reveal(choice.node); onselect(choice); } });
    this.log.root.hidden = view.quiet ?? false;
    this.logButton = toggle("log", !this.log.root.hidden, () => this.list(), "What came onto the front, and what people did");
    this.root = h("section", { class: "panel area-tree", "aria-label": "Search tree" },
      h("h3", {}, "Search tree ", this.small, h("span", { class: "chips end" }, ...this.flags, this.forkButton, h("i", {}), this.foldButton, this.shapeButton, this.fitButton, this.logButton)),
      h("div", { class: "foot" }, this.finder.root, this.legend = h("div", { class: "legend", title: "Colour of a node: its loss; size: visits" }, "loss ", this.high, this.bar, this.low)),
      this.stage,
      this.action, this.why, this.log.root);
    this.menu = new Menu(this.root, "What can be done with this node", act);
    // The wheel zooms once the tree was clicked; before that it scrolls the notebook.
    const wanted = (e) => (e.type === "wheel" ? document.activeElement === this.stage || e.ctrlKey : !e.button && !e.ctrlKey);
    this.zoom = zoom().filter(wanted).scaleExtent([0.8, 60]).on("zoom", (e) => {
      this.view.transform = e.transform;
      if (e.sourceEvent) this.view.zoomed = true;
      this.draw();
    });
    select(this.stage).call(this.zoom).on("dblclick.zoom", () => this.fit());
  }

  /** Boost or prune the selected node, or take that back. */
  flag(name) {
    const node = this.store.nodes.get(this.store.selected.node);
    if (node) this.send({ type: "command", name: node.flag === name ? "release" : name, node: node.id });
  }

  /** Hide the branch of the selected node, or show it again. */
  fold(id = this.store.selected.node) {
    const { closed } = this.view;
    if (!this.store.children.get(id)?.length) return;
    if (!closed.delete(id)) closed.add(id);
    this.seen = -1;
    this.update();
  }

  /** Unfold all above a node. */
  reveal(id) {
    for (const above of this.store.path(id).slice(1)) if (this.view.closed.delete(above)) this.seen = -1;
    if (this.seen < 0) this.update();
  }

  /** Show the log, or hide it. */
  list() {
    this.view.quiet = this.log.root.hidden = !this.log.root.hidden;
    this.logButton.setAttribute("aria-pressed", String(!this.view.quiet));
    this.log.update();
  }

  turn() {
    this.view.radial = !this.view.radial;
    this.shapeButton.setAttribute("aria-pressed", String(this.view.radial));
    this.fit();
  }

  fit() {
    this.view.zoomed = false;
    select(this.stage).call(this.zoom.transform, zoomIdentity);
  }

  /** New data: lay out again only if the shape of the tree changed. */
  update() {
    const { store } = this, { time } = store;
    this.past = time === null ? null : { visits: visitsAt(store, time), flags: flagsAt(store, time) };
    if (this.seen !== store.shape || this.laid !== store.nodes) {
      const { shown, hidden } = this.view.closed.size ? folded(store.children, this.view.closed) : { shown: store.children, hidden: new Map() };
      Object.assign(this, layout(store.nodes, shown), { seen: store.shape, laid: store.nodes, hidden });
      if (this.finder.input.value) this.finder.refresh();
    }
    this.scale = lossScale([...store.nodes.values()].map((n) => n.loss));
    const born = time === null ? store.nodes.size : [...store.nodes.keys()].filter((id) => store.born(id)).length;
    setText(this.small, born < store.nodes.size ? `${count(born)} of ${count(store.nodes.size)} nodes` : `${count(born)} node${born === 1 ? "" : "s"}`);
    appear(this.legend, this.scale.worst > this.scale.best);
    setText(this.low, number(this.scale.best));
    setText(this.high, `≥ ${number(this.scale.worst)}`);
    const flag = store.nodes.get(store.selected.node)?.flag;
    for (const button of this.flags) {
      const name = button.textContent;
      appear(button, store.controls.includes(name));
      button.disabled = store.selected.node === null || !["running", "paused"].includes(store.header.state);
      button.setAttribute("aria-pressed", String(flag === name));
    }
    const closed = this.view.closed.has(store.selected.node);
    this.foldButton.disabled = !closed && !store.children.get(store.selected.node)?.length;
    this.foldButton.setAttribute("aria-pressed", String(closed));
    appear(this.forkButton, store.controls.includes("fork"));
    this.forkButton.disabled = store.selected.node === null;
    appear(this.finder.root, store.nodes.size > 1);
    this.tell();
    this.draw();
  }

  /** The last thing the search did, and why. */
  tell() {
    this.log.update();
    const { store } = this, node = store.time === null ? store.nodes.get(store.action?.node) : lastNode(store, store.time);
    if (!node) {
      setText(this.action, "");
      return setText(this.why, "");
    }
    const { move, what, why } = told(store, node);
    if (this.action.title !== `${move} ${what}` || !this.action.firstChild) this.action.replaceChildren(h("b", {}, move), ` ${what}`);
    this.action.title = `${move} ${what}`;
    setText(this.why, why);
    this.why.title = `${why}\n\n${SCORE}`;
  }

  size() {
    const ratio = globalThis.devicePixelRatio || 1, { width, height } = room(this.stage, () => this.draw());
    const [w, k] = [Math.round(width * ratio), Math.round(height * ratio)];
    // Without a place on the page (a hidden tab, a theme being loaded) the old picture is kept: setting a size wipes it.
    if (w && k && (this.canvas.width !== w || this.canvas.height !== k)) Object.assign(this.canvas, { width: w, height: k });
    return { width, height, ratio };
  }

  visits(node) {
    return this.past ? (this.past.visits.get(node.id) ?? 0) : node.visits;
  }

  flagged(node) {
    return this.past ? (this.past.flags.get(node.id) ?? null) : node.flag;
  }

  radius(node) {
    return radius(this.dot, this.visits(node));
  }

  /** A colour of the theme, asked for once: after a change of the page that costs a layout. */
  ink(name) {
    if (!this.inks.get(name)) this.inks.set(name, getComputedStyle(this.root).getPropertyValue(name).trim());
    return this.inks.get(name);
  }

  draw() {
    const { width, height, ratio } = this.size();
    if (!width || !height || !this.scale) return;
    // Those not yet born keep their places, so that a replay does not jump.
    Object.assign(this, place(this, { width, height, radial: this.view.radial, zoom: this.view.transform }, (id) => this.store.born(id)));
    const { store, points } = this, c = this.canvas.getContext("2d"), colour = (name) => this.ink(name);
    c.setTransform(ratio, 0, 0, ratio, 0, 0);
    c.clearRect(0, 0, width, height);
    c.globalAlpha = Math.min(1, Math.max(0.25, (600 * this.view.transform.k) / (store.nodes.size + 1))); // a thousand links must not become a grey block
    this.links(c, colour("--srlab-link"), 1, store.nodes.keys());
    c.globalAlpha = 1;
    const chosen = this.store.selected.node, best = store.bestNode;
    if (chosen !== null && chosen !== best) this.links(c, colour("--srlab-text"), 1.2, store.path(chosen));
    if (best !== null) this.links(c, colour("--srlab-accent"), 2.2, store.path(best));
    this.dots(c, width, height, colour("--srlab-edge"), colour("--srlab-panel"));
    const mark = (id, stroke, thickness, grow) => {
      const p = points.get(id), node = store.nodes.get(id);
      if (p && node) ring(c, p, this.radius(node) + grow, stroke, thickness);
    };
    if (store.header.state === "running" && !this.past && store.fresh.size < 200) for (const id of store.fresh) mark(id, colour("--srlab-accent"), 1, 2);
    for (const node of store.nodes.values()) if (this.flagged(node) === "boost") mark(node.id, colour("--srlab-reference"), 1.6, 2.5);
    for (const node of store.nodes.values()) if (node.move === "inject") square(c, points.get(node.id), this.radius(node) + 3, colour("--srlab-text"));
    for (const id of this.found) mark(id, colour("--srlab-found"), 1.8, 2.5);
    if (best !== null) mark(best, colour("--srlab-accent"), 2.2, 3);
    if (this.hovered !== null) mark(this.hovered, colour("--srlab-text"), 1.2, 3.5);
    if (chosen !== null) mark(chosen, colour("--srlab-text"), 2, 4.5);
    const closed = [...this.hidden].filter(([id]) => points.has(id)).map(([id, below]) => [points.get(id), this.radius(store.nodes.get(id)), below.filter((each) => store.born(each)).length]);
    badges(c, colour("--srlab-text"), closed);
  }

  links(c, stroke, thickness, ids) {
    c.beginPath();
    for (const id of ids) {
      const node = this.store.nodes.get(id), to = this.points.get(id), from = this.points.get(node.parent);
      if (from && to) link(c, from, to, this.view.radial ? this.centre : null);
    }
    c.lineWidth = thickness;
    c.strokeStyle = stroke;
    c.stroke();
  }

  dots(c, width, height, edge, empty) {
    const coloured = bins(), hollow = [];
    for (const node of this.store.nodes.values()) {
      const p = this.points.get(node.id);
      if (!p || p[0] < -9 || p[1] < -9 || p[0] > width + 9 || p[1] > height + 9) continue;
      (this.flagged(node) === "prune" || node.loss === null ? hollow : coloured[this.scale.bin(node.loss)]).push([p, this.radius(node)]);
    }
    dots(c, coloured, hollow, { thickness: 0.8 * this.dot, edge, empty, rim: this.ink("--srlab-link") });
  }

  nearest(event) {
    const box = this.stage.getBoundingClientRect();
    return nearest(this.points, event.clientX - box.left, event.clientY - box.top);
  }

  hover(event) {
    if (event.buttons) return this.leave();
    const id = this.nearest(event);
    if (id === this.hovered) return;
    this.hovered = id;
    this.stage.style.cursor = id === null ? "grab" : "pointer";
    this.show(id);
    this.draw();
  }

  leave() {
    if (this.hovered === null) return;
    this.hovered = null;
    this.card.hidden = true;
    this.draw();
  }

  /** The hover card: what the node is, why it is there, and its formula. */
  show(id) {
    const node = this.store.nodes.get(id), p = this.points.get(id);
    this.card.hidden = !node;
    if (!node) return;
    this.card.replaceChildren(...facts(node, this.visits(node), this.past === null));
    const w = this.stage.clientWidth, k = this.stage.clientHeight, box = this.card.getBoundingClientRect();
    this.card.style.left = `${Math.max(4, p[0] + 16 + box.width > w ? p[0] - 16 - box.width : p[0] + 16)}px`;
    this.card.style.top = `${Math.max(4, Math.min(p[1] - 10, k - box.height - 4))}px`;
  }

  click(event) {
    this.stage.focus({ preventScroll: true });
    const id = this.nearest(event);
    if (id !== null) this.onselect({ node: id });
  }

  menuAt(event) {
    event.preventDefault();
    event.stopPropagation(); // JupyterLab's own menu
    const id = this.nearest(event);
    if (id !== null && !this.menu.open) this.openMenu(id, event.clientX, event.clientY);
  }

  openMenu(id, x, y) {
    if (id !== this.store.selected.node) this.onselect({ node: id });
    this.leave();
    this.menu.show(`#${id} ${this.store.nodes.get(id).move}`, entries(this.store, { node: id, closed: this.view.closed }), x, y, this.stage);
  }

  /** Returns true for a key of ours. */
  key({ key }) {
    const { store } = this, id = store.selected.node ?? store.bestNode;
    if (key === "+" || key === "-") select(this.stage).call(this.zoom.scaleBy, key === "+" ? 1.4 : 1 / 1.4);
    else if (key === "0") this.fit();
    else if (key === "f") this.fold();
    else if (key === "m" || key === "ContextMenu") {
      const p = this.points.get(id), box = this.stage.getBoundingClientRect();
      if (p) this.openMenu(id, box.left + p[0], box.top + p[1]);
    }
    else {
      const next = id === null ? undefined : neighbour(store, key, id);
      if (next === undefined) return false;
      if (next !== null && next !== id) {
        this.reveal(next);
        this.onselect({ node: next });
        const node = store.nodes.get(next);
        setText(this.spoken, `node ${next}, ${node.move}, loss ${number(node.loss)}, ${node.visits} visits`);
      }
    }
    return true;
  }
}
