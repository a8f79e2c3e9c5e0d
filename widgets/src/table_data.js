// Rows of the table of candidates: which of them are shown, in which order. No DOM.

const COLUMNS = { nodes: "complexity", energy: "test_energy_mae", force: "test_force_mae", loss: "loss", constants: "n_constants" };
const COMPARE = { "<": (a, b) => a < b, "<=": (a, b) => a <= b, ">": (a, b) => a > b, ">=": (a, b) => a >= b, "=": (a, b) => a === b };

/**
 * A test of candidates from what a person wrote: words that must occur in name, tag or formulas, and comparisons as nodes<30 or force<=20 (on test frames), or
 * of a property, c44>70. names : properties there are; property(candidate, name) : the value of one.
 * Returns {test(candidate, tag), wrong}, `wrong` a word that is no comparison though it looks like one, else "".
 */
export function reader(text, names = [], property = () => null) {
  const tests = [];
  let wrong = "";
  for (const word of text.trim().toLowerCase().split(/\s+/).filter(Boolean)) {
    const [, name, sign, value] = /^([a-z][a-z0-9_]*)(<=|>=|<|>|=)(.*)$/.exec(word) ?? [];
    if (!sign) tests.push((c, tag) => `${c.id} ${tag} ${Object.values(c.formulas ?? {}).join(" ")}`.toLowerCase().includes(word));
    else if ((COLUMNS[name] || names.includes(name)) && value !== "" && Number.isFinite(Number(value))) {
      const read = COLUMNS[name] ? (c) => c[COLUMNS[name]] : (c) => property(c, name);
      tests.push((c) => Number.isFinite(read(c)) && COMPARE[sign](read(c), Number(value)));
    }
    else wrong ||= word;
  }
  return { test: (c, tag = "") => tests.every((each) => each(c, tag)), wrong };
}

/** Rows in the order of a column, those without a value at the end; `value(row)` reads it. */
export function ordered(rows, value, down) {
  const way = down ? -1 : 1, known = (v) => (typeof v === "string" ? v !== "" : Number.isFinite(v));
  return [...rows].sort((a, b) => {
    const x = value(a), y = value(b);
    if (!known(x) || !known(y)) return Number(known(y)) - Number(known(x));
    return way * (typeof x === "string" ? x.localeCompare(y, "en", { numeric: true }) : x - y);
  });
}

/** The name of the crystal of least energy, of {name: meV/atom above the lowest}. */
export const lowest = (structures) => Object.entries(structures ?? {}).reduce((a, b) => (b[1] < a[1] ? b : a), ["ground state", Infinity])[0];

/** What is wrong with the crystal that a candidate makes, in a sentence. */
export function crystals(structures) {
  const known = Object.entries(structures ?? {}).sort((a, b) => a[1] - b[1]).map(([name, energy]) => `${name} ${energy.toFixed(1)}`);
  return `Its lowest crystal is not that of the data. Energies above the lowest, meV/atom: ${known.join(", ")}`;
}
