// Limits and points of the validation plots. No DOM.

/** Plot limits {x, y} for energy against volume: the DFT points where there are any, else from strong compression to twice the volume; the core may run off. */
export function volumeLimits(lines, points) {
  const finite = (l) => l.x.map((x, i) => [x, l.y[i]]).filter(([, y]) => Number.isFinite(y));
  const lead = (lines[0] ? finite(lines[0]) : []).reduce((best, p) => (p[1] < best[1] ? p : best), [0, Infinity]);
  if (!lines.length && !points.length) return {};
  const known = points.flatMap(finite), volumes = known.map(([x]) => x);
  const x = known.length ? [0.96 * Math.min(...volumes), 1.02 * Math.max(...volumes)] : [0.65 * lead[0], 1.9 * lead[0]];
  const inside = lines.flatMap(finite).filter(([v]) => v >= x[0] && v <= x[1]);
  const low = Math.min(...[...inside, ...known].map(([, e]) => e));
  const high = known.length ? Math.max(...known.map(([, e]) => e)) : Math.max(...inside.filter(([v]) => v >= 0.72 * lead[0]).map(([, e]) => e));
  const air = 0.07 * (high - low || 1);
  return { x, y: [low - air, high + air] };
}

/** Measured frequencies {point: [THz]} at the places where a path [[x, label]] names them; U|K is one place with the same values twice. */
export function measuredPhonons(ticks, measured) {
  const x = [], y = [];
  for (const [at, label] of ticks) {
    const values = new Set(label.split("|").flatMap((point) => measured[point] ?? []));
    for (const v of values) {
      x.push(at);
      y.push(v);
    }
  }
  return { x, y };
}
