// Losses in viridis (Smith and van der Walt, 2015), which stays readable for the colour-blind and in grey. No DOM.
import { log } from "./scale.js";

const VIRIDIS = ["#440154", "#482878", "#3e4989", "#31688e", "#26828e", "#1f9e89", "#35b779", "#6ece58", "#b5de2b", "#fde725"];
const RGB = VIRIDIS.map((hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16)));
export const BINS = 48; // nodes are drawn one colour at a time; more bins than the eye tells apart

/** Colour at `t` in [0, 1]. */
export function viridis(t) {
  const at = Math.min(Math.max(t, 0), 0.9999) * (RGB.length - 1), i = Math.floor(at), f = at - i;
  return `rgb(${RGB[i].map((a, k) => Math.round(a + (RGB[i + 1][k] - a) * f)).join(",")})`;
}

export const PALETTE = Array.from({ length: BINS }, (_, i) => viridis(i / (BINS - 1)));

/**
 * Bin of a loss: the best is the bright end. The range runs, on a logarithmic scale, from the best loss to the
 * 90th percentile, because a few hopeless formulas would otherwise take all the colours.
 */
export function lossScale(losses) {
  const sorted = losses.filter((v) => v > 0 && Number.isFinite(v)).sort((a, b) => a - b);
  if (!sorted.length) return { best: 1, worst: 1, bin: () => 0 };
  const best = sorted[0], worst = Math.max(sorted[Math.floor(0.9 * (sorted.length - 1))], best * 1.05);
  const at = log(worst, best, 0, BINS - 1);
  return { best, worst, bin: (v) => (v > 0 && Number.isFinite(v) ? Math.round(Math.min(Math.max(at(v), 0), BINS - 1)) : 0) };
}
