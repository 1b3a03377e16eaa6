// <eyas-leaderboard>: ranking, sorting, filtering and highlighting, and its fallback.

import assert from "node:assert/strict";
import { test } from "node:test";
import { appears } from "./harness.mjs";
import { open, page, script, snapshot } from "./network.mjs";

const published = JSON.parse(snapshot["/snapshot.json"].body);

/** Opens a page with a leaderboard, and waits for its answer unless `answered` is false. */
async function board(t, attributes, { children = "", answered = true, routes, ...options } = {}) {
  const body = page(`<eyas-leaderboard ${attributes}>${children}</eyas-leaderboard>`, script);
  const { page: tab } = await open(t, { routes: { ...snapshot, ...routes, "/": body }, ...options });
  const why = tab.locator("[part=why]").filter({ visible: true });
  if (answered) await appears(tab.locator(".scroller tbody tr"), why);
  return { tab, why };
}

const ids = (tab) => tab.locator(".scroller tbody th").evaluateAll((cells) => cells.map((cell) => cell.title));
const column = (tab, at) => tab.locator(".scroller tbody tr").evaluateAll((rows, at) => rows.map((row) => row.querySelectorAll(".score")[at].textContent), at);

/** The models sorted by their published results on a benchmark, the best first. */
function ranked(task) {
  const { values } = published.scores[published.tasks.findIndex(({ id }) => id === task)];
  return values.map((score, at) => ({ id: published.models[at].id, score })).sort((a, b) => b.score - a.score);
}

test("it ranks by the first benchmark, and by another one after a click on its heading", async (t) => {
  const { tab } = await board(t, 'snapshot="/snapshot.json" tasks="ifeval, bbh" top="12"');
  const sorted = () => tab.locator("[aria-sort=descending]").allInnerTexts();
  for (const [at, task] of ["ifeval", "bbh", "ifeval"].entries()) {
    if (at > 0) await tab.getByRole("button", { name: task }).press("Enter");
    await tab.locator("[aria-sort]", { hasText: task }).waitFor();
    const best = ranked(task).slice(0, 12);
    assert.deepEqual(await column(tab, task === "bbh" ? 1 : 0), best.map(({ score }) => score.toFixed(3)));
    assert.equal((await ids(tab))[0], best[0].id);
    assert.match(await tab.locator(".place > span").nth(0).innerText(), /^1$/);
    assert.deepEqual((await sorted()).map((text) => text.replace("↓", "").trim()), [task]);
  }
});

test("ranks have their ranges and ties, lines separate tiers, and a second click turns the order around", async (t) => {
  const { tab } = await board(t, 'snapshot="/snapshot.json" tasks="ifeval" top="200"');
  const detail = await tab.evaluate(async () => {
    const element = document.querySelector("eyas-leaderboard");
    const answer = new Promise((resolve) => element.addEventListener("eyas-forecast", ({ detail }) => resolve(detail), { once: true }));
    element.where = "params>0";
    return answer;
  });
  const { models } = detail.columns[0];
  // Ranks and their ranges are those of the library; the tiers follow from the same intervals.
  const places = detail.lines.map(({ id, rank, best, worst, tied }) => [id, rank, best, worst, tied]);
  assert.deepEqual(places, models.map(({ id, rank, rank_lower: best, rank_upper: worst, tied_with_above: tied }) => [id, rank, best, worst, tied]));
  const shown = () => tab.locator(".scroller tbody tr").evaluateAll((rows) => rows.map((row) => [row.querySelector("th").title, row.matches(".apart"), [...row.querySelector(".place").children].map((part) => part.textContent.replace(/.*(?=tier)/, "")).join("|")]));
  const expected = detail.lines.map(({ id, rank, best, worst, tied, tier }, at, lines) => [id, at > 0 && tier !== lines[at - 1].tier, `${tied ? "= " : ""}${rank}|tier ${tier}${best < worst ? `|${best} – ${worst}` : ""}`]);
  assert.deepEqual(await shown(), expected);
  assert.ok(expected.some(([, apart]) => apart) && expected.some(([, apart], at) => at > 0 && !apart), "some are tied, some are not");
  assert.match(await tab.locator("[part=legend]").innerText(), /90 % range of the rank.*next better one.*begins a tier/);
  await tab.getByRole("button", { name: "ifeval" }).click();
  assert.equal(await tab.locator("[aria-sort]").getAttribute("aria-sort"), "ascending");
  const turned = await shown();
  assert.deepEqual(turned.map(([id]) => id), models.map(({ id }) => id).reverse());
  // The line is between the same two models.
  const between = (rows) => rows.flatMap(([id, apart], at) => (apart ? [[id, rows[at - 1][0]].sort().join()] : [])).sort();
  assert.deepEqual(between(turned), between(expected));
});

test("the table is saved as CSV, with names that no spreadsheet takes for formulas", async (t) => {
  const models = [
    { id: '=cmd("x"),y', score: 0.91, predicted: false, rank: 1, rank_lower: 1, rank_upper: 2 },
    { id: "org/second", score: 0.8, predicted: true, rank: 2, rank_lower: null, rank_upper: null },
  ];
  const data = { task: "quiz", method: "eyas", source: "a test", range: { low: 0, high: 100 }, models };
  const { tab } = await board(t, "", { children: `<script type="application/json">${JSON.stringify(data)}</script>` });
  const [download] = await Promise.all([tab.waitForEvent("download"), tab.getByRole("button", { name: "Save as CSV" }).click()]);
  assert.equal(download.suggestedFilename(), "leaderboard.csv");
  const parts = [];
  for await (const part of await download.createReadStream()) parts.push(part);
  assert.deepEqual(String(Buffer.concat(parts)).split("\r\n"), [
    "model,rank,rank_lower,rank_upper,tier,tied_with_above,quiz,quiz predicted",
    `"'=cmd(""x""),y",1,1,2,,false,91,false`,
    "org/second,2,,,,,80,true",
    "",
  ]);
});

test("each press of the button shows more rows, and the button keeps the focus while there are more", async (t) => {
  const { tab } = await board(t, 'snapshot="/snapshot.json" tasks="ifeval" top="5"');
  const more = tab.getByRole("button", { name: "Show more" });
  const all = published.models.length;
  for (const rows of [5, 55, 105]) {
    assert.equal((await ids(tab)).length, rows);
    if (rows > 5) assert.equal(await more.evaluate((button) => button.matches(":focus")), true);
    await more.press("Enter");
  }
  assert.equal((await ids(tab)).length, all);
  assert.equal(await more.count(), 0);
  assert.equal(await tab.locator(".scroller").evaluate((list) => list.matches(":focus")), true);
});

test("`where` and the filter exclude models, `compare` highlights some", async (t) => {
  const { tab, why } = await board(t, 'snapshot="/snapshot.json" tasks="ifeval" where="params<=14" compare="qwen/QWEN2-7b-instruct, no/body" top="200"');
  const small = published.models.filter(({ factors }) => factors.params <= 14).map(({ id }) => id);
  assert.ok(small.length > 20 && small.length < published.models.length);
  assert.deepEqual((await ids(tab)).sort(), small.sort());
  assert.equal(await tab.locator(".matches").innerText(), `${small.length} models`);

  const named = tab.locator("tbody tr[aria-current=true]");
  assert.deepEqual(await named.locator("th").evaluateAll((cells) => cells.map((cell) => cell.title)), ["Qwen/Qwen2-7B-Instruct"]);
  const paper = (row) => row.locator("th").evaluate((cell) => getComputedStyle(cell).backgroundColor);
  assert.notEqual(await paper(named), await paper(tab.locator("tbody tr:not([aria-current])").last()));

  const instruct = small.filter((id) => id.toLowerCase().includes("instruct")).length;
  await tab.getByRole("searchbox", { name: "Filter by name" }).fill(" INSTRUCT ");
  assert.equal(await tab.getByRole("status").innerText(), `${instruct} of ${small.length}`);
  assert.equal((await ids(tab)).length, instruct);

  await tab.evaluate(() => (document.querySelector("eyas-leaderboard").where = "size is 14"));
  await why.waitFor();
  assert.match(await why.innerText(), /^No live leaderboard: .*size is 14/);
});

test("data of the page are drawn, and become a table if there can be no answer", async (t) => {
  const models = [
    { id: "org/first", score: 0.91, predicted: false, rank: 1 },
    { id: "org/second", score: 0.8, predicted: true, rank: 2 },
  ];
  const data = { task: "quiz", method: "eyas", source: "a test", license: "CC0-1.0", range: { low: 0, high: 100 }, models };
  const children = `<script type="application/json">${JSON.stringify(data)}</script>`;
  const { tab: drawn } = await board(t, "", { children });
  assert.deepEqual(await column(drawn, 0), ["91.0", "predicted ≈ 80.0"]);
  assert.match(await drawn.locator(".foot").innerText(), /^eyas.*Source: a test.*Licence: CC0-1\.0/);
  assert.deepEqual(drawn.workers(), []);

  const { tab, why } = await board(t, 'snapshot="/lost.json"', { children, answered: false, allow: [/404/] });
  await why.waitFor();
  assert.match(await why.innerText(), /^No live leaderboard: .*lost\.json: the server answered 404/);
  const cells = await tab.locator(".still tbody tr").evaluateAll((rows) => rows.map((row) => [...row.cells].map((cell) => cell.textContent)));
  assert.deepEqual(cells, [["org/first", "91.0", "1"], ["org/second", "≈ 80.0", "2"]]);
  assert.match(await tab.locator(".still").innerText(), /eyas · a test · CC0-1\.0/);
});

test("a mean orders the models, with weights, and columns show facts", async (t) => {
  const { tab, why } = await board(t, 'snapshot="/snapshot.json" tasks="ifeval, bbh" mean="ifeval=3, bbh" columns="size, organisation" top="5"');
  const score = (task, id) => published.scores[published.tasks.findIndex((one) => one.id === task)].values[published.models.findIndex((one) => one.id === id)];
  const best = published.models.map(({ id }) => ({ id, mean: (3 * score("ifeval", id) + score("bbh", id)) / 4 })).sort((a, b) => b.mean - a.mean);
  assert.deepEqual(await ids(tab), best.slice(0, 5).map(({ id }) => id));
  const means = tab.locator("tbody .mean");
  assert.deepEqual(await means.allInnerTexts(), best.slice(0, 5).map(({ mean }) => (100 * mean).toFixed(1)));
  assert.equal(await tab.locator("[aria-sort=descending]").innerText(), "Mean");
  assert.deepEqual(await tab.locator("thead th").allInnerTexts(), ["Rank", "Model", "Mean", "ifeval", "bbh", "Size", "Organisation"]);
  const sizes = await tab.locator("tbody tr").evaluateAll((rows) => rows.map((row) => row.querySelector(".fact").textContent));
  assert.deepEqual(sizes, best.slice(0, 5).map(({ id }) => `${Number(published.models.find((one) => one.id === id).factors.params.toPrecision(3))}B`));
  assert.match(await tab.locator("[part=legend]").innerText(), /points of 100, with weights 3 : 1/);

  // By a fact, the smallest first, then the largest.
  await tab.getByRole("button", { name: "Size" }).click();
  await tab.locator("[aria-sort]", { hasText: "Size" }).waitFor();
  const smallest = Math.min(...published.models.map(({ factors }) => factors.params));
  const first = (await ids(tab))[0];
  assert.equal(published.models.find(({ id }) => id === first).factors.params, smallest);
  await tab.getByRole("button", { name: "Size" }).click();
  assert.equal(await tab.locator("[aria-sort]").getAttribute("aria-sort"), "descending");
  await tab.getByRole("button", { name: "bbh" }).click();
  await tab.locator("[aria-sort]", { hasText: "bbh" }).waitFor();
  assert.equal((await ids(tab))[0], ranked("bbh")[0].id);

  const fails = async (attributes, message) => {
    await tab.evaluate((attributes) => Object.assign(document.querySelector("eyas-leaderboard"), attributes), attributes);
    await why.filter({ hasText: message }).waitFor();
  };
  await fails({ mean: "juggling" }, 'mean: "juggling" is none of the benchmarks');
  await fails({ mean: "bbh=0" }, 'mean: "bbh=0": expected a weight above 0');
  await fails({ mean: "bbh" }, "a mean needs at least two benchmarks");
  await fails({ mean: null, columns: "colour" }, 'columns: "colour" is no fact; there are size, date');
  await fails({ columns: null, settings: "open" }, 'settings="open": expected folded or apart');
});

test("settings of a model are one row, which opens", async (t) => {
  const scores = { "org/x (high)": [0.9, 0.8], "org/x (low)": [0.7, 0.6], "org/x": [0.8, 0.7], "org/y": [0.5, 0.75], "org/z": [0.4, 0.3], "org/w": [0.3, 0.2] };
  const models = Object.keys(scores).map((id) => (id.includes(" ") ? { id, configuration_of: "org/x" } : { id }));
  const tasks = [["open_bench_maths", "Open Bench"], ["b", "b"]].map(([id, dataset]) => ({ id, dataset, range: [0, 1] }));
  const columns = tasks.map((_, at) => ({ values: Object.values(scores).map((values) => values[at]) }));
  const settings = JSON.stringify({ format: "eyas-snapshot/2", sources: [{ id: "s", name: "a test", license: "CC0-1.0" }], models, tasks, scores: columns });
  const { tab } = await board(t, 'snapshot="/settings.json" mean columns="results"', { routes: { "/settings.json": { body: settings } } });
  const shown = await ids(tab);
  assert.deepEqual(shown, ["org/x (high)", "org/y", "org/z", "org/w"]);
  const heads = tab.locator("thead th");
  assert.deepEqual(await heads.allInnerTexts(), ["Rank", "Model", "Mean", "Open Bench maths", "b", "Results"]);
  assert.equal(await heads.nth(3).getAttribute("title"), "open_bench_maths");
  const fold = tab.getByRole("button", { name: "Show 2 other settings of org/x (high)", exact: true });
  assert.equal(await fold.innerText(), "+2");
  await fold.click();
  assert.deepEqual(await ids(tab), ["org/x (high)", "org/x", "org/x (low)", "org/y", "org/z", "org/w"]);
  assert.equal(await tab.locator("tr.setting").count(), 2);
  assert.equal(await tab.getByRole("button", { name: /^Hide 2 other settings/ }).evaluate((button) => button.getRootNode().activeElement === button), true);
  await tab.evaluate(() => (document.querySelector("eyas-leaderboard").settings = "apart"));
  await tab.waitForFunction(() => document.querySelector("eyas-leaderboard").shadowRoot.querySelectorAll("tbody tr").length === 6 && !document.querySelector("eyas-leaderboard").shadowRoot.querySelector(".setting"));
});

test("a condition that no model meets says so", async (t) => {
  const { tab } = await board(t, 'snapshot="/snapshot.json" tasks="ifeval" where="params>9999"');
  assert.equal(await tab.locator("tbody").innerText(), "No model meets params>9999.");
});
