// Score and knee of a front, as srlab.search.pareto_front has them. No DOM.

/** The candidates whose loss is below that of all shorter ones, by length. */
const steps = (front) => {
  let lowest = Infinity;
  return [...front].sort((a, b) => a.complexity - b.complexity || a.loss - b.loss).filter((c) => c.loss < lowest && ((lowest = c.loss), true));
};

/** Map id -> fall of the logarithm of the loss for each node more, against the step before. */
export function scores(front) {
  const found = new Map();
  let before = null;
  for (const c of steps(front)) {
    if (before && c.complexity === before.complexity) continue;
    if (before && c.loss > 0) found.set(c.id, Math.log(before.loss / c.loss) / (c.complexity - before.complexity));
    before = c;
  }
  return found;
}

/**
 * Id of the candidate farthest below the line between the ends of the front, in nodes and logarithm of the loss; null of fewer than three. One that is
 * known to make the wrong crystal is not it while there is another.
 */
export function knee(front) {
  const members = [...front].filter((c) => c.loss > 0).sort((a, b) => a.complexity - b.complexity);
  if (members.length < 3) return null;
  const right = members.filter((c) => c.right_crystal !== false), sound = right.length ? right : members;
  const lowest = (list) => list.reduce((a, b) => (b.loss < a.loss ? b : a));
  const first = members[0], last = lowest(members);
  const width = last.complexity - first.complexity, height = Math.log(first.loss / last.loss);
  if (width <= 0 || height <= 0) return lowest(sound).id;
  const gain = (c) => Math.log(first.loss / c.loss) / height - (c.complexity - first.complexity) / width;
  return sound.reduce((a, b) => (gain(b) > gain(a) ? b : a)).id;
}
