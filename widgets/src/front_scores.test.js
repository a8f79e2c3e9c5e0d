import assert from "node:assert/strict";
import test from "node:test";
import { knee, scores } from "./front_scores.js";

const front = [[10, 1.0], [14, 0.2], [16, 0.3], [24, 0.1]].map(([complexity, loss], i) => ({ id: `c${i}`, complexity, loss }));

test("the score is what a node more bought; the shortest and beaten ones have none", () => {
  const found = scores(front);
  assert.deepEqual([...found.keys()], ["c1", "c3"]);
  assert.ok(Math.abs(found.get("c1") - Math.log(5) / 4) < 1e-12);
  assert.ok(Math.abs(found.get("c3") - Math.log(2) / 10) < 1e-12);
});

test("the knee is where more nodes stop paying", () => {
  assert.equal(knee(front), "c1");
  assert.equal(knee(front.slice(0, 2)), null);
});

test("a wrong crystal is no knee while there is a right one", () => {
  const marked = (right) => front.map((c, k) => ({ ...c, right_crystal: right.includes(k) }));
  assert.equal(knee(marked([2, 3])), "c2");
  assert.equal(knee(marked([])), "c1");
});
