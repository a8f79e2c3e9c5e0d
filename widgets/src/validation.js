// What the chosen candidate says of the crystal, over the reference potential, DFT and experiment: equation of state, phonons, a table of properties.
import { h, line, setText } from "./dom.js";
import { referenceName } from "./front.js";
import { LinePlot } from "./plot.js";
import { number } from "./scale.js";
import { measuredPhonons, volumeLimits } from "./validation_data.js";

const ROWS = [
  ["lattice_constant", "lattice constant", "Å", 3], ["cohesive_energy", "cohesive energy", "eV", 2], ["bulk_modulus", "bulk modulus", "GPa", 0],
  ["c11", "C₁₁", "GPa", 0], ["c12", "C₁₂", "GPa", 0], ["c44", "C₄₄", "GPa", 0],
];
/** Filled, half and open: told apart without colour. */
const MARKS = { good: "●", acceptable: "◐", poor: "○" };

/** Where nothing is known to compare with, a word says so; before that is known, there is a dash. */
const none = (asked) => (asked ? h("td", { class: "mut", title: "no reference" }, "no ref.") : h("td", { class: "mut" }, "–"));
const places = (v, digits) => (v === null || v === undefined ? "–" : v.toFixed(digits).replace("-", "−"));

export class ValidationView {
  constructor(store) {
    this.store = store;
    this.eos = new LinePlot({ title: h("span", { class: "mut" }, "energy, eV/atom"), x: "volume (Å³/atom)", y: "energy" });
    this.phonons = new LinePlot({ title: h("span", { class: "mut" }, "frequency, THz"), x: "wave vector", y: "frequency" });
    this.table = h("table", { class: "properties" });
    this.panels = {};
    const panel = (name, title, content) => {
      const small = h("small", { class: "key" }), says = h("p", { class: "says", hidden: true });
      this.panels[name] = { small, says };
      return h("section", { class: `panel ${name}`, "aria-label": `${title} of the chosen candidate` }, h("h3", {}, title, small), content, line(says));
    };
    this.root = h("div", { class: "area-validation" }, panel("eos", "Equation of state", this.eos.root), panel("phonons", "Phonons", this.phonons.root), panel("props", "Properties", this.table));
  }

  update() {
    const { store } = this, id = store.selected.candidate, message = store.validation;
    // Reference, DFT and experiment do not change with the candidate: they stay while the next one is computed.
    if (message) this.last = message;
    else if (!store.validations.size) this.last = null;
    const { reference = null, data = null, measured = {} } = this.last ?? {}, own = message?.own ?? {};
    const failure = own.error ?? message?.error ?? null;
    const wait = (part) => {
      if (!id) return "Choose a candidate.";
      if (own[part] || failure || message?.done) return "";
      if (!message && !store.picked && store.header.state === "running") return "click it, or let the search settle";
      return `computing ${message?.doing && message.doing !== "starting" ? message.doing : ""} …`.replace("  ", " ");
    };
    const name = reference && referenceName(reference.name);
    this.drawEos(id, own, reference, data, failure ? "" : wait("eos"));
    this.drawPhonons(id, own, reference, measured, own.error ? "No crystal, no phonons." : wait("phonons"));
    this.fill(id, own, reference, measured);
    this.key("eos", { this: own.eos && id, reference: reference?.eos && name, measured: data?.volume.length && "DFT" });
    this.key("phonons", { this: own.phonons?.x.length && id, reference: reference?.phonons?.x.length && name, pbe: measured.pbe_phonons && "PBE", measured: Object.keys(measured.phonons ?? {}).length && "exp." });
    this.says("eos", failure ?? own.eos?.says);
    this.says("phonons", own.phonons?.says);
    this.says("props", own.remarks?.elastic);
    const busy = message && !message.done && message.doing && !own.table?.c44 ? `computing ${message.doing.replace("starting", "")} …` : "";
    this.panels.props.small.replaceChildren(busy || (own.table?.lattice_constant ? `${id} · marks against ${own.table.lattice_constant.reference === "experiment" ? "experiment" : "PBE"}` : ""));
  }

  says(panel, text) {
    const { says } = this.panels[panel];
    says.hidden = !text;
    setText(says, text ? `${text.replace(/^[a-z](?=[a-z])/, (letter) => letter.toUpperCase()).replace(/\w$/, "$&.")}` : ""); // the name of a candidate stays as it is
  }

  key(panel, names) {
    this.panels[panel].small.replaceChildren(...Object.entries(names).filter(([, text]) => text).flatMap(([kind, text]) => [h("i", { class: kind }), text]));
  }

  drawEos(id, own, reference, data, wait) {
    const line = (kind, name, eos) => (eos?.volume?.length ? [{ kind, name, x: eos.volume, y: eos.energy }] : []);
    const lines = [...line("this", id, own.eos), ...line("reference", reference?.name, reference?.eos)];
    const points = data?.volume.length ? [{ kind: "measured", name: "DFT", x: data.volume, y: data.energy }] : [];
    this.eos.say(wait);
    this.eos.set([...lines, ...points], volumeLimits(lines, points[0]));
  }

  drawPhonons(id, own, reference, measured, wait) {
    const branches = (kind, name, phonons) => (phonons?.branches ?? []).map((y) => ({ kind, name, x: phonons.x, y }));
    const path = [own.phonons, reference?.phonons, measured.pbe_phonons].find((phonons) => phonons?.x.length);
    const lines = [...branches("this", id, own.phonons), ...branches("reference", reference?.name, reference?.phonons), ...branches("pbe", "PBE", measured.pbe_phonons)];
    const points = path ? measuredPhonons(path.ticks, measured.phonons ?? {}) : { x: [], y: [] };
    const values = [...lines, points].flatMap((l) => l.y).filter(Number.isFinite), top = Math.max(...values, 1), low = Math.min(...values, 0);
    this.phonons.say(own.phonons && !own.phonons.x.length ? "" : wait);
    this.phonons.set(lines.length ? [...lines, { kind: "measured", name: "experiment", ...points }] : [], { y: [low < -0.05 ? 1.08 * low : 0, 1.07 * top] }, path?.ticks?.slice(1, -1).map(([x]) => x), path?.ticks ?? null);
  }

  fill(id, own, reference, measured) {
    const column = (text, cls) => h("th", { scope: "col", class: cls, title: text === "exp." ? "experiment" : null }, text);
    const head = h("tr", {}, h("td", {}), column(id ?? "", "this"), reference ? column(referenceName(reference.name), "reference") : null, column("PBE"), column("exp."), column(""));
    this.table.replaceChildren(head, ...ROWS.map(([key, label, unit, digits]) => {
      const mine = own.table?.[key], theirs = reference?.table?.[key], known = measured.table?.[key] ?? {};
      const cell = (v, cls, title) => h("td", { class: cls, title }, places(v, digits));
      return h("tr", { "data-property": key }, h("th", { scope: "row" }, label, h("span", {}, ` ${unit}`)), cell(mine?.value, "this", mine?.warning), reference ? cell(theirs?.value, "reference", theirs?.warning) : null,
        known.pbe == null ? none(this.last) : cell(known.pbe, null, known.pbe_source), known.experiment == null ? none(this.last) : cell(known.experiment, null, known.experiment_source), this.mark(mine, unit));
    }));
  }

  /** good, acceptable or poor, as a sign and a word. */
  mark(entry, unit) {
    if (!entry?.score) return h("td", { class: "mark" });
    const { error, reference, score } = entry;
    const title = `${number(Math.abs(error))} ${unit} ${error < 0 ? "below" : "above"} ${reference === "pbe" ? "PBE" : "experiment"}`;
    return h("td", { class: `mark ${score}`, title }, h("i", { "aria-hidden": "true" }, MARKS[score]), ` ${score}`);
  }
}
