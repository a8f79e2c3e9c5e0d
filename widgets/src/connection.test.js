import assert from "node:assert/strict";
import test from "node:test";
import { heard, tell, watch } from "./connection.js";

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

test("who is left when a notebook is closed has nobody to talk to", () => {
  const { layout, kernel, model } = page();
  assert.ok(heard(model) && heard({ get: () => undefined }));
  kernel.isDisposed = true;
  assert.ok(!heard(model));
  const sent = [];
  model.send = (message) => sent.push(message);
  tell(model, "too late");
  kernel.isDisposed = false;
  tell(model, "in time");
  layout.comm_live = false;
  tell(model, "of a kernel that was restarted");
  assert.deepEqual(sent, ["in time"]);
});
