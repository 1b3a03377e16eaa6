// The example sites, and code blocks that become elements.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { appears, root } from "./harness.mjs";
import { answered, css, open, page, script, snapshot, tasks } from "./network.mjs";

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
      assert.equal(await page.locator("eyas-leaderboard .matches").innerText(), "1 of 619");
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

/** Draws a card by the program of the package, in a folder. */
const card = (folder, options) => run("node", [`${root}target/package/cli.js`, "card", ...options], { cwd: folder });

test("the examples without scripts draw all pictures that they show", async (t) => {
  for (const name of ["hub-card", "github-readme"]) {
    const folder = await mkdtemp(join(tmpdir(), "eyas-card-"));
    t.after(() => rm(folder, { recursive: true }));
    await cp(`${root}examples/embed/${name}`, folder, { recursive: true });
    const readme = await readFile(join(folder, "README.md"), "utf8");
    const command = /npx eyas card (.*?) -->/.exec(readme)?.[1];
    if (command) await card(folder, command.split(" "));
    else {
      const steps = (await readFile(join(folder, ".github/workflows/forecast.yml"), "utf8")).split("- uses: OWNER/eyas/.github/actions/card@main").slice(1);
      assert.equal(steps.length, 2);
      for (const step of steps) {
        // As the action does: its inputs, with its default for the format.
        const inputs = Object.fromEntries([...step.matchAll(/^ {10}(\w+): (.+)$/gm)].map(([, name, value]) => [name, value]));
        await card(folder, Object.entries({ model: "bundled", format: "svg", ...inputs }).flatMap(([name, value]) => [`--${name}`, value]));
      }
    }
    const pictures = [...readme.matchAll(/(?:src="|\]\()(\w+\.svg)/g)].map(([, file]) => file);
    assert.equal(pictures.length, command ? 1 : 2);
    for (const file of pictures) assert.match(await readFile(join(folder, file), "utf8"), /^<svg [^]*forecast[^]*<\/svg>\s*$/i, file);
  }
});

const widget = await readFile(`${root}docs/widget.md`, "utf8");
const snippets = (language) => [...widget.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "gms"))].map(([, text]) => text);
const beside = {
  ...snapshot,
  "/README.md": { body: "---\nbase_model: Qwen/Qwen2-7B\n---\n# A model\n", type: "text/markdown" },
  "/results.csv": { body: "model,a,b\norg/a,0.5,0.4\norg/b,0.3,0.6\norg/c,0.4,0.5\norg/d,0.8,0.7\n", type: "text/csv" },
};

for (const [at, html] of snippets("html").entries()) {
  test(`the snippet ${at + 1} of docs/widget.md works: ${html.trim().split("\n")[0].slice(0, 60)}`, async (t) => {
    const { page: tab } = await open(t, { routes: { ...beside, "/": page(html, html.includes("<script type=\"module\"") ? "" : css + script) } });
    await tab.waitForFunction(() => customElements.get("eyas-forecast"));
    const elements = await tab.locator("eyas-forecast, eyas-leaderboard").all();
    assert.equal(elements.length > 0, at > 0, "all but the first have an element");
    for (const element of elements) {
      await element.scrollIntoViewIfNeeded();
      await appears(element.locator(".live .row .value, .live tbody tr"), element.locator("[part=why]").filter({ visible: true }));
      assert.equal(await element.locator(".live tbody td.none").count(), 0, "some models are shown");
    }
  });
}

test("the styles, the program and the policy of docs/widget.md work", async (t) => {
  const [policy] = snippets("csp");
  const [program] = snippets("js");
  const [height, look] = snippets("css");
  const tag = '<eyas-forecast class="three" snapshot="/snapshot.json" parents="Qwen/Qwen2-7B"></eyas-forecast>';
  const routes = {
    ...beside,
    "/": { ...page(tag, `${css}${script}<link rel="stylesheet" href="/own.css"><script type="module" src="/own.js"></script>`), headers: { "content-security-policy": policy.replaceAll("\n", " ").replaceAll("src https", "src 'self' https") } },
    "/own.css": { body: height + look },
    "/own.js": { body: program },
  };
  const { page: tab } = await open(t, { routes });
  await answered(tab);
  assert.deepEqual(await tasks(tab), ["bbh", "ifeval"]);
  const styles = await tab.evaluate(() => {
    const element = document.querySelector("eyas-forecast");
    const [card, foot] = ["card", "foot"].map((name) => getComputedStyle(element.shadowRoot.querySelector(`[part=${name}]`)));
    return [card.borderRadius, foot.fontStyle, getComputedStyle(element).getPropertyValue("--eyas-block-size")];
  });
  assert.deepEqual(styles, ["0px", "italic", "24.5em"]);
});
