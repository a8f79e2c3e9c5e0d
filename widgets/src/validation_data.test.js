import assert from "node:assert/strict";
import test from "node:test";
import { interpolate } from "./scale.js";
import { measuredPhonons, volumeLimits } from "./validation_data.js";

test("the equation of state is shown around the minimum of DFT, and a soft core runs off", () => {
  const line = { x: [4, 9, 12, 17, 26], y: [40, -2, -3.6, -2.9, -2] }, points = { x: [8, 9.2, 12, 17, 25], y: [-2.1, -3, -3.4, -3.1, -2.1] };
  const { x, y } = volumeLimits([line], points);
  assert.deepEqual(x.map((v) => v.toFixed(2)), ["8.88", "17.52"]);
  assert.ok(y[0] < -3.6 && y[1] > -3 && y[1] < -2.9);
});

test("without DFT points the range follows the candidate, and a gap in its curve does not matter", () => {
  const { x, y } = volumeLimits([{ x: [4, 8, 10, 12, 17, 30], y: [null, null, -3, -3.5, -3, -2] }]);
  assert.ok(x[0] < 10 && x[1] > 17 && x[1] < 30);
  assert.ok(y[0] < -3.5 && y[1] > -3 && y[1] < -2);
  assert.deepEqual(volumeLimits([]), {});
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
