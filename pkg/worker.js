// The worker of the elements. It holds one trained model for each source that an element on the page uses.

import { Recommender, Snapshot, start } from "./index.js";
import { serve } from "./rpc.js";

/** Milliseconds between two progress messages of a training. */
const INTERVAL = 100;

/** Models by key: `{ source, abort, trained }`, where `trained` is a promise of `{ model }`. */
const models = new Map();

const calls = {
  async open(key, source, options) {
    models.set(key, { source, abort: new AbortController() });
    return ask(key, options, ({ model: { info, benchmarks } }) => ({ info, benchmarks }));
  },

  async forecast(key, { model, facts, card, parents, scores, tasks, compare }, options) {
    return ask(key, options, async (from) => {
      // Only cards, facts and scores need the module that parses texts.
      if (card || facts || scores) await start(undefined, { modules: ["texts"] });
      const named = taskIds(from, tasks);
      const lineage = card ? await fetchText(card) : { parents };
      const some = named.length > 0 ? named : [from.model.benchmarks[0].id];
      // Only elements that compare need what compares.
      const { comparison } = compare.length > 0 ? await import(/* webpackMode: "eager" */ "./comparison.js") : {};
      const others = compare.map((id) => comparison(from.model, id, some)).filter(({ known }) => known);
      const about = { id: model || undefined, lineage, factors: facts || undefined, scores: scores || undefined };
      const predict = (tasks) => from.model.predict({ ...about, tasks, compare: others.map(({ id }) => id) });
      const chosen = predict(named);
      const first = chosen.measured && named.length === 0 ? (await import(/* webpackMode: "eager" */ "./measured-first.js")).measuredFirst(chosen, from.model.benchmarks) : [];
      const answer = first[0] ? predict(first) : chosen;
      // A task that is named twice is shown twice.
      const byTask = new Map(answer.forecasts.map((forecast) => [forecast.task, forecast]));
      const forecasts = named.length > 0 ? named.map((task) => byTask.get(task)) : answer.forecasts;
      const compared = compare.map((id) => comparison(from.model, id, [...byTask.keys()]));
      return { ...answer, forecasts, compared, info: from.model.info, chosen: from.model.chosen };
    });
  },

  async rank(key, { tasks, ...request }, options) {
    return ask(key, options, async (from) => {
      const { rank } = await import(/* webpackMode: "eager" */ "./board.js");
      return rank(from.model, taskIds(from, tasks.length > 0 ? tasks : ["all"]), request);
    });
  },

  close(key) {
    const { abort } = models.get(key);
    models.delete(key);
    abort.abort();
  },
};

/** Asks the model of a key. After a failure of kind `computation`, the next question trains or loads the model again. */
async function ask(key, { onProgress }, question) {
  const entry = models.get(key);
  try {
    return await question(await (entry.trained ??= trainOrLoad(entry, onProgress).then((model) => ({ model }))));
  } catch (error) {
    if (error.kind === "computation") entry.trained = undefined;
    throw error;
  }
}

async function trainOrLoad({ source, abort: { signal } }, onProgress) {
  if (source.model) {
    await loadModules(["forecast"]);
    return Recommender.load(await fetchBytes(source.model, signal), { texts: false });
  }
  const name = lastPart(source.snapshot) || "snapshot";
  await loadModules(["forecast", /\.json(\.gz)?$/i.test(name) ? "snapshots" : "tables", "trainer"]);
  const snapshot = await Snapshot.parse(await fetchBytes(source.snapshot, signal), { name });
  try {
    let last = -Infinity;
    const report = ({ epoch, maxEpochs }) => {
      if (performance.now() - last < INTERVAL) return;
      last = performance.now();
      onProgress({ epoch, maxEpochs });
    };
    return await Recommender.train(snapshot, { signal, onProgress: report, texts: false });
  } finally {
    snapshot.free();
  }
}

/** The file name in an address, decoded if possible. */
function lastPart(address) {
  const name = new URL(address).pathname.split("/").at(-1);
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

async function loadModules(modules) {
  if (!globalThis.WebAssembly) throw new Error("this browser has no WebAssembly, or it is switched off");
  try {
    await start(undefined, { modules });
  } catch (error) {
    throw new Error(
      error.name === "CompileError"
        ? "WebAssembly is not allowed here; the page's policy must name 'wasm-unsafe-eval'"
        : `its WebAssembly module could not be loaded (${error.message})`,
    );
  }
}

async function fetchBytes(address, signal) {
  return new Uint8Array(await (await fetchChecked(address, signal)).arrayBuffer());
}

async function fetchText(address) {
  return (await fetchChecked(address)).text();
}

async function fetchChecked(address, signal) {
  const response = await fetch(address, { signal }).catch((error) => {
    if (signal?.aborted) throw error;
    throw new Error(`${address} cannot be fetched; there is no network, or its server does not let this page read it`);
  });
  if (!response.ok) throw new Error(`${address}: the server answered ${response.status} ${response.statusText}`.trim());
  return response;
}

/** The named benchmarks in the spelling of the snapshot; the one name `all` stands for all of them. */
function taskIds({ model }, tasks) {
  const every = model.benchmarks.map(({ id }) => id);
  if (tasks.length === 1 && tasks[0] === "all" && !every.includes("all")) return every;
  return tasks.map((task) => model.rank({ task, top: 0 }).task);
}

serve(calls);
