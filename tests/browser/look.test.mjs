// Layout and style of the elements: no layout shifts, no clipped text, and custom properties and parts.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { appears, root } from "./harness.mjs";
import { answered, css, network, open, page, parents, script, snapshot } from "./network.mjs";

test("the program loads once the element is visible, without a layout shift", async (t) => {
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
});

const forecast = (inside = "", attributes = "") => `<eyas-forecast snapshot="/snapshot.json" ${parents} ${attributes}>${inside}</eyas-forecast>`;
const board = '<eyas-leaderboard snapshot="/snapshot.json" tasks="ifeval"></eyas-leaderboard>';
/** A body with the margins of a typical site. */
const block = (text) => `<style>pre { margin: 2em 0; }</style><pre><code class="language-eyas">${text}snapshot: /snapshot.json\n</code></pre>`;
const late = {
  "a forecast": forecast(),
  "a forecast with children": forecast("<table><tr><th>ifeval</th><td>0.41</td></tr></table>"),
  "a leaderboard": board,
  "a block": block("parents: Qwen/Qwen2-7B\n"),
  "a leaderboard's block with its height set": `<style>main { --eyas-block-size: calc(27.75 * 16px); }</style>${block("leaderboard\ntop: 5\ntasks: ifeval\n")}`,
  "a forecast with its height set": `<style>main { --eyas-block-size: 24.5em; }</style>${forecast("", 'tasks="bbh, math, gpqa"')}`,
};
for (const [what, html] of Object.entries(late)) {
  test(`${what}: no layout shift if the script loads late`, async (t) => {
    // Other numbers of rows need another height on narrow pages.
    for (const width of what.endsWith("set") ? [1000] : [1000, 390]) {
      const body = page(html, css);
      // The page is painted before the script loads. The text size of its root differs from that of the body, as in mdBook.
      body.body = body.body.replace("</head>", "<style>html { font-size: 10px; } main { font-size: 16px; }</style></head>");
      body.body = body.body.replace("</body>", `<script>setTimeout(() => import("${network}eyas-widget.js"), 300)</script></body>`);
      const { page: tab } = await open(t, { routes: { ...snapshot, "/": body }, context: { viewport: { width, height: 1200 } } });
      await appears(tab.locator(".row .value, .scroller tbody tr"), tab.locator("[part=why]").filter({ visible: true }));
      await tab.waitForTimeout(200);
      assert.equal(await tab.evaluate(() => window.shift), 0, `${width} px`);
    }
  });
}

/** The names in the paragraph of the documentation that begins with a text. */
async function documented(start, pattern) {
  const text = await readFile(`${root}docs/widget.md`, "utf8");
  const [paragraph] = text.slice(text.indexOf(`\n${start}`)).trim().split("\n\n");
  return [...paragraph.matchAll(pattern)].map(([, name]) => name);
}

/** A page with all parts: models to compare with, a note, a button for more rows. */
async function styled(t, style, head = "", context = {}) {
  const all = `<style>${style}</style>${forecast("", 'compare="Qwen/Qwen2-72B, nobody/knows"')}${board}`;
  const { page: tab } = await open(t, { routes: { ...snapshot, "/": page(all, css + script + head) }, context });
  await answered(tab);
  await tab.evaluate(() => document.querySelector("eyas-leaderboard").load());
  await tab.locator("eyas-leaderboard tbody tr").first().waitFor();
  return tab;
}

/** A part and property on which each custom property has an effect. */
const seen = {
  "--eyas-accent": [".mean", "backgroundColor"],
  "--eyas-ink": [".card", "color"],
  "--eyas-ink-soft": [".foot", "color"],
  "--eyas-paper": [".card", "backgroundColor"],
  "--eyas-edge": [".card", "borderTopColor"],
  "--eyas-rail": [".track", "backgroundColor", "::before"],
  "--eyas-band": [".interval", "backgroundColor"],
  "--eyas-parent": [".track .parent", "backgroundColor"],
  "--eyas-compare": [".track .compare", "borderTopColor"],
  "--eyas-radius": [".card", "borderTopLeftRadius", "", "3px"],
  "--eyas-font": [".card", "fontFamily", "", "monospace"],
  "--eyas-block-size": [":host", "minHeight", "", "1234px"],
};

test("each custom property takes effect, set around the elements", async (t) => {
  assert.deepEqual(Object.keys(seen).sort(), (await documented("Custom properties", /`(--eyas-[a-z-]+)`/g)).sort());
  const value = (at, value) => value ?? `rgb(1, 2, ${at + 1})`;
  const style = Object.entries(seen).map(([name, [, , , given]], at) => `${name}: ${value(at, given)};`);
  const tab = await styled(t, `main { ${style.join(" ")} }`);
  for (const [at, [name, [part, property, pseudo = "", given]]] of Object.entries(seen).entries()) {
    const found = await tab.evaluate(
      ([part, property, pseudo]) => {
        const element = document.querySelector("eyas-forecast");
        return getComputedStyle(part === ":host" ? element : element.shadowRoot.querySelector(part), pseudo)[property];
      },
      [part, property, pseudo],
    );
    assert.equal(found, value(at, given), name);
  }
});

test("the parts are those in the documentation", async (t) => {
  const names = await documented("Parts for", /`([a-z]+)`/g);
  const tab = await styled(t, names.map((name) => `::part(${name}) { outline-color: rgb(1, 2, 3); }`).join("\n"));
  const parts = await tab.evaluate(() => {
    const roots = [...document.querySelectorAll("eyas-forecast, eyas-leaderboard")].map(({ shadowRoot }) => shadowRoot);
    const found = roots.flatMap((root) => [...root.querySelectorAll("[part]")]);
    return found.map((one) => [one.part.value, getComputedStyle(one).outlineColor]);
  });
  assert.deepEqual([...new Set(parts.map(([name]) => name))].sort(), names.sort());
  for (const [name, outline] of parts) assert.equal(outline, "rgb(1, 2, 3)", name);
});

test("a heading in the slot names the card", async (t) => {
  const body = forecast('<span slot="heading">Our merge</span>') + board;
  const { page: tab } = await open(t, { routes: { ...snapshot, "/": page(body, script) } });
  await answered(tab);
  assert.equal(await tab.getByText("Our merge").isVisible(), true);
  assert.equal(await tab.getByRole("group", { name: "Our merge", exact: true }).count(), 1);
  assert.equal(await tab.getByRole("group", { name: "Leaderboard", exact: true }).count(), 1);
  assert.equal(await tab.getByText("Forecast", { exact: true }).filter({ visible: true }).count(), 0);
});

test("numbers follow the nearest `lang`, by default the browser's language", async (t) => {
  const body = page(`<div lang="en">${forecast()}</div>${forecast("", 'lang="de"')}${forecast()}`, script);
  body.body = body.body.replace('<html lang="en">', "<html>");
  const { page: tab } = await open(t, { routes: { ...snapshot, "/": body }, context: { locale: "fr-FR", viewport: { width: 1000, height: 2500 } } });
  await tab.locator("eyas-forecast .row:last-child .value").nth(2).waitFor();
  const ranks = await tab.locator("eyas-forecast").evaluateAll((all) => all.map((one) => one.shadowRoot.querySelector(".value b").textContent));
  for (const [at, pattern] of [/^0\.\d{3}$/, /^0,\d{3}$/, /^0,\d{3}$/].entries()) assert.match(ranks[at], pattern);
});

test("the elements are animated, except with prefers-reduced-motion", async (t) => {
  const animated = async (reducedMotion) => {
    const tab = await styled(t, "", "", { reducedMotion });
    return tab.evaluate(() => {
      const inside = document.querySelector("eyas-forecast").shadowRoot.querySelectorAll("*");
      return [...new Set([...inside].map((one) => getComputedStyle(one)).flatMap((style) => [style.animationName, style.transitionDuration]))].sort();
    });
  };
  assert.deepEqual(await animated("reduce"), ["0s", "none"]);
  assert.deepEqual(await animated("no-preference"), ["0s", "eyas-appear", "none"]);
});

for (const [colorScheme, direction, width] of [["light", "ltr", 1000], ["dark", "rtl", 1000], ["dark", "ltr", 360]]) {
  test(`${colorScheme}, ${direction}, ${width} px: axe finds nothing, and no text is clipped`, async (t) => {
    const body = page(
      `<div dir="${direction}"><eyas-forecast snapshot="/snapshot.json" ${parents} compare="Qwen/Qwen2-72B, nobody/knows"></eyas-forecast>
       <eyas-leaderboard snapshot="/snapshot.json" tasks="ifeval, bbh, math" compare="Qwen/Qwen2-7B"></eyas-leaderboard></div>`,
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
      return { paper: getComputedStyle(shadowRoot.querySelector(".card")).backgroundColor, taskFirst: task < value };
    });
    assert.equal(Math.max(...look.paper.match(/\d+/g).map(Number)) > 128, colorScheme === "light", look.paper);
    assert.equal(look.taskFirst, direction === "ltr");
    const name = await tab.locator("eyas-leaderboard tbody th span").first().boundingBox();
    const rank = await tab.locator("eyas-leaderboard tbody .place").first().boundingBox();
    assert.ok(name.width >= 140, `${name.width} px for names`);
    assert.equal(name.x > rank.x, direction === "ltr");
    const turned = await tab.evaluate((theme) => {
      const element = document.querySelector("eyas-forecast");
      element.theme = theme;
      return getComputedStyle(element.shadowRoot.querySelector(".card")).backgroundColor;
    }, colorScheme === "light" ? "dark" : "light");
    assert.equal(Math.max(...turned.match(/\d+/g).map(Number)) > 128, colorScheme === "dark", `its own theme: ${turned}`);
  });
}
