// How the best loss and the hypervolume of the front went over the search time. No DOM.

/** [[seconds, loss]] of the best candidate each time it changed, as losses are measured now; each lasts until the next. */
export function bestLosses(store) {
  return store.bests.map(([t, id]) => [t, store.candidates.get(id)?.loss]).filter(([, loss]) => Number.isFinite(loss) && loss > 0);
}

/**
 * Area below a reference corner that a front dominates, in nodes and the natural logarithm of the error (Zitzler and Thiele, IEEE Trans. Evol. Comput. 3, 257
 * (1999)). front : [{complexity, error}]; longest, worst : the corner.
 */
export function hypervolume(front, longest, worst) {
  let area = 0, least = worst;
  const members = front.filter(({ complexity, error }) => complexity < longest && error > 0 && error < worst).sort((a, b) => a.complexity - b.complexity);
  for (const { complexity, error } of members) {
    if (!(error < least)) continue;
    area += (longest - complexity) * Math.log(least / error);
    least = error;
  }
  return area;
}

/** [[seconds, hypervolume as a share of the largest]] each time the front changed, for one of the errors of a candidate. */
export function volumes(store, field) {
  const fronts = store.fronts.map(([t, ids]) => [t, ids.map((id) => store.candidates.get(id)).filter((c) => c && c[field] > 0).map((c) => ({ complexity: c.complexity, error: c[field] }))]).filter(([, front]) => front.length);
  if (!fronts.length) return [];
  const all = fronts.flatMap(([, front]) => front), longest = Math.max(...all.map((c) => c.complexity)) + 1, worst = 1.001 * Math.max(...fronts[0][1].map((c) => c.error));
  const areas = fronts.map(([t, front]) => [t, hypervolume(front, longest, worst)]), most = Math.max(...areas.map(([, area]) => area)) || 1;
  return areas.map(([t, area]) => [t, area / most]);
}

/** Value of a step line [[t, value]] at time t; null before its first step. */
export const stepAt = (steps, t) => steps.findLast(([seconds]) => seconds <= t)?.[1] ?? null;
