// What can be done with a node or a candidate, as entries of a menu. No DOM.

/** Formulas of a candidate, or of a node, as the inject field takes them: in full where a candidate has them, else with the digits of the node's label; "" without any. */
export function written(store, id, candidate = null) {
  const node = store.nodes.get(id), own = store.candidates.get(candidate ?? node?.candidate);
  if (own?.formulas && (candidate !== null || (own.node === id && node.label))) return store.functionsOf(own.formulas).map(({ name, symbol }) => `${symbol} = ${own.formulas[name]}`).join("; ");
  const lines = (node?.label ?? "").split("\n").filter((line) => line.includes(" = "));
  const known = (store.settings.templates ?? []).flat();
  return lines.map((line) => line.replace(/^\S+/, (sign) => known.find(({ plain }) => plain === sign)?.symbol ?? sign)).join("; ");
}

/**
 * Entries {label, act, disabled}. `act` is {send} (a message for Python), {copy} or {edit} (a text), or {fold} (a node).
 * node, candidate : ids, either may be null; closed : set of folded nodes, left out where there is no tree to fold.
 */
export function entries(store, { node = null, candidate = null, closed = null }) {
  const known = store.nodes.get(node), { controls } = store, live = ["running", "paused"].includes(store.header.state);
  const can = (name, label, send, disabled = false) => (controls.includes(name) ? [{ label, act: { send }, disabled }] : []);
  const flag = (name, label) => can(name, label, { type: "command", name, node }, !live || known?.flag === name || !known);
  const pin = (id) => can("pin", store.pins.includes(id) ? `Unpin ${id}` : `Pin ${id ?? "its candidate"}`, { type: "command", name: "pin", candidate: id }, !live || id === null);
  const text = written(store, node, candidate), own = candidate === null || known?.candidate === candidate; // else the node is the one that its move began at
  const branch = own ? "this branch" : `the branch of #${node}`;
  return [
    ...flag("boost", `Boost ${branch}`), ...flag("prune", `Prune ${branch}`),
    ...can("release", own ? "Release it" : `Release #${node}`, { type: "command", name: "release", node }, !live || !known?.flag),
    ...pin(candidate ?? known?.candidate ?? null), ...can("fork", own ? "Restart from here" : `Restart from #${node}`, { type: "fork", node }, !known),
    ...(closed ? [{ label: closed.has(node) ? "Unfold" : "Fold", act: { fold: node }, disabled: !closed.has(node) && !store.children.get(node)?.length }] : []),
    { label: "Copy formula", act: { copy: text }, disabled: !text },
    ...(controls.includes("inject") ? [{ label: "Edit and inject …", act: { edit: text }, disabled: !text || !live }] : []),
  ];
}

/** The entry that a key leads to from entry `at`, past those that are disabled; undefined is no such key. */
export function step(list, key, at) {
  const open = list.flatMap((entry, i) => (entry.disabled ? [] : [i])), place = open.indexOf(at), n = open.length;
  if (!n) return undefined;
  if (key === "ArrowDown") return open[(place + 1) % n];
  if (key === "ArrowUp") return open[(Math.max(place, 0) + n - 1) % n];
  if (key === "Home") return open[0];
  if (key === "End") return open[n - 1];
  return undefined;
}
