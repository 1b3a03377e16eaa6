// The package's classes over its wasm modules. An entry (`index.js`, `inline.js`) says where those come from.
//
// A module is loaded when it is first needed. Each training and each trained model has an instance of its own: its memory goes with it,
// and its failures touch no other. A snapshot passes from one module to the next as bytes, a trained method as a saved model.
// `modules.js` says which module trains a method and which one forecasts by it; `tables` reads tables of results, `tables_more`
// also JSON and rare forms; `texts` reads pasted texts; `analyses` and `parameters` run analyses, whose trainings the other modules
// do. Outcomes of items are factorised by `lrmf` before `trainer` trains the default method on them.

import { done, keep, need, raised, ready, take } from "./instances.js";
import { FORECASTERS, TRAINERS } from "./modules.js";

export { provide, start } from "./instances.js";

/** Longest stretch of training, in ms, before other work of the same thread (a cancel message) gets its turn. */
const SLICE = 12;

/** How large the data are, for messages. */
function size({ models, tasks }) {
  return `the table has ${models.toLocaleString("en")} models × ${tasks.toLocaleString("en")} tasks`;
}

function weight(name, bytes) {
  return `${name} has ${(bytes.length / 1e6).toFixed(1)} MB`;
}

export class Snapshot {
  /** In the form that the modules read; undefined when it was freed. */
  #bytes;

  constructor({ bytes, ...read }) {
    this.#bytes = bytes;
    Object.assign(this, read);
  }

  static async parse(input, { name = "snapshot", lineage, modelFactors, taskFactors } = {}) {
    const files = Array.isArray(input) ? input : [{ name, bytes: input }];
    const [sources, ...beside] = await Promise.all([
      Promise.all(files.map(unpacked)),
      unpacked(lineage),
      unpacked(modelFactors),
      unpacked(taskFactors),
    ]);
    const about = sources.map(({ name, bytes }) => weight(name, bytes)).join(", ");
    const read = ({ parse }) => parse(sources, ...beside);
    const parsed = sources.some(isJson) ? undefined : await done("tables", about, read);
    return new Snapshot(parsed ?? (await done("tables_more", about, read)));
  }

  async analyse(what, { signal, onProgress, ...options } = {}) {
    const name = ["penalties", "irt"].includes(what) ? "parameters" : "analyses";
    const { info } = this;
    const train = (bytes, method, seed, settings) =>
      saved(bytes, info, { method, device: "cpu", seed, settings, signal, onProgress });
    return done(name, size(info), ({ analyse }) => analyse(Snapshot.bytes(this), { what, ...options }, train));
  }

  free() {
    this.#bytes = undefined;
  }

  /** For this module alone. */
  static bytes(snapshot) {
    if (!snapshot.#bytes) throw new Error("the snapshot was freed");
    return snapshot.#bytes;
  }
}

export class Recommender {
  #model;

  constructor(model, chosen = null) {
    this.#model = model;
    this.chosen = chosen;
  }

  static async train(snapshot, { texts = true, method, ...options } = {}) {
    const standard = method ? { method } : snapshot.standard;
    const how = { ...options, method: standard?.method };
    const [model] = await Promise.all([trained(Snapshot.bytes(snapshot), snapshot.info, how), texts && need("texts")]);
    return new Recommender(model, standard?.why);
  }

  static async load(bytes, { texts = true } = {}) {
    const [model] = await Promise.all([restored(bytes), texts && need("texts")]);
    return new Recommender(model);
  }

  get info() {
    return this.#ask((raw) => raw.info());
  }

  get benchmarks() {
    return this.#ask((raw) => raw.benchmarks());
  }

  get device() {
    return this.#ask((raw) => raw.ran());
  }

  predict(request, options) {
    if (request.unseen) return this.#withUnseen(request, options);
    const { question, warnings } = asked(request);
    const answer = this.#ask((raw) => raw.predict(question));
    return { ...answer, warnings: [...warnings, ...answer.warnings] };
  }

  /** Adds what would have been forecast of a measured model. */
  async #withUnseen(request, options) {
    const prediction = this.predict({ ...request, unseen: false });
    const id = prediction.quantisation_of ?? (prediction.measured && prediction.subject.id);
    if (!id) return prediction;
    const kept = this.#ask((raw) => raw.outOfFold(id));
    const unseen = kept ?? (await this.#without(id, options, (raw) => raw.unseen(id)));
    const forecasts = prediction.forecasts.map((forecast, at) => ({ ...forecast, unseen: unseen[at] }));
    return { ...prediction, forecasts };
  }

  async explain(request, options) {
    const { question } = asked(request);
    const id = this.#ask((raw) => raw.measuredId(question));
    if (id !== undefined) return this.#without(id, options, (raw) => raw.explainKnown(id));
    // Asked by its id alone, it should be known.
    const alone = Object.keys(request).every((key) => key === "id");
    return this.#ask((raw) => (alone ? raw.explainKnown(request.id) : raw.explain(question)));
  }

  /** Asks about a model of the snapshot a method that has not seen its results; where this one has, another is trained first. */
  async #without(id, { signal, onProgress } = {}, ask) {
    const { method, seed, measured } = this.#ask((raw) => raw.trained(id));
    if (!measured) return this.#ask(ask);
    const options = { method, seed, without: id, signal, onProgress };
    const without = await trained(this.#ask((raw) => raw.snapshot()), this.info, options);
    return without(ask);
  }

  next(request) {
    return this.#ask((raw) => raw.next(asked(request).question));
  }

  understand(pasted) {
    const { date, ...told } = text("readLineage", pasted);
    const known = this.#ask((raw) => raw.understand(told.parents, told.scores));
    return { ...told, ...known, warnings: [...told.warnings, ...known.warnings] };
  }

  rank(request) {
    return this.#ask((raw) => raw.rank(request));
  }

  route(request) {
    return this.#ask((raw) => raw.route(request));
  }

  save() {
    return this.#ask((raw) => raw.save());
  }

  /** Its instance goes with all its memory. */
  free() {
    this.#model = undefined;
  }

  #ask(question) {
    if (!this.#model) throw raised("input", "the model was freed");
    return this.#model(question);
  }
}

/** The module that forecasts by a method. */
function forecaster(method) {
  return FORECASTERS[method] ?? "forecast";
}

/** The method of a saved model: a text of at most 127 bytes, the first thing in its head. */
function methodOf(bytes) {
  return new TextDecoder().decode(bytes.subarray(14, 14 + bytes[13]));
}

/** Whether a file is JSON, which `tables` does not read. */
function isJson({ bytes }) {
  return /^\uFEFF?\s*\{/.test(new TextDecoder().decode(bytes.subarray(0, 64)));
}

/** A file without gzip around it, which browsers and Node take off by themselves. */
async function unpacked(file) {
  if (file?.bytes[0] !== 0x1f || file.bytes[1] !== 0x8b) return file;
  const stream = new Blob([file.bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  try {
    return { ...file, bytes: new Uint8Array(await new Response(stream).arrayBuffer()) };
  } catch {
    const error = new Error(`${file.name}: the gzip data is damaged or ends too early; fetch the file again`);
    throw Object.assign(error, { kind: "input" });
  }
}

/** What the module `texts` reads in a text. */
function text(read, pasted) {
  if (!ready.texts) throw new Error("what reads texts is not loaded; await `start()` before");
  const instance = take("texts", weight("the text", pasted));
  const result = instance.call((exports) => exports[read](pasted));
  keep("texts", instance);
  return result;
}

/** A parent by its id alone, or whole. */
function parent(given) {
  return typeof given === "string" ? { id: given } : given;
}

/** Trains on a snapshot in its bytes. */
async function trained(bytes, info, { method = "eyas", ...options }) {
  const [model] = await Promise.all([saved(bytes, info, { ...options, method }), need(forecaster(method))]);
  return restored(model);
}

/** A saved model in an instance of its own, as what asks it. */
async function restored(bytes) {
  const name = forecaster(methodOf(bytes));
  await need(name);
  const instance = take(name, weight("the saved model", bytes));
  const raw = instance.call(({ RawRecommender }) => RawRecommender.load(bytes));
  instance.about = size(instance.call(() => raw.info()));
  return (question) => instance.call(() => question(raw));
}

/**
 * What a training ends in. `without` names a model whose results are kept from the method; `settings` are λ_M and λ_X of
 * `lrmf`, or whether the items of `irt` share a slope.
 */
async function saved(bytes, info, { method, device, seed, without, settings, signal, onProgress }) {
  const name = TRAINERS[method] ?? "methods";
  const first = name === "trainer" && info.kind === "outcome";
  // Both are fetched at once.
  await Promise.all([need(name), first && need("lrmf")]);
  const observer = new Observer(signal, onProgress);
  const train = (name, ...how) => done(name, size(info), ({ train }) => train(bytes, ...how, observer));
  try {
    const factorised = first ? await train("lrmf", "lrmf", "cpu", seed, without, undefined) : settings;
    return await train(name, method, device, seed, without, factorised);
  } finally {
    observer.close();
  }
}

/** Facts as the command line reads them; without what reads texts, and where a sign would cut an entry, as they are. */
function facts(given) {
  if (typeof given === "string") return text("readFacts", given);
  const entries = Object.entries(given);
  const typed = ([name, value]) => !/[,;=:\n]/.test(name) && ["boolean", "number", "string"].includes(typeof value) && !/[,;\n]|^\s*$/.test(value);
  const plain = ready.texts ? entries.filter(typed) : [];
  if (plain.length === 0) return { factors: given };
  const read = text("readFacts", plain.map((entry) => entry.join("=")).join("\n"));
  const others = Object.fromEntries(entries.filter((entry) => !plain.includes(entry)));
  return { ...read, factors: { ...others, ...read.factors } };
}

/** The address of a model on the hub. */
const ADDRESS = /^(?:https?:\/\/)?(?:huggingface|hf)\.co\/(?:api\/models\/)?([^/?#]+\/[^/?#]+)/;

/** A question about a model as the module `forecast` takes it, and what was told of its texts. */
function asked({ id, name, date, lineage = { parents: [] }, factors = {}, scores = {}, compare = [], costs = {}, top }) {
  const told = typeof lineage === "string" ? text("readLineage", lineage) : { parents: lineage.parents.map(parent) };
  const given = typeof scores === "string" ? text("readScores", scores) : { typed: Object.entries(scores) };
  const typed = facts(factors);
  const named = (id ?? name ?? typed.name)?.trim();
  const question = {
    id: (ADDRESS.exec(named)?.[1] ?? named) || told.id,
    // An id that somebody asks for is expected to be known; that of a text may well be a new model's.
    asked: id !== undefined,
    name: told.name,
    date: date ?? typed.date ?? told.date,
    // Whoever typed these is told where they come to nothing; a date that a face adds is no news.
    typed: [...Object.keys(typed.factors), ...(typed.date ? ["date"] : [])],
    parents: told.parents,
    factors: { ...told.factors, ...typed.factors },
    scores: given.typed ?? [],
    listed: given.listed ?? told.scores ?? [],
    compare,
    costs: Object.entries(costs),
    top,
  };
  return { question, warnings: [told, given].flatMap(({ warnings = [] }) => warnings) };
}

/** What the training loop reports to after every epoch; it answers whether to go on. */
class Observer {
  #signal;
  #onProgress;
  #channel;
  #resumed = performance.now();

  constructor(signal, onProgress) {
    this.#signal = signal;
    this.#onProgress = onProgress;
  }

  /** Seconds; two devices are compared by it. */
  now() {
    return performance.now() / 1000;
  }

  report(epoch, maxEpochs, loss, validation, metric) {
    this.#onProgress?.({ epoch, maxEpochs, loss, validation: validation ?? null, metric });
    if (performance.now() - this.#resumed < SLICE) return this.#goesOn();
    return this.#giveTurn().then(() => {
      this.#resumed = performance.now();
      return this.#goesOn();
    });
  }

  close() {
    // An open port would keep Node running.
    this.#channel?.port1.close();
  }

  #goesOn() {
    return !this.#signal?.aborted;
  }

  /** Lets the event loop run once; nested timers would idle for 4 ms each time, a message does not. */
  #giveTurn() {
    this.#channel ??= new MessageChannel();
    const { port1, port2 } = this.#channel;
    return new Promise((resolve) => {
      port1.onmessage = () => resolve();
      port2.postMessage(undefined);
    });
  }
}
