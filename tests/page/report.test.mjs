// A report of a score: what it needs, its text and its table.

import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./load.mjs";

const { issueOf, mistakeOf, snapshotOf } = await load("report.ts");

const bbh = { id: "bbh", dataset: "BIG-Bench Hard", metric: "accuracy", range: { low: 0, high: 1 }, lower_is_better: false };
const elo = { id: "elo", dataset: "elo", metric: null, range: null, lower_is_better: true };
const typed = { model: "org/a", task: "bbh", score: "0.71", source: "https://example.org/a", date: "2026-01-31" };

test("a report needs a benchmark, a score in its range, an address and a real day", () => {
  assert.equal(mistakeOf(typed, bbh), "");
  assert.equal(mistakeOf({ ...typed, date: "" }, bbh), "");
  assert.equal(mistakeOf({ ...typed, score: "1250" }, elo), "");
  for (const [change, expected] of [
    [{ score: "" }, /^The score is a number from 0 to 1, not “”\.$/],
    [{ score: "71%" }, /not “71%”/],
    [{ score: "71" }, /^bbh has scores from 0 to 1, not 71\.$/],
    [{ source: "my notes" }, /^A report needs the address/],
    [{ date: "31.1.2026" }, /^The date is a day/],
    [{ date: "2026-13-01" }, /^The date is a day/],
  ]) assert.match(mistakeOf({ ...typed, ...change }, bbh), expected, JSON.stringify(change));
  assert.equal(mistakeOf(typed, undefined), "Choose the benchmark.");
});

test("the text says what the data have, and the file is a snapshot of one score", () => {
  assert.equal(issueOf(typed, bbh, undefined), "### Score of org/a on bbh\n\n- Model: `org/a`\n- Benchmark: `bbh` (accuracy), from 0 to 1\n- Score: 0.71\n- Source: https://example.org/a\n- Date: 2026-01-31\n- The data do not have this score yet.\n");
  assert.match(issueOf(typed, bbh, "0.65"), /- The data have 0\.65 here\.\n$/);
  assert.deepEqual(JSON.parse(snapshotOf(typed, bbh)), {
    format: "eyas-snapshot/2",
    sources: [{ id: "report", name: "example.org", url: "https://example.org/a", license: "not stated" }],
    models: [{ id: "org/a" }],
    tasks: [{ id: "bbh", dataset: "BIG-Bench Hard", metric: "accuracy", range: { low: 0, high: 1 } }],
    scores: [{ values: [0.71], dates: ["2026-01-31"] }],
  });
  assert.deepEqual(JSON.parse(snapshotOf({ ...typed, score: "1250", date: "" }, elo)).scores, [{ values: [1250] }]);
});
