import assert from "node:assert/strict";
import { test } from "node:test";
import { asked, choicesOf } from "./costs_data.js";

const settings = { cost_choices: [{ name: "exp", about: "exponential" }, { name: "mul", about: "product" }], own_operators: ["bump(x) = exp(-x^2)"] };

test("operators of one's own can have a cost beside those of the grammar", () => {
  assert.deepEqual(choicesOf(settings).map(({ name, own }) => [name, own]), [["exp", false], ["mul", false], ["bump", true]]);
  assert.deepEqual(choicesOf({}), []);
});

test("what counts that anyway is not asked for: one, and of one's own what it is made of", () => {
  const choices = choicesOf(settings), of = (texts) => asked(choices, new Map(Object.entries(texts)));
  assert.deepEqual(of({ exp: "1", mul: "", bump: "" }), []);
  assert.deepEqual(of({ exp: "3", mul: "1", bump: "1" }), [["exp", 3], ["bump", 1]]);
  assert.deepEqual(of({ bump: " 4 " }), [["bump", 4]]);
});
