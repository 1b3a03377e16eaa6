// Makes the pictures of the page in `docs/img/`, from the built page: node tests/browser/pictures.mjs [NAME…]

import { readFile } from "node:fs/promises";
import { chromium } from "playwright-core";
import { drop, root, serve } from "./harness.mjs";

const wide = { viewport: { width: 1280, height: 900 } };
const low = { viewport: { width: 1080, height: 620 } };
const phone = { viewport: { width: 390, height: 844 } };
const dark = { colorScheme: "dark" };

const row = (i) => `${i + 1},org/model-${i},${80 - (i % 30)}.5%,${60 - (i % 25)}.5,${1200 - i}`;
const table = (cells = {}) => ["#,Model,Reasoning,size,Arena Elo", ...Array.from({ length: 40 }, (_, i) => cells[i] ?? row(i))].join("\n");
const large = () => {
  const tasks = Array.from({ length: 60 }, (_, task) => task);
  const line = (model) => `lab/model-${model},${tasks.map((task) => 20 + ((model * 7 + task * 13) % 60)).join(",")}`;
  return [`model,${tasks.map((task) => `task-${task}`).join(",")}`, ...Array.from({ length: 900 }, (_, model) => line(model))].join("\n");
};

const forecast = (page) => page.locator("#forecast .line").first().waitFor();
/** Waits for what comes after the forecast: sentences about benchmarks, and the scores of all models. */
const complete = async (page) => {
  await forecast(page);
  await page.locator(".gloss").first().waitFor();
  await page.waitForFunction(() => document.querySelectorAll("#forecast .strip").length >= 8);
};
const unfold = (page) => page.locator("#data").click();

/** By name: the address, the window, and what to wait for. */
const pictures = {
  ask: ["", wide, complete],
  "ask-phone": ["", phone, complete],
  measured: ["#ask?model=Qwen/Qwen3-14B", low, async (page) => {
    await complete(page);
    await page.getByRole("button", { name: "What would have been forecast?" }).click();
    await page.locator(".would-word").first().waitFor({ timeout: 60_000 });
  }],
  why: ["", { viewport: { width: 1080, height: 700 } }, async (page) => {
    await complete(page);
    await page.locator(".why summary").click();
    await page.locator(".reasons section").first().waitFor();
    await page.locator(".why").evaluate((why) => why.scrollIntoView());
  }],
  plans: ["#plans", { ...wide, ...dark }, (page) => page.waitForFunction(() => document.querySelectorAll(".compared .strip").length >= 8)],
  "plans-phone": ["#plans", phone, (page) => page.locator("#words p").first().waitFor()],
  rankings: ["#rankings", wide, (page) => page.waitForFunction(() => document.querySelectorAll(".ranking thead th").length >= 12 && document.querySelector(".ranking td.fact.number"))],
  model: ["#model?id=Qwen/Qwen3-14B", wide, async (page) => { await page.locator(".held-out").waitFor(); await page.locator(".kin").first().waitFor(); }],
  map: ["#map?x=~date&y=gpqa_swallow&names=qwen", { ...wide, ...dark }, async (page) => { await page.locator("#frontier").waitFor(); await page.waitForTimeout(500); }],
  atlas: ["?snapshot=open-models.json#atlas?map=both&by=~size&at=dataset:bbh", { viewport: { width: 1280, height: 1180 } }, async (page) => {
    await page.locator("#draw:not([disabled])").click();
    await page.locator("#near h3").waitFor({ timeout: 120_000 });
    await page.waitForTimeout(500);
  }, { "/open-models.json": { body: await readFile(`${root}tests/fixtures/open-models/snapshot.json`), type: "application/json" } }],
  trust: ["#trust", wide, async (page) => { await page.locator("#check:not([disabled])").click(); await page.locator("#trust-verdict").waitFor({ timeout: 180_000 }); await page.waitForTimeout(500); }],
  data: ["", low, async (page) => { await complete(page); await unfold(page); await page.locator(".training").waitFor(); }],
  loading: ["", low, (page) => page.locator(".skeleton").waitFor(), { "/model.eyas.gz": () => undefined }],
  failed: ["?snapshot=missing.csv", low, complete],
  stale: ["", low, async (page) => { await complete(page); await page.getByLabel("Size, in billions").fill("9"); }],
  nothing: ["#ask?model=zzz/qqq", low, (page) => page.locator(".nothing-known").waitFor()],
  training: ["", low, async (page) => { await complete(page); await drop(page, { "large.csv": large() }); await page.locator(".numbers", { hasText: "epoch" }).waitFor(); }],
  preview: ["", low, async (page) => { await forecast(page); await drop(page, { "doubtful.csv": table({ 3: "4,org/model-3,?!,50,1100" }) }); await page.locator("eyas-preview table").waitFor(); }],
};

const wanted = process.argv.slice(2);
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
for (const [name, [path, context, ready, routes = {}]] of Object.entries(pictures)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const server = await serve({ routes });
  const page = await browser.newPage({ ...context, serviceWorkers: "block", reducedMotion: "reduce" });
  await page.goto(server.url + path);
  await ready(page);
  await page.screenshot({ path: `${root}docs/img/${name}.png` });
  await page.close();
  await server.close();
}
await browser.close();
process.exit();
