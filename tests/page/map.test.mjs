// The points of the map: values on both axes, the frontier, the lineage and a plan.

import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./load.mjs";

const { dotsOf, frontierOf, lineageOf, mapData, numericFacts, sideOf } = await load("map-data.ts");

const column = (task, scores, { less = false, predicted = [] } = {}) => {
  const ids = Object.keys(scores);
  const of = (value) => Float32Array.from(ids, value);
  const isPredicted = (id) => predicted.includes(id);
  return {
    task, lowerIsBetter: less, range: { low: 0, high: 10 }, bounded: true, ids, scores: of((id) => scores[id]), predicted: Uint8Array.from(ids, (id) => Number(isPredicted(id))),
    lower: of((id) => (isPredicted(id) ? scores[id] - 0.25 : NaN)), upper: of((id) => (isPredicted(id) ? scores[id] + 0.25 : NaN)), errors: of(() => NaN),
  };
};
const about = (id, known) => ({ id, names: [], date: null, size: null, factors: {}, parents: [], results: 1, ...known });
const facts = new Map(
  [
    about("a", { size: 1, date: "2024-01-01", factors: { tokens: 15, open_weights: true } }),
    about("b", { size: 8, date: "2025-01-01", factors: { tokens: 36 }, parents: [{ id: "a" }, { id: "unmeasured" }] }),
    about("c", { size: 70 }),
    about("d", { date: "2025-06-01" }),
  ].map((facts) => [facts.id, facts]),
);
const columns = new Map([
  ["score", column("score", { b: 0.5, c: 0.25, d: 0.75, a: 0.125 }, { predicted: ["c"] })],
  ["error", column("error", { a: 0.125, b: 0.5, c: 0.25, d: 0.75 }, { less: true })],
]);
const trained = { columns, benchmarks: ["score", "error"].map((id) => ({ id, dataset: id })) };
const data = mapData(trained, ["score", "error"], facts);
const side = (name) => sideOf(name, data);
const dots = (x, y, measured = false) => dotsOf(data, side(x), side(y), measured);
const brief = (all) => all.map(({ id, x, y }) => [id, x, y]).sort();

test("a model with both values is a point, in the units of the axes", () => {
  assert.deepEqual(brief(dots("~size", "score")), [["a", 1, 1.25], ["b", 8, 5], ["c", 70, 2.5]]);
  assert.deepEqual(brief(dots("~tokens", "error")), [["a", 15, 1.25], ["b", 36, 5]]);
  assert.deepEqual(dots("~date", "score").map(({ id }) => id).sort(), ["a", "b", "d"]);
  // The mean of c: (0.25 + 0.75) / 2, of points of 100.
  assert.deepEqual(brief(dots("score", "~mean"))[2], ["c", 2.5, 50]);
  const c = dots("~size", "score").find(({ id }) => id === "c");
  assert.deepEqual([c.predicted, c.lower.toFixed(3), c.upper.toFixed(3)], [true, "0.000", "5.000"]);
  assert.deepEqual(dots("~size", "score", true).map(({ id }) => id).sort(), ["a", "b"]);
});

test("what is not there is no axis", () => {
  assert.deepEqual(["~colour", "nothing", "~open_weights"].map((name) => side(name)), [undefined, undefined, undefined]);
  assert.deepEqual(numericFacts(facts.values()), ["tokens"]);
});

test("the frontier is the best up to each value of a fact, and there is none between scores", () => {
  const of = (x, y) => frontierOf(dots(x, y), side(x), side(y)).map(({ id }) => id);
  assert.deepEqual(of("~size", "score"), ["a", "b"]);
  assert.deepEqual(of("~date", "score"), ["a", "b", "d"]);
  assert.deepEqual(of("~size", "error"), ["a"], "less is better");
  assert.deepEqual(of("score", "error"), []);
});

test("a line joins a parent and its child, with a search only those that it finds", () => {
  const lines = (found) => lineageOf(dots("~size", "score"), data, found).map(({ points }) => points);
  assert.deepEqual(lines(), [[[1, 1.25], [8, 5]]]);
  assert.deepEqual(lines(new Set(["a"])).length, 1);
  assert.deepEqual(lines(new Set(["c"])), []);
});

test("a plan has the values of its forecast", () => {
  const forecast = (task, mean, less) => ({ task, mean, lower: mean - 0.125, upper: mean + 0.125, known: false, lower_is_better: less });
  const plan = { size: 8, date: 0, prediction: { forecasts: [forecast("score", 0.5, false), forecast("error", 0.25, true)] } };
  assert.deepEqual(side("~size").planned(plan), { at: 8, predicted: false });
  const close = ({ at, lower, upper, predicted }) => [at, lower, upper].map((value) => value.toFixed(3)).concat(predicted);
  assert.deepEqual(close(side("error").planned(plan)), ["2.500", "1.250", "3.750", true]);
  assert.deepEqual(close(side("~mean").planned(plan)), ["62.500", "50.000", "75.000", true]);
  assert.equal(side("~mean").planned({ ...plan, prediction: { forecasts: [] } }), null);
});
