import assert from "node:assert/strict";
import test from "node:test";
import { Store } from "./store.js";

//            id parent depth move loss score window visits best candidate label flag
const NODES = [[0, -1, 0, "root", 1.0, 0, null, 9, 0.2, null, "", null], [1, 0, 1, "seed", 0.5, 1, 0.3, 4, 0.2, "a", "exp(-r)", null], [2, 1, 2, "expand", 0.2, 2, 0.2, 2, 0.2, "b", "r^-9", null]];
const candidate = (id, complexity, loss, node, t = 0) => ({ id, complexity, loss, node, t, formulas: {} });
const RESET = {
  type: "reset", header: { state: "running", best: { id: "b" } }, nodes: NODES, visits: [], flags: [], front: ["a", "b"], fronts: [[1, ["a"]], [2, ["a", "b"]]],
  candidates: [candidate("a", 10, 0.5, 1, 1), candidate("b", 20, 0.2, 2, 2), candidate("c", 30, 0.4, 1, 3)],
};

function filled() {
  const store = new Store();
  store.apply(structuredClone(RESET));
  return store;
}

test("a reset fills the store and selects the best candidate", () => {
  const store = filled();
  assert.equal(store.nodes.size, 3);
  assert.deepEqual(store.children.get(0), [1]);
  assert.deepEqual(store.selected, { candidate: "b", node: 2 });
  assert.deepEqual(store.frontAt().map((c) => c.id), ["a", "b"]);
});

test("a patch adds nodes and visits; only new nodes change the shape", () => {
  const store = filled(), shape = store.shape;
  store.apply({ type: "patch", header: {}, visits: [[1, 7, 0.1]] });
  assert.equal(store.shape, shape);
  assert.equal(store.nodes.get(1).visits, 7);
  assert.equal(store.nodes.get(1).best, 0.1);
  store.apply({ type: "patch", header: {}, nodes: [[3, 0, 1, "seed", 0.9, 0, 0.3, 1, 0.9, null, "", null]] });
  assert.equal(store.shape, shape + 1);
  assert.deepEqual(store.children.get(0), [1, 3]);
  assert.deepEqual([...store.fresh], [3]);
});

test("a node sent again is replaced and not hung up twice", () => {
  const store = filled();
  store.apply({ type: "patch", header: {}, nodes: [[2, 1, 2, "expand", 0.2, 2, 0.2, 5, 0.2, "z", "r^-9", "boost"]] });
  assert.deepEqual(store.children.get(1), [2]);
  assert.equal(store.nodes.get(2).flag, "boost");
  assert.equal(store.nodes.get(2).candidate, "z");
});

test("a second reset forgets the run before it", () => {
  const store = filled();
  store.apply({ type: "reset", header: { state: "new" }, nodes: [], candidates: [] });
  assert.equal(store.nodes.size, 0);
  assert.equal(store.candidates.size, 0);
  assert.deepEqual(store.frontAt(), []);
});

test("selection links node and candidate, and a person's choice is not overruled by a new best", () => {
  const store = filled(), received = [];
  store.subscribe((topics) => received.push([...topics]));
  store.select({ node: 1 });
  assert.deepEqual(store.selected, { candidate: "a", node: 1 });
  store.select({ candidate: "c" });
  assert.deepEqual(store.selected, { candidate: "c", node: 1 });
  store.select({ node: 0 });
  assert.deepEqual(store.selected, { candidate: null, node: 0 });
  assert.deepEqual(received, [["selection"], ["selection"], ["selection"]]);
  store.apply({ type: "patch", header: { best: { id: "a" } } });
  assert.deepEqual(store.selected, { candidate: null, node: 0 });
});

test("until a person chooses, the selection follows the best", () => {
  const store = filled();
  store.apply({ type: "patch", header: { best: { id: "d" } }, candidates: [candidate("d", 25, 0.1, 2)] });
  assert.equal(store.selected.candidate, "d");
});

test("the front as it was earlier", () => {
  const store = filled();
  assert.deepEqual(store.frontAt(0.5), []);
  assert.deepEqual(store.frontAt(1.5).map((c) => c.id), ["a"]);
  assert.deepEqual(store.frontAt(2.5).map((c) => c.id), ["a", "b"]);
  assert.deepEqual(store.known(2.5).length, 2);
});

test("the path goes to the root, and a cycle in a damaged journal does not hang it", () => {
  const store = filled();
  assert.deepEqual(store.path(2), [2, 1, 0]);
  store.nodes.get(0).parent = 2;
  assert.ok(store.path(2).length <= 10_000);
});

test("an unsubscribed listener hears nothing", () => {
  const store = filled();
  let calls = 0;
  const end = store.subscribe(() => { calls += 1; });
  store.select({ node: 1 });
  end();
  store.select({ node: 2 });
  assert.equal(calls, 1);
});

test("validations belong to their candidate and are asked for again after a reset", () => {
  const store = filled();
  let told = 0;
  store.subscribe((topics) => { told += topics.has("validation"); });
  store.setValidation({ type: "validation", id: "a", done: false, doing: "phonons" });
  assert.equal(store.validation, null);
  store.select({ candidate: "a" });
  store.setValidation({ type: "validation", id: "a", done: true, doing: "" });
  assert.equal(store.validation.done, true);
  assert.equal(told, 2);
  store.apply(structuredClone(RESET));
  assert.equal(store.validation, null);
});

test("a melting run keeps its last atoms, and the one under way is found whichever candidate is chosen", () => {
  const store = new Store(), view = { cell: [1, 1, 2], positions: [[0, 0, 0]], solid: [1] };
  store.setMelting({ id: "c1", protocol: "coexistence", state: "running", view });
  store.setMelting({ id: "c1", protocol: "coexistence", state: "running", stage: "1 of 12 ps" });
  assert.equal(store.meltings.get("c1").get("coexistence").view, view);
  assert.equal(store.melting.stage, "1 of 12 ps");
  store.setMelting({ id: "c2", protocol: "coexistence", state: "done", view: null });
  assert.equal(store.melting.id, "c1");
  store.setMelting({ id: "c1", protocol: "coexistence", state: "cancelled" });
  assert.equal(store.melting, null);
});

test("what was said before there was a form to compare with is asked for again", () => {
  const store = filled(), received = [];
  store.setDetail({ id: "b", against: null, latex: {} });
  assert.equal(store.detail.id, "b");
  store.subscribe((topics) => received.push(topics.has("against")));
  store.apply({ type: "patch", header: {}, references: [{ name: "GP1" }] });
  assert.equal(store.detail, null);
  store.setDetail({ id: "b", against: null, latex: {} }); // on its way when the form came
  assert.equal(store.detail, null);
  store.setDetail({ id: "b", against: null, latex: {}, error: "no curves: a pole" });
  assert.equal(store.detail.error, "no curves: a pole");
  store.apply({ type: "patch", header: {}, references: [{ name: "GP1" }, { name: "Sutton-Chen" }] });
  store.apply({ type: "patch", header: {}, references: [{ name: "GP1" }, { name: "Sutton-Chen" }, { name: "Cleri-Rosato" }] });
  assert.deepEqual(received, [true, false, true, false]);
});

test("a comparison forgets what was said of the one before, and late answers to it", () => {
  const store = filled(), received = [];
  store.apply({ type: "patch", header: {}, references: [{ name: "Sutton-Chen" }, { name: "GP1" }] });
  store.setDetail({ id: "b", against: null, latex: {}, reference: { name: "Sutton-Chen" } });
  assert.equal(store.detail.id, "b");
  store.subscribe((topics) => received.push([...topics]));
  store.compare("GP1");
  assert.equal(store.reference.name, "GP1");
  assert.equal(store.details.size, 0);
  assert.deepEqual(received, [["against", "selection"]]);
  store.setDetail({ id: "b", against: null, latex: {}, reference: { name: "Sutton-Chen" } });
  assert.equal(store.details.size, 0);
  store.setDetail({ id: "b", against: "GP1", latex: {}, reference: { name: "GP1" } });
  assert.equal(store.detail.against, "GP1");
  store.compare("a");
  assert.equal(store.reference.id, "a");
  store.compare(null);
  assert.equal(store.reference.name, "Sutton-Chen");
});

test("formulas are shown as functions of the smallest template that has them", () => {
  const store = new Store(), of = (...names) => names.map((name) => ({ name, symbol: name[0], plain: name[0], left: name, said: name }));
  store.apply({ type: "reset", settings: { templates: [of("pair", "density", "second", "embedding"), of("pair", "density", "embedding")] } });
  assert.deepEqual(store.functionsOf({ embedding: "-2*sqrt(rho)", pair: "r^-9", density: "r^-6" }).map(({ name }) => name), ["pair", "density", "embedding"]);
  assert.deepEqual(store.functionsOf({ pair: "r^-9", second: "r", density: "r", embedding: "rho1" }).map(({ name }) => name), ["pair", "density", "second", "embedding"]);
  assert.deepEqual(store.functionsOf({ pair: "r^-9", density: "" }).map(({ name }) => name), ["pair"]);
  assert.deepEqual(store.functionsOf({ screening: "r" })[0], { name: "screening", symbol: "screening", plain: "screening", left: "\\mathrm{screening}", said: "screening" });
  assert.deepEqual(store.functionsOf(null), []);
});

test("what a person had chosen before the page was loaded anew is chosen again, and the best is not followed", () => {
  const store = new Store();
  store.kept = "a";
  store.apply(structuredClone(RESET));
  assert.deepEqual([store.selected, store.picked, store.kept], [{ candidate: "a", node: 1 }, true, null]);
  const other = new Store();
  other.kept = "gone";
  other.apply(structuredClone(RESET));
  assert.deepEqual([other.selected.candidate, other.picked], ["b", false]);
});

test("another run in place of this one begins without a choice; the same run once more keeps it", () => {
  const store = new Store(), reset = (folder) => ({ ...structuredClone(RESET), settings: { folder, controls: ["pause"] } });
  store.apply(reset("runs/one"));
  store.select({ candidate: "a" });
  store.apply(reset("runs/one"));
  assert.deepEqual([store.selected.candidate, store.picked], ["a", true]);
  store.at(1);
  store.apply(reset("runs/two"));
  assert.deepEqual([store.selected.candidate, store.picked, store.time], ["b", false, null]);
});

test("without a kernel nothing can be asked for", () => {
  const store = filled(), received = [];
  store.settings = { controls: ["pause", "set"] };
  store.subscribe((topics) => received.push([...topics]));
  assert.deepEqual(store.controls, ["pause", "set"]);
  store.connect(false);
  store.connect(false);
  assert.deepEqual(store.controls, []);
  assert.equal(received.length, 1);
  store.connect(true);
  assert.deepEqual(store.controls, ["pause", "set"]);
});

test("a person's formula is known by its node also where it led to a form that was there", () => {
  const store = filled();
  assert.ok(!store.yours(store.candidates.get("a")));
  store.apply({ type: "patch", header: {}, nodes: [[3, 0, 1, "inject", 0.5, 0, 0, 1, 0.5, "a", "", null]] });
  assert.ok(store.yours(store.candidates.get("a")) && !store.yours(store.candidates.get("b")));
});
