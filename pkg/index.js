// The main entry of the package. The WebAssembly modules are separate files, in the folder `wasm`.

import { provide } from "./api.js";

export { Recommender, Snapshot, start } from "./api.js";

provide(async (build) => {
  // Bundlers find the files only if each address is a literal.
  const url = {
    analyses: () => new URL("./wasm/analyses.wasm", import.meta.url),
    card: () => new URL("./wasm/card.wasm", import.meta.url),
    forecast_more: () => new URL("./wasm/forecast_more.wasm", import.meta.url),
    forecast_plain: () => new URL("./wasm/forecast_plain.wasm", import.meta.url),
    forecast_simd: () => new URL("./wasm/forecast_simd.wasm", import.meta.url),
    lrmf_plain: () => new URL("./wasm/lrmf_plain.wasm", import.meta.url),
    lrmf_relaxed: () => new URL("./wasm/lrmf_relaxed.wasm", import.meta.url),
    lrmf_simd: () => new URL("./wasm/lrmf_simd.wasm", import.meta.url),
    methods_plain: () => new URL("./wasm/methods_plain.wasm", import.meta.url),
    methods_simd: () => new URL("./wasm/methods_simd.wasm", import.meta.url),
    networks_plain: () => new URL("./wasm/networks_plain.wasm", import.meta.url),
    networks_simd: () => new URL("./wasm/networks_simd.wasm", import.meta.url),
    parameters: () => new URL("./wasm/parameters.wasm", import.meta.url),
    ranker_analyses_plain: () => new URL("./wasm/ranker_analyses_plain.wasm", import.meta.url),
    ranker_analyses_simd: () => new URL("./wasm/ranker_analyses_simd.wasm", import.meta.url),
    ranker_plain: () => new URL("./wasm/ranker_plain.wasm", import.meta.url),
    ranker_relaxed: () => new URL("./wasm/ranker_relaxed.wasm", import.meta.url),
    ranker_simd: () => new URL("./wasm/ranker_simd.wasm", import.meta.url),
    snapshots: () => new URL("./wasm/snapshots.wasm", import.meta.url),
    tables: () => new URL("./wasm/tables.wasm", import.meta.url),
    tables_more: () => new URL("./wasm/tables_more.wasm", import.meta.url),
    texts: () => new URL("./wasm/texts.wasm", import.meta.url),
    trainer_plain: () => new URL("./wasm/trainer_plain.wasm", import.meta.url),
    trainer_simd: () => new URL("./wasm/trainer_simd.wasm", import.meta.url),
  }[build]();
  return url.protocol === "file:" ? readLocal(url) : url;
});

async function readLocal(url) {
  // Node cannot fetch files. The name is in a variable so that bundlers for browsers do not try to resolve it.
  const files = "node:fs/promises";
  const { readFile } = await import(/* @vite-ignore */ /* webpackIgnore: true */ files);
  return readFile(url);
}
