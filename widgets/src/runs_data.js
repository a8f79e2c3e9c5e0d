// What a row of the runs says. No DOM.
import { clock, count } from "./scale.js";

/** How long a run searched, and how many candidates it evaluated. */
export const budget = (run) => `${clock(run.seconds)} · ${count(run.evaluations)}`;

/** Errors of its best candidate, on test frames where there are any. */
export const best = (run, number) => (run.best ? `${number(run.best.energy_mae)} · ${number(run.best.force_mae)}` : "–");

/** Seconds since 1970 as the hour of today, or the day. */
export function when(seconds, now = new Date()) {
  const then = new Date(1000 * seconds), pad = (v) => String(v).padStart(2, "0"), day = `${then.getFullYear()}-${pad(then.getMonth() + 1)}-${pad(then.getDate())}`;
  return then.toDateString() === now.toDateString() ? `${pad(then.getHours())}:${pad(then.getMinutes())}` : day;
}
