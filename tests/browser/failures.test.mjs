// Traps, crashes and hangs: the error is shown where the question was asked, and nothing else is affected.

import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { test } from "node:test";
import { capped, cappedPackage, table } from "./capped.mjs";
import { openPage, openSmall, root } from "./harness.mjs";

/** Pages of memory that suffice to train on the small table, but not on the large one. */
const TRAINING = 160;
const small = table(40, 4);
const large = table(900, 60);

test("node: a training that traps rejects with a message, and other work is not affected", async (t) => {
  const folder = await cappedPackage(t, { trainer_simd: TRAINING, trainer_plain: TRAINING });
  const { Recommender, Snapshot } = await import(`${folder}/index.js`);
  const [fits, exceeds] = await Promise.all([Snapshot.parse(small, { name: "small.csv" }), Snapshot.parse(large, { name: "large.csv" })]);
  const before = await Recommender.train(fits, { method: "eyas" });
  const expected = {
    name: "Error",
    kind: "computation",
    message: /^this could not be computed here: .+ MB in use; the table has 900 models × 60 tasks$/,
  };
  await assert.rejects(Recommender.train(exceeds, { method: "eyas" }), expected);
  // At the same time as the trap, and after it.
  const [failed, beside] = await Promise.allSettled([exceeds, fits].map((snapshot) => Recommender.train(snapshot, { method: "eyas" })));
  assert.match(failed.reason.message, expected.message);
  const after = await Recommender.train(fits, { method: "eyas" });
  const request = { lineage: "org/model-3" };
  for (const model of [beside.value, after]) assert.deepEqual(model.predict(request), before.predict(request));
  await assert.rejects(Recommender.train(exceeds, { method: "eyas" }), expected);
});

test("node: an error in the caller's onProgress rejects the training", async () => {
  const { Recommender, Snapshot } = await import(`${root}pkg/index.js`);
  const snapshot = await Snapshot.parse(small, { name: "small.csv" });
  const onProgress = () => {
    throw new TypeError("an error of the caller");
  };
  await assert.rejects(Recommender.train(snapshot, { method: "eyas", onProgress }), { name: "TypeError", message: "an error of the caller" });
});

test("node: a trap loses only the model of that instance", async (t) => {
  const folder = await cappedPackage(t, { forecast_simd: 128, texts: 128, tables: 128 });
  const { Recommender, Snapshot } = await import(`${folder}/index.js`);
  const snapshot = await Snapshot.parse(small, { name: "small.csv" });
  const [model, other] = [await Recommender.train(snapshot), await Recommender.train(snapshot)];
  const long = "x".repeat(12e6);
  assert.throws(() => model.rank({ task: long }), { kind: "computation", message: /could not be computed here.*40 models × 4 tasks$/ });
  const lost = { kind: "lost", message: /^the model was lost in an earlier failure; train or load it again$/ };
  assert.throws(() => model.predict({ lineage: "org/model-3" }), lost);
  assert.throws(() => model.info, lost);
  await assert.rejects(model.explain({ lineage: "org/model-3" }), lost);
  model.free();
  assert.equal(other.rank({ task: "task-1" }).models.length, 40);
  const loaded = await Recommender.load(other.save());
  assert.equal(loaded.predict({ lineage: "org/model-3" }).forecasts.length, 4);

  assert.throws(() => other.predict({ lineage: long }), { kind: "computation", message: /the text has 12\.0 MB$/ });
  assert.equal(other.predict({ lineage: "org/model-3" }).forecasts.length, 4);
  await assert.rejects(Snapshot.parse(table(4000, 400), { name: "much.csv" }), { kind: "computation", message: /could not be computed here.*much\.csv has \d+\.\d MB$/ });
  assert.equal((await Snapshot.parse(small, { name: "small.csv" })).info.models, 40);
});

/** A route that serves a module of the page with little memory. */
const module = async (named, pages) => {
  const names = (await readdir(`${root}dist/assets`)).filter((name) => named.test(name));
  const files = names.map(async (name) => {
    const body = capped(await readFile(`${root}dist/assets/${name}`), pages);
    return [`/assets/${name}`, { body, type: "application/wasm" }];
  });
  return Object.fromEntries(await Promise.all(files));
};

test("page: a table that traps is an error in the forecast section, with a button to recover", async (t) => {
  const routes = { ...(await module(/^trainer_\w+-.*\.wasm$/, 2 * TRAINING)), "/large.csv": { body: Buffer.from(table(4000, 60)), type: "text/csv" } };
  const { page } = await openPage(t, { routes, path: "?snapshot=large.csv&method=eyas" });
  await page.locator("#forecast .line").first().waitFor({ timeout: 120_000 });
  const notice = await page.locator("#forecast .stands").innerText();
  assert.match(notice, /^large\.csv could not be used: this could not be computed here: .*4,000 models × 60 tasks\./);
  assert.match(notice, /The forecast below is from the bundled data\./);
  await page.locator("#forecast").getByRole("button", { name: "Try large.csv again" }).waitFor();
});

/** The smallest number of pages with which the module `forecast` answers ordinary questions on 117 models. */
async function enough(t) {
  const { Recommender, Snapshot } = await import(`${root}pkg/index.js`);
  const snapshot = await Snapshot.parse(await readFile(`${root}tests/fixtures/open-models/snapshot.json`), { name: "snapshot.json" });
  const saved = (await Recommender.train(snapshot)).save();
  for (let pages = 8; ; pages += 2) {
    const { Recommender } = await import(`${await cappedPackage(t, { forecast_simd: pages })}/index.js`);
    try {
      const model = await Recommender.load(saved);
      const request = { lineage: "Qwen/Qwen2-72B\nQwen/Qwen2-7B" };
      model.predict(request);
      model.next(request);
      for (const { id } of model.benchmarks) model.rank({ task: id });
      return pages;
    } catch (error) {
      if (error.kind !== "computation") throw error;
    }
  }
}

test("page: a question that traps shows an error, and for the next one the model is trained again", async (t) => {
  const { page } = await openSmall(t, { routes: await module(/^forecast_simd-.*\.wasm$/, await enough(t)) });
  await page.locator("#forecast .fresh").waitFor({ timeout: 60_000 });
  await page.locator("#lineage").fill("Qwen/Qwen2-7B\nQwen/Qwen2-72B");
  await page.keyboard.press("Control+Enter");
  await page.locator("#forecast .line").first().waitFor({ timeout: 60_000 });
  const many = Array.from({ length: 1000 }, (_, at) => `org/${"a-long-name-".repeat(12)}${at}`);
  await page.locator("#lineage").fill(many.join("\n"));
  await page.keyboard.press("Control+Enter");
  await page.locator("#outdated").getByText("No forecast for the current question: this could not be computed here").waitFor({ timeout: 60_000 });
  await page.locator("#lineage").fill("Qwen/Qwen2-72B\nQwen/Qwen2-7B");
  await page.keyboard.press("Control+Enter");
  await page.locator("#forecast .fresh .legend", { hasText: "Qwen/Qwen2-72B" }).waitFor({ timeout: 60_000 });
});

test("page: a worker that crashed is replaced, and the question is answered", async (t) => {
  const { page, url } = await openPage(t, { goto: false });
  await page.clock.install();
  await page.addInitScript(() => {
    window.workers = [];
    window.Worker = class extends Worker {
      constructor(...given) {
        super(...given);
        window.workers.push(this);
      }
    };
  });
  await page.goto(url);
  await page.locator("#forecast .line").first().waitFor({ timeout: 60_000 });
  const before = await page.evaluate(() => {
    window.workers.at(-1).terminate();
    return window.workers.length;
  });
  await page.locator("#lineage").fill("Qwen/Qwen2-72B\nQwen/Qwen2-7B");
  await page.keyboard.press("Control+Enter");
  await page.clock.runFor(70_000);
  await page.locator("#forecast .legend", { hasText: "Qwen/Qwen2-72B" }).waitFor({ timeout: 60_000 });
  assert.equal(await page.evaluate(() => window.workers.length), before + 1);
});

/** A page with elements, `{ id: snapshot }`, and the package of a folder. */
const elements = (sources) => ({
  type: "text/html; charset=utf-8",
  body: `<!doctype html><html lang="en"><meta charset="utf-8"><title>A page</title><link rel="icon" href="data:,">
    <script>
      window.workers = 0;
      window.Worker = class extends Worker { constructor(...given) { super(...given); window.workers++; } };
    </script>
    <script type="module" src="/pkg/eyas-widget.js"></script><body>${Object.entries(sources)
      .map(([id, source]) => `<eyas-forecast id="${id}" snapshot="${source}" parents="org/model-1"></eyas-forecast>`)
      .join("")}`,
});
const load = (page) => page.evaluate(() => void document.querySelectorAll("eyas-forecast").forEach((one) => one.load()));
const card = (page, id) => page.locator(`#${id} .row .value`).first();
const why = (page, id) => page.locator(`#${id} [part=why]`).filter({ visible: true });

test("widget: a table that traps fails only in its own element", async (t) => {
  const folder = (await cappedPackage(t, { trainer_simd: TRAINING })).slice(root.length);
  const routes = { "/": elements({ bad: "/large.csv", good: "/small.csv" }), "/large.csv": { body: Buffer.from(large) }, "/small.csv": { body: Buffer.from(small) } };
  const { page } = await openPage(t, { folder: "tests/fixtures/open-models", mounts: { "/pkg/": folder }, routes });
  await load(page);
  await card(page, "good").waitFor({ timeout: 60_000 });
  await why(page, "bad").waitFor({ timeout: 60_000 });
  assert.match(await why(page, "bad").innerText(), /^No live forecast: this could not be computed here.*900 models × 60 tasks\.$/);
  assert.equal(await page.evaluate(() => window.workers), 1);
  await page.evaluate(() => document.querySelector("#good").setAttribute("parents", "org/model-2"));
  await page.locator("#good .legend", { hasText: "org/model-2" }).waitFor();
  assert.equal(await page.evaluate(() => window.workers), 1);
});

for (const [how, script] of [["hangs", "for (;;);"], ["dies", "close();"]]) {
  test(`widget: a worker that ${how} is replaced, and only the source at fault fails`, async (t) => {
    // The worker ends when it reads this address.
    const worker = `addEventListener("message", ({ data }) => { if (data.args?.[1]?.snapshot?.endsWith("bad.csv")) ${script} });\n${await readFile(`${root}pkg/worker.js`, "utf8")}`;
    const routes = { "/": elements({ first: "/small.csv" }), "/small.csv": { body: Buffer.from(small) }, "/pkg/worker.js": { body: worker } };
    const { page, url } = await openPage(t, { folder: "tests/fixtures/open-models", mounts: { "/pkg/": "pkg" }, routes, goto: false });
    await page.clock.install();
    await page.goto(url);
    await load(page);
    await card(page, "first").waitFor({ timeout: 60_000 });
    for (const [id, source] of [["bad", "/bad.csv"], ["good", "/small.csv?2"]]) {
      const html = `<eyas-forecast id="${id}" snapshot="${source}" parents="org/model-1"></eyas-forecast>`;
      await page.evaluate((html) => document.body.insertAdjacentHTML("beforeend", html), html);
    }
    await load(page);
    await page.waitForTimeout(500);
    await page.clock.runFor(700_000);
    await card(page, "good").waitFor({ timeout: 60_000 });
    await page.clock.runFor(700_000);
    await why(page, "bad").waitFor();
    assert.match(await why(page, "bad").innerText(), /its worker does not answer/);
    // One common worker, and one for each element that waited.
    assert.equal(await page.evaluate(() => window.workers), 3);
    await page.evaluate(() => document.querySelector("#first").setAttribute("parents", "org/model-2"));
    await page.locator("#first .legend", { hasText: "org/model-2" }).waitFor({ timeout: 60_000 });
  });
}
