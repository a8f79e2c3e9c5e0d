// What the plots of a learning loop show, from the state that Python sends. No DOM.
import { number } from "./scale.js";

export const STAGES = ["sample", "select", "label", "search"];

/** Lines of the ceiling and the lowest walker: the sampling runs before the newest are pale. */
export function ceiling(runs = []) {
  const at = (values) => values.map((_, i) => i);
  const past = runs.slice(0, -1).map((run) => ({ name: run.name, kind: "past", x: at(run.ceiling), y: run.ceiling }));
  const newest = runs.at(-1);
  if (!newest?.ceiling.length) return past;
  return [...past, { name: "lowest walker", kind: "lowest", x: at(newest.lowest), y: newest.lowest }, { name: "ceiling", kind: "this", x: at(newest.ceiling), y: newest.ceiling }];
}

/** Limits that leave out the first level, whose gas lies far above everything else. */
export function ceilingLimits(runs = []) {
  const newest = runs.filter((run) => run.ceiling.length > 2).at(-1);
  if (!newest) return {};
  const low = Math.min(...newest.lowest.filter(Number.isFinite), ...newest.ceiling.filter(Number.isFinite)), high = newest.ceiling[1], air = 0.06 * (high - low || 1);
  return Number.isFinite(low) && Number.isFinite(high) ? { y: [low - air, high + air] } : {};
}

/** Points [reference, model] of the labels, those of the round under way apart, and the line on which both agree. */
export function parity(rounds = [], what = "energy") {
  const points = rounds.flatMap(({ round, [what]: pairs }) => (pairs ?? []).map(([x, y]) => ({ round, x, y })));
  if (!points.length) return { series: [], limits: {} };
  const values = points.map((p) => p.x), newest = Math.max(...rounds.map((r) => r.round));
  const [low, high] = [Math.min(...values), Math.max(...values)], air = 0.05 * (high - low || 1), ends = [low - air, high + air];
  const dots = (kind, some) => ({ name: kind, kind, dots: true, x: some.map((p) => p.x), y: some.map((p) => Math.min(Math.max(p.y, ends[0]), ends[1])) }); // an outlier stands at the edge
  const series = [{ name: "agreement", kind: "pbe", x: ends, y: ends }, dots("seen", points.filter((p) => p.round !== newest)), dots("fresh", points.filter((p) => p.round === newest))];
  return { series, limits: { x: ends, y: ends } };
}

/** Errors of one kind ("energy_mae" or "force_mae") by round: of all test frames, of those near to and far from equilibrium, and of the labels not seen. */
export function errors(rounds = [], what) {
  const line = (name, kind, key) => {
    const some = rounds.filter((r) => Number.isFinite(r[key]));
    return { name, kind, x: some.map((r) => r.round), y: some.map((r) => r[key]) };
  };
  const lines = [line("far", "reference", `test_far_${what}`), line("near", "near", `test_near_${what}`), line("all", "this", `test_${what}`)];
  const series = [...lines, ...lines.map((l) => ({ ...l, dots: true })), line("new labels", "measured", `new_${what}`)]; // a single round is no line
  const highest = Math.max(0, ...series.flatMap((l) => l.y)), last = Math.max(1, ...rounds.map((r) => r.round));
  return { series, limits: { x: [-0.15, last + 0.15], y: [0, 1.08 * highest || 1] } };
}

export const COLUMNS = [
  ["round", "round"], ["training frames", "train"], ["labelled", "labelled"], ["failed", "failed"], ["CPU, h", "cpu_seconds"], ["nodes", "complexity"], ["energy", "test_energy_mae"], ["force", "test_force_mae"],
  ["near, energy", "test_near_energy_mae"], ["force", "test_near_force_mae"], ["far, energy", "test_far_energy_mae"], ["force", "test_far_force_mae"], ["new, energy", "new_energy_mae"], ["force", "new_force_mae"],
];

/** Cells of a row of the table of rounds. */
export function cells(round) {
  return COLUMNS.map(([, key]) => {
    const value = round[key];
    if (value === null || value === undefined) return "";
    if (key === "cpu_seconds") return number(value / 3600, 2);
    return Number.isInteger(value) && !key.includes("mae") ? String(value) : number(value);
  });
}

/** Labels in one phrase. */
export function labelled({ done = 0, failed = 0, of = 0, cpu = 0 } = {}) {
  const time = cpu >= 360 ? `${number(cpu / 3600, 2)} h` : `${Math.round(cpu)} s`;
  return `${done} label${done === 1 ? "" : "s"}${of ? `, ${of} to go` : ""}${failed ? `, ${failed} failed` : ""} · ${time} of processor time`;
}
