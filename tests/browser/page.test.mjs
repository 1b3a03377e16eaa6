// The built page on a static server: the actions of a visitor, from opening it to reading a forecast.

import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { appears, drop, openData, openPage, openRankings, openSmall, root } from "./harness.mjs";

const card = `---
library_name: transformers
base_model:
- Qwen/Qwen2-7B-Instruct
- nobody/has-measured-this
base_model_relation: merge
---
# A model without an evaluation
`;

const wide = ["model,reasoning,coding"]
  .concat(Array.from({ length: 60 }, (_, i) => `org/model-${i},${(20 + (i % 40)).toFixed(1)},${(30 + (i % 25)).toFixed(1)}`))
  .join("\n");

/** 0/1 outcomes, (models, items), from a fixed linear congruence. */
function outcomes(models, items) {
  let state = 7;
  const random = () => (state = (state * 1664525 + 1013904223) >>> 0) / 2 ** 32;
  const rows = [`model,${Array.from({ length: items }, (_, j) => `q${j}`).join(",")}`];
  for (let i = 0; i < models; i++) {
    const ability = random();
    rows.push(`lab/model-${i},${Array.from({ length: items }, () => (random() < ability ? 1 : 0)).join(",")}`);
  }
  return Buffer.from(rows.join("\n"));
}

const news = (page) => page.locator("#file-news");
const lines = (page) => page.locator("#forecast .line");
const lineage = (page) => page.getByLabel("Its name, link, card");

/** Waits for the first forecast. With `fails`, an error about the address comes before it. */
async function trained(page, { fails = false } = {}) {
  const mistake = page.locator(fails ? "#none" : "#file-news.mistake");
  const answer = page.locator("#forecast .line, #forecast .nothing-known").filter({ visible: true });
  await appears(answer, mistake.filter({ visible: true }));
}

/** Pastes a text, by an event of the clipboard. */
async function paste(page, text) {
  await lineage(page).fill("");
  await lineage(page).evaluate((box, text) => {
    box.focus();
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", text);
    const pasted = box.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
    if (pasted) document.execCommand("insertText", false, text);
  }, text);
}

/** The tags to copy, whose code comes when they are unfolded. */
async function embedded(page) {
  await page.waitForFunction(() => document.querySelector(".embed textarea")?.value);
  return page.getByLabel("Tags to copy").inputValue();
}

test("the tags for one's own site have the hashes of the package that the page offers, and a select of types shows its words", async (t) => {
  const { page, url } = await openPage(t, { context: { viewport: { width: 1080, height: 800 } } });
  await lines(page).first().waitFor();
  await page.locator(".embed summary").click();
  assert.doesNotMatch(await embedded(page), /integrity/);
  await page.getByLabel("Script from").selectOption("own");
  const hashes = JSON.parse(await readFile(`${root}target/package/integrity.json`, "utf8"));
  await page.waitForFunction(() => document.querySelector(".embed textarea").value.includes("integrity"));
  const tags = await embedded(page);
  for (const file of ["eyas-widget.js", "eyas-widget.css"]) assert.ok(tags.includes(`"eyas/${file}" integrity="${hashes[file]}"`), tags);
  const file = await page.locator(".embed a[download]").getAttribute("href");
  const packed = await (await fetch(new URL(file, url))).arrayBuffer();
  assert.deepEqual([...new Uint8Array(packed).subarray(0, 2)], [0x1f, 0x8b], "a gzip file");

  await page.locator("details", { has: page.locator("#type") }).evaluate((details) => (details.open = true));
  const [given, needed] = await page.locator("#type").evaluate((select) => {
    const free = select.cloneNode(true);
    free.style.cssText = "width: auto; position: absolute";
    document.body.append(free);
    const needed = free.offsetWidth;
    free.remove();
    return [select.offsetWidth, needed];
  });
  assert.ok(given >= needed, `${given} px of ${needed} px`);
});

test("the page opens with the model of the bundled data, without a training, in 350 KB and five round trips", async (t) => {
  const { page, url, requests, times } = await openPage(t, { goto: false, delay: 300 });
  // Neither the module that reads texts nor what comes below a forecast is needed for the first one.
  for (const later of ["texts-*", "after-view-*", "*glosses-*"]) await page.context().route(`**/${later}`, () => undefined);
  await page.goto(url);
  await lines(page).first().waitFor();
  // A round trip begins when all that it waits for has arrived.
  const trips = [];
  for (const { begun } of times) trips.push(1 + Math.max(0, ...trips.filter((_, at) => times[at].ended < begun)));
  assert.ok(Math.max(...trips) <= 5, requests.map((path, at) => `${trips[at]} ${path}`).join(", "));
  const loaded = requests.filter((path) => path !== "/").map((path) => `dist${path}`);
  const sizes = await Promise.all(["dist/index.html", ...loaded].map(async (file) => gzipSync(await readFile(root + file)).length));
  assert.ok(sizes.reduce((a, b) => a + b) <= 350_000, `${sizes}: ${requests}`);
  assert.ok(!requests.some((path) => /trainer|tables|snapshot/.test(path)), requests.join(" "));
  assert.match(await page.title(), /^eyas\b/);
  assert.equal(await lines(page).count(), 8);
  assert.match(await page.locator("#forecast .subject").innerText(), /^A model made from Qwen\/Qwen3-8B and tokyotech-llm\/Qwen3-Swallow-8B-RL-v0\.2/);
  assert.match(await news(page).innerText(), /^Loaded the model that was trained on the bundled data/);
  await openData(page);
  assert.match(await page.locator(".counts").innerText(), /^641 models, 324 benchmarks, 14,924 results/);
  assert.match(await page.locator(".colophon").innerText(), /Swallow.*BenchPress.*Epoch AI.*EvalPlus.*ObsScaling.*Sloth.*CC BY 4\.0.*CDLA.*Apache.*MIT/s);
  const licences = await page.request.get(new URL("data-licences.txt", url).href);
  assert.match(await licences.text(), /github\.com\/microsoft\/benchpress.*Community Data License Agreement/s);
});

test("a child of a model of 2025 and of one of 2026 gets forecasts on its parent's own benchmarks", async (t) => {
  const { page } = await openPage(t);
  await trained(page);
  for (const parent of ["Qwen/Qwen3-8B", "tokyotech-llm/Qwen3-Swallow-8B-RL-v0.2"]) {
    await paste(page, `---\nbase_model: ${parent}\n---\n`);
    await page.locator("#forecast .subject", { hasText: `A model made from ${parent}` }).waitFor();
    assert.equal(await lines(page).count(), 8);
    assert.equal(await page.locator("#forecast .line", { has: page.locator(".of .letter") }).count(), 8, parent);
  }
  // The plan is of the benchmarks that are shown.
  await page.locator("#forecast .next", { hasText: "Evaluate" }).waitFor();
  const tasks = (locator) => locator.evaluateAll((all) => all.map((one) => one.dataset.task));
  const planned = await tasks(page.locator("#forecast .next b"));
  const shown = await tasks(lines(page));
  assert.ok(planned.length === 3 && planned.every((task) => shown.includes(task)), `${planned} of ${shown}`);
  // What was loaded can be trained anew, and gives the same forecasts.
  const before = await page.locator("#forecast .value strong").allInnerTexts();
  await openData(page);
  await page.getByRole("button", { name: "Train it here" }).click();
  await news(page).getByText("Trained on the bundled data in").waitFor({ timeout: 120_000 });
  assert.deepEqual(await page.locator("#forecast .value strong").allInnerTexts(), before);
});

test("the ranking has the benchmarks of the forecast, and others on request", async (t) => {
  const { page } = await openPage(t);
  await trained(page);
  const shown = await lines(page).evaluateAll((all) => all.map((one) => one.dataset.task));
  await openRankings(page);
  const head = page.locator(".ranking thead th");
  await head.nth(11).waitFor();
  assert.deepEqual(await head.evaluateAll((all) => all.slice(3, -1).map(({ title }) => title)), shown);
  await page.getByRole("button", { name: "Columns and weights" }).click();
  const choice = page.getByLabel("Add a benchmark");
  assert.ok((await choice.locator("optgroup").count()) > 20);
  await choice.selectOption("swe_bench_verified_reported");
  await page.locator('.ranking th[title="swe_bench_verified_reported"]').waitFor();
  assert.equal(await head.count(), 13);
  await page.getByLabel("Show a group of benchmarks instead").selectOption("mathematics");
  await page.waitForFunction(() => document.querySelectorAll(".ranking thead th").length === 12 && !document.querySelector('.ranking th[title="swe_bench_verified_reported"]'));
});

test("the page trains on a snapshot and answers a pasted card", async (t) => {
  const { page } = await openSmall(t);
  await trained(page);
  assert.match(await news(page).innerText(), /^Trained on open-models\.json in /);

  await paste(page, card);
  // The models of the question before are unknown here, too.
  await page.locator("#forecast .unknown", { hasText: "nobody/has-measured-this" }).waitFor();
  assert.match(await page.locator("#forecast .legend").innerText(), /^A\s+Qwen\/Qwen2-7B-Instruct/);
  for (const line of await lines(page).all()) {
    assert.match(await line.locator(".value strong").innerText(), /^0\.\d{3}$/);
    assert.match(await line.locator(".rank").innerText(), /^\d+(\s+\d+ to \d+)?$/);
  }
  assert.match(await page.locator("#forecast thead .rank").innerText(), /^Rank of\s118$/);
  // The measured score of the model on IFEval in the data is 0.57.
  assert.match(await page.locator('.line[data-task="ifeval"] .of').innerText(), /A\s*0\.57/);
  const provenance = await page.locator("#forecast .provenance").innerText();
  await page.locator(".embed summary").click();
  const tags = await embedded(page);
  assert.match(tags, /<eyas-forecast\s+snapshot="http[^"]+\/open-models\.json"\s+parents="Qwen\/Qwen2-7B-Instruct, nobody\/has-measured-this"\s+><\/eyas-forecast>/);
  assert.match(provenance, /Method eyas, computed on cpu, from 117 models .*Source: .+ Licence: .+/);
});

test("a measured model shows its scores as measured, and on a click the forecast without them", async (t) => {
  const { page } = await openSmall(t);
  await trained(page);
  const ifeval = page.locator('#forecast .line[data-task="ifeval"]');
  const note = page.locator("#forecast .measured-note");
  await paste(page, "Qwen/Qwen2-7B-Instruct");
  await page.locator("#forecast .subject", { hasText: /Qwen\/Qwen2-7B-Instruct\s+The model itself\./ }).waitFor();
  assert.match(await note.innerText(), /^Measured\. The data contain these scores\./);
  // The measured score in the data.
  assert.match(await ifeval.locator(".value").innerText(), /^0\.57\d\s+measured$/);
  assert.equal(await page.locator("#forecast .band").count(), 0);
  assert.equal(await page.locator("#forecast .known").count(), 6);
  await note.getByRole("button", { name: "What would have been forecast?" }).click();
  await ifeval.locator(".would-word").waitFor({ timeout: 60_000 });
  assert.match(await ifeval.locator(".would-word").innerText(), /^would have been forecast 0\.\d{3} \(0\.\d{3} to [01]\.\d{3}\)$/);
  assert.match(await ifeval.locator(".value").innerText(), /^0\.57\d\s+measured$/);

  await page.getByRole("button", { name: "A model made from it instead" }).click();
  await page.locator("#forecast .legend", { hasText: "A Qwen/Qwen2-7B-Instruct" }).waitFor();
  assert.equal(await note.count(), 0);
  assert.equal(await page.locator("#forecast .known").count(), 0);
  assert.match(await page.locator("#forecast .subject").innerText(), /^A model made from Qwen\/Qwen2-7B-Instruct\s+A new model\. The model itself instead$/);

  await paste(page, "someone/Qwen2-7B-Instruct-AWQ");
  await note.getByText("The scores are those of Qwen/Qwen2-7B-Instruct, of which").waitFor();
  assert.match(await ifeval.locator(".value").innerText(), /^0\.57\d\s+measured of the original$/);

  await paste(page, "Qwen/Qwen2-7B\nQwen/Qwen2-7B-Instruct");
  await page.getByLabel("Known scores").fill("ifeval=0.6");
  await page.getByRole("button", { name: "Forecast" }).click();
  await ifeval.getByText("as given").waitFor();
  assert.equal(await page.locator("#forecast .known").count(), 1);
});

test("for an unknown model the page says that next to nothing is known, and shows no forecasts", async (t) => {
  const { page } = await openSmall(t);
  await trained(page);
  await paste(page, "zzz/qqq");
  const nothing = page.locator("#forecast .nothing-known");
  await nothing.getByText("Next to nothing is known of this model.").waitFor();
  assert.equal(await lines(page).filter({ visible: true }).count(), 0);
  assert.equal(await page.locator("#forecast .next").count(), 0);
  assert.equal((await page.locator("#forecast").innerText()).match(/next to nothing/gi).length, 1);
  await page.getByLabel("Size, in billions").fill("7.6");
  await page.getByLabel("Type").selectOption("chat");
  await page.getByLabel("Known scores").fill("bbh=0.5");
  await page.getByRole("button", { name: "Forecast", exact: true }).click();
  await nothing.waitFor({ state: "detached" });
  assert.equal(await lines(page).filter({ visible: true }).count(), 6);
  await page.locator(".embed summary").click();
  assert.match(
    await embedded(page),
    /<eyas-forecast\s+snapshot="http[^"]+"\s+model="zzz\/qqq"\s+facts="params=7\.6,type=chat"\s+scores="bbh=0\.5"\s+><\/eyas-forecast>/,
  );
});

test("the page names the next evaluations and, on a click, the contributions to the forecast", async (t) => {
  const { page } = await openSmall(t);
  await trained(page);
  await paste(page, card);
  await page.locator("#forecast .unknown").waitFor();
  await page.locator("#forecast .next", { hasText: "Evaluate" }).waitFor();
  assert.match(await page.locator("#forecast .next").innerText(), /^Evaluate \S+ next: that narrows the intervals by \d+ % on average, then \S+, \S+\.$/);
  assert.equal(await page.locator(".reasons").count(), 0);
  await page.locator(".why summary").click();
  await page.locator(".reasons section").first().waitFor();
  assert.equal(await page.locator(".reasons section").count(), 6);
  const number = (text) => Number(text.replace("−", "-").replace("+", ""));
  for (const section of await page.locator(".reasons section").all()) {
    const [base, mean] = (await section.locator(".from span").allInnerTexts()).map(number);
    const moved = (await section.locator(".amount").allInnerTexts()).map(number).reduce((sum, step) => sum + step, 0);
    // Up to eight rows are each rounded to three decimal places.
    assert.ok(Math.abs(base + moved - mean) < 0.005, `${base} + ${moved} is not ${mean}`);
    assert.match(await section.locator("ul").innerText(), /Qwen2-7B-Instruct parent/);
  }
  // While the list is open, the next question is explained, too.
  await lineage(page).fill("Qwen/Qwen2-72B\nQwen/Qwen2-72B-Instruct");
  await page.keyboard.press("Control+Enter");
  await page.locator(".reasons", { hasText: "Qwen2-72B parent" }).waitFor();
});

test("the ranking marks models that cannot be distinguished", async (t) => {
  const body = wide.replace("org/model-3,23.0,33.0", "org/model-3,,33.0");
  const { page } = await openPage(t, { path: "?snapshot=results.csv#rankings?by=reasoning", routes: { "/results.csv": { body } } });
  await page.locator(".ranking tbody th").first().waitFor();
  const row = (name) => page.locator(".ranking tbody tr", { has: page.getByRole("rowheader", { name, exact: true }) });
  const place = (name) => row(name).locator(".place");
  // Models 19 and 59 have the same score, model 39 has the best.
  assert.match(await place("org/model-59").textContent(), /=.*not distinguishable from the next better one/s);
  assert.doesNotMatch(await place("org/model-39").textContent(), /=/);
  await page.locator(".scroller").evaluate((box) => (box.scrollTop = 400));
  await row("org/model-3").waitFor();
  assert.match(await place("org/model-3").textContent(), /between \d+ and \d+/);
  await page.getByLabel("Filter by name").fill("/model-59$/");
  await page.waitForFunction(() => document.querySelectorAll(".ranking tbody th").length === 1);
  assert.doesNotMatch(await place("org/model-59").textContent(), /=/);
});

test("size and type are part of the question, and the form works with the keyboard", async (t) => {
  const { page } = await openSmall(t);
  await trained(page);
  const sent = page.locator("#news");
  const focused = () => page.evaluate(() => document.activeElement.id || document.activeElement.textContent.trim());
  const tabTo = async (wanted) => {
    for (let presses = 0; (await focused()) !== wanted; presses++) {
      assert.ok(presses < 20, `${wanted} is not reached`);
      await page.keyboard.press("Tab");
    }
  };
  await page.keyboard.press("Tab");
  assert.equal(await focused(), "eyas");
  const bar = [];
  for (; (await focused()) !== "lineage"; await page.keyboard.press("Tab")) bar.push(await focused());
  assert.deepEqual(bar, ["eyas", "Ask", "Plans", "Rankings", "Map", "Trust", "data", "theme"]);
  await page.keyboard.press("Control+a");
  await page.keyboard.type("Qwen/Qwen2-72B-Instruct");
  await tabTo("params");
  await page.keyboard.type("72");
  await page.keyboard.press("Tab");
  await page.keyboard.press("ArrowDown");
  await page.locator("#lineage").focus();
  await tabTo("Forecast");
  await page.keyboard.press("Enter");
  await page.locator("#forecast .subject", { hasText: /Qwen\/Qwen2-72B-Instruct\s+The model itself/ }).waitFor();
  assert.deepEqual(await Promise.all(["#params", "#type"].map((field) => page.locator(field).inputValue())), ["72", "pretrained"]);
  assert.match(await sent.textContent(), /Forecast for 6 benchmarks is ready/);

  const outlined = () => page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
  assert.equal(await outlined(), "solid");
  await openRankings(page);
  const header = page.locator('.ranking th[title="bbh"] button');
  await header.focus();
  await page.keyboard.press("Enter");
  const sorted = () => page.locator('.ranking th[aria-sort="descending"], .ranking th[aria-sort="ascending"]');
  await page.locator('.ranking th[aria-sort="descending"][title="bbh"]').waitFor();
  assert.deepEqual(await sorted().allInnerTexts(), ["↓bbh"]);
  await page.keyboard.press("Enter");
  assert.equal(await page.locator('.ranking th[aria-sort="ascending"]').innerText(), "↑bbh");
});

test("the ranking sorts and filters, and distinguishes measured and predicted scores", async (t) => {
  const body = wide.replace("org/model-3,23.0,33.0", "org/model-3,,33.0");
  const { page } = await openPage(t, { path: "?snapshot=results.csv#rankings?by=reasoning", routes: { "/results.csv": { body } } });
  await page.locator(".ranking tbody th").first().waitFor();
  const cells = ":is(.measured-cell, .predicted-cell):not(.mean-cell)";
  const scores = await page.locator(`.ranking tbody ${cells}`).allInnerTexts();
  const first = scores.filter((_, at) => at % 2 === 0).map((text) => Number.parseFloat(text.replace(/[^\d.]/g, "")));
  assert.deepEqual(first, first.toSorted((a, b) => b - a));
  await page.getByLabel("Filter by name").fill("MODEL-3");
  await page.locator(".ranking .help", { hasText: "11 of 60 models" }).waitFor();
  const row = page.locator(".ranking tbody tr", { has: page.getByRole("rowheader", { name: "org/model-3", exact: true }) });
  assert.match(await row.locator(".predicted-cell:not(.mean-cell)").innerText(), /predicted/);
  assert.equal(await row.locator(".measured-cell").count(), 1);
  assert.match(await row.locator(".mean-cell").innerText(), /1\/2\s+measured, the others predicted/);
  await page.getByLabel("Filter by name").fill("no such model");
  await page.getByText("No model meets these conditions.").waitFor();
});

test("during a training on 3,500 × 3,000 outcomes the page responds, and cancelling takes effect at once", async (t) => {
  const { page } = await openSmall(t);
  await trained(page);
  const before = await page.locator("#forecast .lines").innerText();
  await openData(page);
  await page.evaluate(() => {
    window.gaps = [];
    let last = performance.now();
    const tick = (now) => {
      window.gaps.push(now - last);
      last = now;
      requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  });
  // A file on the disk: bytes sent by the test driver would block the page.
  const folder = await mkdtemp(join(tmpdir(), "eyas-"));
  t.after(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, "exam.csv"), outcomes(3500, 3000));
  await page.locator("#file").setInputFiles(join(folder, "exam.csv"));
  await page.getByText("Training on exam.csv").first().waitFor({ timeout: 60_000 });
  await page.locator(".numbers", { hasText: /epoch \d/ }).waitFor({ timeout: 60_000 });
  // The model in use answers during the training.
  await page.getByRole("button", { name: "Forecast" }).click();
  assert.equal(await page.locator("#forecast .lines").innerText(), before);

  assert.match(await page.locator(".numbers").innerText(), /epoch \d+ of at most \d+ · loss [\d.]+/);
  const begun = Date.now();
  await page.getByRole("button", { name: "Cancel" }).click();
  await news(page).getByText("was cancelled").waitFor();
  assert.ok(Date.now() - begun < 1500, `cancelling took ${Date.now() - begun} ms`);
  assert.match(await news(page).innerText(), /The model trained on open-models\.json stays in use\./);
  const gaps = await page.evaluate(() => window.gaps);
  assert.ok(gaps.length > 20, `${gaps.length} frames`);
  // The limits are generous, for machines that are busy with other tests.
  assert.ok(Math.max(...gaps) < 1000, `the page stood still for ${Math.max(...gaps)} ms`);

  await paste(page, "Qwen/Qwen2-72B");
  await page.locator("#forecast .subject", { hasText: /Qwen\/Qwen2-72B\s+The model itself/ }).waitFor();
  await page.getByRole("button", { name: "Train again" }).waitFor();
});

test("a dropped file is trained on, and the new model answers the same question", async (t) => {
  const { page } = await openSmall(t);
  await trained(page);
  await lineage(page).fill("org/model-39\norg/model-38");
  await drop(page, { "house.csv": wide });
  await news(page).getByText("Trained on house.csv").waitFor({ timeout: 60_000 });
  await page.locator('#forecast .line[data-task="coding"]').waitFor();
  assert.match(await page.locator('.line[data-task="reasoning"] .of').innerText(), /A\s*59\.0\s*B\s*58\.0/);
  await openData(page);
  assert.match(await page.locator(".counts").innerText(), /60 models, 2 benchmarks, 120 results/);
  await openRankings(page);
  await page.locator(".ranking th", { hasText: "reasoning" }).waitFor();
});

test("errors in a file and in a card appear beside their input, and the page keeps its state", async (t) => {
  const { page } = await openSmall(t);
  await trained(page);
  await openRankings(page);
  await page.locator(".ranking td.fact.number").first().waitFor();
  const ranking = await page.locator(".ranking tbody").innerText();
  await page.getByRole("link", { name: "Ask", exact: true }).click();
  const forecast = await page.locator("#forecast .lines").innerText();

  await drop(page, { "broken.csv": wide.replace("org/model-7,27.0", "org/model-7,430") });
  await page.locator("#file-news.mistake").waitFor({ state: "attached", timeout: 60_000 });
  const message = await news(page).innerText();
  assert.match(message, /broken\.csv line 9.*430/);
  assert.match(message, /The model trained on open-models\.json stays in use\./);
  assert.ok(!message.includes("\n"));
  const notice = page.locator("#forecast .stands");
  assert.match(await notice.innerText(), /^broken\.csv could not be used: broken\.csv line 9.*430.*\n+The forecast below is from open-models\.json\./);
  assert.deepEqual(await notice.getByRole("button").allInnerTexts(), ["Try broken.csv again", "Back to the bundled data"]);

  const broken = "---\nbase_model: [Qwen/Qwen2-7B\n---\n";
  await lineage(page).fill(broken);
  await page.getByRole("button", { name: "Forecast" }).click();
  const mistake = page.locator("#lineage-mistake");
  await mistake.getByText(/line \d/).waitFor();
  assert.equal(await lineage(page).getAttribute("aria-invalid"), "true");
  assert.equal(await lineage(page).inputValue(), broken);

  assert.equal(await page.locator("#forecast .lines").innerText(), forecast);
  assert.match(await page.locator("#outdated").innerText(), /^No forecast for the current question: .*line \d.* Below is still the forecast of /);
  await openRankings(page);
  assert.equal(await page.locator(".ranking tbody").innerText(), ranking);
  await page.goBack();
  await lineage(page).fill("Qwen/Qwen2-72B");
  await page.keyboard.press("Enter");
  await page.locator("#forecast .subject", { hasText: /Qwen\/Qwen2-72B\s+The model itself/ }).waitFor();
  assert.equal(await mistake.innerText(), "");
  assert.equal(await page.locator("#outdated").count(), 0);
});

test("a forecast names its model, and is marked once the question has changed", async (t) => {
  const hub = { "/hub/api/models/no/body": { status: 404 } };
  const { page } = await openSmall(t, { path: "?hub=/hub", routes: hub, allow: [/404/] });
  await trained(page);
  const outdated = page.locator("#outdated");
  await paste(page, "Qwen/Qwen2-7B\nQwen/Qwen2-72B");
  await page.locator("#forecast .subject", { hasText: "A model made from Qwen/Qwen2-7B and Qwen/Qwen2-72B" }).waitFor();
  assert.equal(await outdated.count(), 0);
  await page.getByLabel("Size, in billions").fill("7");
  assert.match(await outdated.innerText(), /^The question has changed\. Below is still the forecast of a model made from Qwen\/Qwen2-7B and Qwen\/Qwen2-72B\./);
  assert.equal(await page.locator("#forecast .stale .line").count(), 6);
  await outdated.getByRole("button", { name: "Update it" }).click();
  await outdated.waitFor({ state: "detached" });
  await page.getByLabel("Type").selectOption("chat");
  await outdated.getByRole("button", { name: "Back to that" }).click();
  await outdated.waitFor({ state: "detached" });
  assert.deepEqual(await Promise.all(["Size, in billions", "Type"].map((name) => page.getByLabel(name).inputValue())), ["7", ""]);
  // A failed look-up.
  await lineage(page).fill("no/body");
  await page.getByRole("button", { name: "Look this model up" }).click();
  await outdated.getByText(/^No forecast for the current question: .* knows no public models\/no\/body\. /).waitFor();
  assert.equal(await page.locator("#forecast .stale").count(), 1);
});

test("scrolling the table does not extend the document, and the bars have the length of the scores", async (t) => {
  const rows = Array.from({ length: 900 }, (_, i) => `org/model-${i},${(100 - i / 10).toFixed(1)}`);
  const routes = { "/results.csv": { body: ["model,reasoning", ...rows].join("\n") } };
  const { page } = await openPage(t, { path: "?snapshot=results.csv#rankings", routes });
  await page.locator(".ranking tbody th").first().waitFor();
  const height = () => page.evaluate(() => document.documentElement.scrollHeight);
  const before = await height();
  const bars = () =>
    page.locator(".ranking tbody .measured-cell").evaluateAll((cells) =>
      cells.slice(0, 30).map((cell) => {
        const { paddingInlineStart, paddingInlineEnd } = getComputedStyle(cell);
        const rail = cell.clientWidth - parseFloat(paddingInlineStart) - parseFloat(paddingInlineEnd);
        return [parseFloat(cell.innerText) / 100, cell.querySelector("i").getBoundingClientRect().width / rail];
      }),
    );
  const first = await bars();
  for (const top of [3000, 20_000, 34_000]) {
    await page.locator(".scroller").evaluate((box, top) => (box.scrollTop = top), top);
    await page.waitForTimeout(100);
  }
  assert.equal(await height(), before);
  const seen = [...first, ...(await bars())];
  assert.ok(seen.some(([score]) => score > 0.99) && seen.some(([score]) => score < 0.15));
  for (const [score, part] of seen) assert.ok(Math.abs(score - part) < 0.02, `${score} is drawn as ${part}`);
});

for (const [address, message] of Object.entries({
  "missing.csv": /missing\.csv: the server answered 404/,
  "100%.csv": /100%.*\.csv: the server answered 404/,
  "http://": /http:\/\/: this is not an address/,
})) {
  test(`?snapshot=${address} cannot be read: the forecast section shows the error, and the bundled data is used`, async (t) => {
    const { page } = await openPage(t, { path: `?snapshot=${address}`, allow: [/404/] });
    await trained(page, { fails: true });
    assert.match(await news(page).innerText(), message);
    const notice = page.locator("#forecast .stands");
    assert.match(await notice.innerText(), message);
    assert.match(await notice.innerText(), /The forecast below is from the bundled data\./);
    await notice.getByRole("button", { name: `Try ${address} again` }).click();
    await notice.getByText(message).waitFor();
  });
}

test("an unknown method is an error with a link to the default, and an invalid hub is ignored", async (t) => {
  const { page } = await openPage(t, { path: "?method=magic&hub=https://" });
  const notice = page.locator("#forecast .stands");
  await notice.getByText(/^The bundled data could not be used: .*magic/).waitFor();
  await openData(page);
  await page.getByText("fetches about 1 MB from huggingface.co").waitFor();
  await notice.getByRole("link", { name: "Without ?method=" }).click();
  await trained(page);
  assert.equal(new URL(page.url()).search, "?hub=https%3A%2F%2F");
});

test("if the bundled data cannot be read, the page shows the error and a button tries again", async (t) => {
  let there = false;
  const model = await readFile(`${root}dist/model.eyas.gz`);
  const routes = {
    "/model.eyas.gz": (_, response) => (there ? response.writeHead(200).end(model) : response.writeHead(503).end()),
  };
  const { page } = await openPage(t, { routes, allow: [/503/] });
  const notice = page.locator("#forecast .stands");
  await notice.getByText(/^The bundled data could not be used: .* answered 503/).waitFor();
  there = true;
  await notice.getByRole("button", { name: "Try the bundled data again" }).click();
  await trained(page);
  assert.equal(await notice.count(), 0);
});

test("the page runs under a sub-path, requests nothing outside it, and is small without WebAssembly", async (t) => {
  const base = "/some/where/";
  const { page, requests } = await openPage(t, { base });
  await trained(page);
  assert.deepEqual(
    requests.filter((path) => !path.startsWith(base)),
    [],
  );
  const light = [...new Set(requests)].filter((path) => !/\.(wasm|json|gz)$/.test(path) && !path.includes("worker"));
  const files = light.map((path) => path.slice(base.length) || "index.html");
  const sizes = await Promise.all(files.map(async (file) => gzipSync(await readFile(`${root}dist/${file}`)).length));
  const total = sizes.reduce((a, b) => a + b, 0);
  assert.ok(total < 60_000, `${total} bytes gz: ${files.join(", ")}`);
});

for (const colorScheme of ["light", "dark"]) {
  for (const width of [1440, 390]) {
    test(`${colorScheme}, ${width} px wide: axe finds nothing in any view, and only the table scrolls horizontally`, async (t) => {
      const context = { colorScheme, viewport: { width, height: 844 }, reducedMotion: "reduce" };
      const { page } = await openPage(t, { context });
      await trained(page);
      await paste(page, card);
      await page.locator("#forecast .unknown").waitFor();
      await page.locator(".why summary").click();
      await page.locator(".reasons section").first().waitFor();
      await page.addScriptTag({ path: `${root}node_modules/axe-core/axe.min.js` });
      const isClean = async (view) => {
        const { violations } = await page.evaluate(() => window.axe.run());
        assert.deepEqual(violations.map(({ id, nodes }) => `${view}: ${id}: ${nodes.map(({ html }) => html).join(" ")}`), []);
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), view);
      };
      await isClean("ask");
      await openData(page);
      await isClean("data");
      await page.locator("#data").click();
      await openRankings(page);
      await isClean("rankings");
      for (const panel of ["#open-filter", "#open-columns"]) {
        await page.locator(panel).click();
        await page.locator(".panel").waitFor();
        await isClean(panel);
      }
      await page.locator(".ranking tbody .name a").first().click();
      await page.locator(".held-out").waitFor();
      await page.locator(".kin").first().waitFor();
      await page.evaluate(() => { for (const details of document.querySelectorAll(".model details")) details.open = true; });
      await isClean("model");
      await page.getByRole("link", { name: "Map", exact: true }).click();
      await page.locator("#frontier").waitFor();
      await isClean("map");
      await page.getByRole("link", { name: "Trust", exact: true }).click();
      await page.locator("#check").waitFor();
      await isClean("trust");
      await page.getByRole("link", { name: "Plans", exact: true }).click();
      await page.locator("#words p").first().waitFor();
      await isClean("plans");
      const paper = await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
      const brightness = Math.max(...paper.match(/\d+/g).map(Number));
      assert.equal(brightness > 128, colorScheme === "light", paper);
    });
  }
}

test("axe finds nothing in a finished trust check, which fits a phone", async (t) => {
  const { page } = await openSmall(t, { path: "#trust", context: { viewport: { width: 390, height: 844 }, reducedMotion: "reduce" } });
  await page.locator("#check:not([disabled])").click();
  await page.locator("#trust-verdict").waitFor({ timeout: 120_000 });
  await page.addScriptTag({ path: `${root}node_modules/axe-core/axe.min.js` });
  const { violations } = await page.evaluate(() => window.axe.run());
  assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`), []);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
});

test("there is no layout shift while the page loads, trains and answers", async (t) => {
  const { page, url } = await openPage(t, { goto: false });
  await page.addInitScript(() => {
    window.shifts = [];
    new PerformanceObserver((list) => window.shifts.push(...list.getEntries().map(({ value }) => value))).observe({
      type: "layout-shift",
      buffered: true,
    });
  });
  await page.goto(url);
  await trained(page);
  const total = await page.evaluate(() => window.shifts.reduce((a, b) => a + b, 0));
  assert.ok(total < 0.02, `layout shift ${total}`);
});
