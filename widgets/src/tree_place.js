// From the unit square of layout.js to pixels of the stage, for the zoom of the moment: where nodes are, how large, and which is under the pointer. No DOM.
import { around } from "./layout.js";

const MARGIN = { left: 18, right: 22, top: 14, bottom: 14 };
const REACH = 14; // pixels between the pointer and a node that it means

/**
 * Pixel positions of the nodes for which `there(id)` holds.
 * laid: {places, rows, levels} of `layout`; zoom: a d3 transform {k, applyX, applyY}.
 * Returns {points: Map id -> [x, y], centre: [x, y] of the stage, dot: size of a dot against its full size}.
 */
export function place({ places, rows, levels }, { width, height, radial, zoom }, there = () => true) {
  const w = width - MARGIN.left - MARGIN.right, k = height - MARGIN.top - MARGIN.bottom, half = Math.min(w, k) / 2;
  const middle = [MARGIN.left + w / 2, MARGIN.top + k / 2], points = new Map();
  for (const [id, spot] of places) {
    if (!there(id)) continue;
    const at = radial ? around(spot) : spot;
    const [x, y] = radial ? [middle[0] + at.x * half, middle[1] + at.y * half] : [MARGIN.left + at.x * w, MARGIN.top + at.y * k];
    points.set(id, [zoom.applyX(x), zoom.applyY(y)]);
  }
  // Dots shrink when rows or levels come closer than a dot; they never vanish.
  const row = ((radial ? 3 * half : k) / rows) * zoom.k, level = ((radial ? half : w) / levels) * zoom.k;
  const dot = Math.min(1, Math.max(0.45, Math.min(row / 7, level / 12))) * Math.min(1.35, Math.sqrt(zoom.k));
  return { points, centre: [zoom.applyX(middle[0]), zoom.applyY(middle[1])], dot };
}

/** Pixels of a node's radius: it grows with the logarithm of its visits, up to a size. */
export const radius = (dot, visits) => dot * (1.6 + Math.min(5.4, 0.85 * Math.log2(1 + visits)));

/** Id of the node that a place on the stage means, or null. */
export function nearest(points, x, y) {
  let found = null, least = REACH ** 2;
  for (const [id, p] of points) {
    const d = (p[0] - x) ** 2 + (p[1] - y) ** 2;
    if (d < least) [found, least] = [id, d];
  }
  return found;
}
