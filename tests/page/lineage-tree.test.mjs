// The parsed text of the form: the units of known scores.

import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./load.mjs";

// Lit needs these when it is loaded; templates alone do not use them.
globalThis.HTMLElement = class {};
globalThis.document = { createTreeWalker: () => undefined, createComment: () => undefined };
const { lineageTree } = await load("lineage-tree.ts");

/** The HTML of a template without its event listeners. */
function text(template) {
  if (Array.isArray(template)) return template.map(text).join("");
  if (!template?.strings) return typeof template === "string" || typeof template === "number" ? String(template) : "";
  return template.strings.map((string, at) => string + text(template.values[at])).join("");
}

test("known scores are in the units of their benchmark, or in per cent of an undeclared range", () => {
  const scores = [["bbh", 0.5], ["elo", 0.25], ["ifeval", 0.712]];
  const understood = { kind: "model card", name: null, parents: [], stages: [], scores, warnings: [], nearest: {} };
  const benchmarks = [
    { id: "bbh", range: { low: 0, high: 100 } },
    { id: "elo", range: null },
    { id: "ifeval", range: { low: 0, high: 1 } },
  ];
  assert.match(text(lineageTree(understood, false, benchmarks, () => {})), /with bbh 50\.0, elo 25\.0 %, ifeval 0\.712</);
  assert.match(text(lineageTree(understood, false, [], () => {})), /with bbh 50\.0 %, elo 25\.0 %, ifeval 71\.2 %</);
});
