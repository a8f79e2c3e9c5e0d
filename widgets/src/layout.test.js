import assert from "node:assert/strict";
import test from "node:test";
import { around, layout } from "./layout.js";
import { Store } from "./store.js";

function grown(count) {
  const store = new Store();
  let seed = 1;
  const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  const rows = [[0, -1, 0, "root", 1, 0, null, 1, 1, null, "", null]];
  for (let i = 1; i < count; i++) rows.push([i, Math.floor(random() * Math.min(i, 400)), 1, "expand", random(), 0, 0.1, 1, 0.5, null, "", null]);
  store.apply({ type: "reset", header: {}, nodes: rows });
  return store;
}

test("a small tree fills the unit square, parents above the middle of their children", () => {
  const store = new Store();
  store.apply({ type: "reset", header: {}, nodes: [[0, -1], [1, 0], [2, 0], [3, 1]].map(([id, parent]) => [id, parent, 0, "x", 1, 0, 0, 1, 1, null, "", null]) });
  const { places, levels } = layout(store.nodes, store.children);
  assert.deepEqual(places.get(0), { x: 0, y: 0.5 });
  assert.equal(places.get(3).x, 1);
  assert.equal(places.get(1).y, 0);
  assert.equal(places.get(2).y, 1);
  assert.equal(levels, 3);
});

test("no nodes, one node, and nodes whose parent is missing are laid out too", () => {
  assert.equal(layout(new Map(), new Map()).places.size, 0);
  const store = new Store();
  store.apply({ type: "reset", header: {}, nodes: [[5, 99, 1, "x", 1, 0, 0, 1, 1, null, "", null]] });
  assert.deepEqual(layout(store.nodes, store.children).places.get(5), { x: 0, y: 0.5 });
  store.apply({ type: "patch", header: {}, nodes: [[6, 98, 1, "x", 1, 0, 0, 1, 1, null, "", null]] });
  assert.equal(layout(store.nodes, store.children).places.size, 2);
});

test("5,000 nodes are laid out without overlap", () => {
  const store = grown(5000), { places } = layout(store.nodes, store.children);
  assert.equal(places.size, 5000);
  const seen = new Set([...places.values()].map(({ x, y }) => `${x.toFixed(9)} ${y.toFixed(9)}`));
  assert.equal(seen.size, 5000);
});

test("the radial picture keeps the depth as the distance from the root", () => {
  const { x, y } = around({ x: 0.5, y: 0.3 });
  assert.ok(Math.abs(Math.hypot(x, y) - 0.5) < 1e-12);
});
