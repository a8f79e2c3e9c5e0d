// Strokes of the tree's picture: its links, its dots, and the count beside a folded node.
import { BINS, PALETTE } from "./colour.js";

/** One link, leaving along the depth and arriving along it; around `centre` in the radial picture, where that is given. */
export function link(c, [x0, y0], [x1, y1], centre) {
  c.moveTo(x0, y0);
  if (!centre) return c.bezierCurveTo((x0 + x1) / 2, y0, (x0 + x1) / 2, y1, x1, y1);
  const [ox, oy] = centre, r0 = Math.hypot(x0 - ox, y0 - oy), r1 = Math.hypot(x1 - ox, y1 - oy), middle = (r0 + r1) / 2;
  if (r0 < 1 || r1 < 1) return c.lineTo(x1, y1);
  const [a, b] = [middle / r0, middle / r1];
  c.bezierCurveTo(ox + (x0 - ox) * a, oy + (y0 - oy) * a, ox + (x1 - ox) * b, oy + (y1 - oy) * b, x1, y1);
}

const circles = (c, dots) => {
  c.beginPath();
  for (const [[x, y], r] of dots) {
    c.moveTo(x + r, y);
    c.arc(x, y, r, 0, 2 * Math.PI);
  }
};

/** Dots [[x, y], radius], one colour at a time; `bins` of losses, `hollow` without one or pruned. */
export function dots(c, bins, hollow, { thickness, edge, empty, rim }) {
  c.lineWidth = thickness;
  c.strokeStyle = edge;
  bins.forEach((dots, i) => {
    if (!dots.length) return;
    circles(c, dots);
    c.fillStyle = PALETTE[i];
    c.fill();
    c.stroke();
  });
  circles(c, hollow);
  c.fillStyle = empty;
  c.fill();
  c.lineWidth = 1.5;
  c.strokeStyle = rim;
  c.stroke();
}

/** An empty list for each colour. */
export const bins = () => Array.from({ length: BINS }, () => []);

export function ring(c, [x, y], radius, stroke, thickness) {
  c.beginPath();
  c.arc(x, y, radius, 0, 2 * Math.PI);
  c.lineWidth = thickness;
  c.strokeStyle = stroke;
  c.stroke();
}

/** How many nodes a folded one hides, beside it: [[x, y], radius, count]. */
export function badges(c, ink, folded) {
  c.font = "600 10.5px system-ui, sans-serif";
  c.fillStyle = ink;
  for (const [[x, y], radius, count] of folded) if (count) c.fillText(`+${count}`, x + radius + 4, y + 3.5);
}

/** The mark of a person's own formula: a square around its node; p undefined is not shown. */
export function square(c, p, reach, stroke) {
  if (!p) return;
  c.lineWidth = 1.4;
  c.strokeStyle = stroke;
  c.strokeRect(p[0] - reach, p[1] - reach, 2 * reach, 2 * reach);
}
