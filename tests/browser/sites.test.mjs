// The example sites, and code blocks that become elements.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { root } from "./harness.mjs";
import { answered, open, page, script, snapshot, tasks } from "./network.mjs";

const run = promisify(execFile);

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
      await page.locator("eyas-leaderboard input").fill("gemma-3-12b-i");
      assert.match(await page.locator("eyas-leaderboard tbody").innerText(), /gemma-3-12b-it/);
      assert.equal(await page.locator("eyas-leaderboard .matches").innerText(), "1 of 641");
    }
  });
}

test("the tags in the package's README forecast", async (t) => {
  const [, tags] = /^```html\n(.*?)^```$/ms.exec(await readFile(`${root}pkg/README.md`, "utf8"));
  const { page: tab } = await open(t, { routes: { ...snapshot, "/": page(tags) } });
  await answered(tab);
  assert.deepEqual(await tasks(tab), ["gpqa_swallow", "livecodebench_v6_swallow"]);
});

/** Site generators in the folder where `cargo xtask test` installs them. */
const builders = {
  mkdocs: (from, to) => ["python", ["-m", "mkdocs", "build", "--quiet", "--strict", "--config-file", join(from, "mkdocs.yml"), "--site-dir", to]],
  sphinx: (from, to) => ["python", ["-m", "sphinx", "-q", "-W", from, to]],
  mdbook: (from, to) => ["mdbook", ["build", from, "--dest-dir", to]],
};

for (const name of Object.keys(builders)) {
  test(`the example for ${name} builds, and its blocks become elements`, async (t) => {
    const folder = await mkdtemp(join(tmpdir(), "eyas-embed-"));
    t.after(() => rm(folder, { recursive: true }));
    await cp(`${root}examples/embed/${name}`, join(folder, "source"), { recursive: true });
    const [program, given] = builders[name](join(folder, "source"), join(folder, "site"));
    await run(`${root}target/tools/bin/${program}`, given);
    const site = join("..", ...root.split("/").filter(Boolean).slice(1).map(() => ".."), folder, "site");
    const { page } = await open(t, { folder: site, routes: snapshot });
    await answered(page);
    assert.deepEqual(await tasks(page), ["ifeval", "bbh", "math"]);
    // The text size of the root differs between sites; three rows need less height than six.
    const { card, text, height } = await page.evaluate(() => {
      const element = document.querySelector("eyas-forecast");
      const size = (one) => parseFloat(getComputedStyle(one).fontSize);
      const value = element.shadowRoot.querySelector(".row b");
      return { card: size(value), text: size(element.parentElement), height: element.offsetHeight };
    });
    assert.ok(Math.abs(card - 1.125 * text) < 0.1, `${card} px in a text of ${text} px`);
    assert.ok(height < 26 * text, `${height} px in a text of ${text} px`);
    await page.locator("eyas-leaderboard").scrollIntoViewIfNeeded();
    await page.locator("eyas-leaderboard tbody tr").nth(4).waitFor();
    assert.equal(await page.locator("eyas-leaderboard tbody tr").count(), 5);
    assert.deepEqual(await page.getByText("parents:").filter({ visible: true }).all(), []);
  });
}

test("blocks in the HTML of each generator become elements, also if they are added later", async (t) => {
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
