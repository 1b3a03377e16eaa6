// The elements in other pages: from another origin, with content security policies, many at once, and with missing features.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { engines } from "./engines.mjs";
import { root, serve, until } from "./harness.mjs";

/** A content network, whose files all origins may read. */
const open = { "access-control-allow-origin": "*" };

let cdn;
let saved;
before(async () => {
  const { Recommender, Snapshot } = await import(`${root}pkg/index.js`);
  const bytes = await readFile(`${root}tests/fixtures/open-models/snapshot.json`);
  const snapshot = await Snapshot.parse(bytes, { name: "snapshot.json" });
  const model = await Recommender.train(snapshot, { method: "mla" });
  saved = Buffer.from(model.save());
  const routes = { "/model.eyas": { body: saved, type: "application/octet-stream" } };
  cdn = await serve({ folder: "tests/fixtures/open-models", mounts: { "/pkg/": "target/package" }, routes, headers: open });
});
after(() => cdn.close());

const parents = 'parents="Qwen/Qwen2-7B, Qwen/Qwen2-7B-Instruct:0.5"';
const forecast = (attributes = "", children = "") =>
  `<eyas-forecast model-file="${cdn.url}model.eyas" ${parents} ${attributes}>${children}</eyas-forecast>`;
const script = (from = cdn.url) => `<script type="module" src="${from}pkg/eyas-widget.js"></script>`;

/** Data as `eyas predict --json` prints them. */
const data = {
  method: "eyas",
  source: "a test",
  forecasts: [
    { task: "ifeval", mean: 0.4, lower: 0.3, upper: 0.5, rank: 12, of: 4497, parents: {}, sources: [], range: { low: 0, high: 100 } },
  ],
};
const fallback = `<script type="application/json">${JSON.stringify(data)}</script>`;

/** Serves pages by name with these headers. The script comes `from` another server or, with "/", from this one. */
async function site(t, pages, headers = {}, { from, all } = {}) {
  const page = (body) => ({
    type: "text/html; charset=utf-8",
    headers,
    body: `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A page</title><link rel="icon" href="data:,">
      <script src="/watch.js"></script>${script(from)}</head><body><main><h1>A page</h1>${body}</main></body></html>`,
  });
  const routes = Object.fromEntries(Object.entries(pages).map(([name, body]) => [`/${name}`, page(body)]));
  routes["/watch.js"] = { body: watch };
  routes["/axe.js"] = { body: await readFile(`${root}node_modules/axe-core/axe.min.js`) };
  routes["/model.eyas"] = { body: saved, type: "application/octet-stream" };
  const server = await serve({ folder: "tests/fixtures/open-models", mounts: { "/pkg/": "target/package" }, routes, headers: all });
  t.after(() => server.close());
  return server;
}

/** Counts workers, addresses of blobs and events, from before any other script runs. */
const watch = `
  window.before = new Set(Object.getOwnPropertyNames(window));
  window.seen = [];
  window.workers = { made: 0, ended: 0 };
  window.Worker = class extends Worker {
    constructor(...given) { super(...given); window.workers.made++; }
    terminate() { super.terminate(); window.workers.ended++; }
  };
  window.blobs = 0;
  for (const [name, step] of [["createObjectURL", 1], ["revokeObjectURL", -1]]) {
    const real = URL[name];
    URL[name] = (given) => ((window.blobs += step), real.call(URL, given));
  }
  for (const name of ["eyas-ready", "eyas-forecast", "eyas-error"])
    addEventListener(name, ({ detail }) => window.seen.push({ name, message: detail.message }));
`;

const wait = { timeout: 60_000 };

/**
 * Waits for a number of cards or of error messages. While it waits for cards, an error message ends the test at once, unless
 * `explained` allows an earlier one.
 */
async function shown(page, number = 1, selector = ".row .value", explained = selector === "[part=why]") {
  await page.waitForFunction(
    ([number, selector, explained]) => {
      const elements = [...document.querySelectorAll("eyas-forecast, eyas-leaderboard")];
      const seen = (selector) =>
        elements.map((one) => one.shadowRoot?.querySelector(selector)).filter((part) => part?.checkVisibility());
      const [why] = explained ? [] : seen("[part=why]");
      if (why) throw new Error(`the element shows an error: ${why.textContent}`);
      return seen(selector).length >= number;
    },
    ...arguments_(page, [number, selector, explained]),
  );
}

/** The order of options and arguments differs between the drivers. */
function arguments_(page, given) {
  return page.context ? [given, wait] : [wait, given];
}

const why = (page) => page.evaluate(() => document.querySelector("eyas-forecast").shadowRoot.querySelector("[part=why]").textContent);
const cells = (page) =>
  page.evaluate(() => [...document.querySelector("eyas-forecast").shadowRoot.querySelectorAll(".still tbody tr > *")].map((cell) => cell.textContent));

async function axe(page, allow = []) {
  const violations = await page.evaluate(async () => {
    await new Promise((resolve, reject) => {
      const script = document.createElement("script");
      Object.assign(script, { src: "/axe.js", onload: resolve, onerror: reject });
      document.head.append(script);
    });
    const { violations } = await window.axe.run();
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
  });
  assert.deepEqual(violations.filter((one) => !allow.some((id) => one.startsWith(id))), []);
}

for (const { name, missing, open: start } of engines) {
  test(`${name}: ten elements from another origin, under a strict policy, share one worker and free it`, { skip: missing }, async (t) => {
    const origin = new URL(cdn.url).origin;
    const policy = `default-src 'none'; script-src 'self' ${origin} 'wasm-unsafe-eval'; connect-src ${origin}; worker-src blob: ${origin}; img-src data:`;
    const ten = Array.from({ length: 9 }, (_, at) => forecast(at % 2 ? 'tasks="bbh, IFEval" compare="Qwen/Qwen2-72B"' : "")).join("");
    const board = `<eyas-leaderboard model-file="${cdn.url}model.eyas" top="5"></eyas-leaderboard>`;
    const server = await site(t, { page: ten + board }, { "content-security-policy": policy });
    const { page } = await start(t);
    cdn.requests.length = 0;
    await page.goto(`${server.url}page`);
    // Elements that are not visible do not load by themselves.
    await shown(page);
    await page.evaluate(() => Promise.all([...document.querySelectorAll("eyas-forecast, eyas-leaderboard")].map((one) => one.load())));
    await shown(page, 9);
    await shown(page, 1, "tbody tr");
    const asked = (file) => cdn.requests.filter((path) => path.endsWith(file)).length;
    assert.equal(asked("model.eyas"), 1);
    assert.equal(asked(".wasm"), 1);
    assert.deepEqual(await page.evaluate(() => window.workers), { made: 1, ended: 0 });
    assert.deepEqual(
      await page.evaluate(() => Object.getOwnPropertyNames(window).filter((key) => !window.before.has(key) && !key.startsWith("__aria"))),
      ["before", "seen", "workers", "blobs"],
    );
    assert.equal(await page.evaluate(() => window.blobs), 0);
    const seen = await page.evaluate(() => window.seen.map(({ name }) => name));
    assert.equal(seen.filter((event) => event === "eyas-ready").length, 10);
    assert.equal(seen.filter((event) => event === "eyas-forecast").length, 10);

    const second = await page.evaluate(() => {
      const rows = document.querySelectorAll("eyas-forecast")[1].shadowRoot.querySelectorAll(".row");
      return [...rows].map((row) => [row.dataset.task, row.querySelectorAll(".track .parent").length, row.querySelectorAll(".track .compare").length]);
    });
    assert.deepEqual(second, [["bbh", 2, 1], ["ifeval", 2, 1]]);
    await axe(page);

    await page.evaluate(() => {
      // Moving an element does not count as removing it.
      document.querySelector("main").append(document.querySelector("eyas-forecast"));
      document.querySelectorAll("eyas-forecast").forEach((one, at) => at > 0 && one.remove());
    });
    assert.deepEqual(await page.evaluate(() => window.workers), { made: 1, ended: 0 });
    await page.evaluate(() => document.querySelectorAll("eyas-forecast, eyas-leaderboard").forEach((one) => one.remove()));
    await page.waitForFunction(() => window.workers.ended === 1, ...arguments_(page, undefined));
    // The driver hears of the end after the page does.
    if (page.context) await until(() => page.workers().length === 0, "the worker ends");
    // A new element starts a new worker.
    await page.evaluate((html) => document.querySelector("main").insertAdjacentHTML("beforeend", html), forecast());
    await shown(page);
    assert.equal(await page.evaluate(() => window.workers.made), 2);
  });

  test(`${name}: ten elements fetch one snapshot once, and show the chance to beat the compared models`, { skip: missing }, async (t) => {
    const compared = forecast('compare="Qwen/Qwen2-72B, no/body"').replace(/model-file="[^"]*"/, `snapshot="${cdn.url}snapshot.json"`);
    const server = await site(t, { page: compared.repeat(10) });
    const { page } = await start(t);
    cdn.requests.length = 0;
    await page.goto(`${server.url}page`);
    await page.evaluate(() => Promise.all([...document.querySelectorAll("eyas-forecast")].map((one) => one.load())));
    await shown(page, 10);
    assert.equal(cdn.requests.filter((path) => path === "/snapshot.json").length, 1);
    const modules = cdn.requests.flatMap((path) => path.match(/(\w+?)(_simd|_plain)?\.wasm$/)?.[1] ?? []);
    assert.deepEqual(modules.sort(), ["forecast", "snapshots", "trainer"], "the reader of all formats is not loaded");
    assert.deepEqual(await page.evaluate(() => window.workers), { made: 1, ended: 0 });
    const rows = await page.evaluate(() =>
      [...document.querySelector("eyas-forecast").shadowRoot.querySelectorAll(".row")].map((row) => [
        row.querySelector(".chance").innerText.trim(),
        row.querySelector(".task ~ .unseen").textContent,
      ]),
    );
    assert.equal(rows.length, 6);
    for (const [shown, description] of rows) {
      const [, chance] = shown.match(/^beats\s*C (<1%|[1-9]\d?%|>99%)$/) ?? assert.fail(shown);
      assert.ok(description.includes(`Qwen/Qwen2-72B, measured: `) && description.includes(`beaten with a chance of ${chance}`), description);
    }
    await axe(page);
  });

  test(`${name}: a page with an embedder policy and trusted types, and a sandboxed frame`, { skip: missing }, async (t) => {
    const isolated = { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" };
    isolated["content-security-policy"] = "require-trusted-types-for 'script'; trusted-types eyas";
    const server = await site(t, { page: forecast() }, isolated);
    const { page } = await start(t);
    await page.goto(`${server.url}page`);
    await shown(page);
    assert.equal(await page.evaluate(() => window.crossOriginIsolated), true);

    const inner = `<!doctype html>${script()}${forecast()}<script>addEventListener("eyas-forecast", () => parent.postMessage("forecast", "*"));
      addEventListener("eyas-error", ({ detail }) => parent.postMessage(detail.message, "*"));</script>`;
    const frame = `<iframe title="frame" sandbox="allow-scripts" width="600" height="600" srcdoc="${inner.replaceAll('"', "&quot;")}"></iframe>`;
    const outer = await site(t, { page: `<script>addEventListener("message", ({ data }) => (window.said = data));</script>${frame}` });
    await page.goto(`${outer.url}page`);
    await page.waitForFunction(() => window.said, ...arguments_(page, undefined));
    assert.equal(await page.evaluate(() => window.said), "forecast");
  });

  test(`${name}: from the page's own origin no blob is needed, also with an embedder policy if worker.js has one`, { skip: missing }, async (t) => {
    const policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; img-src data:";
    const own = { "content-security-policy": `${policy}; worker-src 'self'` };
    const embedder = { "cross-origin-embedder-policy": "require-corp" };
    const cases = [
      [own, {}, []],
      [{ ...own, ...embedder }, embedder, []],
      [{ "content-security-policy": `${policy}; worker-src 'self' blob:`, ...embedder }, {}, [/./]],
    ];
    for (const [headers, all, allow] of cases) {
      const server = await site(t, { page: forecast().replace(cdn.url, "/") }, headers, { from: "/", all });
      const { page } = await start(t, allow);
      await page.goto(`${server.url}page`);
      await shown(page);
    }
    const server = await site(t, { page: forecast().replace(cdn.url, "/") }, { ...own, ...embedder }, { from: "/" });
    const { page } = await start(t, [/./]);
    await page.goto(`${server.url}page`);
    await shown(page, 1, "[part=why]");
    assert.match(await why(page), /^No live forecast: its worker .*policy/);
    assert.equal(await page.evaluate(() => window.blobs), 0);
  });

  test(`${name}: without WebAssembly, workers or network there is a table, and the reason`, { skip: missing }, async (t) => {
    const origin = new URL(cdn.url).origin;
    const { page } = await start(t, [/./]);
    const policies = {
      [`script-src 'self' ${origin}; worker-src blob: ${origin}`]: /^No live forecast: WebAssembly is not allowed here.*'wasm-unsafe-eval'\.$/,
      [`script-src 'self' ${origin} 'wasm-unsafe-eval'; worker-src 'none'`]: /^No live forecast: its worker .*policy.*\.$/,
    };
    for (const [policy, reason] of Object.entries(policies)) {
      const server = await site(t, { page: forecast("", fallback) }, { "content-security-policy": policy });
      await page.goto(`${server.url}page`);
      await shown(page, 1, "[part=why]");
      assert.match(await why(page), reason);
      assert.deepEqual(await cells(page), ["ifeval", "40.0 (30.0 – 50.0)", "12 of 4,497"]);
      const still = await page.evaluate(() => document.querySelector("eyas-forecast").shadowRoot.querySelector(".still").innerText);
      assert.match(still, /eyas · a test/);
      assert.equal(await page.evaluate(() => document.querySelector("eyas-forecast").shadowRoot.querySelector(".live").checkVisibility()), false);
    }
    // The states with disabled workers, without a network, and with only a part of the package.
    const gone = await serve();
    await gone.close();
    const torn = await serve({ mounts: { "/pkg/": "target/package" }, routes: { "/pkg/wasm/forecast_simd.wasm": { status: 404 } }, headers: open });
    t.after(() => torn.close());
    const failures = [
      [`<script>delete window.Worker</script>${forecast("", fallback)}`, {}, /^No live forecast: this browser has no workers\.$/],
      [forecast("", fallback).replace(cdn.url, gone.url), {}, /^No live forecast: .*model\.eyas cannot be fetched; there is no network.*\.$/],
      [forecast("", fallback), { from: torn.url }, /^No live forecast: its WebAssembly module could not be loaded.*404.*\.$/],
    ];
    for (const [body, from, reason] of failures) {
      const server = await site(t, { page: body }, {}, from);
      await page.goto(`${server.url}page`);
      await shown(page, 1, "[part=why]");
      assert.match(await why(page), reason);
      assert.deepEqual(await cells(page), ["ifeval", "40.0 (30.0 – 50.0)", "12 of 4,497"]);
    }

    const lost = forecast("", "<table id='own'><tr><th>ifeval<td>40.0</table>").replace("model.eyas", "lost.eyas");
    const server = await site(t, { page: lost });
    await page.goto(`${server.url}page`);
    await shown(page, 1, "[part=why]");
    assert.match(await why(page), /lost\.eyas: the server answered 404/);
    assert.equal(await page.evaluate(() => document.querySelector("#own").checkVisibility()), true);
    assert.deepEqual(await page.evaluate(() => window.seen.map((event) => event.name)), ["eyas-error"]);
    await axe(page);
    // A corrected address is tried at once.
    await page.evaluate((address) => (document.querySelector("eyas-forecast").modelFile = address), `${cdn.url}model.eyas`);
    await shown(page, 1, ".row .value", true);
  });
}
