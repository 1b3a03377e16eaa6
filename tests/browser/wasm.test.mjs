// Both wasm builds behind their one glue, in Chromium and in node.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { openPage, root } from "./harness.mjs";

const builds = ["simd", "plain"];

for (const build of builds) {
  test(`the ${build} build starts in node`, async () => {
    const bytes = await readFile(`${root}pkg/wasm/eyas_${build}.wasm`);
    // The glue keeps the module that it started first; the query makes a fresh copy of it.
    const { default: init } = await import(`${root}pkg/wasm/eyas.js?${build}`);
    const exports = await init({ module_or_path: bytes });
    assert.ok(exports.memory instanceof WebAssembly.Memory);
  });

  test(`the ${build} build starts in Chromium, in a page and in a module worker`, async (t) => {
    const { page } = await openPage(t, {
      mounts: { "/wasm/": "pkg/wasm" },
      routes: {
        "/": { body: "<!doctype html><link rel=icon href=data:,>", type: "text/html" },
        "/worker.js": { body: startAndTell, type: "text/javascript" },
      },
    });
    const url = `/wasm/eyas_${build}.wasm`;
    const inPage = await page.evaluate(async (url) => {
      const { default: init } = await import("/wasm/eyas.js");
      return (await init({ module_or_path: url })).memory.buffer.byteLength;
    }, url);
    const inWorker = await page.evaluate(async (url) => {
      const worker = new Worker("/worker.js", { type: "module" });
      worker.postMessage(url);
      return new Promise((resolve, reject) => {
        worker.onmessage = ({ data }) => resolve(data);
        worker.onerror = ({ message }) => reject(new Error(message));
      });
    }, url);
    assert.ok(inPage > 0);
    assert.equal(inWorker, inPage);
  });
}

const startAndTell = `
  import init from "/wasm/eyas.js";
  onmessage = async ({ data }) => postMessage((await init({ module_or_path: data })).memory.buffer.byteLength);
`;
