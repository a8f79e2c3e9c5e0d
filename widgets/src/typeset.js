// Equations as typeset mathematics (KaTeX, bundled with its fonts: nothing is fetched).
import katex from "katex";
import { h } from "./dom.js";

export const LEFT = { pair: "\\varphi(r)", density: "f(r)", embedding: "F(\\rho)" };
const LINES = { pair: LEFT.pair, density: LEFT.density, second_density: "g(r)", embedding: LEFT.embedding };
const PLAIN = { pair: "φ(r)", density: "f(r)", second_density: "g(r)", embedding: "F(ρ)" };
const cache = new Map();

/** HTML of one piece of LaTeX; formulas recur in table, card and panel, so results are kept. */
function render(latex) {
  if (!cache.has(latex)) {
    if (cache.size > 2000) cache.clear();
    cache.set(latex, katex.renderToString(latex, { throwOnError: false, output: "htmlAndMathml", strict: "ignore" }));
  }
  return cache.get(latex);
}

/** One formula without its left-hand side. */
export function formula(latex) {
  const span = h("span", { class: "math" });
  span.innerHTML = render(latex); // KaTeX escapes its input and runs no commands that could insert HTML (trust is off)
  return span;
}

/** The functions of a potential, one a line. `latex` is {pair, density, embedding} and, for two densities, second_density. */
export function typeset(latex, { small = false } = {}) {
  const lines = Object.entries(LINES).filter(([part]) => latex[part]).map(([part, left]) => {
    const line = h("div", { class: "line" });
    line.innerHTML = render(`${left} = ${latex[part]}`);
    return line;
  });
  return h("div", { class: small ? "math small" : "math" }, ...lines);
}

/** The same as plain text, until the typeset form has arrived. */
export function plain(formulas) {
  return h("div", { class: "math plain" }, ...Object.entries(PLAIN).filter(([part]) => formulas?.[part]).map(([part, left]) => h("div", { class: "line" }, `${left} = ${formulas[part]}`)));
}
