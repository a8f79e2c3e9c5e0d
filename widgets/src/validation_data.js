// Limits and points of the validation plots. No DOM.

/** Plot limits {x, y} for energy against volume: around the minimum, near enough to tell potentials apart; what rises above runs off. */
export function volumeLimits(lines, points) {
  const known = [...lines, ...(points ? [points] : [])].map((l) => l.x.map((x, i) => [x, l.y[i]]).filter(([, y]) => Number.isFinite(y)));
  if (!known.some((l) => l.length)) return {};
  const lead = points ? known.at(-1) : known[0];
  const [volume, energy] = lead.reduce((best, p) => (p[1] < best[1] ? p : best), [0, Infinity]);
  const x = [0.74 * volume, 1.46 * volume], inside = (l) => l.filter(([v]) => v >= x[0] && v <= x[1]).map(([, e]) => e);
  const low = Math.min(...known.flatMap(inside)), high = Math.max(...inside(lead), energy + 0.1);
  const air = 0.06 * (high - low);
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
