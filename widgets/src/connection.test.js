import assert from "node:assert/strict";
import test from "node:test";
import { watch } from "./connection.js";

/** A model with a layout and a kernel, both of which tell their listeners. */
function page() {
  const received = new Set(), asked = new Set();
  const layout = { comm_live: true, on: (_, f) => received.add(f), off: (_, f) => received.delete(f) };
  const kernel = { status: "idle", statusChanged: { connect: (f) => asked.add(f), disconnect: (f) => asked.delete(f) } };
  return { layout, kernel, received, asked, model: { get: () => layout, widget_manager: { kernel } } };
}

test("a widget that is cut off, and a kernel that ends, are told; afterwards nobody listens", () => {
  const { layout, kernel, received, asked, model } = page(), told = [];
  const end = watch(model, (on) => told.push(on));
  kernel.status = "restarting";
  for (const f of asked) f();
  layout.comm_live = false;
  for (const f of received) f();
  kernel.status = "idle"; // of the new kernel, which knows nothing of the page
  for (const f of asked) f();
  assert.deepEqual(told, [false, false, false]);
  end();
  assert.equal(received.size + asked.size, 0);
});

test("a page without such a model, as one side of two, is taken for connected", () => {
  const told = [];
  watch({ get: () => undefined }, (on) => told.push(on))();
  assert.deepEqual(told, []);
});
