// The entry with the WebAssembly modules embedded in the JavaScript, for bundlers that do not copy other files.

import { provide } from "./api.js";

export { Recommender, Snapshot, start } from "./api.js";

provide(async (build) => {
  const { packed } = await {
    analyses: () => import("./wasm/inline_analyses.js"),
    card: () => import("./wasm/inline_card.js"),
    forecast_more: () => import("./wasm/inline_forecast_more.js"),
    forecast_plain: () => import("./wasm/inline_forecast_plain.js"),
    forecast_simd: () => import("./wasm/inline_forecast_simd.js"),
    lrmf_plain: () => import("./wasm/inline_lrmf_plain.js"),
    lrmf_relaxed: () => import("./wasm/inline_lrmf_relaxed.js"),
    lrmf_simd: () => import("./wasm/inline_lrmf_simd.js"),
    methods_plain: () => import("./wasm/inline_methods_plain.js"),
    methods_simd: () => import("./wasm/inline_methods_simd.js"),
    networks_plain: () => import("./wasm/inline_networks_plain.js"),
    networks_simd: () => import("./wasm/inline_networks_simd.js"),
    parameters: () => import("./wasm/inline_parameters.js"),
    ranker_analyses_plain: () => import("./wasm/inline_ranker_analyses_plain.js"),
    ranker_analyses_simd: () => import("./wasm/inline_ranker_analyses_simd.js"),
    ranker_plain: () => import("./wasm/inline_ranker_plain.js"),
    ranker_relaxed: () => import("./wasm/inline_ranker_relaxed.js"),
    ranker_simd: () => import("./wasm/inline_ranker_simd.js"),
    snapshots: () => import("./wasm/inline_snapshots.js"),
    tables: () => import("./wasm/inline_tables.js"),
    tables_more: () => import("./wasm/inline_tables_more.js"),
    texts: () => import("./wasm/inline_texts.js"),
    trainer_plain: () => import("./wasm/inline_trainer_plain.js"),
    trainer_simd: () => import("./wasm/inline_trainer_simd.js"),
  }[build]();
  const bytes = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0));
  const module = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(module, { headers: { "content-type": "application/wasm" } });
});
