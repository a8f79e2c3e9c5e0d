import assert from "node:assert/strict";
import test from "node:test";
import { keyed } from "./log_data.js";

test("a command that was given twice in the same moment has two lines", () => {
  const entry = { t: 21.7, kind: "you", text: "inject phi = exp(-r)", choice: null };
  assert.deepEqual([...keyed([{ ...entry }, { ...entry }, { ...entry, t: 3 }]).values()].map(({ t }) => t), [21.7, 21.7, 3]);
});
