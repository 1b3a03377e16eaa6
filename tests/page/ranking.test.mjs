// The order of the ranking table.

import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./load.mjs";

const { arrange, descends, tabulate } = await load("ranking.ts");

const zeros = (Kind) => new Kind(3);
/** A column as the worker sends it, the best model first. */
const column = (task, lowerIsBetter, scores) => ({
  task,
  lowerIsBetter,
  range: { low: 0, high: 1 },
  ids: Object.keys(scores),
  scores: Float32Array.from(Object.values(scores)),
  predicted: zeros(Uint8Array),
  best: zeros(Uint32Array),
  worst: zeros(Uint32Array),
  tied: zeros(Uint8Array),
});
const table = tabulate([
  column("accuracy", false, { "org/a": 0.9, "org/b": 0.5, "org/c": 0.1 }),
  column("error", true, { "org/b": 0.2, "org/c": 0.3, "org/a": 0.8 }),
]);
const names = (order, filter = "") => arrange(table, order, filter).map(({ row, place }) => `${place} ${table.ids[row]}`);

test("scores are sorted from the best, the lowest where less is better", () => {
  assert.deepEqual(names({ by: 0, reversed: false }), ["1 org/a", "2 org/b", "3 org/c"]);
  assert.deepEqual(names({ by: 1, reversed: false }), ["1 org/b", "2 org/c", "3 org/a"]);
  assert.deepEqual(names({ by: 1, reversed: true }), ["1 org/a", "2 org/c", "3 org/b"]);
  assert.deepEqual(names({ by: 1, reversed: false }, "ORG/A"), ["3 org/a"]);
  assert.deepEqual(names({ by: -1, reversed: true }), ["1 org/c", "2 org/b", "3 org/a"]);
});

test("the arrow shows the direction of the values", () => {
  const down = (by, reversed) => descends(table, { by, reversed });
  assert.deepEqual([down(0, false), down(0, true), down(1, false), down(1, true), down(-1, false), down(-1, true)], [true, false, false, true, false, true]);
});
