// The package's entry: the wasm modules are files beside it.

import { provide } from "./api.js";

export { Recommender, Snapshot, start } from "./api.js";

provide(async (build) => {
  // The addresses are written out, so that bundlers find the files.
  const url = {
    simd: () => new URL("./wasm/eyas_simd.wasm", import.meta.url),
    plain: () => new URL("./wasm/eyas_plain.wasm", import.meta.url),
    intake: () => new URL("./wasm/intake.wasm", import.meta.url),
  }[build]();
  return url.protocol === "file:" ? readLocal(url) : url;
});

async function readLocal(url) {
  // Node cannot fetch files; the name is kept from bundlers, which have no such module for browsers.
  const files = "node:fs/promises";
  const { readFile } = await import(/* @vite-ignore */ /* webpackIgnore: true */ files);
  return readFile(url);
}
