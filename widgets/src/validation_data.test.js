import assert from "node:assert/strict";
import test from "node:test";
import { interpolate } from "./scale.js";
import { measuredPhonons, volumeLimits } from "./validation_data.js";

test("the equation of state shows all DFT points and lets the core run off", () => {
  const line = { x: [4, 8, 12, 20, 26], y: [40, -2, -3.5, -2.5, -2] }, points = [{ x: [8, 12, 25], y: [-2.1, -3.4, -2.1] }];
  const { x, y } = volumeLimits([line], points);
  assert.ok(x[0] > 4 && x[0] < 8 && x[1] > 25 && x[1] < 26);
  assert.ok(y[0] < -3.5 && y[1] > -2.1 && y[1] < 0);
});

test("without DFT points the range follows the crystal, and a gap in the curve does not matter", () => {
  const { x, y } = volumeLimits([{ x: [4, 8, 10, 12, 20], y: [null, -2, -3, -3.5, -2.5] }], []);
  assert.deepEqual(x.map(Math.round), [8, 23]);
  assert.ok(y.every(Number.isFinite) && y[1] < 0);
  assert.deepEqual(volumeLimits([], []), {});
});

test("measured phonons stand where the path names their points, a doubled point once", () => {
  const { x, y } = measuredPhonons([[0, "Γ"], [1, "X"], [1.35, "U|K"]], { X: [5.15, 5.15, 7.24], U: [4.6, 5.87, 6.63], K: [4.6, 5.87, 6.63], L: [3.4] });
  assert.deepEqual(x, [1, 1, 1.35, 1.35, 1.35]);
  assert.deepEqual(y, [5.15, 7.24, 4.6, 5.87, 6.63]);
});

test("a line is read between its points, and neither outside nor beside a gap", () => {
  assert.equal(interpolate([0, 2, 4], [0, 4, null], 1), 2);
  assert.equal(interpolate([0, 2, 4], [0, 4, null], 2), 4);
  assert.equal(interpolate([0, 2, 4], [0, 4, null], 3), null);
  assert.equal(interpolate([0, 2, 4], [0, 4, null], -1), null);
  assert.equal(interpolate([0, 2, 4], [0, 4, null], 5), null);
});
