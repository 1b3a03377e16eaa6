// Times of the built page in headless Chromium: cargo xtask bench page
//
// The first forecast over two networks (files packed by gzip, an empty cache), a live change of a plan, and how long the page
// stands still and a key waits while it trains: on the Open LLM Leaderboard v2 if EYAS_DATA names a folder that holds it, else
// on the bundled data. Medians of several runs.

import { readFile, stat } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { chromium } from "playwright-core";

const dist = fileURLToPath(new URL("../dist/", import.meta.url));
const types = { ".css": "text/css", ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".json": "application/json", ".svg": "image/svg+xml", ".wasm": "application/wasm" };
const RUNS = 7;

const packed = new Map();
const server = createServer(async (request, response) => {
  const path = new URL(request.url, "http://localhost").pathname;
  const file = join(dist, path.endsWith("/") ? `${path}index.html` : path);
  if (!(await stat(file).catch(() => undefined))?.isFile()) return response.writeHead(404).end();
  if (!packed.has(file)) packed.set(file, gzipSync(await readFile(file), { level: 9 }));
  const isPacked = !file.endsWith(".gz");
  const body = isPacked ? packed.get(file) : await readFile(file);
  const type = types[extname(file)] ?? "application/octet-stream";
  response.writeHead(200, { "content-type": type, "content-length": body.length, ...(isPacked ? { "content-encoding": "gzip" } : {}) }).end(body);
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const address = `http://127.0.0.1:${server.address().port}/`;

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const report = (what, values, unit) => console.log(`${what}: ${median(values).toFixed(unit === "s" ? 2 : 0)} ${unit} (${values.map((value) => value.toFixed(unit === "s" ? 2 : 0)).join(", ")})`);

async function open(path = "", network) {
  const context = await browser.newContext({ serviceWorkers: "block" });
  const page = await context.newPage();
  if (network) {
    const devtools = await context.newCDPSession(page);
    const bytes = (network.megabits * 1e6) / 8;
    await devtools.send("Network.emulateNetworkConditions", { offline: false, latency: network.latency, downloadThroughput: bytes, uploadThroughput: bytes });
  }
  await page.goto(address + path, { waitUntil: "commit" });
  return { page, context };
}

for (const network of [{ megabits: 9, latency: 60 }, { megabits: 1.6, latency: 150 }]) {
  const times = [];
  for (let run = 0; run < RUNS; run++) {
    const { page, context } = await open("", network);
    await page.locator("#forecast .line").first().waitFor();
    times.push((await page.evaluate(() => performance.now())) / 1000);
    await context.close();
  }
  report(`first forecast at ${network.megabits} Mbit/s and ${network.latency} ms`, times, "s");
}

{
  const { page, context } = await open("#plans");
  await page.locator("#words p").first().waitFor();
  await page.waitForTimeout(5000);
  const changes = await page.evaluate(async (runs) => {
    const slider = document.querySelector('[data-plan="1"] input[type="range"]');
    const shown = () => document.querySelector(".compared .line .value").innerText;
    const times = [];
    for (let run = 0; run < runs; run++) {
      const before = shown();
      const begun = performance.now();
      slider.value = String(run % 2 ? 0.2 : 0.8);
      slider.dispatchEvent(new Event("input", { bubbles: true }));
      while (shown() === before) await new Promise((resolve) => setTimeout(resolve));
      times.push(performance.now() - begun);
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    return times;
  }, 2 * RUNS);
  report("live change of a plan", changes, "ms");
  await context.close();
}

{
  const { page, context } = await open();
  await page.locator("#forecast .line").first().waitFor();
  await page.waitForTimeout(5000);
  await page.evaluate(() => {
    const observe = (type, options) => {
      window[type] = [];
      new PerformanceObserver((list) => window[type].push(...list.getEntries().map(({ duration }) => duration))).observe({ type, ...options });
    };
    observe("longtask");
    observe("event", { durationThreshold: 16 });
  });
  await page.locator("#data").click();
  const table = join(process.env.EYAS_DATA ?? "", "open-llm-leaderboard-v2.csv");
  const hasTable = process.env.EYAS_DATA !== undefined && (await stat(table).catch(() => undefined))?.isFile();
  if (hasTable) await page.locator('input[type="file"]').first().setInputFiles(table);
  else await page.getByRole("button", { name: "Train it here" }).click();
  const trained = page.locator("#file-news", { hasText: "Trained on" }).waitFor({ timeout: 120_000 });
  // A table that leaves something in doubt waits for a decision.
  const train = page.getByRole("button", { name: "Train", exact: true });
  void train.click({ timeout: 60_000 }).catch(() => undefined);
  let isTrained = false;
  void trained.then(() => (isTrained = true));
  for (let at = 0; !isTrained; at++) {
    await page.locator("#lineage").press(at % 2 ? "Backspace" : "x");
    await page.waitForTimeout(100);
  }
  const { longtask, event } = await page.evaluate(() => ({ longtask: window.longtask, event: window.event }));
  const data = hasTable ? "the Open LLM Leaderboard v2" : "the bundled data";
  console.log(`longest task while the page trains on ${data}: ${Math.max(0, ...longtask).toFixed(0)} ms (${longtask.length} of more than 50 ms)`);
  console.log(`slowest answer to a key meanwhile: ${Math.max(0, ...event).toFixed(0)} ms (${event.length} of at least 16 ms)`);
  await context.close();
}

await browser.close();
server.close();
