// The wasm modules by what they do: their bindings, their builds, and the methods that they train or forecast by.

/** The bindings of each module, written out so that bundlers find them; webpack starts no worker that is in several chunks. */
export const bindings = {
  analyses: () => import(/* webpackMode: "eager" */ "./wasm/analyses.js"),
  forecast: () => import(/* webpackMode: "eager" */ "./wasm/forecast.js"),
  forecast_more: () => import(/* webpackMode: "eager" */ "./wasm/forecast_more.js"),
  lrmf: () => import(/* webpackMode: "eager" */ "./wasm/lrmf.js"),
  methods: () => import(/* webpackMode: "eager" */ "./wasm/methods.js"),
  networks: () => import(/* webpackMode: "eager" */ "./wasm/networks.js"),
  parameters: () => import(/* webpackMode: "eager" */ "./wasm/parameters.js"),
  tables: () => import(/* webpackMode: "eager" */ "./wasm/tables.js"),
  texts: () => import(/* webpackMode: "eager" */ "./wasm/texts.js"),
  trainer: () => import(/* webpackMode: "eager" */ "./wasm/trainer.js"),
};

/** Modules that have several builds, the fastest first; all others have one. */
export const BUILDS = {
  lrmf: ["relaxed", "simd", "plain"],
  methods: ["simd", "plain"],
  networks: ["simd", "plain"],
  trainer: ["simd", "plain"],
};
/** The module that trains a method; `methods` all others. */
export const TRAINERS = { eyas: "trainer", factors: "networks", lrmf: "lrmf", ncf: "networks", "ncf-factors": "networks" };
/** Methods that `forecast_more` forecasts by; `forecast` all others. */
export const MORE = ["knn", "mf", "irt", "ncf", "ncf-factors", "factors", "scaling-law"];
