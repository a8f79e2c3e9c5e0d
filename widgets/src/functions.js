// The functions of the chosen candidate over those of the reference.
import { h } from "./dom.js";
import { referenceName } from "./front.js";
import { LinePlot } from "./plot.js";
import { formula } from "./typeset.js";

// Density and embedding are drawn in units of the density in the perfect crystal: the two share a free factor, and
// only so can two potentials be compared (the effective pair function absorbs the other freedom, a term linear in rho).
const PLOTS = [
  ["pair", "\\varphi(r)", "distance (Å)"],
  ["density", "f(r)/\\rho_0", "distance (Å)"],
  ["embedding", "F(\\rho)", "density ρ/ρ₀"],
  ["effective", "\\varphi(r) + 2F'(\\rho_0) f(r)", "distance (Å)"],
];
const TITLES = { pair: "pair function, eV", density: "density function", embedding: "embedding, eV", effective: "effective, eV" };

export class FunctionsView {
  constructor(store) {
    this.store = store;
    this.plots = Object.fromEntries(PLOTS.map(([part, latex, x]) => [part, new LinePlot({ title: h("span", {}, formula(latex), h("span", { class: "mut" }, ` ${TITLES[part]}`)), x, y: TITLES[part] })]));
    this.key = h("small", { class: "key" });
    this.root = h("section", { class: "panel area-functions", "aria-label": "Functions of the chosen candidate" }, h("h3", {}, "Functions", this.key), h("div", { class: "plots" }, ...Object.values(this.plots).map((p) => p.root)));
  }

  update() {
    const detail = this.store.detail, id = this.store.selected.candidate;
    if (!detail?.curves) {
      this.key.textContent = detail?.error ?? "";
      if (!id || detail) for (const plot of Object.values(this.plots)) plot.set([]);
      return;
    }
    const { curves, reference } = detail;
    this.key.replaceChildren(h("i", { class: "this" }), `${id} `, ...(reference ? [h("i", { class: "reference" }), referenceName(reference.name), this.store.candidates.has(reference.name) ? "" : ", refitted"] : []));
    for (const [part, plot] of Object.entries(this.plots)) {
      if (!curves[part]) {
        plot.set([]); // a potential without this function
        continue;
      }
      const series = [{ name: id, kind: "this", ...curves[part] }];
      if (reference?.curves?.[part]) series.push({ name: reference.name, kind: "reference", ...reference.curves[part] });
      plot.set(series, { y: detail.limits?.[part] }, part === "embedding" ? [1] : (detail.neighbours ?? []));
    }
  }

  draw() {
    for (const plot of Object.values(this.plots)) plot.draw();
  }
}
