// How the elements look: nothing moves, nothing is cut off, and a page can style them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { root } from "./harness.mjs";
import { answered, css, network, open, page, parents, script, snapshot } from "./network.mjs";

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
