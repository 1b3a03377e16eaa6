// Input of visitors: pasted lineage in several formats, and the table and model descriptions of the hub, served by a local server.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { appears, openData, openPage, openSmall, root } from "./harness.mjs";

const BOARD = "/hub/api/datasets/open-llm-leaderboard/contents/parquet/default/train/0.parquet";
const parquet = await readFile(`${root}tests/fixtures/results/board.parquet`);

const merge = `name: first
models:
  - {model: Qwen/Qwen2-7B, parameters: {weight: 1}}
  - {model: Qwen/Qwen2-7B-Instruct, parameters: {weight: 3}}
merge_method: linear
---
models:
  - {model: first, parameters: {weight: 0.5}}
  - {model: Qwen/Qwen2-72B, parameters: {weight: 0.5}}
merge_method: linear
`;

const lineage = (page) => page.getByLabel("Its name, link, card");
const tree = (page) => page.locator("#tree");

async function trained(page) {
  await appears(page.locator("#forecast .fresh"), page.locator("#file-news.mistake").filter({ visible: true }));
}

test("typed text is shown as a tree before a forecast", async (t) => {
  const { page } = await openPage(t);
  await trained(page);
  const before = await page.locator("#forecast .legend").innerText();
  await lineage(page).fill(merge);
  await tree(page).getByText("Read as a mergekit configuration").waitFor();
  const text = (await tree(page).innerText()).replace(/\s+/g, " ");
  assert.match(text, /50 % first a stage 25 % Qwen\/Qwen2-7B merge 75 % Qwen\/Qwen2-7B-Instruct merge 50 % Qwen\/Qwen2-72B merge/);
  assert.equal(await page.locator("#forecast .legend").innerText(), before);

  await lineage(page).fill("# not Qwen/Qwen2-7B-Instrukt-v2\nunsloth/qwen2-7b-bnb-4bit\nQwen/Qwen2-7B-Instrukt");
  await tree(page).getByText("given as unsloth/qwen2-7b-bnb-4bit").waitFor();
  await tree(page).getByRole("button", { name: "Qwen/Qwen2-7B-Instruct", exact: true }).click();
  await page.locator("#forecast .legend", { hasText: "B Qwen/Qwen2-7B-Instruct" }).waitFor();
  assert.match(await lineage(page).inputValue(), /^# not Qwen\/Qwen2-7B-Instrukt-v2\n.*\nQwen\/Qwen2-7B-Instruct$/);
});

test("known scores change the other forecasts, and an invalid score is an error", async (t) => {
  const { page } = await openSmall(t);
  await trained(page);
  await lineage(page).fill("Qwen/Qwen2-7B\nQwen/Qwen2-7B-Instruct");
  await page.getByRole("button", { name: "Forecast" }).click();
  await page.locator("#forecast .legend", { hasText: "B Qwen/Qwen2-7B-Instruct" }).waitFor();
  const value = async () => Number.parseFloat(await page.locator('.line[data-task="musr"] strong').innerText());
  const before = await value();
  await page.getByLabel("Known scores").fill("bbh=95%, mmlu_pro=0.9");
  await page.getByRole("button", { name: "Forecast" }).click();
  await page.waitForFunction((before) => Number.parseFloat(document.querySelector('.line[data-task="musr"] strong').textContent) > before, before);
  await page.getByLabel("Known scores").fill("bbh=950");
  await page.getByRole("button", { name: "Forecast" }).click();
  await page.locator("#lineage-mistake").getByText("expected 0 to 100").waitFor();
});

test("the leaderboard is fetched once and trained on; without a network the cache provides it", async (t) => {
  const routes = { [BOARD]: { body: parquet, type: "application/octet-stream" } };
  const { page, requests } = await openPage(t, { path: "?hub=/hub", routes });
  await trained(page);
  assert.equal(requests.filter((path) => path.startsWith("/hub/")).length, 0);
  await openData(page);
  const load = async () => {
    await page.getByRole("button", { name: "Load the Open LLM Leaderboard" }).click();
    await page.locator("#file-news").getByText("Trained on the Open LLM Leaderboard").waitFor({ timeout: 60_000 });
  };
  await load();
  assert.match(await page.locator(".counts").innerText(), /60 models, 6 benchmarks, 360 results/);
  routes[BOARD] = { status: 500 };
  await load();
  assert.equal(requests.filter((path) => path === BOARD).length, 1);
});

test("without a network there is an error of one line, and the page keeps its state", async (t) => {
  const { page } = await openPage(t, { path: "?hub=http://127.0.0.1:9/", allow: [/ERR_|127\.0\.0\.1:9/] });
  await trained(page);
  await openData(page);
  await page.getByRole("button", { name: "Load the Open LLM Leaderboard" }).click();
  const news = page.locator("#file-news.mistake");
  await news.waitFor({ state: "attached" });
  assert.match(await news.innerText(), /127\.0\.0\.1:9 cannot be reached .*The model trained on the bundled data stays in use\./);
  await lineage(page).fill("kite/child-7b");
  await page.getByRole("button", { name: "Look this model up" }).click();
  await page.locator("#lineage-mistake").getByText("127.0.0.1:9 cannot be reached").waitFor();
  assert.equal(await lineage(page).inputValue(), "kite/child-7b");
});

test("a look-up requests a model, and the parents of parents that are not measured", async (t) => {
  const model = (id, parents, relation) => ({
    body: JSON.stringify({ id, baseModels: { relation, models: parents.map((id) => ({ id })) } }),
    type: "application/json",
  });
  const routes = {
    "/hub/api/models/kite/child-7b": model("kite/child-7b", ["kite/middle-7b", "Qwen/Qwen2-72B"], "merge"),
    "/hub/api/models/kite/middle-7b": model("kite/middle-7b", ["Qwen/Qwen2-7B", "kite/child-7b", "kite/hidden-7b"], "merge"),
  };
  const { page, requests } = await openPage(t, { path: "?hub=/hub", routes, allow: [/404/] });
  await trained(page);
  await lineage(page).fill("https://huggingface.co/kite/child-7b?library=transformers");
  await page.getByRole("button", { name: "Look this model up" }).click();
  await page.waitForFunction(() => document.querySelector("#lineage").value.includes("looked up"));
  const text = await lineage(page).inputValue();
  assert.match(text, /^# kite\/child-7b, looked up on 127\.0\.0\.1:\d+\n# kite\/middle-7b is not measured here/);
  assert.match(text, /^Qwen\/Qwen2-72B 0\.5$/m);
  assert.match(text, /^Qwen\/Qwen2-7B 0\.25$/m);
  await page.locator("#forecast .legend", { hasText: "Qwen/Qwen2-72B" }).waitFor();
  assert.equal(requests.filter((path) => path === "/hub/api/models/kite/child-7b").length, 1);
});

test("a measured model shows its scores also after a look-up, and if a pasted text names it", async (t) => {
  const id = "Qwen/Qwen2-7B-Instruct";
  const answer = JSON.stringify({ id, baseModels: { relation: "finetune", models: [{ id: "Qwen/Qwen2-7B" }] }, createdAt: "2024-06-04T00:00:00.000Z" });
  const routes = { [`/hub/api/models/${id}`]: { body: answer, type: "application/json" } };
  const { page } = await openPage(t, { path: "?hub=/hub", routes });
  await trained(page);
  const measured = async () => {
    await page.locator("#forecast .measured-note", { hasText: "The data contain these scores." }).waitFor();
    assert.match(await page.locator("#forecast .subject").innerText(), /^Qwen\/Qwen2-7B-Instruct$/);
    assert.match(await page.locator('#forecast .line[data-task="ifeval"] .value').innerText(), /^0\.57\d\s+measured/);
  };
  await lineage(page).fill(id);
  await page.getByRole("button", { name: "Look this model up" }).click();
  await page.waitForFunction(() => document.querySelector("#lineage").value.includes("looked up"));
  await measured();
  await lineage(page).fill("Qwen/Qwen2-7B\nQwen/Qwen2-72B");
  await page.keyboard.press("Control+Enter");
  await page.locator("#forecast .measured-note").waitFor({ state: "detached" });
  await lineage(page).fill(answer);
  await page.keyboard.press("Control+Enter");
  await measured();
});
