// What the pill of a search says. No DOM.
import { clock } from "./scale.js";

const WORDS = { running: "running", pausing: "pausing", paused: "paused", finished: "finished", stopped: "stopped", died: "worker died", replay: "replay" };

/** State and time: a search that was paused still ends the moves that are under way, and what they find still arrives. */
export function pillText({ state = "new", elapsed, pending }) {
  if (state === "new") return "not started";
  const word = state === "paused" && pending ? "pausing" : state;
  return `${WORDS[word] ?? word} ${clock(elapsed)}`;
}
