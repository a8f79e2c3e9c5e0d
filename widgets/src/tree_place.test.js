import assert from "node:assert/strict";
import { test } from "node:test";
import { nearest, place, radius } from "./tree_place.js";

/** A d3 transform: k times larger, then moved. */
const zoomed = (k, x = 0, y = 0) => ({ k, applyX: (v) => k * v + x, applyY: (v) => k * v + y });
const laid = { places: new Map([[0, { x: 0, y: 0.5 }], [1, { x: 1, y: 0 }], [2, { x: 1, y: 1 }]]), rows: 2, levels: 2 };
const stage = { width: 440, height: 228, radial: false, zoom: zoomed(1) };

test("the tree fills the stage up to its margins, the root at the left", () => {
  const { points } = place(laid, stage);
  assert.deepEqual(points.get(0), [18, 114]);
  assert.deepEqual(points.get(1), [418, 14]);
  assert.deepEqual(points.get(2), [418, 214]);
});

test("around the root all of it lies within a circle about the centre", () => {
  const { points, centre } = place(laid, { ...stage, radial: true });
  assert.deepEqual(points.get(0), centre);
  for (const id of [1, 2]) assert.ok(Math.abs(Math.hypot(points.get(id)[0] - centre[0], points.get(id)[1] - centre[1]) - 100) < 1e-9);
});

test("zoom moves and spreads the points and the centre", () => {
  const { points, centre } = place(laid, { ...stage, zoom: zoomed(2, 10, -5) });
  assert.deepEqual(points.get(0), [46, 223]);
  assert.deepEqual(centre, [2 * 218 + 10, 2 * 114 - 5]);
});

test("what is not born yet has no point and leaves the others where they are", () => {
  const { points } = place(laid, stage, (id) => id !== 2);
  assert.deepEqual([...points.keys()], [0, 1]);
  assert.deepEqual(points.get(1), place(laid, stage).points.get(1));
});

test("dots shrink in a crowd, never below a size, and grow with the zoom", () => {
  assert.equal(place(laid, stage).dot, 1);
  const crowd = place({ ...laid, rows: 5000 }, stage).dot;
  assert.equal(crowd, 0.45);
  assert.ok(place({ ...laid, rows: 5000 }, { ...stage, zoom: zoomed(60) }).dot > crowd);
});

test("a node grows with its visits up to a size", () => {
  assert.ok(radius(1, 100) > radius(1, 1) && radius(1, 1) > radius(1, 0));
  assert.equal(radius(1, 1e6), radius(1, 1e9));
  assert.equal(radius(0.5, 7), radius(1, 7) / 2);
});

test("the pointer means the nearest node within reach", () => {
  const { points } = place(laid, stage);
  assert.equal(nearest(points, 20, 110), 0);
  assert.equal(nearest(points, 410, 20), 1);
  assert.equal(nearest(points, 200, 114), null);
});
