// The example for VitePress, built by it. The other example sites are in tests/browser/sites.test.mjs.

import assert from "node:assert/strict";
import { cp, rm } from "node:fs/promises";
import { join, relative } from "node:path";
import { test } from "node:test";
import { root } from "../browser/harness.mjs";
import { answered, open, snapshot, tasks } from "../browser/network.mjs";
import { here, runTool } from "./project.mjs";

test("the example for VitePress builds, and its elements forecast", async (t) => {
  const folder = join(here, "project-vitepress");
  await rm(folder, { recursive: true, force: true });
  t.after(() => rm(folder, { recursive: true }));
  await cp(`${root}examples/embed/vitepress`, folder, { recursive: true });
  await runTool("vitepress", "vitepress", ["build", "."], folder);
  const { page } = await open(t, { folder: relative(root, join(folder, ".vitepress/dist")), routes: { ...snapshot, "/favicon.ico": { type: "image/x-icon" } } });
  await answered(page);
  assert.deepEqual(await tasks(page), ["ifeval", "bbh", "math"]);
  await page.locator("eyas-leaderboard").scrollIntoViewIfNeeded();
  await page.locator("eyas-leaderboard tbody tr").nth(4).waitFor();
});
