// When something is worth its processor time. The search runs on the same ones, and most of what it finds is beaten within a second. No DOM.

const CHOSEN = 250, RESTING = 2_500; // milliseconds: a person may click on, a search may be taken up again
const SETTLED = 8_000, APART = 60_000; // of a running search: how long its best must have stood, and how far apart two validations are
const UNSEEN = 2_000; // between two drawings of a page that nobody sees
const SLOW = 2_500; // between two of the panels that take long to draw

/** Milliseconds to wait before the selected candidate is validated; `since`: from the last validation that nobody asked for. */
export function patience({ known, picked, running, since }) {
  if (known) return 0;
  if (picked) return CHOSEN;
  return running ? Math.max(SETTLED, APART - since) : RESTING;
}

/** Milliseconds to wait before drawing; `since`: from the last drawing. */
export const idle = (seen, since) => (seen ? 0 : Math.max(0, UNSEEN - since));

/** Milliseconds to wait before the slow panels follow a running search again; `since`: from when they last did. */
export const slowly = (since) => Math.max(0, SLOW - since);

/** Whether the selection follows a running search: nobody has chosen, and the next best comes soon. */
export const follows = ({ header, picked }) => header.state === "running" && !picked;

const ANSWERS = new Set(["detail", "validation", "melting"]); // Python's, to what the page asked for

/** Whether nobody waits to see what changed: a patch of a running search ("header" is among its topics), or an answer about a candidate that nobody chose. */
export function unhurried(store, topics) {
  if (topics.has("all") || store.header.state !== "running") return false;
  return topics.has("header") || (!store.picked && [...topics].every((topic) => ANSWERS.has(topic)));
}
