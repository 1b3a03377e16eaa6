// The atlas and the plots of the analyses: colours, neighbours, bars and sentences, on tiny answers.

import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./load.mjs";

const { byKind, byValue, KINDS, nearOf, NONE, plotOf, qualityOf, ramp, RAMP, wordsOf } = await load("atlas-data.ts");
const { agreement, domainOf, familyBars, featureBars, lossBars, signed, sizePlot, standardised } = await load("analyses-data.ts");

const empty = { models: [], datasets: [], text_models: [], text_datasets: [], results: 1, family: null, size: null, task_type: null };
const points = [
  { ...empty, id: "org/a", kind: "model", x: 0, y: 0, text_x: 9, text_y: 9, family: "alpha", size: 1, datasets: ["MATH"] },
  { ...empty, id: "org/b", kind: "model", x: 4, y: 0, text_x: 8, text_y: 9, family: "alpha", size: 4 },
  { ...empty, id: "org/c", kind: "model", x: 4, y: 2, text_x: 7, text_y: 9, family: "beta", size: 16, results: 0 },
  { ...empty, id: "c", kind: "model", x: 3, y: 2, text_x: 6, text_y: 9 },
  { ...empty, id: "MATH", kind: "dataset", x: 1, y: 1, text_x: 5, text_y: 9, task_type: "maths", models: ["org/c", "org/a"], text_models: ["org/b"], results: 12 },
];
const quality = { kept: 0.5, kept_by_components: 0.25, same_family: null, same_task_type: 0.4 };
const atlas = { learned: quality, texts: { ...quality, same_task_type: 0.1 }, points };

test("the most frequent kinds have colours, and what is not meant has none", () => {
  const colours = byKind(points, "family");
  assert.deepEqual(points.map(colours.of), [KINDS[0], KINDS[0], KINDS[1], NONE, ""]);
  assert.deepEqual(colours.key.map(({ name }) => name), ["alpha", "beta", "others"]);
  assert.deepEqual(points.map(byKind(points, "task_type").of), [NONE, NONE, NONE, NONE, KINDS[0]]);
});

test("sizes are on a logarithmic ramp", () => {
  const colours = byValue(points, ({ size }) => size ?? undefined, String, true);
  assert.deepEqual(points.map(colours.of), [RAMP[0], RAMP[1], RAMP[2], NONE, ""]);
  assert.deepEqual(colours.ends.map((end) => Math.round(Number(end))), [1, 16]);
  assert.equal(colours.say(points[3]), undefined);
  const none = byValue(points, () => undefined, String);
  assert.equal(none.ends, undefined, "without any value there is no ramp");
  assert.deepEqual([ramp(0), ramp(1), ramp(7)], [RAMP[0], RAMP[2], RAMP[2]]);
});

test("each map has its places and its neighbours", () => {
  const colours = byKind(points, "family");
  assert.deepEqual(nearOf(atlas, points[4], "learned").map(({ id }) => id), ["org/c", "org/a"]);
  assert.deepEqual(nearOf(atlas, points[4], "texts").map(({ id }) => id), ["org/b"]);
  const { dots, lines, chosen } = plotOf(atlas, "learned", colours, undefined, "dataset:MATH");
  assert.deepEqual(lines.map(({ points }) => points), [[[1, 1], [4, 2]], [[1, 1], [0, 0]]]);
  assert.deepEqual([chosen.id, chosen.star, dots.at(-1).id, dots[0].name], ["dataset:MATH", true, "dataset:MATH", "a"]);
  assert.deepEqual(plotOf(atlas, "texts", colours, undefined, "model:nobody").lines, []);
  assert.equal(wordsOf(points[4], colours), "a dataset · maths · 12 scores");
  assert.equal(wordsOf(points[0], colours), "of org · family alpha · 1B · 1 score");
});

test("the sentences say what the maps keep, and leave out what is unknown", () => {
  const [first, types, ...more] = qualityOf(atlas);
  assert.match(first, /^4 models and 1 dataset\. .* keeps 50\u00A0% \(two principal components alone: 25\u00A0%\)/);
  assert.match(types, /40\u00A0% are of its type of task by what was learned, and 10\u00A0% by the texts/);
  assert.deepEqual(more, []);
});

test("bars of losses and features", () => {
  const point = { listwise: true, pairwise: false, pointwise: true, metrics: { weighted_tau: 0.5, ndcg_10: 0.9, mrr: null, mae: 0.1 }, spread: { weighted_tau: 0.02 } };
  assert.deepEqual(lossBars([point], 3), [{ name: "listwise + pointwise", value: 0.5, spread: 0.02, more: ["0.900", "–", "0.100"] }]);
  assert.equal(lossBars([point], 1)[0].spread, null, "one seed has no spread");
  const bars = featureBars({ side: "model", with_all: 1, with_none: 0, features: [{ name: "size", value: -0.25, left_out: 0.5, spread: null }] });
  assert.deepEqual(bars, [{ name: "size", value: -0.25, spread: null, more: ["+0.500"] }]);
  assert.deepEqual(domainOf(bars), [-0.25, 0]);
  assert.deepEqual(domainOf([{ name: "", value: 0.5, spread: 0.1, more: [] }, { name: "", value: null, spread: null, more: [] }]), [0, 0.6]);
  assert.deepEqual(domainOf([]), [0, 1]);
  assert.deepEqual([-0.1234, 0.5, -0.0001].map((value) => signed(value)), ["−0.123", "+0.500", "0.000"]);
});

test("priors are beside the data on one scale", () => {
  const group = (name, data, probe) => ({ name, models: 3, data, probe });
  const table = { groups: [group("1-4", -2, -1), group("4-16", 2, 1)], data_rho: 1, probe_rho: null, slope: -0.5, eta_squared: 0.25 };
  assert.deepEqual(standardised([3, 3]), [0, 0]);
  const { dots, lines } = sizePlot(table);
  assert.deepEqual(dots.map(({ x, y, predicted }) => [x, y, predicted]), [[2, -1, false], [2, -1, true], [8, 1, false], [8, 1, true]]);
  assert.deepEqual(lines[0].points, [[2, -1], [8, 1]]);
  assert.equal(sizePlot({ ...table, groups: [] }), undefined);
  assert.deepEqual(familyBars(table)[0], { name: "1-4", value: -1, spread: null, other: -1, more: ["−1.000", "−2.000", "3"] });
  assert.equal(agreement(table, "the size"), "Spearman’s ρ with the size: data 1.00, prior undefined. Slope of the prior: −0.50. η², the share of the variance among models that the groups explain: 0.25.");
});
