import assert from "node:assert/strict";
import test from "node:test";
import { axesOf, DOTS, dots, reach } from "./dots_data.js";

const KNOWN = { c11: { pbe: 177, experiment: 176.2 }, c44: { pbe: 82 } };

test("a row holds what is known, the candidate on top", () => {
  assert.deepEqual(dots("c11", { c11: { value: 150 } }, { c11: { value: 169 } }, KNOWN).map((d) => d.kind), ["measured", "pbe", "reference", "this"]);
  assert.deepEqual(dots("c44", { c44: { value: null } }, undefined, KNOWN), [{ kind: "pbe", value: 82 }]);
  assert.deepEqual(dots("c12", undefined, undefined, undefined), []);
});

test("the axis begins at zero and holds all dots", () => {
  const [low, high] = reach([[{ kind: "pbe", value: 177 }, { kind: "this", value: 190 }], [{ kind: "measured", value: 82 }]]);
  assert.equal(low, 0);
  assert.ok(high > 190 && high < 215);
});

test("a candidate far off stays at the edge instead of pressing the others together", () => {
  const [low, high] = reach([[{ kind: "pbe", value: 1.5 }, { kind: "this", value: 90 }], [{ kind: "this", value: -40 }]]);
  assert.ok(high < 3.6 && low < 0 && low > -2.2);
});

test("an axis without values, or only the candidate's, is an axis all the same", () => {
  assert.ok(reach([[], []])[1] > reach([[], []])[0]);
  const [low, high] = reach([[{ kind: "this", value: 0.8 }]]);
  assert.ok(low === 0 && high > 0.8);
});

test("no property stands in a panel twice", () => {
  for (const panel of Object.keys(DOTS))
    for (const structure of ["fcc", "bcc", "hcp", "diamond"]) {
      const names = axesOf(panel, structure).flatMap(({ rows }) => rows.map(([name]) => name));
      assert.equal(new Set(names).size, names.length);
    }
});

test("a crystal has the rows of its structure, and those of fcc before it is known", () => {
  const names = (panel, structure) => axesOf(panel, structure).flatMap(({ rows }) => rows.map(([name]) => name));
  assert.ok(names("elastic", "hcp").includes("c33") && !names("elastic", "bcc").includes("c33"));
  assert.deepEqual(names("surfaces", "bcc").slice(0, 2), ["surface_energy_110", "surface_energy_100"]);
  assert.deepEqual(names("defects"), names("defects", "fcc"));
});
