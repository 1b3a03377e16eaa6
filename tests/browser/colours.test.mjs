// <eyas-forecast> as readers see it: several models to compare with, the page's dark toggle, narrow places, paper, forced colours.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { root } from "./harness.mjs";
import { answered, css, open, page, parents, script, snapshot } from "./network.mjs";

const forecast = (attributes = "") => `<eyas-forecast snapshot="/snapshot.json" ${parents} ${attributes}></eyas-forecast>`;
const bundled = async () => ({ "/model.eyas": { body: await readFile(`${root}target/package/model.eyas.gz`), type: "application/octet-stream" } });
const paper = (tab) => tab.evaluate(() => getComputedStyle(document.querySelector("eyas-forecast").shadowRoot.querySelector(".card")).backgroundColor);
const isLight = async (tab) => Math.max(...(await paper(tab)).match(/\d+/g).map(Number)) > 128;

test("models to compare with have letters after those of the parents, on the tracks and beside the chances", async (t) => {
  const body = page(forecast('compare="Qwen/Qwen2-72B, Qwen/Qwen2-0.5B"'), css + script);
  const { page: tab } = await open(t, { routes: { ...snapshot, "/": body } });
  await answered(tab);
  const found = await tab.evaluate(() => {
    const { shadowRoot } = document.querySelector("eyas-forecast");
    const texts = (selector, of = shadowRoot) => [...of.querySelectorAll(selector)].map((one) => one.textContent);
    const row = shadowRoot.querySelector(".row");
    const [one, other] = row.querySelectorAll(".track .compare");
    return { legend: texts(".legend .letter"), track: texts(".track .letter", row).sort(), chances: texts(".chance bdi", row), described: row.querySelector(".task ~ .unseen").textContent, marks: [one.title, other.title] };
  });
  assert.deepEqual(found.legend, ["A", "B", "C"]);
  assert.deepEqual(found.track, ["A", "B", "C"]);
  assert.match(found.chances.join(), /^B [<>]?\d+%,C [<>]?\d+%$/);
  assert.match(found.marks.join(), /^B Qwen\/Qwen2-72B, measured.*,C Qwen\/Qwen2-0\.5B, measured/);
  for (const name of ["A Qwen/Qwen2-7B, measured", "B Qwen/Qwen2-72B, measured"]) assert.ok(found.described.includes(name), found.described);
});

test("facts may name the model; of a measured one of many benchmarks, measured scores come first, by their names", async (t) => {
  const body = page('<eyas-forecast model-file="/model.eyas" facts="name=Qwen/Qwen3-14B"></eyas-forecast><eyas-forecast model-file="/model.eyas" facts="params=7.6,type=chat,name=org/new"></eyas-forecast>', css + script);
  const { page: tab } = await open(t, { routes: { ...(await bundled()), "/": body } });
  await answered(tab);
  await tab.evaluate(() => Promise.all([...document.querySelectorAll("eyas-forecast")].map((one) => one.load())));
  for (const at of [0, 1]) await tab.locator("eyas-forecast").nth(at).locator(".row .value").first().waitFor({ timeout: 60_000 });
  const [measured, made] = await tab.evaluate(() =>
    [...document.querySelectorAll("eyas-forecast")].map(({ shadowRoot }) => ({
      legend: shadowRoot.querySelector(".legend").textContent,
      known: [...shadowRoot.querySelectorAll(".row")].map((row) => row.matches(".known")),
      names: [...shadowRoot.querySelectorAll(".task")].map((task) => [task.firstChild.textContent, task.title]),
      squares: shadowRoot.querySelectorAll(".track .mean.measured").length,
    })),
  );
  assert.match(measured.legend, /^Qwen\/Qwen3-14B/);
  assert.deepEqual([measured.known.length, measured.squares], [8, 8]);
  assert.ok(measured.known.every(Boolean), "all eight are measured");
  assert.ok(measured.names.some(([name, id]) => id && !name.includes("_")), JSON.stringify(measured.names));
  assert.match(made.legend, /^org\/new/);
  assert.ok(made.known.every((known) => !known) && made.squares === 0);
});

test("the element follows the page's own toggle, and its own theme comes first", async (t) => {
  const { page: tab } = await open(t, { routes: { ...snapshot, "/": page(forecast(), css + script) }, context: { colorScheme: "light" } });
  await answered(tab);
  const set = (change) => tab.evaluate(`(() => { const root = document.documentElement, one = document.querySelector("eyas-forecast"); ${change} })()`);
  const steps = [
    ["", true],
    ['root.dataset.theme = "dark"', false],
    ['root.dataset.theme = "light"', true],
    ['delete root.dataset.theme; root.classList.add("dark")', false],
    ['root.classList.remove("dark")', true],
    ['root.style.colorScheme = "dark"', false],
    ['one.theme = "light"', true],
    ['one.theme = null; root.style.colorScheme = ""; root.dataset.theme = "dark"', false],
    ['one.style.colorScheme = "light"', true],
  ];
  for (const [change, light] of steps) {
    await set(change);
    assert.equal(await isLight(tab), light, change);
  }
  // The reader's system counts where the page says nothing, and a page that turned its class off stays light.
  const { page: other } = await open(t, { routes: { ...snapshot, "/": page(forecast(), css + script) }, context: { colorScheme: "dark" } });
  await answered(other);
  assert.equal(await isLight(other), false);
  await other.evaluate(() => document.documentElement.classList.add("dark"));
  await other.evaluate(() => document.documentElement.classList.remove("dark"));
  assert.equal(await isLight(other), true);
});

for (const width of [220, 360, 760]) {
  test(`at ${width} px nothing is cut off, letters do not overlap, and axe finds nothing`, async (t) => {
    const body = page(`<div style="inline-size: ${width}px; margin: 0 auto">${forecast('compare="Qwen/Qwen2-72B, Qwen/Qwen2-0.5B"')}</div>`, css + script);
    const { page: tab } = await open(t, { routes: { ...snapshot, "/": body }, context: { viewport: { width: Math.max(width, 240), height: 1200 }, reducedMotion: "reduce" } });
    await answered(tab);
    const found = await tab.evaluate(() => {
      const { shadowRoot } = document.querySelector("eyas-forecast");
      const card = shadowRoot.querySelector(".card").getBoundingClientRect();
      const visible = [...shadowRoot.querySelectorAll(".row :is(b, bdi, small), .task, .axis span, .legend li, .foot")].filter((one) => !one.closest(".unseen"));
      const outside = visible.filter((one) => one.getBoundingClientRect().right > card.right + 0.5 || one.getBoundingClientRect().left < card.left - 0.5);
      const near = [...shadowRoot.querySelectorAll(".track")].flatMap((track) => {
        const places = [...track.querySelectorAll(".letter")].map((one) => one.getBoundingClientRect()).map(({ left, right }) => (left + right) / 2).sort((a, b) => a - b);
        return places.slice(1).map((place, at) => place - places[at]);
      });
      return { width: card.width, outside: outside.map((one) => one.textContent), nearest: Math.min(...near) };
    });
    assert.deepEqual([found.width, found.outside], [width, []]);
    assert.ok(found.nearest >= 7.5, `letters are ${found.nearest} px apart`);
    await tab.addScriptTag({ path: `${root}node_modules/axe-core/axe.min.js` });
    const { violations } = await tab.evaluate(() => window.axe.run());
    assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`), []);
  });
}

test("on paper the element is light and keeps its marks; forced colours reach all marks", async (t) => {
  const body = page(forecast('compare="Qwen/Qwen2-72B"'), css + script);
  const { page: tab } = await open(t, { routes: { ...snapshot, "/": body }, context: { colorScheme: "dark" } });
  await answered(tab);
  await tab.emulateMedia({ media: "print" });
  assert.equal(await isLight(tab), true);
  const style = (part, property) => tab.evaluate(([part, property]) => getComputedStyle(document.querySelector("eyas-forecast").shadowRoot.querySelector(part))[property], [part, property]);
  assert.equal(await style(".track .mean", "printColorAdjust"), "exact");
  await tab.emulateMedia({ media: "screen", forcedColors: "active" });
  const system = await tab.evaluate(() => {
    const probe = document.body.appendChild(document.createElement("i"));
    probe.style.cssText = "forced-color-adjust: none; color: CanvasText; background: Canvas";
    const { color, backgroundColor } = getComputedStyle(probe);
    return { text: color, canvas: backgroundColor };
  });
  assert.equal(await style(".track .mean", "backgroundColor"), system.text);
  assert.equal(await style(".track .parent", "backgroundColor"), system.text);
  assert.equal(await style(".track .interval", "borderTopColor"), system.text);
  assert.equal(await style(".track .compare", "borderTopColor"), system.text);
  assert.equal(await style(".track .compare", "backgroundColor"), system.canvas);
});

test("a remark of a forecast and a known score are said in its row", async (t) => {
  const range = { low: 0, high: 1 };
  const row = { parents: {}, sources: [], range, rank: 2, of: 5, lower: null, upper: null };
  const forecasts = [
    { ...row, task: "maths", dataset: "maths", mean: 0.4, known: false, remark: "no model has a result of it" },
    { ...row, task: "coding", dataset: "coding", mean: 0.6, known: true },
  ];
  const data = { method: "eyas", source: "a test", license: "CC0-1.0", lineage: { parents: [], unknown: [] }, measured: null, forecasts };
  const body = page(`<eyas-forecast><script type="application/json">${JSON.stringify(data)}</script></eyas-forecast>`, css + script);
  const { page: tab } = await open(t, { routes: { "/": body } });
  await answered(tab);
  const tasks = await tab.locator(".row .task").allInnerTexts();
  assert.deepEqual(tasks, ["coding\nas given", "maths\nforecast, no model has a result of it"]);
});
