// Written by `cargo xtask build` from xtask/src/modules.rs and src/methods/table.rs.

/** A method, by the name that the command line uses, too. */
export type Method =
  | "mean"
  | "size"
  | "popularity"
  | "knn"
  | "parents"
  | "kin"
  | "mla"
  | "lrmf"
  | "mf"
  | "irt"
  | "ncf"
  | "ncf-factors"
  | "factors"
  | "scaling-law"
  | "nearest-tasks"
  | "two-tower"
  | "imc"
  | "gimc"
  | "igmc"
  | "embedder"
  | "zap"
  | "ranker"
  | "eyas";

/** A WebAssembly module. */
export type ModuleName =
  | "analyses"
  | "card"
  | "forecast"
  | "forecast_more"
  | "lrmf"
  | "methods"
  | "networks"
  | "parameters"
  | "ranker"
  | "ranker_analyses"
  | "snapshots"
  | "tables"
  | "tables_more"
  | "texts"
  | "trainer";
