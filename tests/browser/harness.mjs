// Common parts of the browser tests: a static server on a free port and a page in headless Chromium.
//
//   import { test } from "node:test";
//   import { openPage, readData, root, serve } from "./harness.mjs";
//
//   test("it loads", async (t) => {
//     const { page, url } = await openPage(t);            // dist/ at "/", Chromium on its index.html
//     await page.getByRole("button", { name: "Train" }).click();
//   });
//
// openPage(t, options) starts a server and opens a page; both are closed when the test `t` ends. The test fails if the page logs
// an error, throws one, or leaves a rejected promise unhandled. Options:
//   base      sub-path under which the folder is served, "/" or "/some/where/" (default "/")
//   path      path below the base, with its query (default "")
//   folder    the folder to serve, below the repository root (default "dist")
//   mounts    more folders: { "/wasm/": "pkg/wasm" }
//   routes    individual answers: { "/x.csv": { body, type, status, headers } } or { "/x": (request, response) => … }
//   delay     milliseconds that each answer waits (default 0)
//   headers   headers of all answers, such as { "access-control-allow-origin": "*" }
//   context   options of playwright's browser.newContext: viewport, colorScheme, reducedMotion, …
//   arguments more Chromium switches, such as "--enable-unsafe-webgpu"
//   allow     regular expressions of errors that the test expects
//   goto      options of playwright's page.goto, or false to open nothing yet
//
// It returns { page, context, url, requests, times, errors }: the address of the page, the paths that the server has received, when
// each came and was answered, and the errors that the page has reported.
//
// openSmall(t, options) opens the page on a small board, which it trains on.
//
// drop(page, { "a.csv": text }) drops files on a page.
//
// appears(wanted, mistake) waits for a part of a page, and fails at once if the page shows an error.
//
// serve(options) starts only the server: { url, requests, times, close }. readData(name) reads a file of real data, or returns undefined;
// tests that need it have `skip: noData`.

import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { after } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

export const root = fileURLToPath(new URL("../../", import.meta.url));

/** For `skip` of node:test: the reason why tests on real data cannot run, or false. */
export const noData = process.env.EYAS_DATA ? false : "EYAS_DATA does not name the folder of real data";

const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const switches = [
  "--no-sandbox",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const types = {
  ".css": "text/css; charset=utf-8",
  ".csv": "text/csv; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".mjs": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

/** Opens a page on a fresh server and a fresh browser context; both end with the test `t`. */
export async function openPage(t, options = {}) {
  const { path = "", context: contextOptions, arguments: extra = [], allow = [], goto } = options;
  const server = await serve(options);
  const browser = await launch(extra);
  // A service worker would answer requests that tests count; those of the page without a network allow it.
  const context = await browser.newContext({ serviceWorkers: "block", ...contextOptions });
  const errors = [];
  t.after(async () => {
    await context.close();
    await server.close();
    const unexpected = errors.filter((error) => !allow.some((pattern) => pattern.test(error)));
    if (unexpected.length > 0) throw new Error(`the page reported errors:\n${unexpected.join("\n")}`);
  });
  context.on("weberror", (event) => errors.push(`uncaught: ${describe(event.error())}`));
  context.on("console", (message) => {
    if (message.type() === "error") errors.push(`console: ${message.text()} (${message.location().url})`);
  });
  const page = await context.newPage();
  page.on("crash", () => errors.push("the page crashed"));
  const url = new URL(path, server.url).href;
  if (goto !== false) await page.goto(url, goto);
  return { page, context, url, requests: server.requests, times: server.times, close: server.close, errors };
}

/** Opens the page on 117 models of mid-2024 with six benchmarks, which it trains on. */
export async function openSmall(t, { path = "", routes, ...options } = {}) {
  const small = { body: await readFile(`${root}tests/fixtures/open-models/snapshot.json`), type: "application/json" };
  const query = `?snapshot=open-models.json${path.replace("?", "&")}`;
  return openPage(t, { path: query, routes: { "/open-models.json": small, ...routes }, ...options });
}

/** Serves a folder and the mounted folders on a free local port. */
export async function serve({ folder = "dist", base = "/", mounts = {}, routes = {}, headers: all = {}, delay = 0 } = {}) {
  const folders = Object.entries({ [base]: folder, ...mounts }).sort(([a], [b]) => b.length - a.length);
  const [requests, times] = [[], []];
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    requests.push(pathname);
    const time = { begun: performance.now(), ended: Infinity };
    times.push(time);
    response.once("finish", () => (time.ended = performance.now()));
    if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay));
    const route = Object.hasOwn(routes, pathname) ? routes[pathname] : undefined;
    if (typeof route === "function") return route(request, response);
    if (route) {
      const { body = "", type = types[extname(pathname)] ?? "text/plain", status = 200, headers = {} } = route;
      return response.writeHead(status, { "content-type": type, ...all, ...headers }).end(body);
    }
    const file = await find(folders, pathname);
    if (!file) return response.writeHead(404, { "content-type": "text/plain", ...all }).end("not found\n");
    response.writeHead(200, { "content-type": types[extname(file)] ?? "application/octet-stream", ...all });
    createReadStream(file).pipe(response);
  });
  await new Promise((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  const close = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${server.address().port}${base}`, requests, times, close };
}

/** Waits for a part of a page; an error on the page ends the test at once. Both arguments are locators. */
export async function appears(wanted, mistake) {
  await wanted.or(mistake).first().waitFor({ timeout: 60_000 });
  if (await wanted.first().isVisible()) return;
  throw new Error(`the page shows an error: ${await mistake.first().innerText()}`);
}

/** Waits for a condition outside the page, such as one on the driver's list of workers, which lags behind the page. */
export async function until(met, what) {
  for (const end = Date.now() + 10_000; !met(); await new Promise((resolve) => setTimeout(resolve, 20))) {
    if (Date.now() > end) throw new Error(`waited 10 s for: ${what}`);
  }
}

/** Opens the page's panel with the data. */
export async function openData(page) {
  const button = page.locator("#data");
  if ((await button.getAttribute("aria-expanded")) === "false") await button.click();
  await page.locator(".training").waitFor();
}

/** Goes to the page's view of all models. */
export async function openRankings(page) {
  await page.getByRole("link", { name: "Rankings", exact: true }).click();
  await page.locator(".ranking tbody th").first().waitFor({ timeout: 60_000 });
}

/** Drops files on a page: names with their texts. */
export async function drop(page, files) {
  await page.evaluate((files) => {
    const dataTransfer = new DataTransfer();
    for (const [name, text] of Object.entries(files)) dataTransfer.items.add(new File([text], name, { type: "text/csv" }));
    for (const type of ["dragover", "drop"]) {
      document.body.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
    }
  }, files);
}

/** The bytes of a file in the folder of real data; undefined without that folder. */
export async function readData(name) {
  return noData ? undefined : readFile(join(process.env.EYAS_DATA, name));
}

async function find(folders, pathname) {
  const mount = folders.find(([prefix]) => pathname.startsWith(prefix));
  const below = mount && normalize(decoded(pathname.slice(mount[0].length)));
  if (below === undefined || below.startsWith("..")) return undefined;
  const file = join(root, mount[1], below.endsWith("/") || below === "." ? join(below, "index.html") : below);
  const found = await stat(file).catch(() => undefined);
  return found?.isFile() ? file : undefined;
}

/** Decodes a path; like other servers, it keeps a path with an invalid encoding as it is. */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

// One browser for each set of switches in a test file.
const browsers = new Map();

function launch(extra) {
  const key = extra.join(" ");
  if (!browsers.has(key)) {
    browsers.set(key, chromium.launch({ executablePath, args: [...switches, ...extra] }));
  }
  return browsers.get(key);
}

after(async () => {
  for (const browser of browsers.values()) await browser.then((launched) => launched.close()).catch(() => {});
});

function describe(error) {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
