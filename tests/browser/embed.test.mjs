// The elements in a page: data, attributes, properties, repeated loading and shared models.

import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "./harness.mjs";
import { answered, css, network, open, page, parents, script, snapshot, tasks } from "./network.mjs";

test("an element with data only draws them with intervals and starts no worker", async (t) => {
  const range = { low: 0, high: 100 };
  const common = { parents: { "org/a": 0.35 }, sources: [], range };
  const data = {
    method: "eyas",
    source: "a test",
    license: "CC0-1.0",
    lineage: { parents: [{ id: "org/a", weight: 1, relation: "merge", known: true, evaluated: true }], unknown: [] },
    forecasts: [
      { task: "ifeval", mean: 0.4, lower: 0.3, upper: 0.55, rank: 1200, of: 4497, ...common },
      { task: "bbh", mean: 0.5, lower: null, upper: null, rank: 3, of: 4497, ...common },
    ],
  };
  const body = page(`<eyas-forecast><script type="application/json">${JSON.stringify(data)}</script></eyas-forecast>`, css + script);
  const { page: tab, requests } = await open(t, { routes: { "/": body } });
  await answered(tab);
  assert.equal(await tab.locator(".row .value").first().innerText(), "40.0\n30.0 – 55.0");
  assert.equal(await tab.locator(".row .rank").first().textContent(), "rank 1,200 of 4,497");
  assert.equal(await tab.locator(".interval").count(), 1);
  const [track, band] = await Promise.all([".track", ".interval"].map((part) => tab.locator(part).first().boundingBox()));
  assert.ok(Math.abs(band.x - track.x - 0.3 * track.width) < 1 && Math.abs(band.width - 0.25 * track.width) < 1);
  assert.match(await tab.locator(".foot").innerText(), /^eyas, with 90 % intervals.*Source: a test.*Licence: CC0-1\.0/);
  assert.deepEqual(tab.workers(), []);
  assert.ok(!requests.some((path) => path.endsWith(".wasm")));
});

test("if the view cannot be loaded, the data of the page remain and each touch tries again", async (t) => {
  const forecasts = [{ task: "bbh", mean: 0.5, rank: 3, of: 9, range: { low: 0, high: 1 } }];
  const body = page(`<eyas-forecast snapshot="/snapshot.json" ${parents}></eyas-forecast>`);
  const { page: tab } = await open(t, { routes: { ...snapshot, "/": body }, allow: [/Failed to load resource/] });
  await tab.route(`${network}widget/**`, (route) => route.abort());
  await tab.evaluate((network) => import(`${network}eyas-widget.js`), network);
  // A parser may add the children after the element.
  await tab.evaluate((text) => {
    const script = document.createElement("script");
    Object.assign(script, { type: "application/json", textContent: text });
    document.querySelector("eyas-forecast").append(script);
  }, JSON.stringify({ method: "mla", forecasts }));
  await tab.locator("eyas-forecast [part=why]", { hasText: "could not be loaded" }).waitFor();
  assert.match(await tab.locator("eyas-forecast table").innerText(), /bbh\s+0\.500\s+3 of 9/);
  const touch = () => tab.evaluate(() => document.querySelector("eyas-forecast").dispatchEvent(new PointerEvent("pointerover")));
  const failed = (times) => tab.waitForFunction((times) => window.failures === times, times);
  await tab.evaluate(() => {
    window.failures = 0;
    addEventListener("eyas-error", () => window.failures++);
  });
  for (const times of [1, 2]) {
    await touch();
    await failed(times);
  }
  await tab.unroute(`${network}widget/**`);
  await touch();
  await tab.locator("eyas-forecast .row .value").first().waitFor({ timeout: 60_000 });
});

test("removing one source during its training does not affect the other", async (t) => {
  const two = ["one", "two"].map((name) => `<eyas-forecast id="${name}" snapshot="/snapshot.json?${name}" ${parents}></eyas-forecast>`);
  const { page: tab } = await open(t, { routes: { ...snapshot, "/": page(two.join(""), script) } });
  await tab.evaluate(() => Promise.all([...document.querySelectorAll("eyas-forecast")].map((one) => one.load())));
  await tab.locator("#one .waiting").waitFor({ state: "attached" });
  await tab.evaluate(() => document.querySelector("#one").remove());
  await tab.locator("#two .row .value").first().waitFor();
  await until(() => tab.workers().length === 1, "one worker is left");
  await tab.evaluate(() => document.querySelector("#two").remove());
  await until(() => tab.workers().length === 0, "the last worker ends");
});

test("properties reflect attributes, and a change updates the answer", async (t) => {
  const body = page(`<eyas-forecast ${parents}></eyas-forecast>`);
  const { page: tab, url } = await open(t, { routes: { ...snapshot, "/": body } });
  // Set before the element is defined.
  await tab.evaluate((network) => {
    const element = document.querySelector("eyas-forecast");
    window.events = [];
    for (const name of ["eyas-ready", "eyas-forecast", "eyas-error"]) element.addEventListener(name, ({ detail }) => window.events.push([name, detail]));
    Object.assign(element, { snapshot: "/snapshot.json", tasks: "bbh" });
    return import(`${network}eyas-widget.js`);
  }, network);
  await answered(tab);
  assert.equal(await tab.locator("eyas-forecast").getAttribute("snapshot"), "/snapshot.json");
  const value = () => tab.locator("eyas-forecast .value b").first().innerText();
  const before = await value();
  await tab.evaluate(() => Object.assign(document.querySelector("eyas-forecast"), { parents: "Qwen/Qwen2-72B", lang: "de" }));
  await tab.waitForFunction(() => window.events.filter(([name]) => name === "eyas-forecast").length === 2);
  assert.notEqual(await value(), before);
  assert.match(await value(), /^0,\d{3}$/);
  const events = await tab.evaluate(() => window.events);
  assert.deepEqual(events.map(([name]) => name), ["eyas-ready", "eyas-forecast", "eyas-forecast"]);
  assert.equal(events[0][1].info.models, 117);
  assert.equal(events[2][1].lineage.parents[0].id, "Qwen/Qwen2-72B");
  await tab.evaluate(() => (document.querySelector("eyas-forecast").tasks = "juggling"));
  await tab.waitForFunction(() => window.events.at(-1)[0] === "eyas-error");
  assert.match(await tab.locator("eyas-forecast [part=why]").innerText(), /juggling/);
  await tab.evaluate(() => Object.assign(document.querySelector("eyas-forecast"), { tasks: null, scores: "ifeval=0.9" }));
  await tab.locator("eyas-forecast .row .value").nth(5).waitFor({ timeout: 60_000 });
  assert.equal((await tasks(tab)).length, 6);
  assert.match(await value(), /^0,90?0?$/, "the score that is known");
  await tab.evaluate(() => (document.querySelector("eyas-forecast").scores = "much"));
  await tab.waitForFunction(() => window.events.at(-1)[0] === "eyas-error");
  assert.match(await tab.locator("eyas-forecast [part=why]").innerText(), /much/);
  assert.ok(url);
});

test("a measured model shows its scores, parents alone give a new model, and facts change the forecast", async (t) => {
  const body = page('<eyas-forecast snapshot="/snapshot.json" model="Qwen/Qwen2-7B-Instruct"></eyas-forecast>', css + script);
  const { page: tab } = await open(t, { routes: { ...snapshot, "/": body } });
  await answered(tab);
  const element = tab.locator("eyas-forecast");
  const row = element.locator('[data-task="ifeval"]');
  const change = async (attributes) => {
    await tab.evaluate((attributes) => {
      window.done = new Promise((resolve) => document.addEventListener("eyas-forecast", ({ detail }) => resolve(detail), { once: true }));
      Object.assign(document.querySelector("eyas-forecast"), attributes);
    }, attributes);
    return tab.evaluate(() => window.done);
  };
  assert.equal(await row.locator(".task").innerText(), "ifeval\nmeasured");
  assert.match(await row.locator(".value").innerText(), /^0\.57\d$/);
  assert.equal(await element.locator(".interval").count(), 0);
  assert.match(await element.locator(".legend").innerText(), /^Qwen\/Qwen2-7B-Instruct\nA\nQwen\/Qwen2-7B$/);

  const quantised = await change({ model: "someone/Qwen2-7B-Instruct-GGUF" });
  assert.equal(quantised.quantisation_of, "Qwen/Qwen2-7B-Instruct");
  assert.equal(await row.locator(".task").innerText(), "ifeval\nmeasured of the original");
  assert.match(await element.locator("[part=note]").first().innerText(), /^Measured are the scores of the original, Qwen\/Qwen2-7B-Instruct$/);

  const child = await change({ model: null, parents: "Qwen/Qwen2-7B-Instruct" });
  assert.deepEqual([child.measured, child.subject.id], [null, null]);
  assert.equal(await row.locator(".task").innerText(), "ifeval");
  assert.equal(await element.locator(".interval").count(), 6);

  await change({ model: "zzz/qqq", parents: null });
  assert.match(await element.locator(".nothing").innerText(), /^Next to nothing is known of this model\./);
  assert.equal(await element.locator(".row").count(), 0);
  const { subject } = await change({ facts: "params=7.6,type=chat" });
  assert.deepEqual(subject.facts.used, { params: 7.6, instruct: true });
  assert.equal(await element.locator(".row").count(), 6);

  await tab.evaluate(() => (document.querySelector("eyas-forecast").facts = "parms=7"));
  await element.locator("[part=why]").filter({ visible: true }).waitFor();
  assert.match(await element.locator("[part=why]").innerText(), /parms/);
});

test("a file name with an invalid percent encoding is accepted", async (t) => {
  const body = page(`<eyas-forecast snapshot="/100%.json" ${parents}></eyas-forecast>`, css + script);
  const { page: tab } = await open(t, { routes: { "/100%.json": snapshot["/snapshot.json"], "/": body } });
  await answered(tab);
});

test("after a failure a click on the button tries again", async (t) => {
  let there = false;
  const { body: bytes } = snapshot["/snapshot.json"];
  const routes = {
    "/": page(`<eyas-forecast snapshot="/snapshot.json" ${parents}></eyas-forecast>`, css + script),
    "/snapshot.json": (_, response) => (there ? response.writeHead(200).end(bytes) : response.writeHead(503).end()),
  };
  const { page: tab } = await open(t, { routes, allow: [/503/] });
  await tab.locator("eyas-forecast [part=why]", { hasText: "answered 503" }).waitFor();
  there = true;
  await tab.locator("eyas-forecast").getByRole("button", { name: "Try again" }).click();
  await tab.locator("eyas-forecast .row .value").first().waitFor({ timeout: 60_000 });
  assert.equal(await tab.locator("eyas-forecast [part=why], eyas-forecast [part=again]").filter({ visible: true }).count(), 0);
});
