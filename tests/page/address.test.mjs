// The address of the page: what is written is read again, and what people edit does no harm.

import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./load.mjs";

const { read, write } = await load("address.ts");

const blank = { params: "", type: "", scores: "" };

test("each view's question is read as it was written", () => {
  const questions = [
    { view: "ask", asked: undefined },
    { view: "ask", asked: { text: "---\nbase_model: org/a & b #1\n---\n100 % + ü", params: "7.6", type: "chat", scores: "ifeval=0.7, bbh=45%", asParent: true, all: true } },
    { view: "ask", asked: { text: "", ...blank, params: "8", asParent: false, all: false } },
    { view: "plans", plans: [], against: "" },
    { view: "plans", plans: [{ parents: [{ id: "org/a", weight: 3 }, { id: "org/b", weight: 0.25 }], ...blank, params: "8" }, { parents: [{ id: "hf:org/c", weight: 1 }], ...blank, scores: "bbh=0.5" }], against: "org/d" },
    { view: "rankings", ranked: { by: "bbh", reversed: true, filter: "qwen 3", also: ["math", "gpqa"] } },
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

test("what is not understood is left out", () => {
  for (const fragment of ["", "#", "#nowhere?x=1", "#ask?", "#ask?model=", "#ask?%E0%A4%A"]) {
    assert.deepEqual(read(fragment), { view: "ask", asked: undefined }, fragment);
  }
  const { plans } = read("#plans?2.parents=org/a:x,,org/b:0&7.parents=org/c&3.size=4");
  assert.deepEqual(plans, [{ parents: [{ id: "org/a:x", weight: 1 }, { id: "org/b", weight: 0 }], ...blank }, { parents: [], ...blank }]);
  // A second `?` belongs to the text.
  assert.equal(read("#ask?model=https://hf.co/org/a?x=1").asked.text, "https://hf.co/org/a?x=1");
});
