// The elements as readers meet them: in the example sites, in code blocks, as they scroll, in other scripts and colours.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { appears, openPage, root } from "./harness.mjs";

const run = promisify(execFile);
const network = "https://cdn.jsdelivr.net/npm/eyas@0.1/";
const types = { ".js": "text/javascript", ".css": "text/css", ".wasm": "application/wasm" };
const snapshot = { "/snapshot.json": { body: await readFile(`${root}www/public/snapshot.json`), type: "application/json" } };
const parents = 'parents="Qwen/Qwen2-7B"';

/** Opens a page; what it asks of the content network comes from the package as it is published. */
async function open(t, options) {
  const opened = await openPage(t, { folder: "www/public", ...options, goto: false });
  await opened.page.route(`${network}**`, async (route) => {
    const file = `${root}target/package/${route.request().url().slice(network.length)}`;
    const headers = { "access-control-allow-origin": "*", "content-type": types[extname(file)] };
    await route.fulfill({ body: await readFile(file), headers });
  });
  // Anything else from afar is neither needed nor to be had.
  await opened.page.route((url) => url.protocol === "https:" && !url.href.startsWith(network), (route) =>
    route.fulfill({ body: "", headers: { "access-control-allow-origin": "*" } }),
  );
  await opened.page.addInitScript(() => {
    window.shift = 0;
    new PerformanceObserver((list) => {
      for (const { value } of list.getEntries()) window.shift += value;
    }).observe({ type: "layout-shift", buffered: true });
  });
  await opened.page.goto(opened.url);
  return opened;
}

const page = (body, head = "") => ({
  type: "text/html; charset=utf-8",
  body: `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>A page</title>
    <link rel="icon" href="data:,">${head}</head><body><main><h1>A page</h1>${body}<p>What follows.</p></main></body></html>`,
});
const css = `<link rel="stylesheet" href="${network}eyas-widget.css">`;
const script = `<script type="module" src="${network}eyas-widget.js"></script>`;

const answered = (page) =>
  appears(page.locator("eyas-forecast .row .value"), page.locator("eyas-forecast [part=why]").filter({ visible: true }));
const tasks = (page) => page.locator("eyas-forecast .row .task").allInnerTexts();

for (const [name, expected] of [["html", 6], ["model-card", 6]]) {
  test(`the example ${name} forecasts`, async (t) => {
    const { page } = await open(t, { folder: `examples/embed/${name}`, routes: snapshot });
    await answered(page);
    assert.equal((await tasks(page)).length, expected);
    assert.equal(await page.evaluate(() => window.shift), 0);
    if (name === "model-card") {
      const legend = await page.locator("eyas-forecast [part=legend]").innerText();
      assert.match(legend, /Qwen\/Qwen2-7B[\s\S]*Qwen\/Qwen2-7B-Instruct/, "the card's parents");
      assert.match(await page.locator("eyas-forecast .row .value b").first().innerText(), /^0\.500?$/, "the score that is given");
    }
    if (name === "html") {
      await page.locator("eyas-leaderboard").scrollIntoViewIfNeeded();
      await page.locator("eyas-leaderboard tbody tr").first().waitFor();
      await page.locator("eyas-leaderboard input").fill("qwen2-7b-i");
      assert.match(await page.locator("eyas-leaderboard tbody").innerText(), /Qwen2-7B-Instruct/);
      assert.equal(await page.locator("eyas-leaderboard .matches").innerText(), "1 of 117");
    }
  });
}

test("the tags in the package's README forecast", async (t) => {
  const [, tags] = /^```html\n(.*?)^```$/ms.exec(await readFile(`${root}pkg/README.md`, "utf8"));
  const { page: tab } = await open(t, { routes: { ...snapshot, "/": page(tags) } });
  await answered(tab);
  assert.deepEqual(await tasks(tab), ["ifeval", "bbh"]);
});

test("data alone are drawn with their intervals, without a worker", async (t) => {
  const range = { low: 0, high: 100 };
  const common = { parents: { "org/a": 0.35 }, sources: [], range };
  const data = {
    method: "eyas",
    source: "a test",
    license: "CC0-1.0",
    lineage: { parents: [{ id: "org/a", weight: 1, relation: "merge", known: true, evaluated: true }], unknown: [] },
    forecasts: [
      { task: "ifeval", mean: 0.4, lower: 0.3, upper: 0.55, rank: 1200, of: 4497, ...common },
      { task: "bbh", mean: 0.5, lower: null, upper: null, rank: 3, of: 4497, ...common },
    ],
  };
  const body = page(`<eyas-forecast><script type="application/json">${JSON.stringify(data)}</script></eyas-forecast>`, css + script);
  const { page: tab, requests } = await open(t, { routes: { "/": body } });
  await answered(tab);
  assert.equal(await tab.locator(".row .value").first().innerText(), "40.0\n30.0 – 55.0");
  assert.equal(await tab.locator(".row .rank").first().textContent(), "rank 1,200 of 4,497");
  assert.equal(await tab.locator(".interval").count(), 1);
  const [track, band] = await Promise.all([".track", ".interval"].map((part) => tab.locator(part).first().boundingBox()));
  assert.ok(Math.abs(band.x - track.x - 0.3 * track.width) < 1 && Math.abs(band.width - 0.25 * track.width) < 1);
  assert.match(await tab.locator(".foot").innerText(), /^eyas, with 90 % intervals.*Source: a test.*Licence: CC0-1\.0/);
  assert.deepEqual(tab.workers(), []);
  assert.ok(!requests.some((path) => path.endsWith(".wasm")));
});

test("where the rest of the program cannot be loaded, the page's own data stay, and a touch tries again", async (t) => {
  const forecasts = [{ task: "bbh", mean: 0.5, rank: 3, of: 9, range: { low: 0, high: 1 } }];
  const body = page(`<eyas-forecast snapshot="/snapshot.json" ${parents}></eyas-forecast>`);
  const { page: tab } = await open(t, { routes: { ...snapshot, "/": body }, allow: [/Failed to load resource/] });
  await tab.route(`${network}widget/**`, (route) => route.abort());
  await tab.evaluate((network) => import(`${network}eyas-widget.js`), network);
  // Children may come after the element, as from a parser.
  await tab.evaluate((text) => {
    const script = document.createElement("script");
    Object.assign(script, { type: "application/json", textContent: text });
    document.querySelector("eyas-forecast").append(script);
  }, JSON.stringify({ method: "mla", forecasts }));
  await tab.locator("eyas-forecast [part=why]", { hasText: "could not be loaded" }).waitFor();
  assert.match(await tab.locator("eyas-forecast table").innerText(), /bbh\s+0\.500\s+3 of 9/);
  await tab.unroute(`${network}widget/**`);
  await tab.locator("eyas-forecast").hover();
  await tab.locator("eyas-forecast .row .value").first().waitFor({ timeout: 60_000 });
});

test("one source is given up, in the midst of its training, and the other stays", async (t) => {
  const two = ["one", "two"].map((name) => `<eyas-forecast id="${name}" snapshot="/snapshot.json?${name}" ${parents}></eyas-forecast>`);
  const { page: tab } = await open(t, { routes: { ...snapshot, "/": page(two.join(""), script) } });
  await tab.evaluate(() => Promise.all([...document.querySelectorAll("eyas-forecast")].map((one) => one.load())));
  await tab.locator("#one .waiting").waitFor({ state: "attached" });
  await tab.evaluate(() => document.querySelector("#one").remove());
  await tab.locator("#two .row .value").first().waitFor();
  assert.equal(tab.workers().length, 1);
  const [worker] = tab.workers();
  const closed = new Promise((resolve) => worker.once("close", resolve));
  await tab.evaluate(() => document.querySelector("#two").remove());
  await closed;
  assert.deepEqual(tab.workers(), []);
});

/** A folder of Python programs of our own; the reason why there is none, otherwise. */
const programs = join(root, "target/embed-venv");
let installing;
async function python() {
  installing ??= (async () => {
    if (existsSync(join(programs, "bin/sphinx-build"))) return;
    await run("python3", ["-m", "venv", programs]);
    await run(join(programs, "bin/pip"), ["install", "--quiet", "--disable-pip-version-check", "mkdocs==1.6.1", "sphinx>=8,<10"]);
  })();
  return installing.then(() => undefined, (error) => `no Python environment: ${error.message.split("\n")[0]}`);
}

const builders = {
  mkdocs: (from, to) => [join(programs, "bin/mkdocs"), ["build", "--quiet", "--strict", "--config-file", join(from, "mkdocs.yml"), "--site-dir", to]],
  sphinx: (from, to) => [join(programs, "bin/sphinx-build"), ["-q", "-W", from, to]],
  mdbook: (from, to) => ["mdbook", ["build", from, "--dest-dir", to]],
};

for (const name of Object.keys(builders)) {
  test(`the example for ${name} builds, and its blocks become elements`, async (t) => {
    const missing = name === "mdbook" ? await run("mdbook", ["--version"]).then(() => undefined, () => "no mdbook here") : await python();
    if (missing) return t.skip(missing);
    const folder = await mkdtemp(join(tmpdir(), "eyas-embed-"));
    t.after(() => rm(folder, { recursive: true }));
    await cp(`${root}examples/embed/${name}`, join(folder, "source"), { recursive: true });
    const [program, given] = builders[name](join(folder, "source"), join(folder, "site"));
    await run(program, given);
    const site = join("..", ...root.split("/").filter(Boolean).slice(1).map(() => ".."), folder, "site");
    const { page } = await open(t, { folder: site, routes: snapshot });
    await answered(page);
    assert.deepEqual(await tasks(page), ["ifeval", "bbh", "math"]);
    await page.locator("eyas-leaderboard").scrollIntoViewIfNeeded();
    await page.locator("eyas-leaderboard tbody tr").nth(4).waitFor();
    assert.equal(await page.locator("eyas-leaderboard tbody tr").count(), 5);
    assert.deepEqual(await page.getByText("parents:").filter({ visible: true }).all(), []);
  });
}

test("a block is understood as each generator writes it, also when it comes later", async (t) => {
  const text = 'snapshot: /snapshot.json\nparents: "Qwen/Qwen2-7B, Qwen/Qwen2-7B-Instruct:0.4"\ntasks: bbh\n';
  const shapes = [
    // mdBook, MkDocs and plain HTML; MkDocs with superfences; Sphinx; Docusaurus.
    `<pre><code class="language-eyas">${text}</code></pre>`,
    `<pre class="eyas"><code>${text}</code></pre>`,
    `<div class="highlight-eyas notranslate"><div class="highlight"><pre><span></span>${text}</pre></div></div>`,
    `<div class="language-eyas codeBlockContainer"><div><pre class="prism-code language-eyas"><code>${text
      .trim()
      .split("\n")
      .map((line) => `<span class="token-line"><span class="token plain">${line}</span><br></span>`)
      .join("")}</code></pre></div></div>`,
  ];
  const { page: tab } = await open(t, { routes: { ...snapshot, "/": page(shapes.join(""), script) } });
  await tab.evaluate((html) => document.querySelector("main").insertAdjacentHTML("beforeend", html), shapes[0]);
  await tab.waitForFunction(() => document.querySelectorAll("eyas-forecast").length === 5);
  const read = await tab.evaluate(() => [...document.querySelectorAll("eyas-forecast")].map((one) => [one.parents, one.tasks]));
  for (const one of read) assert.deepEqual(one, ["Qwen/Qwen2-7B, Qwen/Qwen2-7B-Instruct:0.4", "bbh"]);
  await answered(tab);
  assert.equal(await tab.locator("pre:visible").count(), 0);
});

test("nothing heavy is loaded until it is seen, and nothing moves when it comes", async (t) => {
  const far = `<div style="height: 200vh"></div><eyas-forecast snapshot="/snapshot.json" ${parents}></eyas-forecast>`;
  const { page: tab, requests } = await open(t, { routes: { ...snapshot, "/": page(far, css + script) } });
  await tab.locator("eyas-forecast .card").waitFor({ state: "attached" });
  await tab.waitForTimeout(300);
  assert.ok(!requests.includes("/snapshot.json"));
  assert.deepEqual(tab.workers(), []);
  await tab.evaluate(() => document.querySelector("eyas-forecast").scrollIntoView({ block: "center" }));
  await answered(tab);
  assert.equal(await tab.evaluate(() => window.shift), 0);

  const near = page(`<eyas-forecast snapshot="/snapshot.json" ${parents} tasks="bbh, math"></eyas-forecast>`, script.replace(" src", ' blocking="render" src'));
  const { page: blocked } = await open(t, { routes: { ...snapshot, "/": near } });
  await answered(blocked);
  await blocked.waitForTimeout(200);
  assert.equal(await blocked.evaluate(() => window.shift), 0);

  for (const width of [1000, 390]) {
    const context = { viewport: { width, height: 1200 } };
    const children = "<table><tr><th>ifeval</th><td>0.41</td></tr></table>";
    for (const inside of ["", children]) {
      const body = page(`<eyas-forecast snapshot="/snapshot.json" ${parents}>${inside}</eyas-forecast>`, css);
      // The script comes late, so that the page is painted without it.
      body.body = body.body.replace("</body>", `<script>setTimeout(() => import("${network}eyas-widget.js"), 300)</script></body>`);
      const { page: late } = await open(t, { routes: { ...snapshot, "/": body }, context });
      await answered(late);
      await late.waitForTimeout(200);
      assert.equal(await late.evaluate(() => window.shift), 0, `${width} px, ${inside ? "with" : "without"} children`);
    }
  }
});

test("attributes and properties are the same, and a change is answered", async (t) => {
  const body = page(`<eyas-forecast ${parents}></eyas-forecast>`);
  const { page: tab, url } = await open(t, { routes: { ...snapshot, "/": body } });
  // Set before the class is there.
  await tab.evaluate((network) => {
    const element = document.querySelector("eyas-forecast");
    window.told = [];
    for (const name of ["eyas-ready", "eyas-forecast", "eyas-error"]) element.addEventListener(name, ({ detail }) => window.told.push([name, detail]));
    Object.assign(element, { snapshot: "/snapshot.json", tasks: "bbh" });
    return import(`${network}eyas-widget.js`);
  }, network);
  await answered(tab);
  assert.equal(await tab.locator("eyas-forecast").getAttribute("snapshot"), "/snapshot.json");
  const value = () => tab.locator("eyas-forecast .value b").first().innerText();
  const before = await value();
  await tab.evaluate(() => Object.assign(document.querySelector("eyas-forecast"), { parents: "Qwen/Qwen2-72B", lang: "de" }));
  await tab.waitForFunction(() => window.told.filter(([name]) => name === "eyas-forecast").length === 2);
  assert.notEqual(await value(), before);
  assert.match(await value(), /^0,\d{3}$/);
  const told = await tab.evaluate(() => window.told);
  assert.deepEqual(told.map(([name]) => name), ["eyas-ready", "eyas-forecast", "eyas-forecast"]);
  assert.equal(told[0][1].info.models, 117);
  assert.equal(told[2][1].lineage.parents[0].id, "Qwen/Qwen2-72B");
  await tab.evaluate(() => (document.querySelector("eyas-forecast").tasks = "juggling"));
  await tab.waitForFunction(() => window.told.at(-1)[0] === "eyas-error");
  assert.match(await tab.locator("eyas-forecast [part=why]").innerText(), /juggling/);
  await tab.evaluate(() => Object.assign(document.querySelector("eyas-forecast"), { tasks: null, scores: "ifeval=0.9" }));
  await tab.locator("eyas-forecast .row .value").nth(5).waitFor({ timeout: 60_000 });
  assert.equal((await tasks(tab)).length, 6);
  assert.match(await value(), /^0,90?0?$/, "the score that is known");
  await tab.evaluate(() => (document.querySelector("eyas-forecast").scores = "much"));
  await tab.waitForFunction(() => window.told.at(-1)[0] === "eyas-error");
  assert.match(await tab.locator("eyas-forecast [part=why]").innerText(), /much/);
  assert.ok(url);
});

for (const [colorScheme, direction, width] of [["light", "ltr", 1000], ["dark", "rtl", 1000], ["dark", "ltr", 360]]) {
  test(`${colorScheme}, ${direction}, ${width} px: axe finds nothing, and nothing is cut off`, async (t) => {
    const body = page(
      `<div dir="${direction}"><eyas-forecast snapshot="/snapshot.json" ${parents} compare="Qwen/Qwen2-72B, nobody/knows"></eyas-forecast>
       <eyas-leaderboard snapshot="/snapshot.json" tasks="ifeval" compare="Qwen/Qwen2-7B"></eyas-leaderboard></div>`,
      css + script + `<meta name="color-scheme" content="light dark">`,
    );
    const context = { colorScheme, viewport: { width, height: 1600 }, reducedMotion: "reduce" };
    const { page: tab } = await open(t, { routes: { ...snapshot, "/": body }, context });
    await answered(tab);
    await tab.locator("eyas-leaderboard tbody tr").first().waitFor();
    assert.match(await tab.locator("eyas-forecast .note").innerText(), /nobody\/knows/);
    await tab.addScriptTag({ path: `${root}node_modules/axe-core/axe.min.js` });
    const { violations } = await tab.evaluate(() => window.axe.run());
    assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`), []);
    assert.ok(await tab.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    const look = await tab.evaluate(() => {
      const { shadowRoot } = document.querySelector("eyas-forecast");
      const [task, value] = [".task", ".value"].map((part) => shadowRoot.querySelector(`.row ${part}`).getBoundingClientRect().left);
      const running = shadowRoot.getAnimations().length;
      return { paper: getComputedStyle(shadowRoot.querySelector(".card")).backgroundColor, taskFirst: task < value, running };
    });
    assert.equal(Math.max(...look.paper.match(/\d+/g).map(Number)) > 128, colorScheme === "light", look.paper);
    assert.equal(look.taskFirst, direction === "ltr");
    const turned = await tab.evaluate((theme) => {
      const element = document.querySelector("eyas-forecast");
      element.theme = theme;
      return getComputedStyle(element.shadowRoot.querySelector(".card")).backgroundColor;
    }, colorScheme === "light" ? "dark" : "light");
    assert.equal(Math.max(...turned.match(/\d+/g).map(Number)) > 128, colorScheme === "dark", `its own theme: ${turned}`);
    assert.equal(look.running, 0);
  });
}
