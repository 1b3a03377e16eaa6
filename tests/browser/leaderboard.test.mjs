// <eyas-leaderboard>: ranking, sorting, filtering and highlighting, and its fallback.

import assert from "node:assert/strict";
import { test } from "node:test";
import { appears } from "./harness.mjs";
import { open, page, script, snapshot } from "./network.mjs";

const published = JSON.parse(snapshot["/snapshot.json"].body);

/** Opens a page with a leaderboard, and waits for its answer unless `answered` is false. */
async function board(t, attributes, { children = "", answered = true, ...options } = {}) {
  const body = page(`<eyas-leaderboard ${attributes}>${children}</eyas-leaderboard>`, script);
  const { page: tab } = await open(t, { routes: { ...snapshot, "/": body }, ...options });
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
    const best = ranked(task).slice(0, 12);
    assert.deepEqual(await column(tab, task === "bbh" ? 1 : 0), best.map(({ score }) => score.toFixed(3)));
    assert.equal((await ids(tab))[0], best[0].id);
    assert.match(await tab.locator(".place").nth(1).innerText(), /^1(\n1 – \d+)?$/);
    assert.deepEqual((await sorted()).map((text) => text.replace("↓", "").trim()), [task]);
  }
});

test("ranks have their intervals, lines separate models that can be told apart, and a second click turns the order around", async (t) => {
  const { tab } = await board(t, 'snapshot="/snapshot.json" tasks="ifeval" top="200"');
  const detail = await tab.evaluate(async () => {
    const element = document.querySelector("eyas-leaderboard");
    const answer = new Promise((resolve) => element.addEventListener("eyas-forecast", ({ detail }) => resolve(detail), { once: true }));
    element.where = "params>0";
    return answer;
  });
  const { models } = detail.columns[0];
  const shown = () => tab.locator(".scroller tbody tr").evaluateAll((rows) => rows.map((row) => [row.querySelector("th").title, row.matches(".apart"), row.querySelector(".place").innerText]));
  const expected = models.map(({ id, rank, rank_lower: best, rank_upper: worst, tied_with_above: tied }, at) => [id, at > 0 && tied === false, best < worst ? `${rank}\n${best} – ${worst}` : String(rank)]);
  assert.deepEqual(await shown(), expected);
  assert.ok(expected.some(([, apart]) => apart) && expected.some(([, apart], at) => at > 0 && !apart), "some are tied, some are not");
  assert.match(await tab.locator("[part=legend]").innerText(), /90 % interval of the rank.*told apart/);
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
    '"rank","best rank","worst rank","model","quiz","quiz: predicted"',
    '1,1,2,"\'=cmd(""x""),y",91,"no"',
    '2,"","","org/second",80,"yes"',
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
