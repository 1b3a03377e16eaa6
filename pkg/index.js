// The package's entry: the wasm module is a file beside it.

import { provide } from "./api.js";

export { Recommender, Snapshot, start } from "./api.js";

provide(async (build) => {
  // Both addresses are written out, so that bundlers find the files.
  const url =
    build === "simd"
      ? new URL("./wasm/eyas_simd.wasm", import.meta.url)
      : new URL("./wasm/eyas_plain.wasm", import.meta.url);
  return url.protocol === "file:" ? readLocal(url) : url;
});

async function readLocal(url) {
  // Node cannot fetch files; the name is kept from bundlers, which have no such module for browsers.
  const files = "node:fs/promises";
  const { readFile } = await import(/* @vite-ignore */ /* webpackIgnore: true */ files);
  return readFile(url);
}
