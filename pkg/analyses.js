// `Snapshot.analyse`: the module of each analysis, and how it trains. Few pages analyse, so that this is loaded when one does.

/** The modules of analyses that `analyses` does not have. */
const MODULES = {
  __proto__: null,
  penalties: "parameters",
  irt: "parameters",
  losses: "ranker_analyses",
  features: "ranker_analyses",
  priors: "ranker_analyses",
  atlas: "ranker_analyses",
};

/** `train` trains on a snapshot and returns the saved model; `ask` asks a module about the snapshot. */
export function analyse(what, { signal, onProgress, ...options }, train, ask) {
  const trained = (bytes, method, seed, settings) =>
    train(bytes, { method, device: "cpu", seed, settings, signal, onProgress });
  return ask(MODULES[what] ?? "analyses", (module, bytes) => module.analyse(bytes, { what, ...options }, trained));
}
