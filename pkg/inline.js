// The same package with the wasm modules inside its JavaScript, for bundlers that know nothing of files beside it.

import { provide } from "./api.js";

export { Recommender, Snapshot, start } from "./api.js";

provide(async (build) => {
  const { packed } = await {
    simd: () => import("./wasm/inline_simd.js"),
    plain: () => import("./wasm/inline_plain.js"),
    intake: () => import("./wasm/inline_intake.js"),
  }[build]();
  const bytes = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0));
  const module = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(module, { headers: { "content-type": "application/wasm" } });
});
