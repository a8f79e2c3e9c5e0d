import assert from "node:assert/strict";
import { test } from "node:test";
import { follows, idle, patience, slowly, unhurried } from "./pace.js";

const unasked = { known: false, picked: false, running: true, since: Infinity };

test("what a person chose is computed at once, what the selection follows only when it has settled", () => {
  assert.ok(patience({ ...unasked, picked: true }) < 500);
  assert.ok(patience(unasked) >= 5_000);
  assert.ok(patience({ ...unasked, running: false }) < patience(unasked));
  assert.equal(patience({ ...unasked, known: true }), 0);
});

test("validations that nobody asked for keep apart while the search runs", () => {
  assert.ok(patience({ ...unasked, since: 10_000 }) >= 40_000);
  assert.equal(patience({ ...unasked, since: 10_000_000 }), patience(unasked));
  assert.ok(patience({ ...unasked, since: 0, picked: true }) < 500);
});

test("a page in sight is drawn at once, one out of sight now and then", () => {
  assert.equal(idle(true, 0), 0);
  assert.ok(idle(false, 0) > 1_000);
  assert.equal(idle(false, 60_000), 0);
});

test("slow panels follow after a while, and at once when they have not for long", () => {
  assert.ok(slowly(0) > 500 && slowly(200) < slowly(0));
  assert.equal(slowly(Infinity), 0);
});

test("a patch can wait, a choice and the answer to it cannot", () => {
  const store = { header: { state: "running" }, picked: false }, chosen = { ...store, picked: true }, rests = { ...store, header: { state: "paused" } };
  const patch = new Set(["header", "front"]), answer = new Set(["detail"]);
  assert.ok(follows(store) && !follows(chosen) && !follows(rests));
  assert.ok(unhurried(store, patch) && unhurried(chosen, patch) && !unhurried(rests, patch));
  assert.ok(unhurried(store, answer) && !unhurried(chosen, answer));
  assert.ok(!unhurried(store, new Set(["selection"])) && !unhurried(store, new Set(["header", "all"])));
});
