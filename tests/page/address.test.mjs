// The address of the page: what is written is read again, and what people edit does no harm.

import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./load.mjs";

const { read, write } = await load("address.ts");

const UNSORTED = read("#rankings").ranked;
const blank = { params: "", type: "", scores: "" };

test("each view's question is read as it was written", () => {
  const questions = [
    { view: "ask", asked: undefined },
    { view: "ask", asked: { text: "---\nbase_model: org/a & b #1\n---\n100 % + ü", params: "7.6", type: "chat", scores: "ifeval=0.7, bbh=45%", asParent: true, all: true } },
    { view: "ask", asked: { text: "", ...blank, params: "8", asParent: false, all: false } },
    { view: "plans", plans: [], against: "" },
    { view: "plans", plans: [{ parents: [{ id: "org/a", weight: 3 }, { id: "org/b", weight: 0.25 }], ...blank, params: "8" }, { parents: [{ id: "hf:org/c", weight: 1 }], ...blank, scores: "bbh=0.5" }], against: "org/d" },
    {
      view: "rankings",
      ranked: {
        columns: [{ id: "bbh", weight: 1 }, { id: "math, hard", weight: 2.5 }, { id: "arc:25", weight: 1 }, { id: "gpqa", weight: 0 }],
        by: "~size", reversed: true, facts: ["size", "license"], scale: "deviations", pinned: ["org/a", "org/b,c"], unfolded: ["*"], full: true,
        conditions: { names: "/qwen.*[&=+]/", min: "1", max: "8", type: "chat", family: "Qwen 3", organisation: "Alibaba", license: "apache-2.0", weights: "open", since: "2025-01", until: "2026", complete: "1" },
      },
    },
    { view: "rankings", ranked: { ...UNSORTED, facts: [] } },
    { view: "model", id: "org/a@high & low" },
    { view: "map", mapped: { x: "~date", y: "bbh", names: "/a|b/", lineage: true, measured: true, plan: { parents: [{ id: "org/a", weight: 1 }], ...blank, params: "8" } } },
    { view: "map", mapped: { x: "", y: "", names: "", lineage: false, measured: false, plan: undefined } },
    { view: "atlas", charted: { map: "both", by: "math, hard", names: "/a|b/", at: "dataset:MATH 500 & more" } },
    { view: "atlas", charted: { map: "", by: "", names: "", at: "" } },
    { view: "trust" },
    { view: "analyses" },
  ];
  for (const question of questions) assert.deepEqual(read(write(question)), question, write(question));
});

test("the example's address is short, and names stay readable", () => {
  assert.equal(write({ view: "ask", asked: undefined }), "#ask");
  const asked = { text: "org/a\norg/b", ...blank, asParent: false, all: false };
  assert.equal(write({ view: "ask", asked }), "#ask?model=org/a%0Aorg/b");
  const plans = [{ parents: [{ id: "org/a", weight: 3 }, { id: "org/b", weight: 1 }], ...blank }];
  assert.equal(write({ view: "plans", plans, against: "" }), "#plans?1.parents=org/a:3,org/b:1");
});

test("a ranking's address is short, too", () => {
  assert.equal(write({ view: "rankings", ranked: UNSORTED }), "#rankings");
  const ranked = { ...UNSORTED, columns: [{ id: "bbh", weight: 1 }, { id: "math", weight: 2 }], by: "~mean", pinned: ["org/a"] };
  assert.equal(write({ view: "rankings", ranked }), "#rankings?col=bbh&col=math:2&by=~mean&pin=org/a");
  assert.equal(write({ view: "model", id: "org/a" }), "#model?id=org/a");
});

test("what is not understood is left out", () => {
  for (const fragment of ["#model", "#model?id=","", "#", "#nowhere?x=1", "#ask?", "#ask?model=", "#ask?%E0%A4%A"]) {
    assert.deepEqual(read(fragment), { view: "ask", asked: undefined }, fragment);
  }
  const { plans } = read("#plans?2.parents=org/a:x,,org/b:0&7.parents=org/c&3.size=4");
  assert.deepEqual(plans, [{ parents: [{ id: "org/a:x", weight: 1 }, { id: "org/b", weight: 0 }], ...blank }, { parents: [], ...blank }]);
  // A second `?` belongs to the text.
  assert.equal(read("#ask?model=https://hf.co/org/a?x=1").asked.text, "https://hf.co/org/a?x=1");
});
