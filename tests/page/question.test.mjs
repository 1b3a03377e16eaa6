// What a question asks of a model, and the benchmarks that are shown of a measured one.

import assert from "node:assert/strict";
import { test } from "node:test";
import { measuredFirst } from "../../pkg/measured-first.js";
import { load } from "./load.mjs";

globalThis.document = { baseURI: "https://page.example/eyas/" };
globalThis.location = { search: "" };
const { requestOf, sole } = await load("question.ts");

const question = (text, rest = {}) => ({ text, params: "", type: "", scores: "", sole: sole(text), asParent: false, named: undefined, ...rest });

test("a name is the model itself, or its parent if the visitor says so; other texts are lineage", () => {
  assert.deepEqual(requestOf(question("Qwen3-8B"), false), { id: "Qwen3-8B", factors: {} });
  assert.deepEqual(requestOf(question("https://hf.co/org/a"), false), { id: "org/a", factors: {} });
  assert.deepEqual(requestOf(question("gpt 5", { asParent: true }), false), { lineage: { parents: ["gpt 5"] }, factors: {} });
  const text = "org/a\norg/b";
  const known = { params: "8", type: "chat", scores: "bbh=0.5", named: "org/c" };
  assert.deepEqual(requestOf(question(text, known), true), { lineage: text, name: "org/c", factors: { params: "8", type: "chat" }, tasks: "all", scores: "bbh=0.5" });
});

test("of a measured model eight measured benchmarks are shown, types side by side, those with the most results first", () => {
  const types = ["maths", "maths", "maths", "code", "code", "code", "chat", "chat", "chat", "chat", "other", "other"];
  const benchmarks = types.map((type, at) => ({ id: `t${at}`, task_type: type, cells: 100 - at }));
  const forecasts = [{ task: "t11" }, { task: "t0" }];
  const measured = Object.fromEntries(["t1", "t2", "t3", "t6", "t7"].map((id) => [id, 0.5]));
  assert.deepEqual(measuredFirst({ measured, forecasts }, benchmarks), ["t1", "t3", "t6", "t2", "t7", "t11", "t0"]);
  const all = Object.fromEntries(benchmarks.map(({ id }) => [id, 0.5]));
  assert.deepEqual(measuredFirst({ measured: all, forecasts }, benchmarks), ["t0", "t3", "t6", "t10", "t1", "t4", "t7", "t11"]);
  // Nothing is to be changed if all that is measured is shown, or there are few benchmarks.
  assert.deepEqual(measuredFirst({ measured: { t0: 0.5 }, forecasts }, benchmarks), []);
  assert.deepEqual(measuredFirst({ measured: all, forecasts }, benchmarks.slice(0, 8)), []);
  assert.deepEqual(measuredFirst({ measured: null, forecasts }, benchmarks), []);
});
