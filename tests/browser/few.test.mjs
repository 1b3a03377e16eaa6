// A table of many benchmarks: a forecast shows the few that matter most to the model, and all of them on request.

import assert from "node:assert/strict";
import { test } from "node:test";
import { css, open, page as site, script } from "./network.mjs";
import { openPage } from "./harness.mjs";

/** Twelve benchmarks; the models of one family have results on the first five, those of the other on the rest. */
const tasks = Array.from({ length: 12 }, (_, task) => `t${task}`);
const row = (model) => {
  const family = model < 12 ? "Alpha" : "Beta";
  const cells = tasks.map((_, task) => (task < 5 === model < 12 ? (0.3 + 0.02 * (model % 12) + 0.01 * task).toFixed(3) : ""));
  return `lab/${family}-${1 + (model % 12)}B,${cells.join(",")}`;
};
const table = [`model,${tasks.join(",")}`, ...Array.from({ length: 24 }, (_, model) => row(model))].join("\n");
const csv = { body: table, type: "text/csv" };

test("the page shows eight of twelve benchmarks, and all of them on request", async (t) => {
  const { page } = await openPage(t, { routes: { "/many.csv": csv }, path: "?snapshot=many.csv" });
  const lines = page.locator("#forecast .line");
  await page.locator("#forecast .waiting, #forecast .line").first().waitFor({ timeout: 60_000 });
  await page.locator("form textarea").fill("lab/Beta-7B\nlab/Beta-8B");
  await page.getByRole("button", { name: "Forecast", exact: true }).click();
  await page.locator("#all").waitFor({ timeout: 60_000 });
  assert.equal(await lines.count(), 8);
  assert.match(await page.locator("#forecast .help").filter({ has: page.locator("#all") }).innerText(), /The 8 of 12 benchmarks/);
  await page.locator("#all").click();
  await page.locator("#all").waitFor({ state: "detached" });
  assert.equal(await lines.count(), 12);
});

test("the page shows what is remarked on a benchmark, and an element, too", async (t) => {
  const wanted = /far smaller than all models of known size with a result here \(the smallest has 1B\)/;
  const { page } = await openPage(t, { routes: { "/many.csv": csv }, path: "?snapshot=many.csv" });
  const lines = page.locator("#forecast .line");
  await page.locator("#forecast .waiting, #forecast .line").first().waitFor({ timeout: 60_000 });
  await page.locator("form textarea").fill("lab/Alpha-0.1B");
  await page.getByRole("button", { name: "Forecast", exact: true }).click();
  await lines.filter({ hasText: wanted }).first().waitFor({ timeout: 60_000 });
  assert.equal(await page.locator("#forecast .remark").count(), await lines.count());
  const element = '<eyas-forecast id="small" snapshot="/many.csv" model="lab/Alpha-0.1B"></eyas-forecast>';
  const { page: tab } = await open(t, { routes: { "/": site(element, css + script), "/many.csv": csv } });
  await tab.evaluate(() => document.getElementById("small").load());
  await tab.locator("#small .row .value").first().waitFor({ timeout: 60_000 });
  assert.match(await tab.locator("#small .rows").innerText(), wanted);
});

test("an element shows the eight that matter, or all that it names", async (t) => {
  const element = (id, tasks) => `<eyas-forecast id="${id}" snapshot="/many.csv" parents="lab/Alpha-7B" ${tasks}></eyas-forecast>`;
  const body = site(`${element("few", "")}${element("all", 'tasks="all"')}${element("two", 'tasks="t7, t1"')}`, css + script);
  const { page: tab } = await open(t, { routes: { "/": body, "/many.csv": csv } });
  for (const [id, count] of [["few", 8], ["all", 12], ["two", 2]]) {
    const rows = tab.locator(`#${id} .row .value`);
    await tab.evaluate((id) => document.getElementById(id).load(), id);
    await rows.nth(count - 1).waitFor({ timeout: 60_000 });
    assert.equal(await rows.count(), count, id);
  }
  const few = await tab.locator("#few .rows").innerText();
  assert.ok(["t0", "t1", "t2", "t3", "t4"].every((task) => few.includes(task)), few);
});
