import assert from "node:assert/strict";
import test from "node:test";
import { best, budget, when } from "./runs_data.js";
import { number } from "./scale.js";

test("a row says how long, how good and when", () => {
  assert.equal(budget({ seconds: 75, evaluations: 12345 }), "1:15 · 12\u202f345");
  assert.equal(best({ best: { energy_mae: 2.34, force_mae: 38.2 } }, number), "2.34 · 38.2");
  assert.equal(best({ best: null }, number), "–");
  const now = new Date(2026, 10, 27, 15, 0);
  assert.equal(when(new Date(2026, 10, 27, 9, 5) / 1000, now), "09:05");
  assert.equal(when(new Date(2026, 10, 26, 9, 5) / 1000, now), "2026-11-26");
});
