// The leaderboard: conditions, folding, places, order, and the files that it writes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { toCsv as write } from "../../pkg/csv.js";
import { load } from "./load.mjs";

const { arrange, meanOf, tabulate } = await load("ranking.ts");
const { filterOf, choices } = await load("ranking-filter.ts");
const { toCsv, toJson } = await load("ranking-export.ts");
const { read } = await load("address.ts");

/** A column as the worker sends it, the best model first. `predicted` has half the width of the interval by model. */
const column = (task, scores, { less = false, predicted = {}, errors = {}, bounded = true } = {}) => {
  const ids = Object.keys(scores);
  const of = (value) => Float32Array.from(ids, value);
  return {
    task,
    lowerIsBetter: less,
    range: { low: 0, high: 1 },
    bounded,
    ids,
    scores: of((id) => scores[id]),
    predicted: Uint8Array.from(ids, (id) => Number(id in predicted)),
    lower: of((id) => (id in predicted ? scores[id] - predicted[id] : NaN)),
    upper: of((id) => (id in predicted ? scores[id] + predicted[id] : NaN)),
    errors: of((id) => errors[id] ?? NaN),
  };
};
const about = (id, known = {}) => ({ id, names: [], date: null, description: null, license: null, url: null, configuration_of: null, size: null, size_in_name: false, model_type: null, family: null, factors: {}, parents: [], results: 0, ...known });
const facts = new Map(
  [
    about("org/a", { size: 70, license: "mit", model_type: "chat", date: "2024-06-01", factors: { open_weights: true } }),
    about("org/b", { size: 7, license: "Apache-2.0", model_type: "chat", date: "2025-01-15", names: ["Bee"], factors: { developer: "Bees Inc", open_weights: false } }),
    about("org/c", { size: 3, license: "MIT", model_type: "pretrained", family: "See" }),
    about("lab/a@high", { configuration_of: "org/a", size: 70 }),
  ].map((facts) => [facts.id, facts]),
);
const columns = [
  column("accuracy", { "org/a": 0.9, "org/b": 0.5, "lab/a@high": 0.45, "org/c": 0.1 }, { predicted: { "org/c": 0.05 } }),
  column("error", { "org/b": 0.2, "org/c": 0.3, "lab/a@high": 0.4, "org/a": 0.8 }, { less: true }),
];
const table = tabulate(columns);
const ranked = (query) => read(`#rankings?${query}`).ranked;
const board = (query) => arrange(table, meanOf(table, ranked(query)), facts, ranked(query));
const shown = (query) => board(query).lines.map(({ row, place, isSetting }) => `${isSetting ? "+" : (place?.rank ?? "-")} ${table.ids[row]}`);

test("without more, models are sorted by the mean of all columns, turned where less is better", () => {
  // a: (0.9 + 0.2) / 2; b: (0.5 + 0.8) / 2; c: (0.1 + 0.7) / 2; a@high: (0.45 + 0.6) / 2, folded under a.
  const { standings, scale } = meanOf(table, ranked(""));
  assert.equal(scale, "points");
  assert.deepEqual(standings.map(({ median }) => median.toFixed(3)), ["0.550", "0.650", "0.525", "0.400"]);
  assert.deepEqual(standings.map(({ measured, of }) => `${measured}/${of}`), ["2/2", "2/2", "2/2", "1/2"]);
  assert.deepEqual(shown(""), ["1 org/b", "2 org/a", "3 org/c"]);
});

test("weights move the mean, and a column of weight 0 is only shown", () => {
  assert.deepEqual(shown("col=accuracy:3&col=error"), ["1 org/a", "2 org/b", "3 org/c"]);
  assert.deepEqual(meanOf(table, ranked("col=accuracy:0&col=error")).standings, []);
  assert.deepEqual(shown("col=accuracy&col=error:0"), ["1 org/a", "2 org/b", "3 org/c"]);
});

test("the mean of open-ended scores is of standard deviations, unless points are asked for", () => {
  const open = tabulate([column("elo", { "org/a": 0.9, "org/b": 0.1 }, { bounded: false }), columns[0]]);
  assert.equal(meanOf(open, ranked("")).scale, "deviations");
  assert.equal(meanOf(open, ranked("scale=points")).scale, "points");
  assert.equal(meanOf(table, ranked("scale=deviations")).scale, "deviations");
});

test("a benchmark, a name or a fact sorts in both directions; what lacks it is last in both", () => {
  assert.deepEqual(shown("by=accuracy"), ["1 org/a", "2 org/b", "3 org/c"]);
  assert.deepEqual(shown("by=error"), ["1 org/b", "2 org/c", "3 lab/a@high"]);
  assert.deepEqual(shown("by=error&reversed=1"), ["3 lab/a@high", "2 org/c", "1 org/b"]);
  assert.deepEqual(shown("by=~model"), ["2 org/a", "1 org/b", "3 org/c"]);
  assert.deepEqual(shown("by=~size"), ["2 org/a", "1 org/b", "3 org/c"]);
  assert.deepEqual(shown("by=~size&reversed=1"), ["3 org/c", "1 org/b", "2 org/a"]);
  assert.deepEqual(shown("by=~date"), ["1 org/b", "2 org/a", "3 org/c"]);
  assert.deepEqual(shown("by=~date&reversed=1"), ["2 org/a", "1 org/b", "3 org/c"]);
  assert.deepEqual([board("by=error").descends, board("by=accuracy").descends, board("by=~model").descends], [false, true, false]);
});

test("settings are folded under the best of them, which may be another for each column", () => {
  assert.deepEqual(shown("by=accuracy&settings=org/a"), ["1 org/a", "+ lab/a@high", "2 org/b", "3 org/c"]);
  assert.deepEqual(shown("by=error"), ["1 org/b", "2 org/c", "3 lab/a@high"]);
  assert.deepEqual(shown("by=accuracy&settings=*"), ["1 org/a", "2 org/b", "3 lab/a@high", "4 org/c"]);
  const { models, ranks } = board("by=accuracy");
  assert.deepEqual([models, ranks], [4, 3]);
});

test("a measured setting comes before predicted ones that look better", () => {
  const guessed = tabulate([column("accuracy", { "lab/a@high": 0.95, "org/a": 0.9, "org/b": 0.5 }, { predicted: { "lab/a@high": 0.05 } })]);
  const { lines } = arrange(guessed, meanOf(guessed, ranked("")), facts, ranked("settings=org/a"));
  assert.deepEqual(lines.map(({ row, isSetting }) => [guessed.ids[row], isSetting]), [["org/a", false], ["lab/a@high", true], ["org/b", false]]);
});

test("ranks are among the models that meet the conditions", () => {
  assert.deepEqual(shown("by=accuracy&max=8"), ["1 org/b", "2 org/c"]);
  assert.deepEqual(shown("by=accuracy&complete=1"), ["1 org/a", "2 org/b"]);
});

test("a pinned model is at the top, with its rank if it meets the conditions", () => {
  const { pinned, lines } = board("by=accuracy&pin=org/c&pin=nobody");
  assert.deepEqual(pinned.map(({ row, place }) => [table.ids[row], place.rank]), [["org/c", 3]]);
  assert.deepEqual(lines.map(({ row }) => table.ids[row]), ["org/a", "org/b"]);
  assert.equal(board("by=accuracy&pin=org/a&max=8").pinned[0].place, undefined);
});

const passing = (conditions) => {
  const { accepts, mistakes } = filterOf({ ...ranked("").conditions, ...conditions });
  return [[...facts.values()].filter(accepts).map(({ id }) => id).join(" "), Object.values(mistakes).join()];
};

test("each condition keeps the models whose fact meets it", () => {
  const cases = [
    [{ names: "ORG b" }, "org/b"], [{ names: "bee" }, "org/b"], [{ names: "/^org.[ac]$/" }, "org/a org/c"],
    [{ max: "7" }, "org/b org/c"], [{ max: "7B", min: "5000M" }, "org/b"], [{ min: ".05t" }, "org/a lab/a@high"],
    [{ license: "mit" }, "org/a org/c"], [{ license: "apache-2.0" }, "org/b"], [{ type: "chat" }, "org/a org/b"], [{ family: "see" }, "org/c"],
    [{ organisation: "bees inc" }, "org/b"], [{ organisation: "org" }, "org/a org/c"],
    [{ weights: "open" }, "org/a"], [{ weights: "closed" }, "org/b"],
    [{ since: "2025" }, "org/b"], [{ until: "2024" }, "org/a"], [{ until: "2024-06" }, "org/a"], [{ until: "2024-05" }, ""],
    [{ type: "chat", max: "8" }, "org/b"],
  ];
  for (const [conditions, expected] of cases) assert.deepEqual(passing(conditions), [expected, ""], JSON.stringify(conditions));
});

test("a condition that cannot be read says why, and does not count", () => {
  const all = [...facts.keys()].join(" ");
  for (const [conditions, expected] of [
    [{ names: "/org(/" }, /^\/org\(\/ is no regular expression: .*nterminated/],
    [{ max: "eight" }, /^a size is a number of billions such as 8 or 0\.5, not “eight”$/],
    [{ since: "last year" }, /^a date is a day, month or year such as .*, not “last year”$/],
    [{ weights: "ajar" }, /^weights are open or closed/],
  ]) {
    const [kept, mistake] = passing(conditions);
    assert.equal(kept, all);
    assert.match(mistake, expected);
  }
});

test("spellings of a value are one choice, the most frequent first", () => {
  assert.deepEqual(choices(facts.values(), ({ license }) => license), [["mit", 2], ["Apache-2.0", 1]]);
});

const exported = (query, shownFacts = ["license"]) => ({
  table, mean: meanOf(table, ranked(query)), board: board(query), facts, ranked: ranked(query), shownFacts,
  data: { name: "x.csv", source: "X", license: "CC0" }, address: "https://example.org/#rankings",
});

test("CSV and JSON have what is shown, with ids as they are", () => {
  const [head, first, , last] = toCsv(exported("by=accuracy")).split("\r\n");
  assert.equal(head, "model,rank,rank_lower,rank_upper,tier,tied_with_above,mean,mean_lower,mean_upper,mean_measured,mean_of,accuracy,accuracy predicted,accuracy lower,accuracy upper,error,error predicted,error lower,error upper,license");
  assert.equal(first, "org/a,1,1,1,1,false,55,55,55,2,2,0.9,false,,,0.8,false,,,mit");
  assert.match(last, /^org\/c,3,3,3,3,false,40,37\.5,42\.5,1,2,0\.1,true,0\.05,0\.15,0\.3,false,,,MIT$/);
  const { data, models, benchmarks, mean } = JSON.parse(toJson(exported("by=accuracy&col=accuracy:2&col=error")));
  assert.deepEqual(data, { name: "x.csv", source: "X", license: "CC0" });
  assert.deepEqual(mean, { of: "points", weights: { accuracy: 2, error: 1 } });
  assert.deepEqual(benchmarks[1], { id: "error", range: { low: 0, high: 1 }, lower_is_better: true });
  assert.deepEqual(models.map(({ id, rank }) => [id, rank]), [["org/a", 1], ["org/b", 2], ["org/c", 3]]);
  assert.deepEqual(models[2].scores.accuracy, { score: 0.1, predicted: true, lower: 0.05, upper: 0.15 });
  assert.deepEqual(models[1].facts, { license: "Apache-2.0" });
});

test("a cell is quoted where it must be, and is never a formula", () => {
  for (const [value, expected] of [
    ["org/a@high", "org/a@high"], ["a, b", '"a, b"'], ['5" disk', '"5"" disk"'], ["a\nb", '"a\nb"'], [" a", '" a"'], ["007", "007"],
    ["=1+1", "'=1+1"], ["+a", "'+a"], ["-a", "'-a"], ["@SUM(A1)", "'@SUM(A1)"], ['=HYPERLINK("x")', `"'=HYPERLINK(""x"")"`], ["\tx", "'\tx"],
    [-0.5, "-0.5"], [null, ""], [true, "true"],
  ]) assert.equal(write([[value, 1]]), `${expected},1\r\n`, String(value));
});
