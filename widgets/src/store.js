// What the dashboard knows, without a DOM: filled by Python's messages, read by the views. Tested with `node --test`.
import { bestAt, born } from "./replay.js";

/** Node rows come as arrays to keep patches small; this is their order (srlab_widgets/fold.py writes it). */
const FIELDS = ["id", "parent", "depth", "move", "loss", "score", "window", "visits", "best", "candidate", "label", "flag", "t", "explore"];
/** What only grows: a reset brings all of it, a patch what is new at the end. */
const HISTORIES = ["fronts", "bests", "plays", "flags", "progress", "log"];

export class Store {
  constructor() {
    this.listeners = new Set();
    this.selected = { candidate: null, node: null };
    this.details = new Map(); // candidate id -> typeset equations and curves, asked of Python when first looked at
    this.uncertain = new Map(); // candidate id -> formulas with the deviations of their constants, asked for by a person
    this.validations = new Map(); // candidate id -> the newest of Python's "validation" messages about it
    this.meltings = new Map(); // candidate id -> Map protocol -> the newest of Python's "melting" messages about it
    this.against = null; // name of the published form or id of the candidate that all is compared with; null is Sutton-Chen
    this.time = null; // search time that is shown, in seconds; null is now
    this.playing = false; // a replay is under way
    this.picked = false; // true once a person has chosen: until then the selection follows the best candidate
    this.connected = true; // false once the kernel behind the page is gone
    this.kept = null; // candidate that a person had chosen before the page was loaded anew
    this.runs = null; // {folder, rows}: the runs beside this one, once they were asked for
    this.cards = { chosen: [], choices: [], rows: {} }; // columns of properties: those that are shown, those there are, and what is known by id of a candidate or name of a form
    this.guests = {}; // panel -> reference of the widget that is shown in it
    this.clear();
  }

  clear() {
    this.nodes = new Map();
    this.children = new Map();
    this.candidates = new Map();
    this.front = [];
    this.fronts = []; // [seconds, ids] each time the front changed
    this.entered = new Map(); // candidate id -> seconds when it first was on the front
    this.bests = []; // [seconds, id], the best candidate each time it changed
    this.plays = []; // [seconds, node, playouts]
    this.flags = []; // [node, "boost", "prune" or null, seconds]
    this.progress = []; // [seconds, evaluations, playouts a second]
    this.log = []; // {t, name, text, node, candidate}: what people asked for and what was refused
    this.pins = [];
    this.references = [];
    this.header = {};
    this.run = {};
    this.settings = {};
    this.action = null;
    this.fresh = new Set(); // nodes of the newest patch, marked in the tree
    this.injected = new Set(); // candidates that a person's formula led to, also where it was known already
    this.shape = 0; // counts changes of the tree's shape, so that the layout is computed only then
  }

  /** Call `listener(topics)` after every change; returns the function that ends the subscription. */
  subscribe(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  emit(...topics) {
    for (const listener of this.listeners) listener(new Set(topics));
  }

  /** Fold one message ("reset" or "patch") in and tell the views which parts changed. */
  apply(message) {
    const topics = new Set(["header"]), before = this.reference?.name;
    if (message.type === "reset") {
      const another = this.settings.folder !== undefined && message.settings?.folder !== this.settings.folder;
      this.clear();
      if (another) Object.assign(this, { selected: { candidate: null, node: null }, picked: false, against: null, time: null, kept: null });
      for (const known of [this.details, this.uncertain, this.validations, this.meltings]) known.clear();
      for (const t of ["tree", "front", "settings", "selection"]) topics.add(t);
    }
    for (const key of ["header", "run", "settings", "references", "front", "action", "pins", "error"]) {
      if (message[key] === undefined || message[key] === null) continue;
      this[key] = message[key];
      topics.add(key === "references" ? "front" : key === "run" ? "settings" : key);
    }
    this.addNodes(message.nodes ?? [], topics);
    for (const [id, visits, best] of message.visits ?? []) {
      const node = this.nodes.get(id);
      if (node) Object.assign(node, { visits, best });
      topics.add("tree");
    }
    for (const [id, flag] of message.flags ?? []) {
      const node = this.nodes.get(id);
      if (node) node.flag = flag;
      topics.add("tree");
    }
    for (const [seconds, ids] of message.fronts ?? []) for (const id of ids) if (!this.entered.has(id)) this.entered.set(id, seconds);
    for (const name of HISTORIES) for (const row of message[name] ?? []) this[name].push(row);
    if (message.log?.length) topics.add("log");
    for (const candidate of message.candidates ?? []) {
      this.candidates.set(candidate.id, candidate);
      topics.add("front");
    }
    if (this.kept !== null && this.candidates.has(this.kept)) { // as it was before the page was loaded anew
      this.selected = { candidate: this.kept, node: this.candidates.get(this.kept).node ?? null };
      Object.assign(this, { picked: true, kept: null });
      topics.add("selection");
    }
    if (!this.picked && this.follow()) topics.add("selection");
    if (message.type === "patch" && message.references && this.reference?.name !== before) {
      this.details.clear();
      this.validations.clear();
      for (const t of ["against", "selection"]) topics.add(t);
    }
    this.emit(...topics);
  }

  addNodes(rows, topics) {
    if (!rows.length) return;
    this.fresh = new Set();
    for (const row of rows) {
      const node = Object.fromEntries(FIELDS.map((name, i) => [name, row[i]]));
      if (!this.nodes.has(node.id)) {
        if (!this.children.has(node.parent)) this.children.set(node.parent, []);
        this.children.get(node.parent).push(node.id);
        this.shape += 1;
        this.fresh.add(node.id);
      }
      if (node.move === "inject" && node.candidate) this.injected.add(node.candidate);
      this.nodes.set(node.id, node);
    }
    topics.add("tree");
  }

  /** Show the run as it was at search time `t`, or as it is now (null). */
  at(t) {
    if (t === this.time) return;
    this.time = t;
    this.emit("time", ...(!this.picked && this.follow() ? ["selection"] : []));
  }

  /** Whether a node is there at the time that is shown. */
  born(id) {
    return this.nodes.has(id) && born(this.nodes.get(id), this.time);
  }

  /** The id of the best candidate at the time that is shown, or null. */
  get best() {
    return (this.time === null ? this.header.best : bestAt(this, this.time))?.id ?? null;
  }

  /** Move the selection to the best candidate; true if that changed it. */
  follow() {
    const { best } = this;
    if (!best || best === this.selected.candidate || !this.candidates.has(best)) return false;
    this.selected = { candidate: best, node: this.candidates.get(best).node ?? null };
    return true;
  }

  /** A person chose a candidate (front, table) or a node (tree); the other half of the pair is looked up. */
  select({ candidate = null, node = null }) {
    if (candidate !== null) node = this.candidates.get(candidate)?.node ?? null;
    else if (node !== null) candidate = this.nodes.get(node)?.candidate ?? null;
    this.picked = true;
    this.selected = { candidate, node };
    this.emit("selection");
  }

  /** Compare with another published form or candidate: what Python said of the old comparison is forgotten. */
  compare(name) {
    if (name === this.against) return;
    this.against = name;
    this.details.clear();
    this.validations.clear();
    this.emit("against", "selection");
  }

  /** The kernel behind the page came or went: what is there can be looked at still, and nothing can be asked for. */
  connect(on) {
    if (on === this.connected) return;
    this.connected = on;
    this.emit("header", "settings", "tree", "selection", "melting", "validation", "runs", "guests");
  }

  setCards({ chosen, choices, rows }) {
    this.cards = { chosen, choices, rows };
    this.emit("cards");
  }

  /** A property of a candidate or published form: {value, score}; of those nobody validated what the search knows of their crystals. */
  property(c, name) {
    return this.cards.rows[c.id ?? c.name]?.[name] ?? { value: c.crystals?.[name] ?? null, score: null };
  }

  setRuns({ folder, rows }) {
    this.runs = { folder, rows };
    this.emit("runs");
  }

  setGuests(guests) {
    this.guests = guests ?? {};
    this.emit("guests");
  }

  /** What may be asked of the search; nothing without a kernel. */
  get controls() {
    return this.connected ? (this.settings.controls ?? []) : [];
  }

  /** Whether a candidate came of a formula that a person wrote. */
  yours(candidate) {
    return candidate.move === "inject" || this.injected.has(candidate.id);
  }

  setDetail(detail) {
    const early = !detail.reference && !detail.error && this.reference; // before the published forms were refitted
    if (early || (detail.against ?? null) !== this.against) return; // the answer to an older question
    this.details.set(detail.id, detail);
    this.emit("detail");
  }

  /**
   * The functions that formulas (texts by name) are of, in the order of the smallest template that has them all: {name, symbol, plain, left, said}; symbol is
   * what people type, plain what a screen shows; left and said are the left-hand sides in LaTeX and in plain text.
   */
  functionsOf(formulas) {
    const names = Object.keys(formulas ?? {}).filter((name) => formulas[name]);
    const fitting = (this.settings.templates ?? []).filter((each) => names.every((name) => each.some((f) => f.name === name)));
    const template = fitting.sort((a, b) => a.length - b.length)[0] ?? names.map((name) => ({ name, symbol: name, plain: name, left: `\\mathrm{${name}}`, said: name }));
    return template.filter(({ name }) => names.includes(name));
  }

  setUncertain({ id, formulas }) {
    this.uncertain.set(id, formulas);
    this.emit("detail");
  }

  setValidation(message) {
    this.validations.set(message.id, message);
    this.emit("validation");
  }

  /** The atoms come only when they are new: between, the last ones stay. */
  setMelting(message) {
    if (!this.meltings.has(message.id)) this.meltings.set(message.id, new Map());
    const own = this.meltings.get(message.id), old = own.get(message.protocol);
    own.set(message.protocol, message.view === undefined && old ? { ...message, view: old.view } : message);
    this.emit("melting");
  }

  /** The melting under way, whichever candidate's, or null. */
  get melting() {
    for (const own of this.meltings.values()) for (const message of own.values()) if (message.state === "running") return message;
    return null;
  }

  get candidate() {
    return this.candidates.get(this.selected.candidate) ?? null;
  }

  get detail() {
    return this.details.get(this.selected.candidate) ?? null;
  }

  get validation() {
    return this.validations.get(this.selected.candidate) ?? null;
  }

  /** What all comparisons are drawn against: the one that was chosen, else Sutton-Chen if it was refitted, else the first. */
  get reference() {
    const chosen = this.references.find((r) => r.name === this.against) ?? this.candidates.get(this.against);
    return chosen ?? this.references.find((r) => r.name.toLowerCase() === "sutton-chen") ?? this.references[0] ?? null;
  }

  /** Ids from a node up to the root. */
  path(id) {
    const ids = [];
    for (let node = this.nodes.get(id); node && ids.length < 10_000; node = this.nodes.get(node.parent)) ids.push(node.id);
    return ids;
  }

  /** The node of the best candidate, or the node of lowest loss while there is none. */
  get bestNode() {
    const node = this.candidates.get(this.best)?.node;
    if (node !== undefined && node !== null && this.born(node)) return node;
    let best = null;
    for (const n of this.nodes.values()) if (born(n, this.time) && n.loss !== null && (best === null || n.loss < best.loss)) best = n;
    return best?.id ?? null;
  }

  /** Candidates known at search time `t` (seconds); all of them for null. */
  known(t = null) {
    const all = [...this.candidates.values()];
    return t === null ? all : all.filter((c) => c.t <= t);
  }

  /** The search's front now, or as it was at search time `t`. */
  frontAt(t = null) {
    const ids = t === null ? this.front : (this.fronts.findLast(([seconds]) => seconds <= t)?.[1] ?? []);
    return ids.map((id) => this.candidates.get(id)).filter(Boolean);
  }
}
