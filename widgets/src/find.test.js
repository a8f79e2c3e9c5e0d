import assert from "node:assert/strict";
import test from "node:test";
import { find, folded } from "./find.js";

const NODES = new Map([
  [0, { id: 0, move: "root", loss: null, label: "" }], [1, { id: 1, move: "seed", loss: 0.5, label: "φ = 2*exp(-3*r)\nF = -sqrt(rho)", candidate: "c7" }],
  [2, { id: 2, move: "expand", loss: 0.2, label: "φ = r^(-9)\nF = -sqrt(rho)" }], [12, { id: 12, move: "cross", loss: 0.3, label: "φ = exp(-2*r)", flag: "boost" }],
]);
const CHILDREN = new Map([[0, [1, 12]], [1, [2]]]);

test("words must all match, and the best comes first", () => {
  assert.deepEqual(find(NODES, "sqrt"), [2, 1]);
  assert.deepEqual(find(NODES, "SQRT exp(-3"), [1]);
  assert.deepEqual(find(NODES, "cross"), [12]);
  assert.deepEqual(find(NODES, "boost"), [12]);
});

test("numbers name a node or a candidate, and nothing longer", () => {
  assert.deepEqual(find(NODES, "#1"), [1]);
  assert.deepEqual(find(NODES, "c7"), [1]);
  assert.deepEqual(find(NODES, "  "), []);
});

test("a folded branch counts all that it hides", () => {
  const { shown, hidden } = folded(CHILDREN, new Set([1]));
  assert.deepEqual([...shown.keys()], [0]);
  assert.deepEqual([...hidden], [[1, [2]]]);
  assert.deepEqual([...folded(CHILDREN, new Set([0, 2])).hidden], [[0, [1, 12, 2]]]); // a leaf hides nothing
});
