// Public boards, which are fetched on request only, and folders that are dropped or chosen.

import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { appears, openData, openPage, root } from "./harness.mjs";

const boards = JSON.parse(await readFile(`${root}data/boards.json`, "utf8"));
const mmluPro = boards.find(({ id }) => id === "mmlu-pro");

const table = (from) => ["model,reasoning,coding", ...Array.from({ length: 30 }, (_, i) => `org/model-${from + i},${20 + (i % 40)}.5,${30 + (i % 25)}.5`)].join("\n");

const list = (page) => page.locator("details.boards");
const news = (page) => page.locator("#file-news");
const entry = (page, name) => list(page).locator("li", { has: page.getByRole("heading", { name, exact: true }) });
const fetchOf = (page, name) => list(page).getByRole("button", { name: `Fetch ${name}`, exact: true });

/** Opens a page on which `answer` fulfils the requests to other servers; returns their addresses too. */
async function open(t, answer, options = {}) {
  const opened = await openPage(t, { ...options, goto: false });
  const asked = [];
  await opened.page.route((url) => url.protocol === "https:", (route) => {
    asked.push(route.request().url());
    return answer(route);
  });
  await opened.page.goto(opened.url);
  await appears(opened.page.locator("#forecast .line"), opened.page.locator("#file-news.mistake").filter({ visible: true }));
  await openData(opened.page);
  return { ...opened, asked };
}

const allowed = { "access-control-allow-origin": "*" };

test("a board is fetched when the visitor asks for it, and keeps its name and licence", async (t) => {
  const { page, asked, requests } = await open(t, (route) => route.fulfill({ body: table(0), headers: allowed }));
  assert.ok(!requests.some((path) => path.includes("boards-")), "the list is loaded when it is opened");
  await list(page).locator("summary").click();
  await fetchOf(page, "MMLU-Pro").waitFor();
  assert.equal(await list(page).locator("li").count(), boards.length);
  const text = await entry(page, "MMLU-Pro").innerText();
  assert.match(text, /licence Apache-2\.0 · CSV · about 27 KB · last seen working: unverified\s+from huggingface\.co$/);
  assert.deepEqual(asked, [], "nothing is fetched unasked");
  await fetchOf(page, "MMLU-Pro").click();
  await news(page).getByText("Trained on MMLU-Pro").waitFor({ timeout: 60_000 });
  assert.deepEqual(asked, mmluPro.urls);
  assert.match(await page.locator(".counts").innerText(), /30 models, 2 benchmarks, 60 results/);
  assert.equal(await page.locator(".source").innerText(), "MMLU-Pro. Licence: Apache-2.0.");
  assert.match(await entry(page, "MMLU-Pro").innerText(), /: in use$/);
});

test("doubtful results of a board wait for the visitor as those of a file", async (t) => {
  const doubtful = `${table(0)}\norg/model-99,?!,50.5`;
  const { page } = await open(t, (route) => route.fulfill({ body: doubtful, headers: allowed }));
  await list(page).locator("summary").click();
  await fetchOf(page, "LiveBench").click();
  await page.locator("eyas-preview").getByRole("button", { name: "Train", exact: true }).click();
  await news(page).getByText("Trained on LiveBench").waitFor({ timeout: 60_000 });
});

const failures = {
  "a file that has moved": [(route) => route.fulfill({ status: 404, body: "gone", headers: allowed }), /the server answered 404/],
  "no network": [(route) => route.abort("internetdisconnected"), /cannot be fetched \(offline, or its server does not let other sites read it\)/],
  "a server that lets no other site read it": [(route) => route.fulfill({ body: table(0), headers: { "access-control-allow-origin": "https://other.example" } }), /cannot be fetched \(offline, or/],
  "a page in place of the file": [(route) => route.fulfill({ body: "<!doctype html><title>Moved</title>", headers: allowed }), /results\.csv/],
};
for (const [what, [answer, expected]] of Object.entries(failures)) {
  test(`${what} is an error at the board, and the model in use stays`, async (t) => {
    const { page } = await open(t, answer, { allow: [/404|ERR_|CORS/] });
    await list(page).locator("summary").click();
    await fetchOf(page, "MMLU-Pro").click();
    await entry(page, "MMLU-Pro").locator(".mistake").waitFor();
    assert.match(await entry(page, "MMLU-Pro").locator(".mistake").innerText(), expected);
    assert.match(await news(page).innerText(), /The model trained on the bundled data stays in use\.$/);
    assert.equal(await fetchOf(page, "MMLU-Pro").isEnabled(), true);
  });
}

/** A folder with results in two folders, and files that are not read. */
async function folder(t) {
  const parent = await mkdtemp(join(tmpdir(), "eyas-folder-"));
  t.after(() => rm(parent, { recursive: true }));
  const files = { "runs/a/t.csv": table(0), "runs/b/t.csv": table(20).replace("reasoning,coding", "writing,logic"), "runs/.git/t.csv": "no table", "runs/notes.txt": "Notes" };
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(parent, name, ".."), { recursive: true });
    await writeFile(join(parent, name), text);
  }
  return join(parent, "runs");
}

async function isRead(page) {
  await news(page).getByText("Trained on runs (2 files)").waitFor({ timeout: 60_000 });
  assert.match(await page.locator(".counts").innerText(), /50 models, 4 benchmarks, 120 results/);
  await page.locator("eyas-preview summary").first().click();
  assert.deepEqual(await page.locator("eyas-preview caption").allInnerTexts(), ["runs/a/t.csv", "runs/b/t.csv"]);
}

test("a chosen folder is read with its folders", async (t) => {
  const { page } = await open(t, (route) => route.abort());
  await page.locator("#folder").setInputFiles(await folder(t));
  await isRead(page);
});

test("a dropped folder is read with its folders", async (t) => {
  const { page, context } = await open(t, (route) => route.abort());
  const devtools = await context.newCDPSession(page);
  const data = { items: [], files: [await folder(t)], dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"]) await devtools.send("Input.dispatchDragEvent", { type, x: 200, y: 300, data });
  await isRead(page);
});

test("a folder without results is an error, and a folder of many files lists ten", async (t) => {
  const { page } = await open(t, (route) => route.abort());
  const parent = await mkdtemp(join(tmpdir(), "eyas-folder-"));
  t.after(() => rm(parent, { recursive: true }));
  await writeFile(join(parent, "notes.txt"), "Notes");
  await page.locator("#folder").setInputFiles(parent);
  await news(page).getByText("No file of this folder may hold results").waitFor();
  for (let at = 10; at < 24; at++) await writeFile(join(parent, `${at}.csv`), table(at).replace("reasoning,coding", `x${at},y${at}`));
  await page.locator("#folder").setInputFiles(parent);
  await news(page).getByText("(14 files)").waitFor({ timeout: 60_000 });
  await page.locator("eyas-preview summary").first().click();
  await page.locator("eyas-preview caption").nth(9).waitFor();
  assert.equal(await page.locator("eyas-preview caption").count(), 10);
  assert.equal(await page.locator("eyas-preview .more-files").innerText(), "and 4 more files");
});

for (const [colorScheme, width] of [["light", 1440], ["dark", 1440], ["light", 390], ["dark", 390]]) {
  test(`${colorScheme}, ${width} px wide: axe finds nothing in the list, and nothing is cut off`, async (t) => {
    const context = { colorScheme, viewport: { width, height: 844 }, reducedMotion: "reduce" };
    const { page } = await open(t, (route) => route.fulfill({ status: 404, headers: allowed }), { context, allow: [/404/] });
    await list(page).locator("summary").click();
    await fetchOf(page, "MMLU-Pro").click();
    await entry(page, "MMLU-Pro").locator(".mistake").waitFor();
    await page.addScriptTag({ path: `${root}node_modules/axe-core/axe.min.js` });
    const { violations } = await page.evaluate(() => window.axe.run());
    const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
    assert.deepEqual(serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`), []);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    const button = await fetchOf(page, "MMLU-Pro").boundingBox();
    assert.ok(button.x + button.width <= width && button.height >= 24, JSON.stringify(button));
    if (process.env.EYAS_SHOTS) await list(page).locator("..").screenshot({ path: `${process.env.EYAS_SHOTS}/${colorScheme}-${width}.png` });
  });
}
