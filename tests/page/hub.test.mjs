// What the page asks the hub: parents of parents until they are measured, what is kept for later, and what is said where it fails.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fetches, load } from "./load.mjs";

const HUB = "https://huggingface.co/";
const BOARD = "api/datasets/open-llm-leaderboard/contents/parquet/default/train/0.parquet";

/** A cache as the browser has it, or none where it is forbidden. */
function cache({ forbidden = false } = {}) {
  const kept = new Map();
  const opened = {
    put: async (url, response) => void kept.set(String(url), await response.text()),
    match: async (url) => (kept.has(String(url)) ? new Response(kept.get(String(url))) : undefined),
  };
  globalThis.caches = { open: async () => (forbidden ? Promise.reject(new DOMException("no", "SecurityError")) : opened) };
  return kept;
}

async function hub(search = "") {
  globalThis.document = { baseURI: "https://page.example/eyas/" };
  globalThis.location = { search };
  return load("hub.ts");
}

/**
 * The hub's word on models, `{ "org/x": [["org/a", 3], …] }`; all whose parents it does not list are measured. `understand` reads
 * what it answers as the model would.
 */
function models(parents, base = HUB) {
  const answers = Object.entries(parents).map(([id, listed]) => [`${base}api/models/${id}`, typeof listed === "number" ? listed : id]);
  const asked = fetches(Object.fromEntries(answers));
  const measured = (id) => !Object.keys(parents).some((known) => known.toLowerCase() === id.toLowerCase());
  const understand = async (id) => ({ name: id, parents: parents[id].map(([id, weight = 1]) => ({ id, weight, evaluated: measured(id) })) });
  return { asked: () => asked.map((url) => url.slice(`${base}api/models/`.length)), understand };
}

const lines = (card) => card.trimEnd().split("\n");

test("a mirror is named by ?hub=, and what is no address is none", async () => {
  for (const [search, name] of [["", "huggingface.co"], ["?hub=https://mirror.example//", "mirror.example"], ["?hub=/hub", "page.example"], ["?hub=https://[", "huggingface.co"]]) {
    assert.equal((await hub(search)).hubName, name);
  }
  const { lookUp } = await hub("?hub=https://mirror.example/hf/");
  cache();
  const { asked, understand } = models({ "org/x": [["org/a"]] }, "https://mirror.example/hf/");
  assert.deepEqual(lines(await lookUp("org/x", understand)), ["# org/x, looked up on mirror.example", "org/a"]);
  assert.deepEqual(asked(), ["org/x"]);
});

test("parents that are not measured are replaced by theirs, with their share", async () => {
  const { lookUp, lookedUp } = await hub();
  cache();
  const { asked, understand } = models({ "org/x": [["org/y", 3], ["org/a", 1]], "org/y": [["org/a", 1], ["org/b", 2]] });
  const card = await lookUp("org/x", understand);
  assert.deepEqual(lines(card), [
    "# org/x, looked up on huggingface.co",
    "# org/y is not measured here; its parents stand for it",
    // A quarter of the model, and a third of three quarters.
    "org/a 0.500",
    "org/b 0.500",
  ]);
  assert.deepEqual(asked(), ["org/x", "org/y"]);
  assert.equal(lookedUp(card), "org/x");
  assert.equal(lookedUp("org/a\n# org/x, looked up on huggingface.co"), undefined);
});

test("a parent that the hub hides, or that has no parents there, is left as it is", async () => {
  const { lookUp } = await hub();
  cache();
  const { understand } = models({ "org/x": [["org/hidden"], ["org/base"]], "org/hidden": 401, "org/base": [] });
  assert.deepEqual(lines(await lookUp("org/x", understand)).slice(1), ["org/hidden 0.500", "org/base 0.500"]);
});

test("a look-up ends where cards name each other, or more ancestors than it asks for", async () => {
  const { lookUp } = await hub();
  cache();
  const circle = models({ "org/x": [["org/y"]], "org/y": [["Org/X"], ["org/a"]] });
  assert.deepEqual(lines(await lookUp("org/x", circle.understand)).slice(2), ["org/a"]);
  const chain = Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`org/${at}`, [[`org/${at + 1}`]]]));
  const { asked, understand } = models(chain);
  assert.equal(lines(await lookUp("org/0", understand)).at(-1), "org/12");
  assert.equal(asked().length, 12);
});

test("a model without parents, and one that is not there, are errors in words", async () => {
  const { lookUp } = await hub();
  cache();
  const { understand } = models({ "org/base": [], "org/gone": 404, "org/hidden": 401, "org/busy": 503 });
  await assert.rejects(lookUp("org/base", understand), { message: "huggingface.co names no parent of org/base" });
  await assert.rejects(lookUp("org/gone", understand), { message: "huggingface.co knows no public models/org/gone" });
  await assert.rejects(lookUp("org/hidden", understand), { message: "huggingface.co knows no public models/org/hidden" });
  await assert.rejects(lookUp("org/busy", understand), { message: "huggingface.co answered 503 Gone Away" });
  await assert.rejects(lookUp("org/off", understand), { message: /^huggingface\.co cannot be reached \(offline/ });
});

test("what was fetched is there without a network: the table first, a model where the hub does not answer", async () => {
  const { leaderboard, lookUp } = await hub();
  const kept = cache();
  const first = models({ "org/x": [["org/a"]] });
  const card = await lookUp("org/x", first.understand);
  fetches({ [HUB + BOARD]: "PAR1" });
  assert.equal((await leaderboard.read())[0].name, "open-llm-leaderboard.parquet");
  assert.deepEqual([...kept.keys()].sort(), [HUB + BOARD, `${HUB}api/models/org/x`].sort());

  const asked = fetches({});
  assert.equal(new TextDecoder().decode((await leaderboard.read())[0].bytes), "PAR1");
  assert.deepEqual(asked, [], "the table does not change");
  assert.equal(await lookUp("org/x", first.understand), card);
  // What is kept of a model may be old, so the hub is asked first.
  assert.deepEqual(asked, [`${HUB}api/models/org/x`]);
});

test("where nothing can be kept, everything is fetched", async () => {
  const { leaderboard } = await hub();
  cache({ forbidden: true });
  const asked = fetches({ [HUB + BOARD]: "PAR1" });
  for (const times of [1, 2]) {
    assert.equal((await leaderboard.read())[0].bytes.length, 4);
    assert.equal(asked.length, times);
  }
});

test("a text that is one id, or its address, is that id", async () => {
  const { soleId } = await hub();
  for (const text of ["org/x-1.5", " org/x-1.5\n", "https://huggingface.co/org/x-1.5/tree/main", "hf.co/org/x-1.5", "https://mirror.example/org/x-1.5?a=b"]) {
    assert.equal(soleId(text), "org/x-1.5", text);
  }
  for (const text of ["", "x", "org/x 0.4", "org/x\norg/y", "org/x, org/y", "base_model: org/x"]) assert.equal(soleId(text), undefined, text);
});
