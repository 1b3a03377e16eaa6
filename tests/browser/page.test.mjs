// The built page, as a static server would hand it out.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage } from "./harness.mjs";

test("the page loads", async (t) => {
  const { page } = await openPage(t, { goto: { waitUntil: "networkidle" } });
  assert.match(await page.title(), /^eyas\b/);
});

test("the page loads under a sub-path and asks for nothing outside it", async (t) => {
  const base = "/some/where/";
  const { page, requests } = await openPage(t, { base, goto: { waitUntil: "networkidle" } });
  assert.match(await page.title(), /^eyas\b/);
  assert.deepEqual(
    requests.filter((path) => !path.startsWith(base)),
    [],
  );
});
