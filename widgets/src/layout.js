// Where the nodes of the search tree go, in the unit square. No DOM.
import { hierarchy, tree } from "d3-hierarchy";

/**
 * Tidy (Reingold-Tilford) positions of all nodes.
 * Returns Map id -> {x, y} with x along the depth and y across, both in [0, 1], and the number of rows and levels.
 */
export function layout(nodes, children) {
  const roots = [...nodes.values()].filter((n) => n.parent < 0 || !nodes.has(n.parent)).map((n) => n.id);
  const places = new Map();
  if (!roots.length) return { places, rows: 1, levels: 1 };
  // Several roots (a journal cut at its head) hang under one invisible root.
  const top = roots.length === 1 ? roots[0] : null;
  const root = hierarchy(top, (id) => (id === null ? roots : children.get(id)));
  tree().nodeSize([1, 1]).separation((a, b) => (a.parent === b.parent ? 1 : 1.6))(root);
  let least = Infinity, most = -Infinity, depth = 1;
  root.each((d) => {
    least = Math.min(least, d.x);
    most = Math.max(most, d.x);
    depth = Math.max(depth, d.depth);
  });
  const rows = most - least;
  root.each((d) => {
    if (d.data === null) return;
    places.set(d.data, { x: d.depth / depth, y: rows > 0 ? (d.x - least) / rows : 0.5 });
  });
  return { places, rows: rows + 1, levels: depth + 1 };
}

/** The same tree around its root: x outwards, y once around, in the square [-1, 1]. */
export function around({ x, y }) {
  const angle = 2 * Math.PI * y;
  return { x: x * Math.cos(angle), y: x * Math.sin(angle) };
}

/** The node that an arrow key, Home or End leads to from a node: null stays, undefined is no such key. */
export function neighbour(store, key, id) {
  const there = (ids) => (ids ?? []).filter((each) => store.born(each)); // of an earlier moment, only what it had
  const node = store.nodes.get(id), kids = there(store.children.get(id));
  const siblings = there(store.children.get(node?.parent)), at = siblings.indexOf(id);
  if (key === "ArrowLeft") return store.nodes.has(node?.parent) ? node.parent : null;
  if (key === "ArrowRight") return kids.length ? kids.reduce((a, b) => (store.nodes.get(b).best < store.nodes.get(a).best ? b : a)) : null;
  if (key === "ArrowDown") return siblings[at + 1] ?? null;
  if (key === "ArrowUp") return siblings[at - 1] ?? null;
  if (key === "Home") return store.path(id).at(-1) ?? null;
  if (key === "End") return store.bestNode;
  return undefined;
}
