// What the melting panel draws of a run's messages. No DOM.

/** Names of the protocols, as Python calls them, and what a person reads. */
export const PROTOCOLS = {
  coexistence: { button: "Coexistence", title: "Half the crystal is melted; then, at constant enthalpy, the temperature finds the melting point while both phases last. Some minutes." },
  "solid-amorphous": { button: "Solid–amorphous", title: "A half amorphous cell is heated until no crystal is left: a limit of superheating that depends on the rate, above the melting point. Some minutes." },
};

/** Lines of one quantity ("T" or "H") against time: the newest run in the candidate's colour, those before it pale. */
export function lines(runs, field) {
  const all = Object.entries(runs ?? {});
  return all.map(([name, run], i) => ({ name, kind: i === all.length - 1 ? "this" : "past", x: run.t, y: run[field] })).filter((l) => l.x.length);
}

/** Share of crystal along z (angstrom), first and last record of the newest run; length is the edge of the cell. */
export function profiles(runs, length) {
  const run = Object.values(runs ?? {}).at(-1), rows = run?.profile ?? [];
  const line = (kind, profile) => ({ name: kind, kind, x: profile.map((_, i) => ((i + 0.5) * length) / profile.length), y: profile });
  if (!rows.length) return [];
  return [...(rows.length > 1 ? [line("past", rows[0])] : []), line("this", rows.at(-1))];
}

/** A level across a plot, from its first to its last time: the melting points to compare with. */
export const level = (kind, value, drawn) => {
  if (!Number.isFinite(value) || !drawn.length) return [];
  const times = drawn.flatMap((l) => l.x);
  return [{ name: kind, kind, x: [Math.min(...times), Math.max(...times)], y: [value, value] }];
};

/** The outcome as one line: the temperature, or what came of it instead. A short run scatters more than its own blocks say, so no error is given. */
export function outcomeText(message) {
  const { result, error, state } = message ?? {};
  if (state === "cancelled") return "cancelled";
  if (error) return error;
  if (!result) return "";
  if (!Number.isFinite(result.value)) return "no melting";
  return `about ${10 * Math.round(result.value / 10)} K`;
}

/** What an empty plot says: that its first line is on its way. */
export function waiting(message) {
  return message?.state === "running" && !lines(message.runs, "T").length ? "drawn from the first picosecond on" : "";
}

/** The runs before, in words: 1238 K melted, 1098 K both phases. */
export function story(runs) {
  const words = { melted: "melted", frozen: "froze", coexistence: "kept both phases" };
  return Object.values(runs ?? {}).filter((run) => words[run.outcome]).map((run) => `from ${Math.round(run.start)} K: ${words[run.outcome]}`).join(", ");
}

/** Radius of the discs, angstrom: near half the distance of neighbours in copper. */
export const RADIUS = 1.15;

/**
 * Discs of the atoms seen along y, z to the right, those behind first: [{x, y, solid, near}] in pixels and the scale, for a box of width x height.
 * near runs from 0 (back) to 1 (front).
 */
export function projected(view, width, height) {
  const [a, b, c] = view.cell, scale = Math.min(width / (c + 2 * RADIUS), height / (a + 2 * RADIUS));
  const left = (width - c * scale) / 2, top = (height - a * scale) / 2;
  const atoms = view.positions.map(([x, y, z], i) => ({ x: left + z * scale, y: top + (a - x) * scale, near: b ? 1 - y / b : 1, solid: Boolean(view.solid[i]) }));
  return { scale, atoms: atoms.sort((p, q) => p.near - q.near) };
}
