// What was understood of files, for the preview: groups of columns, doubts, and errors of columns.

import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./load.mjs";

const { columnIn, doubts } = await load("doubts.ts");
const { besides, byFile, meaning, partsOf, roleOf, size, withoutEffect } = await load("understood.ts");

const score = (name, more = {}) => ({ file: "a.csv", name, role: "score", task: name, unit: "percent", range: { low: 0, high: 100 }, why: "values from 1 to 99", ...more });
const other = (name, role, more = {}) => ({ file: "a.csv", name, role, unit: null, why: "by its name", ...more });
const report = (columns, more = {}) => ({ columns, merged: [], apart: [], dropped: [], ...more });

test("many columns of one kind are collapsed, but not those with a role given or an error", () => {
  const scores = Array.from({ length: 45 }, (_, at) => score(`t${at}`));
  const columns = [other("model", "model"), ...scores, score("elo", { unit: "points" }), score("b", { file: "b.json" })];
  const [a, b] = byFile(report(columns), new Set(["t40"]));
  assert.deepEqual(a.columns.map(({ name }) => name), ["model", "t0", "t1", "t2", "t3", "t4", "t5", "t6", "t7", "t40", "elo"]);
  assert.deepEqual(a.collapsed.map(({ kind, columns }) => [kind, columns.length]), [["scores in percent", 36]]);
  assert.deepEqual([a.file, a.isTable, b.file, b.isTable], ["a.csv", true, "b.json", false]);
  // A single column is not worth a click.
  assert.deepEqual(byFile(report(scores.slice(0, 9)), new Set())[0].collapsed, []);
});

test("the size and the meanings are in plain words", () => {
  assert.equal(size({ models: 1200, tasks: 1, cells: 60, kind: "score" }), "1,200 models × 1 task, 60 scores");
  assert.equal(size({ models: 1, tasks: 2, cells: 2, kind: "outcome" }), "1 model × 2 items, 2 outcomes");
  assert.equal(meaning(score("mmlu")), "");
  assert.equal(meaning(score("MMLU (5-shot)", { task: "mmlu" })), "mmlu");
  assert.equal(meaning(score("WER", { lower_is_better: true })), "less is better");
  assert.equal(meaning(score("grade", { unit: "points", range: { low: 0, high: 10 } })), "0 to 10");
  assert.equal(meaning(score("elo", { unit: "points", range: undefined })), "");
  assert.equal(meaning(other("Params", "fact", { fact: "params" })), "params");
  assert.equal(meaning(other("±", "error", { task: "mmlu" })), "of mmlu");
  assert.deepEqual([roleOf(score("x")), roleOf(other("x", "skip"))], ["score:percent", "skip"]);
  assert.deepEqual([partsOf("score:points"), partsOf("score")], [{ role: "score", unit: "points" }, { role: "score", unit: undefined }]);
});

test("what is left out, unclear units and similar names are doubts; averages are not", () => {
  const sure = report([score("mmlu"), score("elo", { unit: "points", why: "by the name of the metric" })], {
    dropped: [{ what: "rows", why: "averages of the rows", count: 1 }],
    merged: [["a", "A"]],
  });
  assert.deepEqual(doubts(sure), []);
  const unclear = ["a", "b", "c", "d"].map((name) => score(name, { unit: "points", why: "values from 1 to 9, which may be grades; no range is stated" }));
  const columns = [...unclear, score("e", { unit: "fraction", why: "values from 0 to 1; the file's other scores are percentages" }), score("f", { why: "as given" })];
  const doubtful = report(columns, { dropped: [{ what: "cells of a", why: "no number", count: 1200 }], apart: [["x", "X", "spelled alike"]] });
  assert.deepEqual(doubts(doubtful), [
    "1,200 cells of a left out: no number.",
    "The unit is not sure: a, b, c and 2 more.",
    "1 pair of names looks alike and stays apart.",
  ]);
});

test("an error is found at its column, and shown without what the place says already", () => {
  const cases = [
    ['my a.csv line 9, column "MMLU (5-shot)": expected 0 to 100, found 430', "MMLU (5-shot)", "line 9: expected 0 to 100, found 430"],
    ['my a.csv, column "x": bad', "x", "bad"],
    ['columns: "x" has a unit and is no score', "x", 'columns: "x" has a unit and is no score'],
    ["my a.csv line 1: no column names the models; name one \"model\", or say which with --columns 'NAME=model'", undefined, 'line 1: no column names the models; name one "model"'],
    ["no column holds scores: \"a\" is read as fact (x); correct it with --columns 'NAME=score'", undefined, 'no column holds scores: "a" is read as fact (x)'],
    ["gone.csv: the server answered 404", undefined, "gone.csv: the server answered 404"],
  ];
  for (const [message, column, shown] of cases) {
    assert.equal(columnIn(message), column);
    assert.equal(besides(message, { file: "my a.csv", name: column ?? "model" }), shown);
  }
});

test("a role that a table of its form does not know is found", () => {
  const columns = [other("note", "skip"), score("mmlu"), score("both"), other("both", "fact", { file: "b.csv" })];
  const given = { note: "score", mmlu: "score:points", both: "fact", gone: "skip" };
  assert.deepEqual([...withoutEffect(report(columns), given)], ["note"]);
});
