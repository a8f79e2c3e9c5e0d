// The log: what came onto the front, and what people asked for, newest first. No DOM.
import { number } from "./scale.js";

/**
 * Entries {t, kind, text, choice} up to search time `t` (null is now), newest first: all that a person did, and of what came onto the front the newest
 * `limit`, or a front that is logged anew would drive a person's own lines out. `choice` is what a click selects or opens, or null.
 */
export function entries(store, t = null, limit = 50) {
  const newest = (list) => list.filter((entry) => t === null || entry.t <= t).sort((a, b) => b.t - a.t);
  return newest([...newest(improvements(store)).slice(0, limit), ...store.log.map((row) => wish(store, row))]);
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
function wish(store, { t, name, text, node = null, candidate = null, run = null }) {
  if (name === "error") return { t, kind: "refused", text, choice: null };
  if (name === "fork") return { t, kind: "you", text, choice: { run } };
  if (name === "inject") node = [...store.nodes.values()].find((n) => n.move === "inject" && n.t >= t)?.id ?? null;
  const known = candidate !== null ? store.candidates.has(candidate) && { candidate } : node !== null && store.nodes.has(node) && { node };
  return { t, kind: "you", text, choice: known || null };
}

/** Entries by a text of their own, also those that were told twice in the same moment. */
export function keyed(list) {
  const rows = new Map();
  for (const entry of list) {
    let key = JSON.stringify(entry);
    while (rows.has(key)) key += " ";
    rows.set(key, entry);
  }
  return rows;
}
