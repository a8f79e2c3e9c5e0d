// Which properties the dot plots show, and where the dots lie. No DOM.

const same = (rows) => ({ fcc: rows, bcc: rows, hcp: rows, diamond: rows });
const VACANCY = [["vacancy_formation_energy", "vacancy", 2], ["vacancy_migration_energy", "its migration", 2]];
const FAULTS = [["stacking_fault_energy", "stacking fault", 0], ["unstable_stacking_fault_energy", "unstable fault", 0]];
const CUBIC = [["c11", "C₁₁", 0], ["c12", "C₁₂", 0], ["c44", "C₄₄", 0], ["bulk_modulus", "B₀", 0]];

/**
 * panel -> {title, groups of `srlab.validation` it shows, axes: [{unit, rows: {structure of the crystal: [[property, label, digits]]}}]}; one axis for each
 * unit.
 */
export const DOTS = {
  elastic: { title: "Elastic constants", groups: ["elastic"], axes: [{ unit: "GPa", rows: { ...same(CUBIC), hcp: [...CUBIC.slice(0, 2), ["c13", "C₁₃", 0], ["c33", "C₃₃", 0], ...CUBIC.slice(2)] } }] },
  defects: {
    title: "Point defects", groups: ["vacancy", "interstitial"],
    axes: [{
      unit: "eV",
      rows: {
        fcc: [...VACANCY, ["interstitial_dumbbell_energy", "dumbbell", 2]], bcc: [...VACANCY, ["interstitial_dumbbell_110_energy", "(110) dumbbell", 2]],
        hcp: [...VACANCY, ["interstitial_octahedral_energy", "octahedral", 2]], diamond: [...VACANCY, ["interstitial_dumbbell_110_energy", "(110) dumbbell", 2]],
      },
    }],
  },
  surfaces: {
    title: "Surfaces and faults", groups: ["surfaces", "stacking-fault"],
    axes: [
      {
        unit: "J/m²",
        rows: {
          fcc: [["surface_energy_111", "(111)", 2], ["surface_energy_100", "(100)", 2], ["surface_energy_110", "(110)", 2]],
          bcc: [["surface_energy_110", "(110)", 2], ["surface_energy_100", "(100)", 2], ["surface_energy_111", "(111)", 2], ["surface_energy_112", "(112)", 2]],
          hcp: [["surface_energy_0001", "(0001)", 2], ["surface_energy_1010", "(10-10)", 2]],
          diamond: ["111", "100", "110"].map((face) => [`surface_energy_${face}_unreconstructed`, `(${face}) as cut`, 2]),
        },
      },
      {
        unit: "mJ/m²",
        rows: {
          fcc: FAULTS, hcp: FAULTS, diamond: FAULTS,
          bcc: [["unstable_stacking_fault_energy_110", "{110} <111> top", 0], ["unstable_stacking_fault_energy_112", "{112} <111> top", 0]],
        },
      },
    ],
  },
};

/** The axes of a panel for a crystal, [{unit, rows: [[property, label, digits]]}]; those of fcc where the structure is not known. */
export function axesOf(panel, structure) {
  return DOTS[panel].axes.map(({ unit, rows }) => ({ unit, rows: rows[structure] ?? rows.fcc }));
}

/**
 * The dots of one row: [{kind, value}], kinds "measured", "pbe", "reference", "this" (drawn last, on top), what is unknown left out.
 * own, reference: tables {property: {value}}; known: {property: {pbe, experiment}}.
 */
export function dots(property, own, reference, known) {
  const values = { measured: known?.[property]?.experiment, pbe: known?.[property]?.pbe, reference: reference?.[property]?.value, this: own?.[property]?.value };
  return Object.entries(values).filter(([, value]) => Number.isFinite(value)).map(([kind, value]) => ({ kind, value }));
}

/**
 * Limits of an axis: from zero (or below, with air) to a little above the largest value. A candidate far off must not press the others together: what is
 * more than twice the largest other value is drawn at the edge.
 */
export function reach(rows) {
  const all = rows.flat(), others = all.filter((d) => d.kind !== "this").map((d) => d.value), own = all.filter((d) => d.kind === "this").map((d) => d.value);
  const top = Math.max(0, ...others), low = Math.min(0, ...others);
  const high = top > 0 ? Math.min(Math.max(top, ...own), 2 * top) : Math.max(1e-6, ...own);
  const under = Math.max(Math.min(low, ...own), -0.5 * high);
  return [under < 0 ? under - 0.06 * (high - under) : 0, high + 0.08 * (high - Math.min(under, 0))];
}
