// Common parts of the tests of the elements: pages of a site that loads them from a content network.

import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import { appears, openPage, root } from "./harness.mjs";

export const network = "https://cdn.jsdelivr.net/npm/eyas@0.1/";
const types = { ".js": "text/javascript", ".css": "text/css", ".wasm": "application/wasm" };
export const snapshot = { "/snapshot.json": { body: await readFile(`${root}tests/fixtures/open-models/snapshot.json`), type: "application/json" } };
export const parents = 'parents="Qwen/Qwen2-7B"';

/** Opens a page. Requests to the content network get the files of the published package. `window.shift` sums the layout shifts. */
export async function open(t, options) {
  const opened = await openPage(t, { folder: "tests/fixtures/open-models", ...options, goto: false });
  await opened.page.route(`${network}**`, async (route) => {
    const file = `${root}target/package/${route.request().url().slice(network.length)}`;
    const headers = { "access-control-allow-origin": "*", "content-type": types[extname(file)] };
    await route.fulfill({ body: await readFile(file), headers });
  });
  // All other remote requests get an empty answer.
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

export const page = (body, head = "") => ({
  type: "text/html; charset=utf-8",
  body: `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>A page</title>
    <link rel="icon" href="data:,">${head}</head><body><main><h1>A page</h1>${body}<p>What follows.</p></main></body></html>`,
});
export const css = `<link rel="stylesheet" href="${network}eyas-widget.css">`;
export const script = `<script type="module" src="${network}eyas-widget.js"></script>`;

export const answered = (page) =>
  appears(page.locator("eyas-forecast .row .value"), page.locator("eyas-forecast [part=why]").filter({ visible: true }));
/** The ids of the benchmarks that are shown; their names are for people. */
export const tasks = (page) => page.locator("eyas-forecast .row").evaluateAll((rows) => rows.map((row) => row.dataset.task));
