// The functions of the chosen candidate over those of the reference, and what its angular functions give a triplet. Which plots there are, the template says.
import { arrange, h } from "./dom.js";
import { referenceName } from "./front.js";
import { LinePlot } from "./plot.js";
import { formula } from "./typeset.js";

/**
 * Axes by name: title, where a line marks the crystal, and how far apart the ticks are. Density and embedding are drawn in units of the density in the perfect
 * crystal: the two share a free factor, and only so can two potentials be compared (the effective pair function absorbs the other freedom, a term linear in rho).
 */
const AXES = {
  distance: { x: "distance (Å)", marks: (detail) => detail.neighbours }, density: { x: "density ρ/ρ₀", marks: () => [1] },
  angle: { x: "angle between two neighbours (°)", marks: (detail) => detail.angles, every: 45 },
};

export class FunctionsView {
  constructor(store) {
    this.store = store;
    this.plots = new Map(); // what is drawn -> its LinePlot, kept while another candidate is looked at
    this.key = h("small", { class: "key" });
    this.room = h("div", { class: "plots" });
    this.root = h("section", { class: "panel area-functions", "aria-label": "Functions of the chosen candidate" }, h("h3", {}, "Functions", this.key), this.room);
  }

  plot({ left, title, axis }) {
    const key = `${left} ${title}`;
    if (!this.plots.has(key)) {
      const { x, every } = AXES[axis];
      this.plots.set(key, new LinePlot({ title: h("span", { title: `${title}, against ${x}` }, formula(left), h("span", { class: "mut" }, ` ${title}`)), x, y: title, every }));
    }
    return this.plots.get(key);
  }

  update() {
    const { store } = this, { detail } = store, id = store.selected.candidate;
    const panels = detail?.panels ?? this.panels ?? store.settings.panels ?? [];
    this.panels = id ? panels : null;
    arrange(this.room, panels.map((panel) => this.plot(panel).root));
    const count = panels.length;
    this.room.style.setProperty("--columns", count && count < 4 ? count : count === 5 || (count % 3 === 0 && count % 4) ? 3 : 4); // few places left empty
    if (!detail?.curves) {
      this.key.textContent = detail?.error ?? "";
      if (!id || detail) for (const panel of panels) this.plot(panel).set([]);
      return;
    }
    const { curves, reference } = detail;
    this.key.replaceChildren(h("i", { class: "this" }), `${id} `, ...(reference ? [h("i", { class: "reference" }), referenceName(reference.name), store.candidates.has(reference.name) ? "" : ", refitted"] : []));
    for (const panel of panels) {
      const { part, axis } = panel, series = [];
      if (curves[part]) series.push({ name: id, kind: "this", ...curves[part] });
      if (reference?.curves?.[part]) series.push({ name: reference.name, kind: "reference", ...reference.curves[part] });
      this.plot(panel).set(series, { y: detail.limits?.[part] }, AXES[axis].marks(detail) ?? []);
    }
  }
}
