import assert from "node:assert/strict";
import { test } from "node:test";
import { LinePlot } from "./plot.js";

const line = (x, y) => LinePlot.prototype.line.call({ x: (v) => v, y: (v) => v }, { x, y }, 0, 10, 0, 10);

test("a line is cut where it leaves the plot, and a point without neighbours is a dot", () => {
  assert.equal(line([1, 2, 3], [4, 5, 6]), "M1.0 4.0L2.0 5.0L3.0 6.0");
  assert.equal(line([1], [4]), "M1.0 4.0h0");
  assert.equal(line([1, 2, 3, 4], [4, 50, 6, 7]), "M1.0 4.0h0M3.0 6.0L4.0 7.0");
  assert.equal(line([1, 2, 3], [4, 5, NaN]), "M1.0 4.0L2.0 5.0");
});
