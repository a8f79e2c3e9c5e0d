import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { Painter } from "./painter.js";

/** A painter whose clock, page and search the test plays; `drawn` are the views in the order of drawing. */
function rig() {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
  const it = { now: 0, running: true, seen: true, drawn: [] };
  it.painter = new Painter({ tree: ["tree", "selection"], table: ["front", "selection"], header: ["header"] }, new Set(["table"]),
    { update: (view) => it.drawn.push(view), patient: (topics) => it.running && topics.has("header"), seen: () => it.seen, soon: (f) => setTimeout(f, 16), clock: () => it.now });
  it.pass = (milliseconds) => {
    for (let i = 0; i < milliseconds; i += 4) {
      it.now += 4;
      mock.timers.tick(4);
    }
  };
  it.painter.flush();
  it.first = it.drawn.splice(0);
  return it;
}
const patch = () => new Set(["header", "tree", "front"]);

test("all is drawn at first, then only what shows the topics that changed", () => {
  const it = rig();
  assert.deepEqual(it.first.sort(), ["header", "table", "tree"]);
  it.painter.mark(new Set(["tree"]));
  it.painter.mark(new Set(["tree"]));
  it.pass(40);
  assert.deepEqual(it.drawn, ["tree"]);
});

test("of a running search the tree follows each patch, the table only now and then", () => {
  const it = rig();
  for (let i = 0; i < 10; i += 1) {
    it.painter.mark(patch());
    it.pass(100);
  }
  assert.equal(it.drawn.filter((view) => view === "tree").length, 10);
  assert.equal(it.drawn.includes("table"), false);
  it.pass(2500);
  assert.equal(it.drawn.filter((view) => view === "table").length, 1); // also when no other patch comes
});

test("what a person does is drawn with the next frame, and what has waited with it", () => {
  const it = rig();
  it.painter.mark(patch());
  it.painter.mark(new Set(["selection"]));
  it.pass(20);
  assert.deepEqual(it.drawn.sort(), ["header", "table", "tree"]);
});

test("a search that rests is drawn at once, with what has waited", () => {
  const it = rig();
  it.painter.mark(patch());
  it.pass(40);
  it.running = false;
  it.painter.mark(new Set(["header"]));
  it.pass(20);
  assert.ok(it.drawn.includes("table"));
});

test("a page that nobody sees is drawn seldom, and at once when it comes into sight", () => {
  const it = rig();
  it.seen = false;
  for (let i = 0; i < 10; i += 1) {
    it.painter.mark(patch());
    it.pass(100);
  }
  assert.deepEqual(it.drawn, []);
  it.seen = true;
  it.painter.flush();
  assert.ok(it.drawn.includes("tree"));
  it.drawn.length = 0;
  it.seen = false;
  it.painter.mark(patch());
  it.pass(5000);
  assert.equal(it.drawn.filter((view) => view === "tree").length, 1);
});
