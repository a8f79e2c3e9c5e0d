import assert from "node:assert/strict";
import test from "node:test";
import { entries, step, written } from "./menu_data.js";
import { Store } from "./store.js";

const NODES = [[0, -1, 0, "root", null, 0, 0, 9, 0.2, null, "", null], [1, 0, 1, "seed", 0.5, 0, 1, 4, 0.2, "c1", "φ = 1.2*r^-9\nf = r^-6\nF = -2*sqrt(rho)", null], [2, 1, 2, "expand", 0.4, 0, 1, 2, 0.4, "c1", "φ = 1.3*r^-9\nf = r^-6\nF = -2*sqrt(rho)", "boost"]];
const ALL = ["boost", "prune", "release", "pin", "fork", "inject"];

const EAM = [["pair", "phi", "φ"], ["density", "f", "f"], ["embedding", "F", "F"]].map(([name, symbol, plain]) => ({ name, symbol, plain, left: `${plain}(x)`, said: `${plain}(x)` }));

function filled(state = "running", controls = ALL) {
  const store = new Store(), formulas = { pair: "1.23456*r^-9", density: "r^-6", embedding: "-2*sqrt(rho)" };
  store.apply({ type: "reset", header: { state }, settings: { controls, templates: [EAM] }, nodes: NODES, pins: ["c1"], candidates: [{ id: "c1", node: 1, complexity: 12, loss: 0.5, formulas }] });
  return store;
}
const open = (list) => list.filter((entry) => !entry.disabled).map((entry) => entry.label);

test("a formula is written as the inject field takes it, in full where a candidate has it", () => {
  const store = filled();
  assert.equal(written(store, 1), "phi = 1.23456*r^-9; f = r^-6; F = -2*sqrt(rho)");
  assert.equal(written(store, 2), "phi = 1.3*r^-9; f = r^-6; F = -2*sqrt(rho)"); // its candidate is another node's
  assert.equal(written(store, 2, "c1"), "phi = 1.23456*r^-9; f = r^-6; F = -2*sqrt(rho)");
  assert.equal(written(store, 0), "");
});

test("the menu of a node: what can be done now is open, the rest is shown and closed", () => {
  const store = filled();
  assert.deepEqual(open(entries(store, { node: 1, closed: new Set() })), ["Boost this branch", "Prune this branch", "Unpin c1", "Restart from here", "Fold", "Copy formula", "Edit and inject …"]);
  assert.deepEqual(open(entries(store, { node: 2, closed: new Set() })), ["Prune this branch", "Release it", "Unpin c1", "Restart from here", "Copy formula", "Edit and inject …"]);
  assert.deepEqual(open(entries(store, { node: 0, closed: new Set([0]) })), ["Boost this branch", "Prune this branch", "Restart from here", "Unfold"]);
  assert.deepEqual(entries(store, { node: 1, closed: new Set() })[0].act, { send: { type: "command", name: "boost", node: 1 } });
});

test("an ended run takes no commands, an older one only those it knows, and the front has nothing to fold", () => {
  assert.deepEqual(open(entries(filled("finished"), { node: 1, closed: new Set() })), ["Restart from here", "Fold", "Copy formula"]);
  assert.deepEqual(entries(filled("running", []), { node: 1 }).map((entry) => entry.label), ["Copy formula"]);
  assert.ok(!entries(filled(), { node: 1, candidate: "c1" }).some((entry) => entry.act.fold !== undefined));
});

test("the menu of a candidate without a node of its own says which node its branch is", () => {
  const store = filled();
  store.candidates.set("c9", { ...store.candidates.get("c1"), id: "c9" });
  assert.deepEqual(entries(store, { node: 2, candidate: "c9" }).map((entry) => entry.label), ["Boost the branch of #2", "Prune the branch of #2", "Release #2", "Pin c9", "Restart from #2", "Copy formula", "Edit and inject …"]);
});

test("keys go past what is closed", () => {
  const list = [{}, { disabled: true }, {}, { disabled: true }];
  assert.deepEqual(["ArrowDown", "ArrowUp", "Home", "End"].map((key) => step(list, key, 0)), [2, 2, 0, 2]);
  assert.equal(step(list, "ArrowDown", 2), 0);
  assert.equal(step(list, "x", 0), undefined);
  assert.equal(step([{ disabled: true }], "Home", -1), undefined);
});
