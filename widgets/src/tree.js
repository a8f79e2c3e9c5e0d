// The search tree on a canvas: thousands of nodes, zoom, hover card, keyboard.
import { select } from "d3-selection";
import { zoom, zoomIdentity } from "d3-zoom";
import { BINS, PALETTE, lossScale, viridis } from "./colour.js";
import { h, setText, toggle } from "./dom.js";
import { folded } from "./find.js";
import { FindBox } from "./find_box.js";
import { around, layout, neighbour } from "./layout.js";
import { count, number } from "./scale.js";

const MARGIN = { left: 18, right: 22, top: 14, bottom: 14 };

export class TreeView {
  constructor(store, view, { onselect, send }) {
    Object.assign(this, { store, view, onselect, send, hovered: null, seen: -1, places: new Map(), points: new Map(), found: new Set(), hidden: new Map() });
    this.view.transform ??= zoomIdentity;
    this.view.closed ??= new Set(); // folded nodes
    this.finder = new FindBox(store, { onselect: (choice) => { this.reveal(choice.node); onselect(choice); }, onfound: (ids) => { this.found = ids; this.draw(); } });
    this.canvas = h("canvas", { "aria-hidden": "true" });
    this.card = h("div", { class: "card", hidden: true });
    this.spoken = h("div", { class: "sr", "aria-live": "polite" });
    this.small = h("small", {});
    this.shapeButton = toggle("radial", Boolean(view.radial), () => this.turn(), "Draw the tree around its root");
    this.foldButton = toggle("fold", false, () => this.fold(), "Hide what lies below the selected node, or show it again (key: f)");
    this.forkButton = h("button", { class: "chip", type: "button", title: "Start a second search from what this one knows, drawn to the selected node; this one goes on", onclick: () => send({ type: "fork", node: store.selected.node }) }, "fork");
    this.fitButton = h("button", { class: "chip", type: "button", title: "Show the whole tree (double-click does the same)", onclick: () => this.fit() }, "fit");
    this.flags = [["boost", "Give the branch of the selected node more visits"], ["prune", "Give the branch of the selected node no more visits"]].map(([name, title]) => toggle(name, false, () => this.flag(name), title));
    this.stage = h("div", {
      class: "stage tree", tabindex: "0", role: "application",
      "aria-label": "Search tree. Arrow keys move along the tree, Home goes to the root, End to the best node, plus and minus zoom, 0 shows all, f folds a branch.",
      onpointermove: (e) => this.hover(e), onpointerleave: () => this.leave(), onclick: (e) => this.click(e),
    }, this.canvas, this.card, this.spoken);
    this.stage.keys = (event) => this.key(event);
    this.low = h("span", {});
    this.high = h("span", {});
    this.bar = h("i", { style: `background:linear-gradient(90deg,${[0, 0.2, 0.4, 0.6, 0.8, 1].map(viridis).join(",")})` });
    this.action = h("p", { class: "tick", "aria-live": "off" });
    this.root = h("section", { class: "panel area-tree", "aria-label": "Search tree" },
      h("h3", {}, "Search tree ", this.small, h("span", { class: "chips end" }, ...this.flags, this.forkButton, h("i", {}), this.foldButton, this.shapeButton, this.fitButton)),
      this.finder.root,
      this.stage,
      h("div", { class: "foot" }, this.action, this.legend = h("div", { class: "legend", title: "Colour of a node: its loss; size: visits" }, "loss ", this.high, this.bar, this.low)));
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
    const { store } = this;
    if (this.seen !== store.shape || this.laid !== store.nodes) {
      const { shown, hidden } = this.view.closed.size ? folded(store.children, this.view.closed) : { shown: store.children, hidden: new Map() };
      Object.assign(this, layout(store.nodes, shown), { seen: store.shape, laid: store.nodes, hidden });
      if (this.finder.input.value) this.finder.refresh();
    }
    this.scale = lossScale([...store.nodes.values()].map((n) => n.loss));
    setText(this.small, `${count(store.nodes.size)} nodes`);
    this.legend.hidden = !store.nodes.size;
    setText(this.low, number(this.scale.best));
    setText(this.high, `≥ ${number(this.scale.worst)}`);
    const flag = store.nodes.get(store.selected.node)?.flag;
    for (const button of this.flags) {
      const name = button.textContent;
      button.hidden = !store.settings.controls?.includes(name);
      button.disabled = store.selected.node === null || !["running", "paused"].includes(store.header.state);
      button.setAttribute("aria-pressed", String(flag === name));
    }
    const closed = this.view.closed.has(store.selected.node);
    this.foldButton.disabled = !closed && !store.children.get(store.selected.node)?.length;
    this.foldButton.setAttribute("aria-pressed", String(closed));
    this.forkButton.hidden = !store.settings.controls?.includes("fork");
    this.forkButton.disabled = store.selected.node === null;
    this.finder.root.hidden = store.nodes.size < 2;
    this.tell();
    this.draw();
  }

  /** The last thing the search did, in one line. */
  tell() {
    const a = this.store.action;
    if (!a) return setText(this.action, "");
    const parts = [a.parent >= 0 ? `#${a.parent} → #${a.node}` : `#${a.node}`];
    if (a.window !== null) parts.push(`window ${number(a.window, 2)}`);
    if (a.after !== null) parts.push(a.before === null ? `loss ${number(a.after)}` : `loss ${number(a.before)} → ${number(a.after)}`);
    this.action.replaceChildren(h("b", {}, a.move), ` ${parts.join(" · ")}`);
  }

  size() {
    const ratio = globalThis.devicePixelRatio || 1, width = this.stage.clientWidth, height = this.stage.clientHeight;
    const [w, k] = [Math.round(width * ratio), Math.round(height * ratio)];
    // Without a place on the page (a hidden tab, a theme being loaded) the old picture is kept: setting a size wipes it.
    if (w && k && (this.canvas.width !== w || this.canvas.height !== k)) Object.assign(this.canvas, { width: w, height: k });
    return { width, height, ratio };
  }

  /** Pixel positions of all nodes at the current zoom. */
  place(width, height) {
    const t = this.view.transform, points = new Map();
    const w = width - MARGIN.left - MARGIN.right, k = height - MARGIN.top - MARGIN.bottom;
    const half = Math.min(w, k) / 2;
    for (const [id, place] of this.places) {
      const at = this.view.radial ? around(place) : place;
      const x = this.view.radial ? MARGIN.left + w / 2 + at.x * half : MARGIN.left + at.x * w;
      const y = this.view.radial ? MARGIN.top + k / 2 + at.y * half : MARGIN.top + at.y * k;
      points.set(id, [t.applyX(x), t.applyY(y)]);
    }
    this.points = points;
    this.centre = [t.applyX(MARGIN.left + w / 2), t.applyY(MARGIN.top + k / 2)];
    // Dots shrink when rows or levels come closer than a dot; they never vanish.
    const row = ((this.view.radial ? 3 * half : k) / this.rows) * t.k, level = ((this.view.radial ? half : w) / this.levels) * t.k;
    this.dot = Math.min(1, Math.max(0.45, Math.min(row / 7, level / 12))) * Math.min(1.35, Math.sqrt(t.k));
  }

  radius(node) {
    return this.dot * (1.6 + Math.min(5.4, 0.85 * Math.log2(1 + node.visits)));
  }

  /** One link, leaving along the depth and arriving along it, in either picture. */
  link(c, [x0, y0], [x1, y1]) {
    c.moveTo(x0, y0);
    if (!this.view.radial) return c.bezierCurveTo((x0 + x1) / 2, y0, (x0 + x1) / 2, y1, x1, y1);
    const [ox, oy] = this.centre, r0 = Math.hypot(x0 - ox, y0 - oy), r1 = Math.hypot(x1 - ox, y1 - oy), middle = (r0 + r1) / 2;
    if (r0 < 1 || r1 < 1) return c.lineTo(x1, y1);
    const [a, b] = [middle / r0, middle / r1];
    c.bezierCurveTo(ox + (x0 - ox) * a, oy + (y0 - oy) * a, ox + (x1 - ox) * b, oy + (y1 - oy) * b, x1, y1);
  }

  draw() {
    const { width, height, ratio } = this.size();
    if (!width || !height || !this.scale) return;
    this.place(width, height);
    const { store, points } = this, c = this.canvas.getContext("2d"), css = getComputedStyle(this.root);
    const colour = (name) => css.getPropertyValue(name).trim();
    c.setTransform(ratio, 0, 0, ratio, 0, 0);
    c.clearRect(0, 0, width, height);
    c.globalAlpha = Math.min(1, Math.max(0.25, (600 * this.view.transform.k) / (store.nodes.size + 1))); // a thousand links must not become a grey block
    this.links(c, colour("--srlab-link"), 1, store.nodes.keys());
    c.globalAlpha = 1;
    const chosen = this.store.selected.node, best = store.bestNode;
    if (chosen !== null && chosen !== best) this.links(c, colour("--srlab-text"), 1.2, store.path(chosen));
    if (best !== null) this.links(c, colour("--srlab-accent"), 2.2, store.path(best));
    this.dots(c, width, height, colour("--srlab-edge"), colour("--srlab-panel"));
    const ring = (id, stroke, thickness, grow) => {
      const p = points.get(id), node = store.nodes.get(id);
      if (!p || !node) return;
      c.beginPath();
      c.arc(p[0], p[1], this.radius(node) + grow, 0, 2 * Math.PI);
      c.lineWidth = thickness;
      c.strokeStyle = stroke;
      c.stroke();
    };
    if (store.header.state === "running" && store.fresh.size < 200) for (const id of store.fresh) ring(id, colour("--srlab-accent"), 1, 2);
    for (const node of store.nodes.values()) if (node.flag && node.flag !== "prune") ring(node.id, colour("--srlab-reference"), 1.6, 2.5);
    for (const id of this.found) ring(id, colour("--srlab-found"), 1.8, 2.5);
    if (best !== null) ring(best, colour("--srlab-accent"), 2.2, 3);
    if (this.hovered !== null) ring(this.hovered, colour("--srlab-text"), 1.2, 3.5);
    if (chosen !== null) ring(chosen, colour("--srlab-text"), 2, 4.5);
    this.badges(c, colour("--srlab-text"));
  }

  /** How many nodes a folded one hides. */
  badges(c, ink) {
    c.font = "600 10.5px system-ui, sans-serif";
    c.fillStyle = ink;
    for (const [id, count] of this.hidden) {
      const p = this.points.get(id);
      if (p) c.fillText(`+${count}`, p[0] + this.radius(this.store.nodes.get(id)) + 4, p[1] + 3.5);
    }
  }

  links(c, stroke, thickness, ids) {
    c.beginPath();
    for (const id of ids) {
      const node = this.store.nodes.get(id), to = this.points.get(id), from = this.points.get(node.parent);
      if (from && to) this.link(c, from, to);
    }
    c.lineWidth = thickness;
    c.strokeStyle = stroke;
    c.stroke();
  }

  dots(c, width, height, edge, empty) {
    const bins = Array.from({ length: BINS }, () => []), hollow = [];
    for (const node of this.store.nodes.values()) {
      const p = this.points.get(node.id);
      if (!p || p[0] < -9 || p[1] < -9 || p[0] > width + 9 || p[1] > height + 9) continue;
      (node.flag === "prune" || node.loss === null ? hollow : bins[this.scale.bin(node.loss)]).push([p, this.radius(node)]);
    }
    c.lineWidth = 0.8 * this.dot;
    c.strokeStyle = edge;
    bins.forEach((dots, i) => {
      if (!dots.length) return;
      c.beginPath();
      for (const [[x, y], r] of dots) {
        c.moveTo(x + r, y);
        c.arc(x, y, r, 0, 2 * Math.PI);
      }
      c.fillStyle = PALETTE[i];
      c.fill();
      c.stroke();
    });
    c.beginPath();
    for (const [[x, y], r] of hollow) {
      c.moveTo(x + r, y);
      c.arc(x, y, r, 0, 2 * Math.PI);
    }
    c.fillStyle = empty;
    c.fill();
    c.lineWidth = 1.5;
    c.strokeStyle = getComputedStyle(this.root).getPropertyValue("--srlab-link");
    c.stroke();
  }

  nearest(event) {
    const box = this.stage.getBoundingClientRect(), x = event.clientX - box.left, y = event.clientY - box.top;
    let found = null, least = 14 ** 2;
    for (const [id, p] of this.points) {
      const d = (p[0] - x) ** 2 + (p[1] - y) ** 2;
      if (d < least) [found, least] = [id, d];
    }
    return found;
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
    const fact = (name, value) => [h("dt", {}, name), h("dd", {}, value)];
    this.card.replaceChildren(
      h("b", {}, `#${node.id} `, h("span", {}, node.move)),
      h("dl", {}, ...fact("loss", number(node.loss)), ...fact("best below", number(node.best)), ...fact("score", number(node.score)),
        ...fact("window", number(node.window, 2)), ...fact("visits", count(node.visits)), ...fact("depth", String(node.depth))),
      node.label ? h("code", {}, node.label) : null);
    const w = this.stage.clientWidth, k = this.stage.clientHeight, box = this.card.getBoundingClientRect();
    this.card.style.left = `${Math.max(4, p[0] + 16 + box.width > w ? p[0] - 16 - box.width : p[0] + 16)}px`;
    this.card.style.top = `${Math.max(4, Math.min(p[1] - 10, k - box.height - 4))}px`;
  }

  click(event) {
    this.stage.focus({ preventScroll: true });
    const id = this.nearest(event);
    if (id !== null) this.onselect({ node: id });
  }

  /** Returns true for a key of ours. */
  key({ key }) {
    const { store } = this, id = store.selected.node ?? store.bestNode;
    if (key === "+" || key === "-") select(this.stage).call(this.zoom.scaleBy, key === "+" ? 1.4 : 1 / 1.4);
    else if (key === "0") this.fit();
    else if (key === "f") this.fold();
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
