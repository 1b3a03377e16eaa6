// The worker of the elements: it holds a trained model for each source that somebody on the page needs.

import { Recommender, Snapshot, start } from "./index.js";
import { serve } from "./rpc.js";

/** Milliseconds between two messages about a training. */
const INTERVAL = 100;

/** Models by key: `{ source, abort, made }`, where `made` promises `{ model, rankings }`. */
const models = new Map();

const calls = {
  async open(key, source, options) {
    models.set(key, { source, abort: new AbortController() });
    return ask(key, options, ({ model: { info, benchmarks } }) => ({ info, benchmarks }));
  },

  async forecast(key, { model, facts, card, parents, scores, tasks, compare }, options) {
    return ask(key, options, async (from) => {
      // Of all that the elements are given only cards and facts are texts.
      if (card || facts) await start(undefined, { modules: ["texts"] });
      const wanted = tasks.map((task) => head(from, task));
      const lineage = card ? await text(card) : { parents };
      const given = Object.entries(scores).map(([task, value]) => known(head(from, task), value));
      const shown = wanted.length > 0 ? wanted.map(({ task }) => task) : from.model.benchmarks.map(({ id }) => id);
      const compared = compare.map((id) => comparison(from, id, shown));
      const others = compared.filter(({ known }) => known).map(({ id }) => id);
      const about = { id: model || undefined, lineage, factors: facts || undefined };
      const answer = from.model.predict({ ...about, scores: Object.fromEntries(given), compare: others });
      const order = new Map(answer.forecasts.map((forecast) => [forecast.task, forecast]));
      const forecasts = shown.map((task) => order.get(task));
      return { ...answer, forecasts, compared, info: from.model.info, chosen: from.model.chosen };
    });
  },

  async rank(key, { tasks, where }, options) {
    return ask(key, options, (from) => {
      const wanted = tasks.length > 0 ? tasks.map((task) => head(from, task).task) : from.model.benchmarks.map(({ id }) => id);
      const columns = [...new Set(wanted)].map((task) => from.model.rank({ task, where }));
      return { columns, info: from.model.info };
    });
  },

  close(key) {
    const { abort } = models.get(key);
    models.delete(key);
    abort.abort();
  },
};

/** Asks the model of a key; one that was lost in a failure is made again for the next question. */
async function ask(key, { onProgress }, question) {
  const entry = models.get(key);
  try {
    return await question(await (entry.made ??= make(entry, onProgress)));
  } catch (error) {
    if (error.kind === "computation") entry.made = undefined;
    throw error;
  }
}

async function make({ source, abort: { signal } }, onProgress) {
  const reader = /\.json(\.gz)?$/i.test(source.snapshot?.split(/[?#]/)[0]) ? "tables_more" : "tables";
  await begin(source.model ? ["forecast"] : ["forecast", reader, "trainer"]);
  if (source.model) {
    return { model: await Recommender.load(await bytes(source.model, signal), { texts: false }), rankings: new Map() };
  }
  const name = lastPart(source.snapshot) || "snapshot";
  const snapshot = await Snapshot.parse(await bytes(source.snapshot, signal), { name });
  try {
    let last = -Infinity;
    const report = ({ epoch, maxEpochs }) => {
      if (performance.now() - last < INTERVAL) return;
      last = performance.now();
      onProgress({ epoch, maxEpochs });
    };
    return { model: await Recommender.train(snapshot, { signal, onProgress: report, texts: false }), rankings: new Map() };
  } finally {
    snapshot.free();
  }
}

/** The name of a file in an address: decoded where it can be. */
function lastPart(address) {
  const name = new URL(address).pathname.split("/").at(-1);
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

async function begin(modules) {
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

async function bytes(address, signal) {
  return new Uint8Array(await (await fetched(address, signal)).arrayBuffer());
}

async function text(address) {
  return (await fetched(address)).text();
}

async function fetched(address, signal) {
  const response = await fetch(address, { signal }).catch((error) => {
    if (signal?.aborted) throw error;
    throw new Error(`${address} cannot be fetched; there is no network, or its server does not let this page read it`);
  });
  if (!response.ok) throw new Error(`${address}: the server answered ${response.status} ${response.statusText}`.trim());
  return response;
}

/** A benchmark as the snapshot spells it, with its range. */
function head({ model }, task) {
  return model.rank({ task, top: 0 });
}

/** A score given in a benchmark's own units or, up to 1, as a part of its range. */
function known({ task, range: { low, high } }, value) {
  return [task, value > 1 ? (value - low) / (high - low) : value];
}

/** What is measured or predicted of a known model on the benchmarks of a forecast. */
function comparison({ model, rankings }, id, tasks) {
  const same = id.toLowerCase();
  const scores = {};
  let spelled;
  for (const task of tasks) {
    if (!rankings.has(task)) rankings.set(task, model.rank({ task }).models);
    const found = rankings.get(task).find((other) => other.id.toLowerCase() === same);
    if (!found) continue;
    spelled = found.id;
    scores[task] = { score: found.score, predicted: found.predicted, rank: found.rank };
  }
  return { id: spelled ?? id, known: spelled !== undefined, scores };
}

serve(calls);
