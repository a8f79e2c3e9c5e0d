import assert from "node:assert/strict";
import test from "node:test";
import { level, lines, profiles, projected, story, outcomeText } from "./melting_data.js";

const RUNS = {
  "search-1": { start: 1238, outcome: "melted", t: [1, 2], T: [1230, 1150], H: [-3.1, -3.1], profile: [[1, 0], [0, 0]] },
  "search-2": { start: 1098.2, outcome: null, t: [1], T: [1112], H: [-3.2], profile: [[1, 0.5, 0, 0.5]] },
};

test("the newest run is the candidate's line, those before it are pale", () => {
  assert.deepEqual(lines(RUNS, "T").map(({ kind, y }) => [kind, y]), [["past", [1230, 1150]], ["this", [1112]]]);
  assert.deepEqual(lines({ a: { t: [], T: [] } }, "T"), []);
  assert.deepEqual(lines(undefined, "T"), []);
});

test("the share of crystal lies in the middle of its slices, beside that of the first record", () => {
  assert.deepEqual(profiles(RUNS, 40), [{ name: "this", kind: "this", x: [5, 15, 25, 35], y: [1, 0.5, 0, 0.5] }]);
  assert.deepEqual(profiles({ a: RUNS["search-1"] }, 40).map(({ kind, y }) => [kind, y]), [["past", [1, 0]], ["this", [0, 0]]]);
  assert.deepEqual(profiles({}, 40), []);
});

test("levels span the time that is drawn", () => {
  assert.deepEqual(level("pbe", 1251, lines(RUNS, "T"))[0].x, [1, 2]);
  assert.deepEqual(level("pbe", null, lines(RUNS, "T")), []);
  assert.deepEqual(level("pbe", 1251, []), []);
});

test("the outcome is one line, and says so where there is none", () => {
  assert.equal(outcomeText({ state: "done", result: { value: 1153.29, standard_error: 5.4 } }), "about 1150 K");
  assert.equal(outcomeText({ state: "done", result: { value: null } }), "no melting");
  assert.equal(outcomeText({ state: "failed", error: "hole at short range" }), "hole at short range");
  assert.equal(outcomeText({ state: "cancelled" }), "cancelled");
  assert.equal(outcomeText(null), "");
  assert.equal(story(RUNS), "from 1238 K: melted");
});

test("atoms are seen along y with z to the right, the near ones last", () => {
  const { scale, atoms } = projected({ cell: [10, 10, 20], positions: [[10, 2, 0], [0, 8, 20]], solid: [1, 0] }, 243, 123);
  assert.equal(scale, 10);
  assert.deepEqual(atoms.map(({ x, y, solid }) => [x, y, solid]), [[221.5, 111.5, false], [21.5, 11.5, true]]); // a radius away from the edges
});
