// What people come to the page for, a test for each job of `docs/page.md`, in Chromium and in Firefox.

import assert from "node:assert/strict";
import { test } from "node:test";
import { engines } from "./engines.mjs";
import { serve } from "./harness.mjs";

const table = ["model,type,size,reasoning,coding"]
  .concat(Array.from({ length: 40 }, (_, i) => `lab/model-${i},${i % 2 ? "chat" : "base"},${1 + (i % 8)}B,${(20 + ((i * 7) % 40)).toFixed(1)},${(30 + ((i * 5) % 25)).toFixed(1)}`))
  .join("\n");

const merge = `models:
  - {model: Qwen/Qwen3-8B, parameters: {weight: 1}}
  - {model: Qwen/Qwen3-8B-Base, parameters: {weight: 3}}
merge_method: linear
`;

/** Opens the page at a fragment. The functions below take expressions as texts, which both drivers understand. */
async function open(t, engine, path = "", allow = []) {
  const server = await serve();
  // Pages are closed before their server.
  const { page } = await engine.open(t, allow);
  t.after(server.close);
  await page.goto(server.url + path);
  return { page, server };
}

const until = (page, expression) => page.waitForFunction(expression);
const text = (page, selector) => page.evaluate((selector) => document.querySelector(selector)?.innerText ?? "", selector);
const fragment = (page) => page.evaluate(() => decodeURIComponent(location.hash));
const scores = (page) => page.evaluate(() => [...document.querySelectorAll("#forecast .line .value strong")].map((one) => one.innerText));

/** Waits until an element that is seen has a text. */
const shows = (page, selector, pattern) =>
  until(page, `[...document.querySelectorAll(${JSON.stringify(selector)})].some((one) => one.checkVisibility() && ${pattern}.test(one.innerText.replace(/\\s+/g, " ")))`);

const answered = (page, subject) => shows(page, ".fresh .subject", subject).then(() => shows(page, "#forecast .line .value", /\d/));

/** Pastes a text into the box, which asks at once. */
async function paste(page, text) {
  await page.evaluate((text) => {
    const box = document.querySelector("#lineage");
    box.dispatchEvent(new ClipboardEvent("paste", { clipboardData: new DataTransfer(), bubbles: true, cancelable: true }));
    box.value = text;
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }, text);
}

const drop = (page, name, text) =>
  page.evaluate(
    ([name, text]) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([text], name));
      for (const type of ["dragover", "drop"]) document.body.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
    },
    [name, text],
  );

const resize = (page, width) => (page.setViewportSize ?? page.setViewport).call(page, { width, height: 844 });

const click = (page, selector) => page.evaluate((selector) => document.querySelector(selector).click(), selector);

const jobs = {
  "paste any lineage: a configuration is read, its parents are drawn with their scores": async (t, engine) => {
    const { page } = await open(t, engine);
    await answered(page, /^A model made from Qwen\/Qwen3-8B and tokyotech/);
    await paste(page, merge);
    await answered(page, /^A model made from Qwen\/Qwen3-8B and Qwen\/Qwen3-8B-Base/);
    await shows(page, "#tree", /a mergekit configuration: this model mean of 8 \d\d\.\d 25 % Qwen\/Qwen3-8B merge.* 75 % Qwen\/Qwen3-8B-Base merge \d\d\.\d/);
    await shows(page, "#verdict", /^It would rank about \d+(st|nd|rd|th) of 642 models .*, (above|below) .* among its relatives\. The forecasts are usually off by about \d+ points of 100\./);
    assert.match(await fragment(page), /^#ask\?model=models:/);
  },

  "ask with a bare name": async (t, engine) => {
    const { page } = await open(t, engine);
    await answered(page, /^A model/);
    await page.evaluate(() => document.querySelector("#lineage").select());
    await page.keyboard.type("Qwen3-14B");
    await shows(page, ".examples", /^In the data: Qwen\/Qwen3-14B, Qwen\/Qwen3-14B-Base/);
    await page.keyboard.press("Enter");
    await answered(page, /^Qwen\/Qwen3-14B \(given as Qwen3-14B\) The model itself\./);
    await shows(page, ".measured-note", /^Measured\./);
  },

  "a measured model shows its measured scores first": async (t, engine) => {
    const { page } = await open(t, engine, "#ask?model=Qwen/Qwen3-14B");
    await answered(page, /^Qwen\/Qwen3-14B The model itself/);
    const words = await page.evaluate(() => [...document.querySelectorAll("#forecast .line .word")].map((one) => one.innerText));
    assert.deepEqual(words, Array.from({ length: 8 }, () => "measured"));
    await shows(page, "#verdict", /^It ranks about/);
  },

  "a quantisation has the scores of its original": async (t, engine) => {
    const { page } = await open(t, engine, "#ask?model=someone/Qwen3-14B-AWQ");
    await shows(page, ".measured-note", /The scores are those of Qwen\/Qwen3-14B, of which someone\/Qwen3-14B-AWQ is a quantisation/);
  },

  "an unknown name is read for size and family, and one that says nothing is told so": async (t, engine) => {
    const { page } = await open(t, engine, "#ask?model=Llama 4 Behemoth 288B");
    await answered(page, /^Llama 4 Behemoth 288B/);
    const large = (await scores(page)).map(Number);
    await paste(page, "Llama 4 Tiny 1B");
    await answered(page, /^Llama 4 Tiny 1B/);
    const small = (await scores(page)).map(Number);
    assert.ok(small.filter((score, at) => score < large[at]).length >= 7, `${small} ${large}`);
    await paste(page, "zzz/qqq");
    await shows(page, ".nothing-known", /Next to nothing is known/);
  },

  "compare two plans live: a weight moves the forecasts, without a button": async (t, engine) => {
    const { page } = await open(t, engine, "#plans?1.parents=Qwen/Qwen3-8B,Qwen/Qwen3-8B-Base&2.parents=Qwen/Qwen3-14B&against=Qwen/Qwen3-14B");
    await shows(page, "#words", /Plan 2 beats plan 1 with a chance of \d+ % on average over 8 benchmarks.*Plan 1 beats Qwen3-14B with a chance of/);
    const values = () => page.evaluate(() => [...document.querySelectorAll(".compared .line td:nth-child(3) strong")].map((one) => one.innerText));
    const before = await values();
    assert.equal(before.length, 8);
    const took = await page.evaluate(async (before) => {
      const slider = document.querySelector('[data-plan="1"] input[type="range"]');
      const begun = performance.now();
      slider.value = "0.9";
      slider.dispatchEvent(new Event("input", { bubbles: true }));
      const first = () => document.querySelector(".compared .line td:nth-child(3) strong").innerText;
      while (first() === before && performance.now() - begun < 5000) await new Promise(requestAnimationFrame);
      return performance.now() - begun;
    }, before[0]);
    t.diagnostic(`a live change took ${Math.round(took)} ms`);
    assert.notDeepEqual(await values(), before);
    await until(page, "/1\\.parents=Qwen\\/Qwen3-8B:0\\.9,/.test(location.hash)");
    assert.match(await text(page, '[data-plan="1"] output'), /^90 %$/);
  },

  "share a link, go back, reload": async (t, engine) => {
    const { page, server } = await open(t, engine);
    await answered(page, /^A model/);
    const first = await scores(page);
    await paste(page, "Qwen/Qwen3-14B\nQwen/Qwen3-4B");
    await answered(page, /^A model made from Qwen\/Qwen3-14B and Qwen\/Qwen3-4B/);
    const second = await scores(page);
    assert.notDeepEqual(second, first);
    const link = await page.evaluate(() => location.href);
    await click(page, '.bar nav a[href^="#plans"]');
    await shows(page, ".plans h2", /Plans/);
    await page.evaluate(() => history.back());
    await answered(page, /^A model made from Qwen\/Qwen3-14B/);
    await page.evaluate(() => history.back());
    await answered(page, /^A model made from Qwen\/Qwen3-8B/);
    assert.deepEqual(await scores(page), first);
    await page.evaluate(() => history.forward());
    await answered(page, /^A model made from Qwen\/Qwen3-14B/);
    await page.reload();
    await answered(page, /^A model made from Qwen\/Qwen3-14B/);
    assert.deepEqual(await scores(page), second);
    const { page: other } = await engine.open(t);
    await other.goto(link);
    await answered(other, /^A model made from Qwen\/Qwen3-14B/);
    assert.deepEqual(await scores(other), second);
    await other.close();
    assert.ok(server.requests.every((path) => !path.includes("Qwen")), "questions are never sent");
  },

  "a name in the rankings leads to the model": async (t, engine) => {
    const { page } = await open(t, engine, "#rankings?filter=gpt-5.4-2026-03-05@medium");
    await shows(page, ".ranking tbody .name a", /@medium$/);
    await click(page, ".ranking tbody .name a");
    await answered(page, /^openai\/gpt-5\.4-2026-03-05@medium The model itself/);
    await shows(page, ".measured-note", /^Measured\./);
  },

  "train on a table with text columns, ask it, and return to the bundled data": async (t, engine) => {
    const { page } = await open(t, engine);
    await answered(page, /^A model/);
    await drop(page, "house.csv", table);
    await shows(page, "#file-news", /^Trained on house\.csv in/);
    await paste(page, "lab/model-3\nlab/model-5");
    await answered(page, /^A model made from lab\/model-3 and lab\/model-5/);
    assert.equal((await scores(page)).length, 2);
    await click(page, "#data");
    await shows(page, ".counts", /^40 models, 2 benchmarks, 80 results/);
    await click(page, "#bundled");
    await shows(page, "#data", /bundled data, 641 models/);
    await shows(page, ".counts", /^641 models/);
  },

  "the question and the data are kept on request": async (t, engine) => {
    const { page, server } = await open(t, engine);
    await answered(page, /^A model/);
    await drop(page, "house.csv", table);
    await shows(page, "#file-news", /^Trained on house\.csv in/);
    await click(page, "#data");
    await shows(page, ".keep", /Keep/);
    await click(page, "#keep");
    await until(page, "localStorage.getItem('eyas-data') === 'house.csv'");
    await paste(page, "lab/model-3\nlab/model-5");
    await answered(page, /^A model made from lab\/model-3 and lab\/model-5/);
    const before = await scores(page);
    await page.goto("about:blank");
    await page.goto(server.url);
    await answered(page, /^A model made from lab\/model-3 and lab\/model-5/);
    assert.deepEqual(await scores(page), before);
    await shows(page, "#data", /house\.csv, 40 models/);
    await click(page, "#data");
    await shows(page, ".keep", /Keep/);
    await click(page, "#keep");
    await until(page, "localStorage.getItem('eyas-data') === null");
    await page.goto("about:blank");
    await page.goto(server.url);
    await answered(page, /^A model made from Qwen/);
    await shows(page, "#data", /bundled data/);
  },

  "a dropped card is a question, not data": async (t, engine) => {
    const { page } = await open(t, engine);
    await answered(page, /^A model/);
    await drop(page, "README.md", "---\nbase_model: Qwen/Qwen3-14B\n---\n# A model\n");
    await answered(page, /^A model made from Qwen\/Qwen3-14B/);
    await shows(page, "#data", /bundled data/);
  },

  "on a phone the answer comes before what else is known, and nothing is cut off": async (t, engine) => {
    const { page } = await open(t, engine);
    await resize(page, 390);
    await answered(page, /^A model/);
    await shows(page, "#tree", /Lineage/);
    const [box, verdict, row, more, width] = await page.evaluate(() => {
      const top = (selector) => document.querySelector(selector).getBoundingClientRect().top;
      return [top(".box"), top("#verdict"), top("#forecast .line"), top(".more"), document.documentElement.scrollWidth];
    });
    assert.ok(box < verdict && verdict < row && row < more, `${box} ${verdict} ${row} ${more}`);
    assert.ok(width <= 390, String(width));
  },

  "everything is reached by the keyboard": async (t, engine) => {
    const { page } = await open(t, engine);
    await resize(page, 1200);
    await page.reload();
    await answered(page, /^A model/);
    await shows(page, ".onward", /Compare/);
    const reached = new Set();
    for (let presses = 0; presses < 40; presses++) {
      await page.keyboard.press("Tab");
      reached.add(await page.evaluate(() => document.activeElement.id || document.activeElement.textContent.trim().slice(0, 60)));
    }
    for (const wanted of ["Ask", "Plans", "Rankings", "data", "theme", "lineage", "Forecast", "params", "type", "scores", "all", "Why? What each fact, parent and score adds", "Compare with another plan", "Copy the link"]) {
      assert.ok(reached.has(wanted), `${wanted} is not among ${[...reached].join(" | ")}`);
    }
    await page.evaluate(() => document.querySelector('.bar nav a[href^="#rankings"]').focus());
    await page.keyboard.press("Enter");
    await shows(page, ".ranking h2", /All models/);
  },

  "after the first visit the page needs no network": async (t, engine) => {
    const { page, server } = await open(t, engine, "", [/./]);
    await answered(page, /^A model/);
    const before = await scores(page);
    await until(page, "navigator.serviceWorker.controller || navigator.serviceWorker.ready.then(({ active }) => active.state === 'activated')");
    await server.close();
    await page.reload();
    await answered(page, /^A model/);
    assert.deepEqual(await scores(page), before);
    await paste(page, merge);
    await answered(page, /^A model made from Qwen\/Qwen3-8B and Qwen\/Qwen3-8B-Base/);
    await click(page, '.bar nav a[href^="#plans"]');
    await shows(page, "#words", /chance/);
  },

  "the theme is kept": async (t, engine) => {
    const { page } = await open(t, engine);
    const paper = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    await shows(page, "#theme", /Auto/);
    await click(page, "#theme");
    const light = await paper();
    await click(page, "#theme");
    await shows(page, "#theme", /Dark/);
    assert.notEqual(await paper(), light);
    await page.reload();
    await shows(page, "#theme", /Dark/);
    assert.notEqual(await paper(), light);
  },
};

for (const engine of engines) {
  for (const [job, run] of Object.entries(jobs)) test(`${engine.name}: ${job}`, { skip: engine.missing }, (t) => run(t, engine));
}

test("Chromium: print shows the answer with its marks, and no controls", { skip: engines[0].missing }, async (t) => {
  const { page } = await open(t, engines[0]);
  await answered(page, /^A model/);
  // The look on paper comes with what is below the forecast.
  await shows(page, ".onward", /Compare/);
  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  const seen = (selector) => page.evaluate((selector) => document.querySelector(selector).checkVisibility(), selector);
  for (const [selector, expected] of Object.entries({ "#verdict": true, ".track .band": true, ".track .mean": true, ".value strong": true, "#lineage": false, ".bar nav": false, "#data": false })) {
    assert.equal(await seen(selector), expected, selector);
  }
  const ink = await page.evaluate(() => getComputedStyle(document.body).color);
  assert.ok(Math.max(...ink.match(/\d+/g).map(Number)) < 100, `dark ink on white paper: ${ink}`);
});
