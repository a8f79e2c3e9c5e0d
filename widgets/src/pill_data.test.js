import assert from "node:assert/strict";
import test from "node:test";
import { pillText } from "./pill_data.js";

test("a search that was paused is pausing until its last move has ended", () => {
  assert.equal(pillText({ state: "paused", elapsed: 61, pending: 2 }), "pausing 1:01");
  assert.equal(pillText({ state: "paused", elapsed: 61, pending: 0 }), "paused 1:01");
  assert.equal(pillText({ state: "paused", elapsed: 61 }), "paused 1:01"); // a journal of before
  assert.equal(pillText({ state: "running", elapsed: 61, pending: 2 }), "running 1:01");
});

test("a search that has not begun has no time", () => {
  assert.equal(pillText({ elapsed: 0 }), "not started");
  assert.equal(pillText({ state: "died", elapsed: 5 }), "worker died 0:05");
});
