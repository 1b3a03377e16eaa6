// Means, ranks, ties, tiers and the frontier, on tables small enough to check by hand.

import assert from "node:assert/strict";
import { test } from "node:test";
import { beats, deviations, frontier, interval, places, POINTS, standing, weightedMean } from "../../pkg/standing.js";

const measured = (score, error = NaN) => ({ score, predicted: false, lower: NaN, upper: NaN, error });
const forecast = (score, half) => ({ score, predicted: true, lower: score - half, upper: score + half, error: NaN });
const of = (measure, less = false, bounded = true) => standing(measure, less, bounded);
const near = (actual, expected, within = 1e-9) => assert.ok(Math.abs(actual - expected) <= within, `${actual} is not ${expected}`);

test("a score is turned where less is better, and its interval with it", () => {
  const one = of({ score: 0.3, predicted: true, lower: 0.2, upper: 0.6, error: NaN }, true);
  near(one.median, 0.7);
  const [lower, upper] = interval(one);
  near(lower, 0.4);
  near(upper, 0.8);
});

test("a measured score has its sampling error, within a declared range", () => {
  // 0.9 over 100 items: the standard error is 0.03.
  const [lower, upper] = interval(of(measured(0.9, 0.03)));
  near(lower, 0.9 - 1.6449 * 0.03, 1e-6);
  near(upper, 0.9 + 1.6449 * 0.03, 1e-6);
  near(interval(of(measured(0.99, 0.03)))[1], 1);
  assert.ok(interval(of(measured(0.99, 0.03), false, false))[1] > 1);
  assert.deepEqual(interval(of(measured(0.5))), [0.5, 0.5]);
});

test("a mean has the weights of its columns, and a column of weight 0 does not count", () => {
  const parts = (...weights) => [of(measured(0.2)), of(measured(0.6)), of(forecast(0.9, 0.1))].map((standing, at) => ({ standing, weight: weights[at], unit: POINTS }));
  near(weightedMean(parts(1, 1, 0)).median, 0.4);
  near(weightedMean(parts(1, 3, 0)).median, 0.5);
  const all = weightedMean(parts(1, 1, 2));
  near(all.median, 0.65);
  assert.deepEqual([all.measured, all.of], [2, 3]);
  // Half of the mean is the forecast.
  near(interval(all)[1] - all.median, 0.05);
  assert.equal(weightedMean(parts(0, 0, 0)), undefined);
});

test("forecasts of a model err together, sampling errors do not", () => {
  const half = (...measures) => {
    const mean = weightedMean(measures.map((measure) => ({ standing: of(measure), weight: 1, unit: POINTS })));
    return interval(mean)[1] - mean.median;
  };
  near(half(forecast(0.5, 0.1), forecast(0.5, 0.1)), 0.1);
  near(half(measured(0.5, 0.1), measured(0.5, 0.1)), (1.6449 * 0.1) / Math.SQRT2, 1e-6);
});

test("standard deviations make columns of different spread count alike", () => {
  const column = [0.4, 0.5, 0.6].map((score) => of(measured(score)));
  const unit = deviations(column);
  near(unit.centre, 0.5);
  near(unit.size, Math.sqrt(0.02 / 3));
  assert.deepEqual(deviations([of(measured(0.5)), of(measured(0.5))]), { centre: 0.5, size: 1 });
});

test("equal scores share the better rank, and exact scores are told apart", () => {
  const found = places([0.5, 0.9, 0.5, 0.1].map((score) => of(measured(score))));
  assert.deepEqual(found.map(({ rank }) => rank), [2, 1, 2, 4]);
  assert.deepEqual(found.map(({ tier }) => tier), [2, 1, 2, 3]);
  assert.deepEqual(found.map(({ tied }) => tied), [false, false, true, false]);
  assert.deepEqual(found.map(({ best, worst }) => [best, worst]), [[2, 3], [1, 1], [2, 3], [4, 4]]);
});

test("a tier ends before the first model that can be told from its first, by intervals or sampling errors", () => {
  const tiers = (measures) => places(measures.map((measure) => of(measure))).map(({ tier }) => tier);
  const wide = [0.6, 0.58, 0.55, 0.3].map((score) => forecast(score, 0.1));
  assert.deepEqual(tiers(wide), [1, 1, 1, 2]);
  // The same scores over 10,000 items each differ.
  assert.deepEqual(tiers([0.6, 0.58, 0.55, 0.3].map((score) => measured(score, 0.005))), [1, 2, 3, 4]);
  // Over 100 items the first three do not.
  assert.deepEqual(tiers([0.6, 0.58, 0.55, 0.3].map((score) => measured(score, 0.05))), [1, 1, 1, 2]);
});

test("a rank has a range where scores overlap", () => {
  const found = places([0.9, 0.52, 0.5, 0.48, 0.1].map((score) => of(forecast(score, 0.1))));
  const ranges = found.map(({ best, worst }) => [best, worst]);
  assert.deepEqual(ranges[0], [1, 1]);
  assert.deepEqual(ranges[4], [5, 5]);
  for (const range of ranges.slice(1, 4)) assert.deepEqual(range, [2, 4]);
});

test("without intervals there are ranks, and neither ranges nor tiers", () => {
  const found = places([of({ ...forecast(0.5, 0), lower: NaN, upper: NaN }), of(measured(0.7))]);
  assert.deepEqual(found, [{ rank: 2, best: 0, worst: 0, tier: 0, tied: false }, { rank: 1, best: 0, worst: 0, tier: 0, tied: false }]);
});

test("the chance to beat another is one half for equals, and the sides sum to one", () => {
  const [a, b] = [of(forecast(0.6, 0.1)), of(forecast(0.5, 0.2))];
  near(beats(a, a), 0.5, 1e-6);
  near(beats(a, b) + beats(b, a), 1, 5e-3);
  assert.ok(beats(a, b) > 0.6);
});

test("the frontier is what nothing smaller beats", () => {
  const points = [[7, 0.5], [1, 0.2], [3, 0.6], [70, 0.8], [3, 0.4], [NaN, 0.99], [80, NaN], [72, 0.8]].map(([x, y]) => ({ x, y }));
  assert.deepEqual(frontier(points), [{ x: 1, y: 0.2 }, { x: 3, y: 0.6 }, { x: 70, y: 0.8 }]);
  assert.deepEqual(frontier([]), []);
});

test("5,000 models have their places in a moment", () => {
  const models = Array.from({ length: 5000 }, (_, at) => of(forecast(((at * 7919) % 5000) / 5000, 0.05 + (at % 10) / 100)));
  const begun = performance.now();
  const found = places(models);
  const took = performance.now() - begun;
  assert.equal(new Set(found.map(({ rank }) => rank)).size, 5000);
  assert.ok(took < 2000, `${took} ms`);
});
