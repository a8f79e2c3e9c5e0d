import assert from "node:assert/strict";
import test from "node:test";
import { bestLosses, hypervolume, stepAt, volumes } from "./convergence_data.js";

test("the hypervolume is the area of the staircase", () => {
  const e = Math.E; // worst e^3 at 30 nodes: (30-10)*1 + (30-20)*1
  assert.ok(Math.abs(hypervolume([{ complexity: 10, error: e * e }, { complexity: 20, error: e }], 30, e ** 3) - 30) < 1e-12);
  assert.ok(Math.abs(hypervolume([{ complexity: 10, error: e * e }, { complexity: 15, error: e ** 2.5 }], 30, e ** 3) - 20) < 1e-12, "what is dominated adds nothing");
  assert.equal(hypervolume([{ complexity: 40, error: 1 }, { complexity: 10, error: e ** 4 }], 30, e ** 3), 0);
});

const store = {
  bests: [[1, "a"], [3, "b"], [4, "gone"]], fronts: [[1, ["a"]], [3, ["a", "b"]], [9, ["a", "b", "c"]]],
  candidates: new Map(Object.entries({ a: { complexity: 10, loss: 0.5, force_mae: 50 }, b: { complexity: 20, loss: 0.2, force_mae: 20 }, c: { complexity: 15, loss: 0.3, force_mae: 30 } })),
};

test("losses and volumes over time, and their value at a moment", () => {
  assert.deepEqual(bestLosses(store), [[1, 0.5], [3, 0.2]]);
  const found = volumes(store, "force_mae");
  assert.deepEqual(found.map(([t]) => t), [1, 3, 9]);
  assert.ok(found[0][1] < found[1][1] && found[1][1] < found[2][1] && found[2][1] === 1);
  assert.deepEqual(volumes({ ...store, fronts: [] }, "force_mae"), []);
  assert.equal(stepAt(found, 0.5), null);
  assert.equal(stepAt(found, 3.5), found[1][1]);
});
