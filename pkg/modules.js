// Written by `cargo xtask build` from xtask/src/modules.rs and src/methods/table.rs.

/** The bindings of each module, written out so that bundlers find them; webpack starts no worker that is in several chunks. */
export const bindings = {
  analyses: () => import(/* webpackMode: "eager" */ "./wasm/analyses.js"),
  card: () => import(/* webpackMode: "eager" */ "./wasm/card.js"),
  forecast: () => import(/* webpackMode: "eager" */ "./wasm/forecast.js"),
  forecast_more: () => import(/* webpackMode: "eager" */ "./wasm/forecast_more.js"),
  lrmf: () => import(/* webpackMode: "eager" */ "./wasm/lrmf.js"),
  methods: () => import(/* webpackMode: "eager" */ "./wasm/methods.js"),
  networks: () => import(/* webpackMode: "eager" */ "./wasm/networks.js"),
  parameters: () => import(/* webpackMode: "eager" */ "./wasm/parameters.js"),
  ranker: () => import(/* webpackMode: "eager" */ "./wasm/ranker.js"),
  ranker_analyses: () => import(/* webpackMode: "eager" */ "./wasm/ranker_analyses.js"),
  snapshots: () => import(/* webpackMode: "eager" */ "./wasm/snapshots.js"),
  tables: () => import(/* webpackMode: "eager" */ "./wasm/tables.js"),
  tables_more: () => import(/* webpackMode: "eager" */ "./wasm/tables_more.js"),
  texts: () => import(/* webpackMode: "eager" */ "./wasm/texts.js"),
  trainer: () => import(/* webpackMode: "eager" */ "./wasm/trainer.js"),
};

const TWO = ["simd", "plain"];
const THREE = ["relaxed", ...TWO];

/** Modules that have several builds, the fastest first; all others have one. */
export const BUILDS = {
  forecast: TWO,
  lrmf: THREE,
  methods: TWO,
  networks: TWO,
  ranker: THREE,
  ranker_analyses: TWO,
  trainer: TWO,
};

/** The module that trains a method, if it is not `methods`. */
export const TRAINERS = {
  __proto__: null,
  "lrmf": "lrmf",
  "ncf": "networks",
  "ncf-factors": "networks",
  "factors": "networks",
  "nearest-tasks": "ranker",
  "two-tower": "ranker",
  "imc": "ranker",
  "gimc": "ranker",
  "igmc": "ranker",
  "embedder": "ranker",
  "zap": "ranker",
  "ranker": "ranker",
  "eyas": "trainer",
};

/** The module that forecasts by a method, if it is not `forecast`. */
export const FORECASTERS = {
  __proto__: null,
  "knn": "forecast_more",
  "mf": "forecast_more",
  "irt": "forecast_more",
  "ncf": "forecast_more",
  "ncf-factors": "forecast_more",
  "factors": "forecast_more",
  "scaling-law": "forecast_more",
  "nearest-tasks": "ranker",
  "two-tower": "ranker",
  "imc": "ranker",
  "gimc": "ranker",
  "igmc": "ranker",
  "embedder": "ranker",
  "zap": "ranker",
  "ranker": "ranker",
};
