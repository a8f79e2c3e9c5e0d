import assert from "node:assert/strict";
import test from "node:test";
import { best, published, leaders } from "./pair_data.js";

const candidate = (complexity, loss, error) => ({ complexity, loss, test_force_mae: error });
const A = [candidate(15, 0.5, 40), candidate(25, 0.3, 31), candidate(26, null, 1), candidate(44, 0.1, 33)];
const B = [candidate(18, 0.4, 41), candidate(28, 0.29, 31.01)];

test("the best is chosen by training loss, whatever its test error", () => {
  assert.equal(best(A).complexity, 44);
  assert.equal(best(A, 30).complexity, 25);
  assert.equal(best(A, 10), null);
});

test("the lead is the lower error to three figures, and what exists leads what does not", () => {
  const found = leaders([A, B], "test_force_mae", [10, 16, 20, 30, 45]);
  assert.deepEqual(found.map((r) => r.leads), [null, 0, 0, null, 1]);
  assert.deepEqual(found[2].values, [40, 41]);
});

test("published forms are shown once on the same data and under a name on others", () => {
  const store = (fingerprint, ...names) => ({ run: { fingerprint }, references: names.map((name) => ({ name })) });
  const names = ({ name }) => name;
  assert.deepEqual(published([store("x", "GP1"), store("x", "GP1", "own")], ["a", "b"]).map(names), ["GP1", "own"]);
  assert.deepEqual(published([store("x", "GP1"), store("y", "GP1")], ["a", "b"]).map(names), ["GP1", "GP1 (b)"]);
});
