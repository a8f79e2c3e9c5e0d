// What the search did when it made a node, and why it did that there. No DOM.
import { number } from "./scale.js";

export const SCORE = "The search works on the node with the highest score. Rank is between 0, where the branch holds the best fit of its length, and −1 for the worst branch. Exploration is large where there were few visits and where the form is rare; the slider under Steer scales it.";

/** {move, what, why} of a node: the links of the tree and its numbers, in words. */
export function told(store, node) {
  const parent = store.nodes.get(node.parent), what = [parent ? `#${parent.id} → #${node.id}` : `#${node.id}`];
  const before = parent?.loss ?? null;
  if (node.loss !== null) what.push(before === null ? `loss ${number(node.loss)}` : `loss ${number(before)} → ${number(node.loss)}`);
  if (enters(store, node)) what.push(`${node.candidate} on the front`);
  return { move: node.move, what: what.join(" · "), why: reason(store, node, parent) };
}

/** Whether the node's own formula came onto the front. */
export function enters(store, node) {
  return node.candidate !== null && store.candidates.get(node.candidate)?.node === node.id && store.entered.has(node.candidate);
}

function reason(store, node, parent) {
  if (node.move === "seed") return "a fresh start, apart from all branches";
  if (node.move === "inject") return "a person's formula, its constants fitted";
  if (node.move === "refine") return parent ? `#${parent.id} came near the front: its constants fitted to the end` : "";
  if (!parent || !Number.isFinite(node.explore)) return "";
  const reach = node.window ? ` · window ${number(node.window, 2)}` : "";
  const boosted = store.path(parent.id).some((id) => store.nodes.get(id).flag === "boost") ? ", in a boosted branch" : "";
  return `#${parent.id} scored ${number(node.score, 2)}: rank ${number(node.score - node.explore, 2)} + exploration ${number(node.explore, 2)}${boosted}${reach}`;
}
