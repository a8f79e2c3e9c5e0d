import assert from "node:assert/strict";
import test from "node:test";
import { crystals, lowest, ordered, reader } from "./table_data.js";

const c = { id: "c12", complexity: 24, test_energy_mae: 2.5, test_force_mae: null, formulas: { pair: "2.0*exp(-r)", density: "r^(-6.0)" } };

test("words and comparisons choose candidates", () => {
  const passes = (text, tag) => reader(text).test(c, tag);
  assert.ok(passes("") && passes("EXP") && passes("c12 r^") && passes("nodes<30 energy<=2.5") && passes("paper", "for the Paper"));
  assert.ok(!passes("sqrt") && !passes("nodes>30") && !passes("exp nodes<10") && !passes("force<100"), "what has no value passes no comparison");
});

test("a property is compared where there is one", () => {
  const passes = (text, value) => reader(text, ["c44", "energy_hcp_fcc"], () => value).test(c);
  assert.ok(passes("c44>70 energy_hcp_fcc<100", 75) && !passes("c44>70", 65) && !passes("c44>70", null));
  assert.equal(reader("c44>70").wrong, "c44>70");
});

test("a comparison that cannot be read is named, and passes all", () => {
  for (const text of ["nodes<many", "colour=3", "nodes<"]) {
    assert.equal(reader(text).wrong, text);
    assert.ok(reader(text).test(c));
  }
});

test("rows are ordered by numbers and names, those without a value last both ways", () => {
  const rows = [{ v: 3 }, { v: null }, { v: 1 }], names = [{ v: "c10" }, { v: "" }, { v: "c9" }];
  assert.deepEqual(ordered(rows, (r) => r.v, false).map((r) => r.v), [1, 3, null]);
  assert.deepEqual(ordered(rows, (r) => r.v, true).map((r) => r.v), [3, 1, null]);
  assert.deepEqual(ordered(names, (r) => r.v, false).map((r) => r.v), ["c9", "c10", ""]);
});

test("a candidate with a wrong crystal is told which one it makes", () => {
  const structures = { fcc: 4.25, hcp: 0, bcc: 30.1 };
  assert.equal(lowest(structures), "hcp");
  assert.match(crystals(structures), /hcp 0\.0, fcc 4\.3, bcc 30\.1|hcp 0\.0, fcc 4\.2, bcc 30\.1/);
  assert.equal(lowest(undefined), "ground state");
});
