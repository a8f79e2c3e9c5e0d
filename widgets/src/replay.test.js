import assert from "node:assert/strict";
import test from "node:test";
import { neighbour } from "./layout.js";
import { entries } from "./log_data.js";
import { bestAt, flagsAt, headerAt, lastNode, moment, visitsAt } from "./replay.js";
import { Store } from "./store.js";
import { told } from "./why.js";

const node = (id, parent, t, more = {}) => {
  const fields = { id, parent, depth: 0, move: "expand", loss: 1 / (id + 1), score: 0.8, window: 0.5, visits: 1, best: 0.1, candidate: null, label: "", flag: null, t, explore: 0.95, ...more };
  return ["id", "parent", "depth", "move", "loss", "score", "window", "visits", "best", "candidate", "label", "flag", "t", "explore"].map((name) => fields[name]);
};
const candidate = (id, at, t, loss) => ({ id, node: at, t, loss, complexity: 20, test_energy_mae: 5, test_force_mae: 30, formulas: {} });

/** A run of ten seconds: five nodes, three candidates, a boost that was taken back. */
function run() {
  const store = new Store();
  store.apply({
    type: "reset", header: { state: "finished", elapsed: 10, evaluations: 900, best: { id: "c3" } }, action: { node: 4 },
    nodes: [node(0, -1, 0, { move: "root", loss: null }), node(1, 0, 1, { move: "seed", candidate: "c1", explore: null }), node(2, 1, 3, { candidate: "c2" }), node(3, 2, 6, { candidate: "c3" }), node(4, 0, 8, { move: "inject", explore: null })],
    candidates: [candidate("c1", 1, 1, 0.5), candidate("c2", 2, 3, 0.3), candidate("c3", 3, 6, 0.25)], front: ["c2", "c3"], fronts: [[1, ["c1"]], [3, ["c1", "c2"]], [6, ["c2", "c3"]]],
    bests: [[1, "c1"], [3, "c2"], [6, "c3"]], plays: [[0, 0, 0], [1, 1, 1], [2, 1, 4], [3, 2, 1], [6, 3, 1], [7, 2, 2], [8, 4, 1]], flags: [[2, "boost", 4], [2, null, 9]], progress: [[1, 100, 50], [5, 500, 60], [9, 900, 70]],
    log: [{ t: 4, name: "boost", text: "boost #2", node: 2 }, { t: 7.5, name: "inject", text: "inject phi = r" }, { t: 9.5, name: "error", text: "no" }],
  });
  return store;
}

test("of an earlier moment only the nodes that were born, their visits and flags", () => {
  const store = run();
  store.at(5);
  assert.deepEqual([0, 1, 2, 3, 4].filter((id) => store.born(id)), [0, 1, 2]);
  assert.deepEqual([...visitsAt(store, 5)].sort(), [[0, 6], [1, 6], [2, 1]]);
  assert.deepEqual([...visitsAt(store, 10)].sort(), [[0, 10], [1, 9], [2, 4], [3, 1], [4, 1]]);
  assert.deepEqual([...flagsAt(store, 5)], [[2, "boost"]]);
  assert.equal(flagsAt(store, 9).size, 0);
  assert.equal(lastNode(store, 5).id, 2);
  assert.equal(lastNode(store, null).id, 4);
});

test("selection and best path go along until a person has chosen, and keys do not lead into the future", () => {
  const store = run(), received = [];
  store.subscribe((topics) => received.push([...topics]));
  assert.deepEqual(store.selected, { candidate: "c3", node: 3 });
  store.at(5);
  assert.deepEqual([store.selected, store.bestNode], [{ candidate: "c2", node: 2 }, 2]);
  assert.deepEqual(received, [["time", "selection"]]);
  assert.equal(neighbour(store, "ArrowRight", 2), null);
  store.select({ node: 1 });
  store.at(null);
  assert.deepEqual([store.selected.node, store.bestNode, neighbour(store, "ArrowRight", 2)], [1, 3, 3]);
});

test("the header tells evaluations and errors of the time", () => {
  const store = run(), then = headerAt(store, 5.5);
  assert.deepEqual([then.state, then.elapsed, then.evaluations, then.best.id], ["replay", 5.5, 500, "c2"]);
  assert.equal(headerAt(store, 0.5).evaluations, 0);
  assert.equal(bestAt(store, 0.5), null);
});

test("a patch makes the histories longer", () => {
  const store = run();
  store.apply({ type: "patch", header: {}, plays: [[9, 4, 5]], fronts: [[9, ["c2", "c3", "c9"]]], log: [{ t: 9.7, name: "pause", text: "paused" }] });
  assert.equal(visitsAt(store, 10).get(4), 6);
  assert.deepEqual([...store.entered], [["c1", 1], ["c2", 3], ["c3", 6], ["c9", 9]]);
  assert.equal(entries(store)[0].text, "paused");
});

test("a replay goes from the moment shown to now, in jumps where motion is not wanted", () => {
  assert.equal(moment(0, 0, 60), 0);
  assert.equal(moment(0, 10_000, 60), 30);
  assert.equal(moment(45, 5000, 60), null);
  assert.equal(moment(0, 10_400, 60, 20), 30);
});

test("the log holds improvements and commands, newest first, each with what it is about", () => {
  const store = run(), all = entries(store);
  assert.deepEqual(all.map((e) => [e.t, e.kind]), [[9.5, "refused"], [7.5, "you"], [6, "front"], [4, "you"], [3, "front"], [1, "front"]]);
  assert.deepEqual(all.map((e) => e.choice), [null, { node: 4 }, { candidate: "c3" }, { node: 2 }, { candidate: "c2" }, { candidate: "c1" }]);
  assert.deepEqual(entries(store, 3.5).map((e) => e.t), [3, 1]);
  assert.deepEqual(entries(store, null, 1).map((e) => e.t), [9.5, 7.5, 6, 4], "a person's own lines stay, however many came onto the front");
});

test("a move is told with its reason", () => {
  const store = run(), of = (id) => told(store, store.nodes.get(id));
  assert.equal(of(3).what, "#2 → #3 · loss 0.333 → 0.250 · c3 on the front");
  assert.equal(of(3).why, "#2 scored 0.80: rank −0.15 + exploration 0.95 · window 0.50");
  assert.match(of(1).why, /fresh start/);
  assert.match(of(4).why, /person/);
  store.nodes.get(1).flag = "boost";
  assert.match(of(3).why, /in a boosted branch · window/);
});
