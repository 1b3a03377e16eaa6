// The trust check: what is held out, what is left of the data, and what the errors say.

import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./load.mjs";

const { folds, without } = await load("hold-out.ts");
const { doubtsOf, reportOf } = await load("trust.ts");
const { errorsOf, heldOutOf } = await load("held-out.ts");

const file = {
  format: "eyas-snapshot/2",
  sources: [{ id: "s" }],
  models: [{ id: "a", factors: { params: 7 } }, { id: "b", parents: [{ id: "a", relation: "finetune" }] }, { id: "c" }, { id: "c@high", configuration_of: "c" }],
  relatives: [{ id: "z" }],
  tasks: [{ id: "full" }, { id: "some" }, { id: "one" }],
  scores: [{ values: [1, 2, 3, 4], errors: [0.1, null, 0.3, 0.4] }, { models: [1, 3], values: [5, 6], source: "s" }, { models: [0], values: [7] }],
};

test("each model is held out once, and settings of a model together", () => {
  const models = { models: [...file.models, ...Array.from({ length: 96 }, (_, at) => ({ id: `m${at}` }))] };
  const parts = folds(models, 5);
  assert.deepEqual(parts.flat().sort((a, b) => a - b), models.models.map((_, at) => at));
  assert.ok(parts.every((part) => part.length > 15 && part.length < 25), parts.map((part) => part.length).join());
  assert.equal(parts.findIndex((part) => part.includes(2)), parts.findIndex((part) => part.includes(3)));
  assert.deepEqual(folds(models, 5), parts);
  assert.notDeepEqual(folds(models, 5, 1), parts);
});

test("held-out models leave their results and facts, but stay as parents; tasks without results go", () => {
  const { models, relatives, tasks, scores, sources } = without(file, [0, 3]);
  assert.deepEqual(models.map(({ id }) => id), ["b", "c"]);
  assert.deepEqual(relatives, [{ id: "z" }, { id: "a", parents: [] }, { id: "c@high", parents: [] }]);
  assert.deepEqual(tasks, [{ id: "full" }, { id: "some" }]);
  assert.deepEqual(scores, [{ values: [2, 3], errors: [null, 0.3], models: [0, 1] }, { values: [5], source: "s", models: [0] }]);
  assert.equal(sources, file.sources);
});

test("of items the rows of held-out models go", () => {
  const { outcomes } = without({ ...file, scores: undefined, outcomes: { solved: ["A", "B", "C", "D"], observed: ["1", "2", "3", "4"] } }, [1]);
  assert.deepEqual(outcomes, { observed: ["1", "3", "4"], solved: ["A", "C", "D"] });
});

const row = (task, truth, mean, { method = "eyas", model = "m", known = "parent", half = 0.1 } = {}) => ({ method, model, task, known, less: false, truth, mean, lower: half === null ? null : mean - half, upper: half === null ? null : mean + half });

test("errors are absolute, the median is the middle, and coverage counts the scores in their intervals", () => {
  const errors = errorsOf([row("t", 0.5, 0.55), row("t", 0.5, 0.3), row("t", 0.5, 0.45), row("t", 0.5, 0.49)]);
  assert.equal(errors.count, 4);
  assert.ok(Math.abs(errors.mean - 0.0775) < 1e-9 && Math.abs(errors.median - 0.05) < 1e-9);
  assert.equal(errors.coverage, 0.75);
  assert.equal(errorsOf([row("t", 1, 1, { half: null })]).coverage, null);
  assert.equal(errorsOf([]), undefined);
});

test("only measured scores with a forecast made without them count", () => {
  const unseen = { mean: 0.4, lower: 0.3, upper: 0.5 };
  const held = heldOutOf([{ task: "a", mean: 0.5, known: true, unseen }, { task: "b", mean: 0.5, known: true }, { task: "c", mean: 0.5, known: false, unseen }]);
  assert.deepEqual(held, [{ task: "a", truth: 0.5, ...unseen }]);
});

test("a report has errors by method, benchmark and what was known, and the calibration", () => {
  const own = Array.from({ length: 20 }, (_, at) => row(at < 10 ? "easy" : "hard", 0.5, at < 10 ? 0.52 : 0.3, { known: at % 2 ? "parent" : "size", model: `m${at}` }));
  const mean = own.map((one) => ({ ...one, method: "mean", mean: one.task === "easy" ? 0.6 : 0.45, lower: null, upper: null }));
  const report = reportOf([...own, ...mean], ["eyas", "mean", "lrmf"]);
  assert.deepEqual(report.methods.map(({ method, errors }) => [method, errors.mean.toFixed(3), errors.coverage]), [["eyas", "0.110", 0.5], ["mean", "0.075", null]]);
  assert.equal(report.models, 20);
  assert.deepEqual(report.known.map(({ known, errors }) => [known, errors.count]), [["parent", 10], ["size", 10]]);
  assert.deepEqual(report.benchmarks.map(({ task, errors }) => [task, errors.coverage]), [["easy", 1], ["hard", 0]]);
  // An error of a fifth of the half width lies within the central half, one of twice the half width in no interval of 95 %.
  assert.deepEqual(report.calibration.map(({ share }) => share), [0.5, 0.5, 0.5, 0.5]);
  assert.deepEqual(doubtsOf(report, [...own, ...mean]), { useless: ["hard"], narrow: ["hard"], unknown: 0 });
  assert.equal(reportOf([], ["eyas"]), undefined);
});

test("intervals are called narrow where chance would hardly make them hold so few", () => {
  const of = (covered) => Array.from({ length: 20 }, (_, at) => row("t", 0.5, at < covered ? 0.5 : 0.2));
  const narrow = (covered) => doubtsOf(reportOf(of(covered), ["eyas"]), of(covered)).narrow.length;
  // Of 20 scores with a chance of 0.9 each, at most 15 are covered with a chance of 4 %, at most 14 with one of 1.1 %, at most 13 with 0.2 %.
  assert.deepEqual([18, 15, 14, 13].map(narrow), [0, 0, 0, 1]);
});

test("a score at the end of a clipped interval lies in it", () => {
  const rows = Array.from({ length: 10 }, () => ({ ...row("t", 0, 0.02), lower: 0, upper: 0.3 }));
  assert.deepEqual(reportOf(rows, ["eyas"]).calibration.map(({ share }) => share), [0, 0, 1, 1]);
});

test("a benchmark with few held-out scores is not judged", () => {
  const rows = [row("rare", 0.5, 0.1), row("rare", 0.5, 0.5, { method: "mean" })];
  assert.deepEqual(doubtsOf(reportOf(rows, ["eyas", "mean"]), rows), { useless: [], narrow: [], unknown: 1 });
});
