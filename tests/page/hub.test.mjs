// Requests of the page to the hub: ancestors up to measured ones, the cache, and error messages.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fetches, load } from "./load.mjs";

const HUB = "https://huggingface.co/";
const BOARD = "api/datasets/open-llm-leaderboard/contents/parquet/default/train/0.parquet";

/** Replaces the browser's `caches`, by one that works or by one that is forbidden. */
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
 * Replaces the hub. `parents` lists the parents of models with their weights, `{ "org/x": [["org/a", 3], …] }`, or a status to answer
 * with. All models that it does not list are measured. `understand` parses the answers of this hub.
 */
function models(parents, base = HUB) {
  const answers = Object.entries(parents).map(([id, listed]) => [`${base}api/models/${id}`, typeof listed === "number" ? listed : id]);
  const asked = fetches(Object.fromEntries(answers));
  const measured = (id) => !Object.keys(parents).some((known) => known.toLowerCase() === id.toLowerCase());
  const understand = async (id) => ({ name: id, parents: parents[id].map(([id, weight = 1]) => ({ id, weight, evaluated: measured(id) })) });
  return { asked: () => asked.map((url) => url.slice(`${base}api/models/`.length)), understand };
}

const lines = (card) => card.trimEnd().split("\n");

test("?hub= names a mirror, and is ignored if it is not an address", async () => {
  for (const [search, name] of [["", "huggingface.co"], ["?hub=https://mirror.example//", "mirror.example"], ["?hub=/hub", "page.example"], ["?hub=https://[", "huggingface.co"]]) {
    assert.equal((await hub(search)).hubName, name);
  }
  const { lookUp } = await hub("?hub=https://mirror.example/hf/");
  cache();
  const { asked, understand } = models({ "org/x": [["org/a"]] }, "https://mirror.example/hf/");
  assert.deepEqual(lines(await lookUp("org/x", understand)), ["# org/x, looked up on mirror.example", "org/a"]);
  assert.deepEqual(asked(), ["org/x"]);
});

test("parents without measurements are replaced by their own parents, with their shares", async () => {
  const { lookUp, lookedUp } = await hub();
  cache();
  const { asked, understand } = models({ "org/x": [["org/y", 3], ["org/a", 1]], "org/y": [["org/a", 1], ["org/b", 2]] });
  const card = await lookUp("org/x", understand);
  assert.deepEqual(lines(card), [
    "# org/x, looked up on huggingface.co",
    "# org/y is not measured here; its parents replace it",
    // A quarter of the model, and a third of three quarters.
    "org/a 0.5",
    "org/b 0.5",
  ]);
  assert.deepEqual(asked(), ["org/x", "org/y"]);
  assert.equal(lookedUp(card), "org/x");
  assert.equal(lookedUp("org/a\n# org/x, looked up on huggingface.co"), undefined);
});

test("small shares are kept", async () => {
  const { lookUp } = await hub();
  cache();
  const { understand } = models({ "org/x": [["org/y", 1], ["org/a", 999]], "org/y": [["org/b", 1], ["org/a", 9]] });
  // A tenth of a thousandth of the model.
  assert.deepEqual(lines(await lookUp("org/x", understand)).slice(2), ["org/b 0.0001", "org/a 0.9999"]);
});

test("a parent that the hub hides, or that has no parents there, is kept", async () => {
  const { lookUp } = await hub();
  cache();
  const { understand } = models({ "org/x": [["org/hidden"], ["org/base"]], "org/hidden": 401, "org/base": [] });
  assert.deepEqual(lines(await lookUp("org/x", understand)).slice(1), ["org/hidden 0.5", "org/base 0.5"]);
});

test("a look-up ends if cards name each other, and after its largest number of requests", async () => {
  const { lookUp } = await hub();
  cache();
  const circle = models({ "org/x": [["org/y"]], "org/y": [["Org/X"], ["org/a"]] });
  assert.deepEqual(lines(await lookUp("org/x", circle.understand)).slice(2), ["org/a"]);
  const chain = Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`org/${at}`, [[`org/${at + 1}`]]]));
  const { asked, understand } = models(chain);
  assert.equal(lines(await lookUp("org/0", understand)).at(-1), "org/12");
  assert.equal(asked().length, 12);
});

test("a model without parents and a missing model are errors with a message", async () => {
  const { lookUp } = await hub();
  cache();
  const { understand } = models({ "org/base": [], "org/gone": 404, "org/hidden": 401, "org/busy": 503 });
  await assert.rejects(lookUp("org/base", understand), { message: "huggingface.co names no parent of org/base" });
  await assert.rejects(lookUp("org/gone", understand), { message: "huggingface.co knows no public models/org/gone" });
  await assert.rejects(lookUp("org/hidden", understand), { message: "huggingface.co knows no public models/org/hidden" });
  await assert.rejects(lookUp("org/busy", understand), { message: "huggingface.co answered 503 Gone Away" });
  await assert.rejects(lookUp("org/off", understand), { message: /^huggingface\.co cannot be reached \(offline/ });
});

test("without a network the cache answers: for the table always, for a model if the hub does not answer", async () => {
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
  // The hub is asked first, since the cached answer for a model may be outdated.
  assert.deepEqual(asked, [`${HUB}api/models/org/x`]);
});

test("without a cache everything is fetched again", async () => {
  const { leaderboard } = await hub();
  cache({ forbidden: true });
  const asked = fetches({ [HUB + BOARD]: "PAR1" });
  for (const times of [1, 2]) {
    assert.equal((await leaderboard.read())[0].bytes.length, 4);
    assert.equal(asked.length, times);
  }
});

test("soleId returns the id of a text that is a single id or its address", async () => {
  const { soleId } = await hub();
  for (const text of ["org/x-1.5", " org/x-1.5\n", "https://huggingface.co/org/x-1.5/tree/main", "hf.co/org/x-1.5", "https://mirror.example/org/x-1.5?a=b"]) {
    assert.equal(soleId(text), "org/x-1.5", text);
  }
  for (const text of ["", "x", "org/x 0.4", "org/x\norg/y", "org/x, org/y", "base_model: org/x"]) assert.equal(soleId(text), undefined, text);
});
