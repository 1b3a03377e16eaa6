// The elements and a program, built or served by each bundler and opened in Chromium. A whole run writes the table of
// docs/bundlers.md, with versions.

import assert from "node:assert/strict";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { after, before, test } from "node:test";
import { appears, openPage, root } from "../browser/harness.mjs";
import { makeProject, versionOf } from "./project.mjs";
import { builds, servers, withoutWorkerFormat } from "./tools.mjs";

const snapshot = await readFile(`${root}tests/fixtures/open-models/snapshot.json`);
/** Rows of the table: the bundler, its version, what it needs and whether it works. */
const rows = [];
let project;
before(async () => {
  project = await makeProject();
});
after(() => rm(project, { recursive: true, force: true }));

/** Makes the folder of a bundler, and a row for it that says so if the test fails. */
async function begin(name, { tool, needs }) {
  const folder = join(project, name.replace(/\W+/g, "-"));
  await mkdir(folder);
  const row = { name, version: await versionOf(tool), needs, works: "no" };
  rows.push(row);
  return { folder, row };
}

/** Waits for the answer of the program, and returns it with the locator of the element's error. */
async function answered(page) {
  await page.waitForFunction(() => window.answer, undefined, { timeout: 60_000 });
  return { answer: await page.evaluate(() => window.answer), why: page.locator("eyas-forecast [part=why]").filter({ visible: true }) };
}

async function works(page) {
  const { answer, why } = await answered(page);
  assert.equal(answer, "0.20");
  await appears(page.locator("eyas-forecast .row .value"), why);
}

for (const [name, bundler] of Object.entries(builds)) {
  test(`${name} builds the elements and a program`, { timeout: 300_000 }, async (t) => {
    const { folder, row } = await begin(name, bundler);
    const out = join(folder, await bundler.build(folder));
    const routes = { "/snapshot.json": { body: snapshot }, "/favicon.ico": { type: "image/x-icon" } };
    const { page } = await openPage(t, { folder: relative(root, out), routes });
    await works(page);
    // React hears the event.
    if (bundler.tool === "next") await page.waitForFunction(() => document.querySelector("output").innerText === "bbh");
    const modules = (await readdir(out, { recursive: true })).filter((file) => file.endsWith(".wasm"));
    const contents = await Promise.all(modules.map(async (file) => (await readFile(join(out, file))).toString("base64")));
    assert.equal(new Set(contents).size, contents.length, "no module is there twice");
    row.works = "yes";
  });
}

for (const [name, bundler] of Object.entries(servers)) {
  test(`${name} serves the elements and a program`, { timeout: 120_000 }, async (t) => {
    const { folder, row } = await begin(name, bundler);
    const server = await bundler.serve(folder, (request, response, next) => (request.url === "/snapshot.json" ? response.end(snapshot) : next()));
    const { page } = await openPage(t, { goto: false });
    t.after(() => server.close());
    await page.goto(server.url);
    if (!bundler.refuses) {
      await works(page);
      row.works = "yes";
      return;
    }
    const { answer, why } = await answered(page);
    await why.waitFor();
    for (const text of [answer, await why.innerText()]) assert.match(text, /exclude eyas from Vite's optimizeDeps/);
    row.works = "no; the errors say what to do";
  });
}

test("earlier versions of Vite refuse to build the elements without worker.format, and say so", async () => {
  for (const version of [5, 6, 7]) {
    const folder = join(project, `iife-${version}`);
    await mkdir(folder);
    await assert.rejects(withoutWorkerFormat(folder, version), /worker.*format|iife/i, `Vite ${version}`);
  }
});

after(async () => {
  if (rows.length < Object.keys(builds).length + Object.keys(servers).length) return;
  const lines = rows.map(({ name, version, needs, works }) => `| ${name} | ${version} | ${needs} | ${works} |`);
  const table = ["| bundler | version | what it needs | works |", "|---|---|---|---|", ...lines].join("\n");
  const file = `${root}docs/bundlers.md`;
  const text = await readFile(file, "utf8");
  const changed = text.replace(/(<!-- table -->\n)[^]*(<!-- end -->)/, (_, start, end) => `${start}${table}\n${end}`);
  assert.ok(changed.includes(table), "docs/bundlers.md has the place of the table");
  await writeFile(file, changed);
});
