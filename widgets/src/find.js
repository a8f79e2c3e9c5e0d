// Which nodes of the tree a person is looking for. No DOM.

/**
 * Ids of the nodes that match, lowest loss first. A query is words that must all be there: #12 (the node), c12 (its candidate), a move (expand, cross),
 * an operator or a piece of formula (sqrt, exp(-).
 */
export function find(nodes, query) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return [];
  const hit = (node, word) => (/^#\d+$/.test(word) ? String(node.id) === word.slice(1) : /^c\d+$/.test(word) ? node.candidate === word : `${node.move} ${node.flag ?? ""} ${node.label ?? ""}`.toLowerCase().includes(word));
  const loss = (node) => node.loss ?? Infinity;
  return [...nodes.values()].filter((node) => words.every((word) => hit(node, word))).sort((a, b) => loss(a) - loss(b) || a.id - b.id).map((node) => node.id);
}

/** Children of every node that is not folded, and the nodes that each folded one hides. */
export function folded(children, closed) {
  const shown = new Map(children), hidden = new Map();
  for (const id of closed) {
    const below = [...(children.get(id) ?? [])];
    for (let i = 0; i < below.length; i++) below.push(...(children.get(below[i]) ?? [])); // it grows while it is read
    shown.delete(id);
    if (below.length) hidden.set(id, below);
  }
  return { shown, hidden };
}
