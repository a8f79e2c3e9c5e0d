import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { attach, canAttach, drawAgain, seek } from "./notebook.js";

const VIEW = "application/vnd.jupyter.widget-view+json";

/** A notebook whose second cell shows a plot and then the widget "old"; `set` are the outputs as they were replaced. */
function page(answer = {}) {
  const layouts = { old: { comm_live: true }, plot: {} }, set = [], asked = [], given = {};
  const view = (id) => ({ output_type: "display_data", metadata: {}, data: { [VIEW]: { version_major: 2, model_id: id }, "text/plain": "srlab dashboard" } });
  const list = [view("plot"), view("old"), { output_type: "display_data", metadata: {}, data: { "image/png": "…" } }];
  const outputs = { length: list.length, get: (i) => ({ data: list[i].data, toJSON: () => structuredClone(list[i]) }), set: (i, output) => { list[i] = output; set.push([i, output.data[VIEW]?.model_id ?? null]); } };
  const cells = [{ type: "markdown" }, { outputs }];
  const kernel = { status: "idle", requestExecute: (content) => { asked.push(content); return { done: Promise.resolve({ content: answer }) }; } };
  const manager = { kernel, context: { model: { cells: { length: 2, get: (i) => cells[i] } } }, has_model: (id) => id in layouts, get_model: async (id) => ({ get: (name) => (name === "layout" ? layouts[id] : undefined), set: (traits) => Object.assign(given, traits), save_changes: () => { given.saved = true; } }) };
  return { set, asked, list, given, model: { widget_manager: manager, get: (name) => (name === "layout" ? layouts.old : undefined) } };
}

test("the outputs of a widget, and no others, are drawn once more by something new", async () => {
  const { model, set } = page();
  await drawAgain(model);
  assert.deepEqual(set, [[1, null], [1, "old"]]);
});

test("a widget in a box is drawn with its box", async () => {
  const { model, set, list } = page(), box = { get: (name) => (name === "children" ? [{ get: () => undefined }, model] : {}) }, { get_model: alone } = model.widget_manager;
  list[0].data[VIEW].model_id = "box";
  Object.assign(model.widget_manager, { has_model: () => true, get_model: async (id) => (id === "box" ? box : alone(id)) });
  await drawAgain(model);
  assert.deepEqual(set, [[0, null], [0, "box"], [1, null], [1, "old"]]);
});

test("a new kernel's dashboard takes the place of the old one, and the notebook keeps its id", async () => {
  const { model, set, asked, list, given } = page({ user_expressions: { it: { status: "ok", data: { "text/plain": "'new'" } } } });
  assert.equal(canAttach(model), true);
  await attach(model, 'Dashboard.attach("runs/a \\"b\\"")', { selected: "c12", picked: true });
  assert.deepEqual(given, { selected: "c12", picked: true, saved: true });
  assert.deepEqual(set.at(-1), [1, "new"]);
  assert.equal(list[1].data["text/plain"], "srlab dashboard");
  assert.equal(asked[0].user_expressions.it, '__import__("srlab_widgets").Dashboard.attach("runs/a \\"b\\"").model_id');
  assert.equal(asked[0].silent, true);
});

test("what the kernel has against it is told, and nothing is changed", async () => {
  const { model, set } = page({ user_expressions: { it: { status: "error", ename: "InputError", evalue: "there is no run in runs/gone" } } });
  await assert.rejects(attach(model, 'Dashboard.attach("runs/gone")'), /there is no run in runs\/gone/);
  assert.deepEqual(set, []);
});

test("pages without a notebook are left alone", async () => {
  for (const widget_manager of [undefined, { kernel: {} }, { context: {}, kernel: {} }]) {
    const model = { widget_manager, get: () => ({}) };
    assert.equal(canAttach(model), false);
    await drawAgain(model);
    await assert.rejects(attach(model, 'Dashboard.attach("run")'), /not in this notebook/);
  }
});

test("a widget that JupyterLab says it cannot find is drawn once more, and looked for no longer once it is there", async () => {
  mock.timers.enable({ apis: ["setInterval"] });
  const { model, set } = page(), outputs = [{ textContent: "1.0" }];
  let shown = false;
  const end = seek(model, { shown: () => shown, heard: () => true }, { querySelectorAll: () => outputs });
  const pass = async () => { mock.timers.tick(1000); for (let i = 0; i < 60; i += 1) await Promise.resolve(); };
  await pass();
  assert.deepEqual(set, []); // it may be on its way, or out of sight, where JupyterLab draws nothing
  outputs.push({ textContent: "Error displaying widget: model not found" });
  await pass();
  assert.deepEqual(set, [[1, null], [1, "old"]]);
  shown = true;
  await pass();
  await pass();
  assert.equal(set.length, 2);
  end();
  mock.timers.reset();
});

test("a model that hears nothing of an idle kernel is opened anew, once", async () => {
  mock.timers.enable({ apis: ["setInterval"] });
  const { model, set, asked } = page({ user_expressions: { it: { status: "ok", data: { "text/plain": "None" } } } });
  seek(model, { shown: () => true, heard: () => false }, { querySelectorAll: () => [] });
  const pass = async () => { mock.timers.tick(1000); for (let i = 0; i < 60; i += 1) await Promise.resolve(); };
  for (let i = 0; i < 4; i += 1) await pass();
  assert.deepEqual(asked, []);
  for (let i = 0; i < 4; i += 1) await pass();
  assert.deepEqual(asked.map(({ user_expressions }) => user_expressions.it), ['__import__("srlab_widgets.page").page.reopen("old")']);
  assert.deepEqual(set, [[1, null], [1, "old"]]);
  mock.timers.reset();
});
