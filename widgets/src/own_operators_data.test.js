import assert from "node:assert/strict";
import { test } from "node:test";
import { nameOf, withAnother } from "./own_operators_data.js";

test("a definition is known by its name", () => {
  assert.equal(nameOf(" bump (x) = exp(-x^2)"), "bump");
  assert.equal(nameOf("exp(-x^2)"), "exp"); // Python says what is wrong with it
  assert.equal(nameOf("-x^2"), "-x^2");
});

test("another one of the same name takes its place", () => {
  assert.deepEqual(withAnother(["bump(x) = exp(-x^2)", "hill(x) = x^2"], "bump(u) = 1/(1 + u^2)"), ["hill(x) = x^2", "bump(u) = 1/(1 + u^2)"]);
  assert.deepEqual(withAnother([], "hill(x) = x^2"), ["hill(x) = x^2"]);
});
