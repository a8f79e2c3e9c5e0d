// Equations as typeset mathematics (KaTeX, bundled with its fonts: nothing is fetched).
import katex from "katex";
import { h } from "./dom.js";

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

/** The functions of a potential, one a line. `latex` has their right-hand sides by name; functions : what `Store.functionsOf` says of them. */
export function typeset(latex, functions, { small = false } = {}) {
  const lines = functions.map(({ name, left }) => {
    const line = h("div", { class: "line" });
    line.innerHTML = render(`${left} = ${latex[name]}`);
    return line;
  });
  return h("div", { class: small ? "math small" : "math" }, ...lines);
}

/** The same as plain text, until the typeset form has arrived. */
export function plain(formulas, functions) {
  return h("div", { class: "math plain" }, ...functions.map(({ name, said }) => h("div", { class: "line" }, `${said} = ${formulas[name]}`)));
}
