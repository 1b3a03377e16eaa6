import { simd } from "wasm-feature-detect";
import init from "../pkg/wasm/eyas.js";
import plainUrl from "../pkg/wasm/eyas_plain.wasm?url";
import simdUrl from "../pkg/wasm/eyas_simd.wasm?url";

const hasSimd = await simd();
await init({ module_or_path: hasSimd ? simdUrl : plainUrl });
document.documentElement.dataset["wasm"] = hasSimd ? "simd" : "plain";
