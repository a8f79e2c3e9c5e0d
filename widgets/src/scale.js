// Axes and numbers. No DOM.

export const linear = (from, to, a, b) => (v) => a + ((v - from) / (to - from || 1)) * (b - a);
export const log = (from, to, a, b) => {
  const inner = linear(Math.log(from), Math.log(to), a, b);
  return (v) => inner(Math.log(v));
};

/** Value at `at` of the line through (x, y), x ascending; null outside and beside a gap. */
export function interpolate(x, y, at) {
  const i = x.findIndex((v) => v >= at);
  if (i < 0 || (i === 0 && x[0] !== at)) return null;
  if (x[i] === at) return y[i];
  if (!Number.isFinite(y[i]) || !Number.isFinite(y[i - 1])) return null;
  return y[i - 1] + ((at - x[i - 1]) / (x[i] - x[i - 1])) * (y[i] - y[i - 1]);
}

/** About `count` round numbers (1, 2, 5 times a power of ten) inside [from, to]. */
export function ticks(from, to, count = 5) {
  const span = to - from;
  if (!(span > 0)) return [from];
  const raw = span / count, power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= raw);
  const out = [];
  for (let i = Math.ceil(from / step - 1e-9); i * step <= to + 1e-9 * span; i++) out.push(Number((i * step).toPrecision(12)));
  return out;
}

/** Ticks of a logarithmic axis: the densest of 1-2-5 ladders that keeps to `count` marks; linear ones on a short axis. */
export function logTicks(from, to, count = 6) {
  if (to / from < 3) return ticks(from, to, count - 1).filter((v) => v > 0);
  for (const ladder of [[1, 1.5, 2, 3, 4, 5, 6, 8], [1, 2, 3, 5], [1, 2, 5], [1, 3], [1]]) {
    const out = [];
    for (let p = Math.floor(Math.log10(from)); p <= Math.ceil(Math.log10(to)); p++)
      for (const m of ladder) {
        const v = Number((m * 10 ** p).toPrecision(3));
        if (v >= from && v <= to) out.push(v);
      }
    if (out.length <= count) return out;
  }
  return [from, to];
}

/** `digits` significant figures, a true minus sign, no exponent between 1e-3 and 1e5. */
export function number(v, digits = 3) {
  if (v === null || v === undefined || Number.isNaN(v)) return "–";
  if (!Number.isFinite(v)) return v > 0 ? "∞" : "−∞";
  const size = Math.abs(v);
  if (size !== 0 && (size < 1e-3 || size >= 1e5)) {
    const [m, e] = v.toExponential(digits - 1).split("e");
    return `${m}e${Number(e)}`.replaceAll("-", "−");
  }
  const places = size === 0 ? 0 : Math.max(0, digits - 1 - Math.floor(Math.log10(size)));
  return v.toFixed(places).replace("-", "−");
}

/** Tick label: as many decimals as the step between ticks needs, the same for all of them. */
export function tickLabel(v, step) {
  const places = Math.min(6, Math.max(0, -Math.floor(Math.log10(step) + 1e-9)));
  return v.toFixed(places).replace("-", "−");
}

/** Thin-space groups of three: 18 640. */
export const count = (v) => (v === null || v === undefined ? "–" : Math.round(v).toString().replace(/\B(?=(\d{3})+$)/g, "\u202f"));

/** Seconds as 2:41 or 1:02:41. */
export function clock(seconds) {
  const s = Math.max(0, Math.floor(seconds ?? 0)), pad = (v) => String(v).padStart(2, "0");
  return s < 3600 ? `${Math.floor(s / 60)}:${pad(s % 60)}` : `${Math.floor(s / 3600)}:${pad(Math.floor(s / 60) % 60)}:${pad(s % 60)}`;
}
