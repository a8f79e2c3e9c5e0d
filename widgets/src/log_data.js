// The log: what came onto the front, and what people asked for, newest first. No DOM.
import { number } from "./scale.js";

/** At most `limit` entries {t, kind, text, choice} up to search time `t` (null is now); `choice` is what a click selects, or null. */
export function entries(store, t = null, limit = 50) {
  const all = [...improvements(store), ...store.log.map((row) => wish(store, row))].filter((entry) => t === null || entry.t <= t);
  return all.sort((a, b) => b.t - a.t).slice(0, limit);
}

function improvements(store) {
  const found = [];
  for (const [id, t] of store.entered) {
    const c = store.candidates.get(id);
    if (c) found.push({ t, kind: "front", text: `${id}: ${c.complexity} nodes, ${number(c.test_energy_mae ?? c.energy_mae)} meV/atom, ${number(c.test_force_mae ?? c.force_mae)} meV/Å`, choice: { candidate: id } });
  }
  return found;
}

/** A person's command; a click on an injected formula goes to the node that the worker made of it. */
function wish(store, { t, name, text, node = null, candidate = null }) {
  if (name === "error") return { t, kind: "refused", text, choice: null };
  if (name === "inject") node = [...store.nodes.values()].find((n) => n.move === "inject" && n.t >= t)?.id ?? null;
  const known = candidate !== null ? store.candidates.has(candidate) && { candidate } : node !== null && store.nodes.has(node) && { node };
  return { t, kind: "you", text, choice: known || null };
}
