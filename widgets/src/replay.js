// The run as it was at search time `t` (seconds), from what the store was told. No DOM.

export const SECONDS = 20; // a replay of a whole run takes so long

/** Whether a node was there at time `t`; null is now. */
export const born = (node, t) => t === null || (node?.t ?? 0) <= t;

/** Map node -> playouts in it and below it, made until `t`. */
export function visitsAt(store, t) {
  const visits = new Map();
  for (const [seconds, node, playouts] of store.plays) if (seconds <= t) visits.set(node, (visits.get(node) ?? 0) + playouts);
  // Children have higher numbers than their parents, so that one pass from the end hands all of it up.
  for (const id of [...store.nodes.keys()].sort((a, b) => b - a)) {
    const { parent } = store.nodes.get(id);
    if (parent !== id && store.nodes.has(parent) && visits.has(id)) visits.set(parent, (visits.get(parent) ?? 0) + visits.get(id));
  }
  return visits;
}

/** Map node -> "boost" or "prune", as people had it at `t`. */
export function flagsAt(store, t) {
  const flags = new Map();
  for (const [node, flag, seconds] of store.flags) if (seconds <= t) flag ? flags.set(node, flag) : flags.delete(node);
  return flags;
}

/** The candidate of lowest training loss at `t`, as losses were measured then; null before the first. */
export function bestAt(store, t) {
  const [, id] = store.bests.findLast(([seconds]) => seconds <= t) ?? [];
  return store.candidates.get(id) ?? null;
}

/** The newest node at `t`, which is what the search did last; null before the first. */
export function lastNode(store, t) {
  let last = null;
  for (const node of store.nodes.values()) if (born(node, t) && (last === null || (node.t ?? 0) >= (last.t ?? 0))) last = node;
  return last;
}

/** The header as it was at `t`. */
export function headerAt(store, t) {
  const [, evaluations = 0] = store.progress.findLast(([seconds]) => seconds <= t) ?? [];
  const best = bestAt(store, t);
  return { ...store.header, state: "replay", elapsed: t, evaluations, best: best && { id: best.id, energy: best.test_energy_mae, force: best.test_force_mae } };
}

/** Search time to show `milliseconds` after a replay began at `from`; null, which is now, once it has reached `end`. In `steps` jumps where motion is not wanted. */
export function moment(from, milliseconds, end, steps = null) {
  const share = milliseconds / 1000 / SECONDS, t = from + end * (steps ? Math.floor(share * steps) / steps : share);
  return t >= end ? null : t;
}
