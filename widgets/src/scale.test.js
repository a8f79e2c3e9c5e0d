import assert from "node:assert/strict";
import test from "node:test";
import { lossScale, viridis } from "./colour.js";
import { clock, count, linear, log, logTicks, number, tickLabel, ticks } from "./scale.js";

test("scales meet their ends", () => {
  const x = linear(2, 6, 40, 240), y = log(10, 1000, 300, 0);
  assert.equal(x(2), 40);
  assert.equal(x(6), 240);
  assert.ok(Math.abs(y(100) - 150) < 1e-9);
});

test("ticks are round and inside", () => {
  assert.deepEqual(ticks(0.3, 5.2, 5), [1, 2, 3, 4, 5]);
  assert.deepEqual(ticks(-0.21, 0.42, 4), [-0.2, 0, 0.2, 0.4]);
  for (const [low, high] of [[28, 82], [1.1, 900], [36, 41], [0.002, 0.3]]) {
    const marks = logTicks(low, high);
    assert.ok(marks.length >= 2 && marks.length <= 7, `${low} to ${high}: ${marks}`);
    assert.ok(marks.every((v) => v >= low && v <= high));
  }
});

test("numbers keep their figures and have a true minus", () => {
  assert.equal(number(38.249), "38.2");
  assert.equal(number(-0.00131), "−0.00131");
  assert.equal(number(1.5e-7), "1.50e−7");
  assert.equal(number(null), "–");
  assert.equal(number(0), "0");
  assert.equal(tickLabel(-0.2, 0.2), "−0.2");
  assert.equal(count(18640), "18\u202f640");
  assert.equal(clock(161), "2:41");
  assert.equal(clock(3762), "1:02:42");
});

test("the best loss is bright, the worst tenth shares the dark end, nonsense is dark", () => {
  const losses = Array.from({ length: 100 }, (_, i) => 0.01 * 1.1 ** i), { bin } = lossScale([...losses, NaN, null, Infinity]);
  assert.equal(bin(0.01), 47);
  assert.equal(bin(losses[95]), 0);
  assert.equal(bin(null), 0);
  assert.ok(bin(losses[20]) > bin(losses[60]));
  assert.equal(viridis(0), "rgb(68,1,84)");
});
