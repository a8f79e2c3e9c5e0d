// Two searches compared in numbers. No DOM.

/** Lengths at which two searches are compared, in nodes. */
export const LIMITS = [20, 30, 45];

/** The candidate of least training loss with at most so many nodes, or null: chosen without a look at the test frames. */
export function best(candidates, limit = Infinity) {
  let found = null;
  for (const c of candidates) if (c.complexity <= limit && Number.isFinite(c.loss) && (found === null || c.loss < found.loss)) found = c;
  return found;
}

/** For each limit {limit, values: [error of either search's best, null for none], leads: 0, 1, or null where neither is ahead}. */
export function leaders(candidates, field, limits = LIMITS) {
  return limits.map((limit) => {
    const values = candidates.map((own) => best(own, limit)?.[field] ?? null);
    return { limit, values, leads: ahead(values) };
  });
}

/** Which of two errors is lower to three figures; null where they are the same or nothing is known of either. */
function ahead([a, b]) {
  if (a === null && b === null) return null;
  if (a === null || b === null) return a === null ? 1 : 0;
  if (a.toPrecision(3) === b.toPrecision(3)) return null;
  return a < b ? 0 : 1;
}

/** Published forms of both searches; where these are on different data, the second search's stand beside the first's under its name. */
export function published(stores, names) {
  const [a, b] = stores, same = a.run.fingerprint === b.run.fingerprint;
  const missing = b.references.filter((r) => !same || !a.references.some((own) => own.name === r.name));
  return [...a.references, ...missing.map((r) => (same ? r : { ...r, name: `${r.name} (${names[1]})` }))];
}
