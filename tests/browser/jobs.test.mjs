// What people come to the page for, a test for each job of `docs/page.md`, in Chromium and in Firefox.

import assert from "node:assert/strict";
import { test } from "node:test";
import { getDocument } from "pdfjs-dist/legacy/build/pdf.mjs";
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

/** Types into a field, or chooses an option. */
const set = (page, selector, value) =>
  page.evaluate(
    ([selector, value]) => {
      const field = document.querySelector(selector);
      if (field.type === "checkbox") return field.click();
      field.value = value;
      for (const type of ["input", "change"]) field.dispatchEvent(new Event(type, { bubbles: true }));
    },
    [selector, value],
  );

/** The rows of the rankings that are in the document: rank, name, and the texts of the cells after it. */
const ranking = (page) =>
  page.evaluate(() =>
    [...document.querySelectorAll(".ranking tbody:not(.pins) tr:not([aria-hidden])")].map((row) => ({
      rank: parseInt(row.querySelector(".place").innerText.replace("=", ""), 10),
      said: row.querySelector(".place .unseen").textContent,
      name: row.querySelector(".name a").textContent,
      cells: [...row.querySelectorAll(".name ~ td")].map((cell) => cell.innerText.trim()),
    })),
  );

/** Opens the rankings by benchmarks that are measured for many models. */
const SWALLOW = "#rankings?col=aime_2024_2025_swallow&col=math500_swallow";
const ranked = (page, columns = 2) => until(page, `document.querySelectorAll(".ranking thead th").length >= ${columns + 3} && document.querySelector(".ranking .tier-start")`);

/** Keeps what a download would save. */
const catchDownloads = (page) =>
  page.evaluate(() => {
    HTMLAnchorElement.prototype.click = function () {
      fetch(this.href).then((response) => response.text()).then((text) => { window.saved = { name: this.download, text }; });
    };
  });

const licensed = ["model,size,licence,released,reasoning,coding"]
  .concat(Array.from({ length: 40 }, (_, i) => `lab/model-${i},${1 + (i % 20)}B,${["MIT", "Apache-2.0", "proprietary"][i % 3]},202${4 + (i % 2)}-0${1 + (i % 9)}-01,${(20 + ((i * 7) % 40)).toFixed(1)},${(30 + ((i * 5) % 25)).toFixed(1)}`))
  .join("\n");

const jobs = {
  "paste any lineage: a configuration is read, its parents are drawn with their scores": async (t, engine) => {
    const { page } = await open(t, engine);
    await answered(page, /^A model made from Qwen\/Qwen3-8B and tokyotech/);
    await paste(page, merge);
    await answered(page, /^A model made from Qwen\/Qwen3-8B and Qwen\/Qwen3-8B-Base/);
    await shows(page, "#tree", /a mergekit configuration: this model mean of 8 \d\d\.\d 25 % Qwen\/Qwen3-8B merge.* 75 % Qwen\/Qwen3-8B-Base merge \d\d\.\d/);
    await shows(page, "#verdict", /^It would rank about \d+(st|nd|rd|th) of 642 models .*, (above|below) .* among its relatives\. The forecasts are usually off by about \d+ points of 100\./);
    assert.match(await fragment(page), /^#ask\?model=models:/);
    await click(page, "#forecast .track .letter");
    await shows(page, ".model h2", /^Qwen\/Qwen3-8B(-Base)?$/);
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

  "find the best model under 8B for a task": async (t, engine) => {
    const { page } = await open(t, engine, "#rankings?col=gpqa_swallow");
    await ranked(page, 1);
    const all = await ranking(page);
    await click(page, "#open-filter");
    await set(page, "#only-max", "8");
    await shows(page, ".chip", /^up to 8 billion/);
    const small = await ranking(page);
    assert.notEqual(small[0].name, all[0].name);
    assert.equal(small[0].rank, 1);
    assert.ok(small.every(({ cells }) => /^[\d.]+M$|^[1-8](\.\d+)?B/.test(cells.at(-1))), small.map(({ cells }) => cells.at(-1)).join());
    const scores = small.map(({ cells }) => Number(cells[0].replace("≈", "")));
    assert.deepEqual(scores, scores.toSorted((a, b) => b - a));
    assert.match(await fragment(page), /^#rankings\?col=gpqa_swallow&max=8$/);
    await set(page, "#only-max", "eight");
    await shows(page, "#wrong-max", /a size is a number of billions such as 8 or 0\.5, not “eight”/);
    await set(page, "#only-max", "8");
    await set(page, "#filter", "/qwen3-(4b|1\\.7b)$/");
    await until(page, `document.querySelectorAll(".ranking tbody .name").length === 2`);
    await set(page, "#filter", "/qwen3-(4b/");
    await shows(page, "#filter-mistake", /is no regular expression/);
    await page.reload();
    await ranked(page, 1);
    const first = (rows) => rows.slice(0, 5).map(({ rank, name }) => [rank, name]);
    assert.deepEqual(first(await ranking(page)), first(small), "an expression that cannot be read does not count");
  },

  "filter by licence, organisation and date": async (t, engine) => {
    const { page } = await open(t, engine, "#rankings");
    await ranked(page, 8);
    await drop(page, "house.csv", licensed);
    await shows(page, "#data", /house\.csv/);
    await until(page, `document.querySelectorAll(".ranking thead th").length === 6`);
    await click(page, "#open-filter");
    await until(page, `document.querySelector("#only-license option[value='MIT']")`);
    await set(page, "#only-license", "Apache-2.0");
    await shows(page, ".ranking > .help", /^13 of 40 models/);
    const rows = await ranking(page);
    assert.ok(rows.every(({ name }) => Number(name.split("-")[1]) % 3 === 1), rows.map(({ name }) => name).join());
    await set(page, "#only-since", "2025");
    await shows(page, ".ranking > .help", /^7 of 40 models/);
    assert.match(await fragment(page), /license=Apache-2\.0&since=2025$/);
    await click(page, ".chips .chip");
    await until(page, "!location.hash.includes('license')");
  },

  "choose columns and weights: the mean follows": async (t, engine) => {
    const { page } = await open(t, engine, SWALLOW);
    await ranked(page);
    const means = async () => (await ranking(page)).slice(0, 20).map(({ name, cells }) => [name, ...cells.slice(0, 3).map((text) => parseFloat(text.replace("≈ ", "")))]);
    for (const [, mean, first, second] of await means()) assert.ok(Math.abs(mean - 50 * (first + second)) < 0.2, `${mean} is not the mean of ${first} and ${second}`);
    await click(page, "#open-columns");
    await set(page, "#weight-math500_swallow", "3");
    await shows(page, ".ranking thead", /weight 3/);
    for (const [, mean, first, second] of await means()) assert.ok(Math.abs(mean - 25 * (first + 3 * second)) < 0.2, `${mean} is not the weighted mean of ${first} and ${second}`);
    await set(page, "#benchmark", "mmlu_pro_swallow");
    await ranked(page, 3);
    await until(page, `document.querySelectorAll(".ranking thead th").length === 7`);
    assert.match(await fragment(page), /col=aime_2024_2025_swallow&col=math500_swallow:3&col=mmlu_pro_swallow$/);
    await click(page, '.ranking thead th[title="aime_2024_2025_swallow"] button');
    await click(page, '.ranking thead th[title="aime_2024_2025_swallow"] button');
    await until(page, `document.querySelector('.ranking th[aria-sort="ascending"][title="aime_2024_2025_swallow"]')`);
    await page.evaluate(() => history.back());
    await until(page, `document.querySelector('.ranking th[aria-sort="descending"][title="aime_2024_2025_swallow"]')`);
  },

  "see which models are ties: tiers, ranges of ranks, and what they mean": async (t, engine) => {
    const { page } = await open(t, engine, `${SWALLOW}&complete=1`);
    await ranked(page);
    await shows(page, ".key-line", /90 % range of the rank = can’t tell from the next better one tier/);
    await click(page, ".about-ranks summary");
    await shows(page, ".about-ranks", /sampling error √\(p \(1 − p\) \/ n\).*A tier begins with the best model that is left/);
    const rows = await ranking(page);
    const tiers = rows.map(({ said }) => Number(/tier (\d+)/.exec(said)[1]));
    assert.ok(tiers[0] === 1 && tiers.every((tier, at) => at === 0 || tier === tiers[at - 1] || tier === tiers[at - 1] + 1), tiers.join());
    assert.ok(tiers.filter((tier) => tier === 1).length > 1, "the first is tied with others");
    for (const { rank, said } of rows) {
      const [, best, worst] = /between (\d+) and (\d+)/.exec(said) ?? [0, rank, rank];
      assert.ok(best <= rank && rank <= worst, said);
    }
  },

  "download what is shown": async (t, engine) => {
    const { page } = await open(t, engine, `${SWALLOW}&names=qwen3&complete=1`);
    await ranked(page);
    await catchDownloads(page);
    const rows = await ranking(page);
    for (const kind of ["CSV", "JSON"]) {
      await page.evaluate((kind) => { delete window.saved; [...document.querySelectorAll(".tools-line button")].find((one) => one.innerText === kind).click(); }, kind);
      await until(page, "window.saved");
      const { name, text } = await page.evaluate(() => window.saved);
      assert.equal(name, `eyas-rankings.${kind.toLowerCase()}`);
      const ids = kind === "CSV" ? text.trim().split("\r\n").slice(1).map((line) => line.split(",")[0]) : JSON.parse(text).models.map(({ id }) => id);
      assert.deepEqual(ids.slice(0, rows.length), rows.map(({ name }) => name));
      if (kind === "JSON") assert.match(JSON.parse(text).data.license, /CC BY 4\.0/);
    }
  },

  "pin models, unfold settings, and show all rows": async (t, engine) => {
    const { page } = await open(t, engine, "#rankings?col=gpqa_diamond_reported&settings=*");
    await ranked(page, 1);
    await click(page, ".ranking tbody .pin button");
    await shows(page, ".pins .name", /./);
    const pinned = await text(page, ".pins .name a");
    assert.ok((await fragment(page)).endsWith(`&pin=${pinned.replace(/\s/g, "")}&settings=*`), await fragment(page));
    await page.evaluate(() => { location.hash = "#rankings?col=gpqa_diamond_reported&names=claude"; });
    await shows(page, ".fold", /show \d+ other settings?$/);
    await click(page, ".fold");
    await shows(page, ".fold", /hide \d+ other settings?$/);
    await shows(page, ".ranking .setting .name", /claude/);
    await page.evaluate(() => { location.hash = "#rankings?col=gpqa_diamond_reported&full=1&settings=*"; });
    await until(page, `document.querySelectorAll(".ranking tbody .name").length === 641`);
    await page.evaluate(() => { location.hash = "#rankings?col=gpqa_diamond_reported&settings=*"; });
    await until(page, `document.querySelectorAll(".ranking tbody .name").length < 100`);
    // Scrolled, the rows that are seen are drawn, with some beside them.
    await resize(page, 1280);
    await page.evaluate(() => { document.querySelector(".ranking .scroller").scrollTop = 9000; });
    await until(page, `document.querySelector('.ranking tr[aria-rowindex="240"]')?.checkVisibility() && document.querySelectorAll(".ranking tbody .name").length < 100`);
    await page.evaluate(() => window.dispatchEvent(new Event("beforeprint")));
    await until(page, `document.querySelectorAll(".ranking tbody .name").length === 641`);
    await page.evaluate(() => window.dispatchEvent(new Event("afterprint")));
    await until(page, `document.querySelectorAll(".ranking tbody .name").length < 100`);
  },

  "a name in the rankings leads to the page of the model, and on to a question": async (t, engine) => {
    const { page } = await open(t, engine, "#rankings?names=gpt-5.4-2026-03-05@medium");
    await shows(page, ".ranking tbody .name a", /@medium$/);
    await click(page, ".ranking tbody .name a");
    await shows(page, ".model h2", /^openai\/gpt-5\.4-2026-03-05@medium$/);
    await shows(page, ".facts-of", /Organisation\s+OpenAI/);
    await shows(page, ".held-out", /^Forecasts made without its scores were half of the time closer than \d+\.\d points of 100; \d+ of \d+ scores lie in their 90 % interval\./);
    await shows(page, ".kin", /Models like it/);
    await click(page, ".origin summary");
    await shows(page, ".origin", /Swallow LLM Leaderboard v2/);
    await click(page, ".model .onward a");
    await answered(page, /^openai\/gpt-5\.4-2026-03-05@medium The model itself/);
    await shows(page, ".measured-note", /^Measured\./);
  },

  "the page of a model leads to its relatives, and an unknown one to a question": async (t, engine) => {
    const { page } = await open(t, engine, "#model?id=Qwen/Qwen3-14B-Base");
    await shows(page, ".kin", /Made from it .*Qwen\/Qwen3-14B/);
    await page.evaluate(() => [...document.querySelectorAll(".kin a")].find((one) => one.innerText === "Qwen/Qwen3-14B").click());
    await shows(page, ".model h2", /^Qwen\/Qwen3-14B$/);
    await shows(page, "#tree", /Qwen\/Qwen3-14B-Base/);
    await page.evaluate(() => { location.hash = "#model?id=who/nobody"; });
    await shows(page, ".model", /who\/nobody is not among the measured models of the bundled data/);
    await click(page, ".model p a[href^='#ask']");
    await until(page, "location.hash.startsWith('#ask?model=who/nobody')");
  },

  "report a score: a text and a file, and nothing is sent": async (t, engine) => {
    const { page, server } = await open(t, engine, "#model?id=Qwen/Qwen3-14B");
    await shows(page, ".report summary", /Report a score/);
    await click(page, ".report summary");
    const before = server.requests.length;
    await set(page, "#report-task", "gpqa_swallow");
    await set(page, "#report-score", "7");
    await set(page, "#report-source", "https://example.org/table");
    await shows(page, ".report .mistake", /^gpqa_swallow has scores from 0 to 1, not 7\.$/);
    await set(page, "#report-score", "0.7");
    await until(page, "document.querySelector('.report textarea')?.value.includes('- Score: 0.7\\n- Source: https://example.org/table\\n- The data have 0.610 here.')");
    const file = await page.evaluate(() => JSON.parse(decodeURIComponent(document.querySelector(".report a[download]").href.split(",").slice(1).join(","))));
    assert.deepEqual([file.models[0].id, file.tasks[0].id, file.scores[0].values, file.sources[0].url], ["Qwen/Qwen3-14B", "gpqa_swallow", [0.7], "https://example.org/table"]);
    assert.ok(server.requests.slice(before).every((path) => !/gpqa|Qwen|example/.test(path)), "nothing of it is sent");
  },

  "run the trust check, cancel it, and see its figures beside a forecast": async (t, engine) => {
    const { page } = await open(t, engine);
    await answered(page, /^A model/);
    await drop(page, "house.csv", table);
    await shows(page, "#file-news", /^Trained on house\.csv in/);
    await click(page, '.bar nav a[href^="#trust"]');
    await shows(page, "#check", /^Check$/);
    await click(page, "#check");
    await shows(page, ".start .help", /…$/);
    await page.evaluate(() => [...document.querySelectorAll(".trust .start button")].find((one) => one.innerText === "Cancel").click());
    await shows(page, ".trust .news", /^The check was cancelled\./);
    await set(page, "#rounds", "5");
    await click(page, "#check");
    await shows(page, "#trust-verdict", /^Half of the 80 forecasts for 40 held-out models were closer than \d+\.\d points to what was measured; the mean error is \d+\.\d points\. \d+(\.\d)? % of the scores lie in their 90 % interval\./);
    await shows(page, ".trust table", /Methods Method Half closer than Mean error In 90 % eyas .* the mean of each benchmark .* the mean of the parents .* matrix factorisation with lineage/);
    await shows(page, ".doubtful", /Where not to trust them/);
    const median = /closer than (\d+\.\d)/.exec(await text(page, "#trust-verdict"))[1];
    await click(page, '.bar nav a[href^="#ask"]');
    await paste(page, "lab/model-3\nlab/model-5");
    await shows(page, ".checked", new RegExp(`^Held-out error on these data: half of 80 forecasts were closer than ${median} points of 100`));
  },

  "find the frontier on the map, and put a plan beside it": async (t, engine) => {
    const { page } = await open(t, engine, "#map?y=gpqa_swallow&measured=1");
    await shows(page, "#frontier", /The frontier/);
    const best = await page.evaluate(() => [...document.querySelectorAll("#frontier tbody tr")].map((row) => [row.querySelector("a").innerText, Number(row.cells[2].innerText.split(" ")[0])]));
    assert.ok(best.length > 3 && best.every(([, score], at) => at === 0 || score > best[at - 1][1]), JSON.stringify(best));
    const ink = () => page.evaluate(() => { const canvas = document.querySelector(".plot canvas"); return canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.some((value) => value > 0); });
    await until(page, "document.querySelector('.plot canvas').width > 300");
    assert.ok(await ink());
    await set(page, "#map-names", "qwen3");
    await shows(page, ".map .key-line", /\d+ models found/);
    await page.evaluate(() => document.querySelector(".plot").focus());
    await page.keyboard.press("ArrowRight");
    await shows(page, ".plot-at", /^Qwen\/.*Size, parameters: [\d.]+[MB] · GPQA.*: 0\.\d{3} measured/);
    await set(page, "#plan-parents", "Qwen/Qwen3-8B");
    await shows(page, "#plan-words", /^Your plan: GPQA.* 0\.\d{3} \(0\.\d{3} to 0\.\d{3}\), 0\.\d{3} (above|below) the frontier, where .* is\.$/);
    assert.match(await fragment(page), /^#map\?y=gpqa_swallow&names=qwen3&measured=1&1\.parents=Qwen\/Qwen3-8B$/);
    await page.reload();
    await shows(page, "#plan-words", /^Your plan/);
    await set(page, "#map-x", "~date");
    await shows(page, "#frontier", /Date/);
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
    for (let presses = 0; presses < 45; presses++) {
      await page.keyboard.press("Tab");
      reached.add(await page.evaluate(() => document.activeElement.id || document.activeElement.textContent.trim().slice(0, 60)));
    }
    for (const wanted of ["Ask", "Plans", "Rankings", "Map", "Trust", "data", "theme", "lineage", "Forecast", "params", "type", "scores", "all", "Why? What each fact, parent and score adds", "Compare with another plan", "Copy the link"]) {
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

test("Firefox: paper has the answer with its scores, and no controls", { skip: engines[1].missing }, async (t) => {
  const { page } = await open(t, engines[1]);
  await answered(page, /^A model/);
  await shows(page, ".onward", /Compare/);
  const [verdict, [first]] = [await text(page, "#verdict"), await scores(page)];
  const document = await getDocument({ data: new Uint8Array(await page.pdf({ format: "a4" })), verbosity: 0 }).promise;
  const sheets = await Promise.all(Array.from({ length: document.numPages }, (_, at) => document.getPage(at + 1).then((sheet) => sheet.getTextContent())));
  const words = sheets.flatMap(({ items }) => items.map(({ str }) => str)).join(" ").replace(/\s+/g, " ");
  for (const part of [verdict.split(/\s+/).slice(0, 4).join(" "), first]) assert.ok(words.includes(part), `${part} is not in: ${words}`);
  for (const control of ["Rankings", "Data:", "Theme"]) assert.ok(!words.includes(control), control);
});
