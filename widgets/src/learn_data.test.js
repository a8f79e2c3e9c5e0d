import assert from "node:assert/strict";
import test from "node:test";
import { ceiling, ceilingLimits, cells, COLUMNS, errors, labelled, parity } from "./learn_data.js";

const RUNS = [{ name: "c1, 4 atoms", ceiling: [9, 1], lowest: [0, -1] }, { name: "c2, 4 atoms", ceiling: [90, 2, 1, -3], lowest: [0, -1, -3, -3.4] }];
const ROUNDS = [{ round: 0, test_energy_mae: 9, test_near_energy_mae: 3, test_far_energy_mae: null, train: 40 }, { round: 1, test_energy_mae: 8, test_near_energy_mae: 2, new_energy_mae: 30, cpu_seconds: 7200 }];

test("the newest sampling run has ceiling and lowest walker, those before it are pale", () => {
  assert.deepEqual(ceiling(RUNS).map(({ kind, y }) => [kind, y]), [["past", [9, 1]], ["lowest", [0, -1, -3, -3.4]], ["this", [90, 2, 1, -3]]]);
  assert.deepEqual(ceiling([]), []);
  assert.deepEqual(ceiling([{ name: "new", ceiling: [], lowest: [] }]), []);
});

test("the gas of the first level does not flatten the rest", () => {
  const { y: [low, high] } = ceilingLimits(RUNS);
  assert.ok(low < -3.4 && low > -4 && high > 2 && high < 3);
  assert.deepEqual(ceilingLimits([]), {});
});

test("labels of the round under way stand apart, both axes are the same", () => {
  const { series, limits } = parity([{ round: 1, energy: [[-3, -2.9]] }, { round: 2, energy: [[-1, -1.2], [-2, -2]] }], "energy");
  assert.deepEqual(series.map(({ kind, x }) => [kind, x.length]), [["pbe", 2], ["seen", 1], ["fresh", 2]]);
  assert.deepEqual(limits.x, limits.y);
  assert.deepEqual(parity([], "energy").series, []);
});

test("a label that the model has far off stands at the edge, in sight", () => {
  const { series, limits } = parity([{ round: 1, energy: [[-3, 40], [-2, -90], [-1, -1]] }], "energy");
  assert.deepEqual(series[2].y, [limits.y[1], limits.y[0], -1]);
});

test("errors skip what a round does not have, and begin at zero", () => {
  const { series, limits } = errors(ROUNDS, "energy_mae"), of = (name) => series.find((l) => l.name === name);
  assert.deepEqual(of("all").y, [9, 8]);
  assert.deepEqual(of("far").y, []);
  assert.deepEqual([of("new labels").x, of("new labels").y], [[1], [30]]);
  assert.equal(limits.y[0], 0);
});

test("a row has a cell for each column, times in hours", () => {
  const row = cells(ROUNDS[1]);
  assert.equal(row.length, COLUMNS.length);
  assert.equal(row[COLUMNS.findIndex(([, key]) => key === "cpu_seconds")], "2.0");
  assert.equal(row[COLUMNS.findIndex(([, key]) => key === "train")], "");
  assert.equal(labelled({ done: 1, failed: 2, cpu: 30 }), "1 label, 2 failed · 30 s of processor time");
  assert.equal(labelled({ done: 16, of: 3, cpu: 36000 }), "16 labels, 3 to go · 10 h of processor time");
});
