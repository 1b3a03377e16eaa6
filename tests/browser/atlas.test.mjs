// The atlas and the analyses of the ranker on the page, in Chromium and in Firefox; axe, sizes of windows and many points in Chromium.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { engines } from "./engines.mjs";
import { openSmall, root, serve } from "./harness.mjs";

const board = { body: await readFile(`${root}tests/fixtures/open-models/snapshot.json`), type: "application/json" };

/** Opens the page on 117 models with six benchmarks. The functions below take expressions as texts, which both drivers understand. */
async function open(t, engine, path) {
  const server = await serve({ routes: { "/open-models.json": board } });
  const { page } = await engine.open(t);
  t.after(server.close);
  await page.goto(`${server.url}?snapshot=open-models.json${path}`);
  return page;
}

const until = (page, expression) => page.waitForFunction(expression, ...(page.setViewportSize ? [undefined] : []), { timeout: 60_000 });
const shows = (page, selector, pattern) =>
  until(page, `[...document.querySelectorAll(${JSON.stringify(selector)})].some((one) => one.checkVisibility() && ${pattern}.test(one.innerText.replace(/\\s+/g, " ")))`);
const fragment = (page) => page.evaluate(() => decodeURIComponent(location.hash));
const click = (page, selector) => page.evaluate((selector) => document.querySelector(selector).click(), selector);
const set = (page, selector, value) =>
  page.evaluate(([selector, value]) => {
    const field = document.querySelector(selector);
    field.value = value;
    for (const type of ["input", "change"]) field.dispatchEvent(new Event(type, { bubbles: true }));
  }, [selector, value]);
/** How many different colours a canvas has. */
const COLOURS = (at = 0) => `(() => { const canvas = document.querySelectorAll(".plot canvas")[${at}]; const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height); const found = new Set(); for (let i = 0; i < data.length; i += 4) if (data[i + 3] > 100) found.add(data[i] << 16 | data[i + 1] << 8 | data[i + 2]); return found.size; })()`;
const ready = (page) => until(page, "document.querySelector('#draw:not([disabled])')");
const drawn = (page) => until(page, `document.querySelector('.plot canvas')?.width > 200 && ${COLOURS()} > 3`);

const jobs = {
  "draw the atlas, cancel it, choose a dataset, and see its neighbours": async (t, engine) => {
    const page = await open(t, engine, "#atlas");
    await ready(page);
    // At once, since the training takes about a second.
    await page.evaluate(async () => {
      document.querySelector("#draw").click();
      await document.querySelector("eyas-atlas").updateComplete;
      [...document.querySelectorAll(".atlas .start button")].find((one) => one.innerText === "Cancel").click();
    });
    await shows(page, ".atlas .news", /^It was cancelled\./);
    await click(page, "#draw");
    await drawn(page);
    await shows(page, "#quality", /^117 models and 6 datasets\. .* keeps \d+ % \(two principal components alone: \d+ %\)/);
    await shows(page, "#atlas-key", /★ datasets/);
    await set(page, "#atlas-at", "dataset:bbh");
    await shows(page, "#near", /^bbh a dataset .* Models that the ranker expects most of \S+\/\S+/);
    const best = await page.evaluate(() => document.querySelectorAll("#near .columns > div")[0].querySelectorAll("li").length);
    assert.equal(best, 5);
    await page.evaluate(() => document.querySelector("#near li a").click());
    await shows(page, "#near h3", /^\S+\/\S+ of /);
    assert.match(await fragment(page), /^#atlas\?at=model:\S+\/\S+$/);
    await page.evaluate(() => history.back());
    await shows(page, "#near", /^bbh/);
    await set(page, "#atlas-names", "qwen");
    await shows(page, "#atlas-key", /; \d+ points found/);
    await set(page, "#atlas-names", "/(/");
    await shows(page, "#atlas-names-mistake", /is no regular expression/);
    await set(page, "#atlas-names", "");
    await set(page, "#atlas-by", "~size");
    await shows(page, "#atlas-key", /\d ?[MB] to [\d.]+ ?B/);
    await set(page, "#atlas-by", "bbh");
    await shows(page, "#atlas-key", /0\.\d+ to 0\.\d+/);
    await set(page, "#atlas-map", "both");
    await until(page, `document.querySelectorAll(".plot canvas").length === 2 && document.querySelectorAll(".plot canvas")[1].width > 200 && ${COLOURS(1)} > 3`);
    assert.match(await fragment(page), /^#atlas\?map=both&by=bbh&at=dataset:bbh$/);
    await page.evaluate(() => { document.querySelector(".atlas details").open = true; });
    await until(page, "document.querySelectorAll('#points tbody tr').length === 123");
    // By the keyboard alone.
    await page.evaluate(() => document.querySelector(".plot").focus());
    await page.keyboard.press("ArrowRight");
    await shows(page, ".plot-at", /score/);
    await page.keyboard.press("Enter");
    assert.doesNotMatch(await fragment(page), /at=dataset:bbh/);
  },

  "see what the ranker rests on as bars and plots": async (t, engine) => {
    const page = await open(t, engine, "#analyses");
    await until(page, "document.querySelector('#run-losses:not([disabled])')");
    await click(page, "#run-losses");
    await until(page, "document.querySelectorAll('.analysis .bars tbody tr').length === 7");
    await set(page, "#seeds", "3");
    await until(page, "!document.querySelector('.analysis .bars')");
    await set(page, "#split", await page.evaluate(() => document.querySelector("#split").options[1].value));
    await click(page, "#run-features");
    await until(page, "document.querySelectorAll('.analysis .bars tbody tr').length === 12");
    const [first] = await page.evaluate(() => [...document.querySelectorAll(".bars tbody tr")].map((row) => [row.cells[0].innerText, row.cells[2].innerText, row.querySelector(".whisker")?.getBoundingClientRect().width > 0]));
    assert.ok(/^[+−]0\.\d{3} ± 0\.\d{3}$/.test(first[1]) && first[2], JSON.stringify(first));
    await set(page, "#seeds", "1");
    await click(page, "#run-priors");
    await shows(page, "#priors-title + .lead ~ .help", /^Spearman’s ρ with the size: data −?[01]\.\d\d, prior −?[01]\.\d\d\./);
    await until(page, `document.querySelector('.analysis canvas')?.width > 200 && ${COLOURS()} > 3`);
    assert.ok(await page.evaluate(() => document.querySelectorAll(".bars .ring").length > 5));
  },
};

for (const engine of engines) {
  for (const [name, job] of Object.entries(jobs)) test(`${engine.name}: ${name}`, { skip: engine.missing }, (t) => job(t, engine));
}

for (const colorScheme of ["light", "dark"]) {
  for (const width of [1440, 390]) {
    test(`${colorScheme}, ${width} px wide: axe finds nothing in the atlas and the analyses, and they fit`, async (t) => {
      const { page } = await openSmall(t, { path: "#atlas", context: { viewport: { width, height: 900 }, colorScheme, reducedMotion: "reduce" } });
      const check = async (what) => {
        await page.addScriptTag({ path: `${root}node_modules/axe-core/axe.min.js` });
        const { violations } = await page.evaluate(() => window.axe.run());
        assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes.map(({ target }) => target.join(" "))]), [], what);
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${what} is too wide`);
        if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${what}-${colorScheme}-${width}.png`, fullPage: true });
      };
      await ready(page);
      await click(page, "#draw");
      await drawn(page);
      await page.evaluate(() => { location.hash = "#atlas?map=both&at=dataset:bbh"; });
      await shows(page, "#near", /^bbh/);
      await page.waitForTimeout(300);
      await check("atlas");
      await page.evaluate(() => { location.hash = "#analyses"; });
      for (const what of ["features", "priors"]) {
        await page.locator(`#run-${what}:not([disabled])`).click();
        await page.getByRole("button", { name: "Analyse again" }).nth(what === "features" ? 0 : 1).waitFor({ timeout: 120_000 });
      }
      await page.waitForTimeout(300);
      await check("analyses");
    });
  }
}
