// Sentences and chances that follow from forecasts, and names of benchmarks.

import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./load.mjs";

const { beats, neighbours, normal, ordinal, usuallyOff, verdict } = await load("verdict.ts");
const { label, named } = await load("benchmarks.ts");
const { suggestions } = await load("suggest.ts");
const { isQuestion } = await load("intake.ts");
globalThis.document = { baseURI: "https://page.example/eyas/" };
globalThis.location = { search: "" };
const { soleName } = await load("hub-name.ts");

const forecast = (task, mean, rest = {}) => ({ task, dataset: task, mean, lower: mean - 0.1, upper: mean + 0.1, rank: 10, of: 100, known: false, lower_is_better: false, parents: {}, sources: [], ...rest });
const column = (scores, predicted = []) => ({ ids: Object.keys(scores), scores: Object.values(scores), predicted: Object.keys(scores).map((id) => Number(predicted.includes(id))) });

test("the rank is the middle of the ranks", () => {
  const ranks = [3, 90, 40, 50].map((rank, at) => forecast(`t${at}`, 0.5, { rank }));
  const { rank, of, benchmarks } = verdict(ranks, new Map(), null);
  assert.deepEqual([rank, of, benchmarks], [45, 100, 4]);
});

test("relatives above and below are the nearest on the benchmarks they share, by measured scores alone", () => {
  const sources = ["low", "near", "high", "guessed", "rare"].map((id) => ({ id, share: 0.2 }));
  const forecasts = [forecast("a", 0.5, { sources, parents: { parent: 0.45 } }), forecast("b", 0.5, { sources, parents: { parent: 0.47 } }), forecast("c", 0.5)];
  const columns = new Map([
    ["a", column({ low: 0.1, near: 0.56, high: 0.9, guessed: 0.51, rare: 0.51 }, ["guessed"])],
    ["b", column({ low: 0.2, near: 0.46, high: 0.9, guessed: 0.51 }, ["guessed"])],
  ]);
  assert.deepEqual(neighbours(forecasts, columns, null), { above: "near", below: "parent", areRelatives: true });
  assert.deepEqual(neighbours(forecasts, columns, "near"), { above: "high", below: "parent", areRelatives: true });
  const less = forecasts.map((one) => ({ ...one, lower_is_better: true }));
  assert.deepEqual(neighbours(less, columns, null), { above: "parent", below: "near", areRelatives: true });
  // Without relatives, all models that are measured on all benchmarks count.
  const alone = [forecast("a", 0.5), forecast("b", 0.5)];
  assert.deepEqual(neighbours(alone, columns, null), { above: "near", below: "low", areRelatives: false });
});

test("half of the errors of a normal distribution are within 0.41 of half the 90 % interval", () => {
  assert.ok(Math.abs(usuallyOff([forecast("a", 0.5), forecast("b", 0.5)]) - 0.041) < 1e-4);
  assert.ok(Math.abs(normal(1.6449) - 0.95) < 1e-5 && Math.abs(normal(0.6745) - 0.75) < 1e-4 && Math.abs(normal(-1) - 0.158655) < 1e-6);
  assert.equal(usuallyOff([forecast("a", 0.5, { known: true })]), undefined);
  assert.equal(usuallyOff([forecast("a", 0.5, { lower: null, upper: null })]), undefined);
});

test("the chance that one forecast is better than another", () => {
  const sd = 0.1 / 1.6449;
  const chance = beats(forecast("a", 0.5 + sd * Math.SQRT2), forecast("a", 0.5));
  assert.ok(Math.abs(chance - 0.8413) < 1e-4, String(chance));
  assert.ok(Math.abs(beats(forecast("a", 0.6, { lower_is_better: true }), forecast("a", 0.5, { lower_is_better: true })) - 0.1224) < 1e-3);
  assert.equal(beats(forecast("a", 0.6, { known: true, lower: null, upper: null }), forecast("a", 0.5, { known: true, lower: null, upper: null })), 1);
  assert.equal(beats(forecast("a", 0.6, { lower: null, upper: null }), forecast("a", 0.5)), null);
});

test("ordinal numbers", () => {
  assert.deepEqual([1, 2, 3, 11, 112, 123, 1001].map(ordinal), ["1st", "2nd", "3rd", "11th", "112th", "123rd", "1,001st"]);
});

test("benchmarks have the name of their dataset, and what it does not say", () => {
  const pairs = { aime_2024_2025_swallow: "AIME", gpqa_ja_swallow: "GPQA", math500_swallow: "MATH-500", mmlu_pro_swallow: "MMLU-Pro", bbh_3shot_cot_swallow: "BIG-Bench Hard", mt_bench_en_coding_swallow: "MT-Bench", bbh: "bbh", tau2_bench_retail_reported: "τ²-bench", "Arena Elo": "Arena Elo" };
  assert.deepEqual(Object.entries(pairs).map(([task, dataset]) => label({ task, dataset })), [
    "AIME 2024 2025 swallow", "GPQA ja swallow", "MATH-500 swallow", "MMLU-Pro swallow", "BIG-Bench Hard 3shot cot swallow", "MT-Bench en coding swallow", "bbh", "τ²-bench tau2 retail reported", "Arena Elo",
  ]);
  assert.deepEqual(named({ task: "bbh", dataset: "BBH" }), { name: "bbh", detail: "" });
});

test("a card or a configuration is a question, and a table is data", () => {
  const card = "---\nlibrary_name: transformers\nbase_model:\n- org/a\n---\n# A model\n";
  assert.ok(isQuestion("README.md", card));
  assert.ok(isQuestion("merge.yml", "models:\n  - model: org/a\nmerge_method: linear\n"));
  assert.ok(isQuestion("adapter_config.json", '{ "base_model_name_or_path": "org/a", "r": 8 }'));
  assert.ok(isQuestion("models/Modelfile", "FROM llama3\n"));
  assert.ok(!isQuestion("results.md", "| model | bbh |\n|---|---|\n| org/a | 0.5 |\n"));
  assert.ok(!isQuestion("results.json", '[{ "model": "org/a", "bbh": 0.5 }]'));
  assert.ok(!isQuestion("board.csv", "model,base_model\norg/a,org/b\n"));
});

test("while a name is typed, the shortest ids with all its words are suggested", () => {
  const ids = ["Qwen/Qwen3-8B-Base", "Qwen/Qwen3-8B", "org/qwen-3-8b-merge", "Qwen/Qwen3-14B", "meta/Llama-3-8B"];
  assert.deepEqual(suggestions("qwen 8b", ids), ["Qwen/Qwen3-8B", "Qwen/Qwen3-8B-Base", "org/qwen-3-8b-merge"]);
  assert.deepEqual(suggestions("qwen", ids, 2), ["Qwen/Qwen3-8B", "Qwen/Qwen3-14B"]);
  assert.deepEqual(suggestions("qwen/qwen3-8b", ids), [], "an id itself");
  assert.deepEqual(suggestions("mistral", ids), []);
});

test("a line that is only a name is the name of the model", () => {
  const names = { "GPT-5": "GPT-5", " claude opus 4.5 ": "claude opus 4.5", "Qwen3-8B-AWQ": "Qwen3-8B-AWQ", "Llama 3.1 (70B)": "Llama 3.1 (70B)", "gpt-5@high": "gpt-5@high" };
  for (const [text, name] of Object.entries(names)) assert.equal(soleName(text), name);
  for (const text of ["", "42", "org/a 0.5", "a\nb", "base_model: org/a", "{}", "Llama, Qwen", "- Qwen3-8B", "A long sentence about a model that somebody has written down here, which is no name at all."]) {
    assert.equal(soleName(text), undefined, text);
  }
});
