// What was understood of a visitor's files: shown before a training if something is doubtful, and corrected by other roles of columns.

import assert from "node:assert/strict";
import { test } from "node:test";
import { appears, drop, openData, openPage, openRankings, openSmall, root } from "./harness.mjs";

/** A table whose first column names no model, with percent signs and a column `size` of scores. */
const rows = Array.from({ length: 40 }, (_, i) => `${i + 1},org/model-${i},${80 - (i % 30)}.5%,${60 - (i % 25)}.5,${1200 - i}`);
const table = (cells = {}) => ["#,Model,Reasoning,size,Arena Elo", ...rows.map((row, at) => cells[at] ?? row)].join("\n");

const preview = (page) => page.locator("eyas-preview");
const summary = (page) => preview(page).locator("summary").first();
const role = (page, column) => page.getByLabel(`What ${column} holds`);
const unit = (page, column) => page.getByLabel(`Unit of ${column}`);
const train = (page) => preview(page).getByRole("button", { name: "Train", exact: true });
const news = (page) => page.locator("#file-news");
const chosen = (select) => select.evaluate((box) => box.selectedOptions[0].textContent);

async function trained(page) {
  const answer = page.locator("#forecast .line, #forecast .nothing-known").filter({ visible: true });
  await appears(answer, page.locator("#file-news.mistake").filter({ visible: true }));
}

test("a column that was misread gets another role, and the training is on the new tasks", async (t) => {
  const { page } = await openSmall(t);
  await trained(page);
  await openData(page);
  // This snapshot states what it holds, so there is nothing to choose.
  assert.equal(await preview(page).locator("table").count(), 0, "closed");
  await summary(page).click();
  assert.match(await preview(page).locator("tbody").innerText(), /bbh\s+scores in fractions/);
  assert.equal(await preview(page).locator("select").count(), 0);

  // Nothing is doubtful here, so it trains at once.
  await drop(page, { "house.csv": table() });
  await news(page).getByText("Trained on house.csv").waitFor({ timeout: 60_000 });
  assert.match(await page.locator(".counts").innerText(), /40 models, 2 benchmarks, 80 results/);
  assert.equal(await summary(page).innerText(), "What was understood of house.csv");
  if (!(await preview(page).locator("details").first().evaluate((details) => details.open))) await summary(page).click();
  assert.equal(await preview(page).locator(".size").innerText(), "40 models × 2 tasks, 80 scores");
  assert.deepEqual(await Promise.all(["#", "Model", "Reasoning", "size", "Arena Elo"].map((name) => chosen(role(page, name)))), ["left out", "model names", "scores", "a fact", "scores"]);
  assert.deepEqual([await chosen(unit(page, "Reasoning")), await unit(page, "size").count()], ["percent", 0]);

  await role(page, "size").focus();
  await role(page, "size").selectOption("score");
  await preview(page).getByText("40 models × 3 tasks, 120 scores").waitFor();
  assert.equal(await chosen(unit(page, "size")), "percent");
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute("aria-label")), "What size holds");
  await role(page, "Arena Elo").selectOption("skip");
  await preview(page).getByText("40 models × 2 tasks, 80 scores").waitFor();
  // The model in use stays until the visitor trains.
  assert.match(await page.locator(".counts").innerText(), /2 benchmarks/);
  await openRankings(page);
  await page.locator(".ranking th", { hasText: "Arena Elo" }).waitFor();
  await train(page).click();
  await news(page).getByText("Trained on house.csv").waitFor({ timeout: 60_000 });
  await page.locator('.ranking th[title="size"]').waitFor();
  assert.equal(await page.locator(".ranking th", { hasText: "Arena Elo" }).count(), 0);
  assert.equal(await preview(page).locator("table").count(), 0, "closed again");
});

test("before a doubtful table is trained on, the page shows what was understood; Enter trains", async (t) => {
  const { page } = await openSmall(t);
  await trained(page);
  await openData(page);
  await drop(page, { "doubtful.csv": table({ 3: "4,org/model-3,?!,50,1100", 4: "5,ORG/model-3,40%,50,1100" }) });
  await train(page).waitFor();
  assert.match(await preview(page).locator(".doubts").innerText(), /1 cell of Reasoning left out: no number\.\n1 pair of names looks alike/);
  await preview(page).getByRole("heading", { name: "Left out" }).waitFor();
  assert.match(await preview(page).innerText(), /org\/model-3 and ORG\/model-3: spelled alike/);
  assert.match(await page.locator(".doing").innerText(), /doubtful\.csv is not trained on yet/);
  await page.getByRole("button", { name: "Cancel" }).click();
  assert.match(await news(page).innerText(), /^doubtful\.csv was not trained on\. The model trained on open-models\.json stays in use\.$/);
  assert.equal(await summary(page).innerText(), "What was understood of open-models.json");

  await drop(page, { "doubtful.csv": table({ 3: "4,org/model-3,?!,50,1100" }) });
  await train(page).waitFor();
  await page.waitForFunction(() => document.activeElement.textContent.trim() === "Train");
  await page.keyboard.press("Enter");
  await news(page).getByText("Trained on doubtful.csv").waitFor({ timeout: 60_000 });
});

test("an error appears at its column, and another role or unit corrects it", async (t) => {
  const { page } = await openPage(t);
  await trained(page);
  await drop(page, { "broken.csv": table({ 6: "7,org/model-6,430%,50,1100" }) });
  const row = (name) => preview(page).locator("tr", { has: page.getByRole("rowheader", { name, exact: true }) });
  await row("Reasoning").getByText(/^line 8: .*430/).waitFor();
  assert.deepEqual([await chosen(role(page, "Reasoning")), await role(page, "Reasoning").getAttribute("aria-invalid")], ["left out", "true"]);
  assert.match(await page.locator("#forecast .stands").innerText(), /^broken\.csv could not be used: broken\.csv line 8/);
  await role(page, "Reasoning").selectOption("score");
  await row("Reasoning").locator(".mistake").waitFor();
  assert.equal(await train(page).isDisabled(), true);
  assert.equal(await chosen(role(page, "Reasoning")), "scores");
  await unit(page, "Reasoning").selectOption("points");
  await preview(page).getByText("40 models × 2 tasks, 80 scores").waitFor();
  assert.equal(await row("Reasoning").locator(".mistake").count(), 0);
  // Without names of models nothing can be read; the choice stays, so that it can be changed back.
  await role(page, "Model").selectOption("skip");
  await row("Model").getByText(/no column names the models/).waitFor();
  assert.equal(await chosen(role(page, "Model")), "left out");
  await role(page, "Model").selectOption("model");
  await preview(page).getByText("40 models × 2 tasks, 80 scores").waitFor();
  await train(page).click();
  await news(page).getByText("Trained on broken.csv").waitFor({ timeout: 60_000 });
});

for (const [colorScheme, width] of [["light", 1440], ["dark", 390]]) {
  test(`${colorScheme}, ${width} px wide: many columns are collapsed, axe finds nothing serious, nothing is cut off`, async (t) => {
    const { page } = await openPage(t, { context: { colorScheme, viewport: { width, height: 844 }, reducedMotion: "reduce" } });
    await trained(page);
    const names = Array.from({ length: 45 }, (_, at) => `a benchmark with a long name, number ${at}`);
    const lines = Array.from({ length: 30 }, (_, i) => `org/model-${i},chat,${names.map((_, at) => (i === 3 && at === 2 ? "?!" : 30 + ((i * 7 + at) % 50))).join(",")}`);
    await drop(page, { "wide.csv": [`model,type,${names.map((name) => `"${name}"`).join(",")}`, ...lines].join("\n") });
    await train(page).waitFor();
    const more = preview(page).locator(".more summary");
    assert.equal(await more.innerText(), "37 more scores in percent");
    await more.click();
    await role(page, names[44]).waitFor();
    await page.addScriptTag({ path: `${root}node_modules/axe-core/axe.min.js` });
    const { violations } = await page.evaluate(() => window.axe.run());
    const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
    assert.deepEqual(serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`), []);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    // A column whose role changes moves out of the group, with the focus.
    await role(page, names[44]).focus();
    await role(page, names[44]).selectOption("skip");
    await preview(page).getByText("36 more scores in percent").waitFor();
    await page.waitForFunction((name) => document.activeElement.ariaLabel === `What ${name} holds`, names[44]);
  });
}
