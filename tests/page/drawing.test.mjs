// The drawing of a forecast as pieces: the fixture holds this one and that of the cards, in Rust, together.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { axis, digits, lettered, named, ordered, origin, pieces } from "../../pkg/drawing.js";

const cases = JSON.parse(await readFile(new URL("../fixtures/drawing.json", import.meta.url), "utf8"));
const round = (value) => Math.round(value * 1e4) / 1e4;

function plain(one) {
  if (one.piece === "band") return [one.mark.known ? "sampled band" : "band", round(one.from), round(one.to)];
  return [one.piece === "letter" ? `letter ${one.letter}` : one.piece, round(one.at)];
}

for (const { case: name, prediction, letters, order, axis: labels, rows } of cases) {
  test(`pieces: ${name}`, () => {
    const { forecasts, lineage } = prediction;
    const { parents } = lettered(forecasts, lineage.parents);
    assert.deepEqual(parents.map(({ letter, id }) => [letter, id]), letters);
    assert.deepEqual(ordered(forecasts).map(({ task }) => task), order);
    const found = axis(ordered(forecasts).map(({ range }) => range));
    const form = new Intl.NumberFormat("en", { maximumFractionDigits: found.digits });
    assert.deepEqual(found.labels.map(({ at, value, percent }) => [at, `${form.format(value)}${percent ? " %" : ""}`]), labels);
    for (const forecast of forecasts) {
      const { name, detail, origin: word, value, pieces: drawn } = rows[forecast.task];
      const ticks = parents.filter(({ id }) => forecast.parents[id] !== undefined).map(({ id, letter }) => ({ letter, part: forecast.parents[id] }));
      assert.deepEqual(pieces([forecast], ticks).map(plain), drawn);
      assert.deepEqual(named(forecast), { name, detail });
      assert.equal(origin(forecast, prediction), word);
      const { low, high } = forecast.range;
      assert.equal((low + forecast.mean * (high - low)).toFixed(digits(forecast.range)), value);
    }
  });
}

test("models to compare with continue the letters and share the room of the parents' letters", () => {
  const forecasts = [{ parents: { "org/a": 0.5 } }];
  const { parents, others } = lettered(forecasts, [{ id: "org/a", evaluated: true }], [{ id: "org/c" }, { id: "org/d" }]);
  assert.deepEqual([...parents, ...others].map(({ id, letter }) => id + letter), ["org/aA", "org/cB", "org/dC"]);
  const drawn = pieces([], [{ letter: "A", part: 0.5 }, { letter: "B", part: 0.5, compared: true, id: "org/c" }], 0.1);
  assert.deepEqual(drawn.map(({ piece, at, letter, id }) => [piece, round(at), letter, id]), [
    ["tick", 0.5, "A", undefined],
    ["diamond", 0.5, "B", "org/c"],
    ["letter", 0.5, "A", undefined],
    ["letter", 0.6, "B", "org/c"],
  ]);
});

test("more letters than fit share the track", () => {
  const ticks = Array.from({ length: 40 }, (_, at) => ({ letter: String(at), part: 0.9 }));
  const places = pieces([], ticks).filter(({ piece }) => piece === "letter").map(({ at }) => at);
  assert.ok(places.every((at, index) => at >= -1e-9 && at <= 1 && (index === 0 || at > places[index - 1])), String(places));
});

test("marks stay with their pieces; a mark without an interval has no band", () => {
  const marks = [{ mean: 0.2, lower: 0.1, upper: 0.3, known: false, kind: "would" }, { mean: 0.4, lower: null, upper: null, known: true, lane: 1 }];
  assert.deepEqual(pieces(marks, []), [
    { piece: "band", from: 0.1, to: 0.3, mark: marks[0] },
    { piece: "point", at: 0.2, mark: marks[0] },
    { piece: "square", at: 0.4, mark: marks[1] },
  ]);
});
