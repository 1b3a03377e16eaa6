// The classes of the package, implemented by WebAssembly modules. An entry (`index.js`, `inline.js`) provides the modules.
//
// A module is loaded when it is first needed. Each training and each trained model has an instance of its own, so that its memory is
// freed with it and its failures affect no other instance. Modules exchange snapshots as bytes and trained methods as saved models.
// `modules.js` lists which module trains a method and which one forecasts with it. `tables` reads a table of results, `snapshots` a file
// in the format of snapshots, `tables_more` also other JSON, rare formats, several files and companions; `texts` reads pasted texts;
// `card` draws a forecast; `analyses`, `parameters` and `ranker_analyses` compute analyses from models that other modules train. For
// outcomes of items, `lrmf` computes a factorisation, on which `trainer` then trains the default method.

import { acquire, failure, load, loaded, release, run } from "./instances.js";
import { FORECASTERS, TRAINERS } from "./modules.js";

export { provide, start } from "./instances.js";

/** Milliseconds of training after which other tasks of the same thread may run, such as a message that cancels the training. */
const SLICE = 12;

/** The size of the data, for error messages. */
function tableSize({ models, tasks }) {
  return `the table has ${models.toLocaleString("en")} models × ${tasks.toLocaleString("en")} tasks`;
}

function byteSize({ name, bytes }) {
  return `${name} has ${(bytes.length / 1e6).toFixed(1)} MB`;
}

export class Snapshot {
  /** The snapshot in the binary form that the modules read; undefined once it is freed. */
  #bytes;

  constructor({ bytes, ...read }) {
    this.#bytes = bytes;
    Object.assign(this, read);
  }

  static async parse(input, { name = "snapshot", lineage, modelFactors, taskFactors, columns } = {}) {
    const files = Array.isArray(input) ? input : [{ name, bytes: input }];
    const [sources, ...beside] = await Promise.all([
      Promise.all(files.map(decompressed)),
      decompressed(lineage),
      decompressed(modelFactors),
      decompressed(taskFactors),
    ]);
    const inputSize = sources.map(byteSize).join(", ");
    const read = ({ parse }) => parse(sources, ...beside, toRoles(columns));
    const reader = sources.length === 1 && !beside.some(Boolean) && readerOf(sources[0]);
    return new Snapshot((reader && (await run(reader, inputSize, read))) || (await run("tables_more", inputSize, read)));
  }

  async analyse(what, options = {}) {
    const { analyse } = await import(/* webpackMode: "eager" */ "./analyses.js");
    const { info } = this;
    const train = (bytes, settings) => trainAndSave(bytes, info, settings);
    return analyse(what, options, train, (name, work) => run(name, tableSize(info), (module) => work(module, Snapshot.bytes(this))));
  }

  async save() {
    const bytes = Snapshot.bytes(this);
    return run("tables_more", tableSize(this.info), ({ toFile }) => toFile(bytes));
  }

  free() {
    this.#bytes = undefined;
  }

  /** For `Recommender.train` only. */
  static bytes(snapshot) {
    if (!(#bytes in Object(snapshot))) throw failure("input", "expected a Snapshot");
    if (!snapshot.#bytes) throw failure("input", "the snapshot was freed");
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
    const bytes = Snapshot.bytes(snapshot);
    const { seed = 0 } = options;
    if (!(seed >= 0 && seed % 1 === 0)) throw failure("input", `seed ${seed}: expected a whole number`);
    const standard = method ? { method: String(method) } : snapshot.standard;
    const settings = { ...options, method: standard?.method };
    const [model] = await Promise.all([train(bytes, snapshot.info, settings), texts && load("texts")]);
    return new Recommender(model, standard?.why);
  }

  static async load(file, { texts = true } = {}) {
    const { bytes } = await decompressed({ name: "the saved model", bytes: file });
    const [model] = await Promise.all([restore(bytes), texts && load("texts")]);
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
    const { question, warnings } = toQuestion(request);
    const answer = this.#ask((raw) => raw.predict(question));
    return { ...answer, warnings: [...warnings, ...answer.warnings] };
  }

  /** Adds, for a measured model, the forecast without its own results. */
  async #withUnseen(request, options) {
    const { withUnseen } = await import(/* webpackMode: "eager" */ "./unseen.js");
    return withUnseen(this, request, (id) => this.#ask((raw) => raw.outOfFold(id)) ?? this.#without(id, options, (raw) => raw.unseen(id)));
  }

  async explain(request, options) {
    const { question } = toQuestion(request);
    const id = this.#ask((raw) => raw.measuredId(question));
    if (id !== undefined) return this.#without(id, options, (raw) => raw.explainKnown(id, question));
    // A request that names no more than a model refers to a model of the snapshot.
    const idOnly = Object.keys(request).every((key) => key === "id" || key === "tasks");
    return this.#ask((raw) => (idOnly ? raw.explainKnown(request.id, question) : raw.explain(question)));
  }

  /** Asks a model that was trained without the results of `id`. If this model has seen them, another one is trained first. */
  async #without(id, { signal, onProgress } = {}, ask) {
    const { method, seed, measured } = this.#ask((raw) => raw.trained(id));
    if (!measured) return this.#ask(ask);
    const options = { method, seed, without: id, signal, onProgress };
    const askWithout = await train(this.#ask((raw) => raw.snapshot()), this.info, options);
    return askWithout(ask);
  }

  next(request) {
    return this.#ask((raw) => raw.next(toQuestion(request).question));
  }

  understand(pasted) {
    const { date, ...parsed } = readText("readLineage", pasted);
    const known = this.#ask((raw) => raw.understand(parsed.parents, parsed.scores));
    return { ...parsed, ...known, warnings: [...parsed.warnings, ...known.warnings] };
  }

  models() {
    return this.#ask((raw) => raw.models());
  }

  results(id) {
    return this.#ask((raw) => raw.results(id));
  }

  rank(request) {
    return this.#ask((raw) => raw.rank(request));
  }

  recommend(request) {
    return this.#ask((raw) => raw.recommend({ ...request, pool: request.pool && String(request.pool) }));
  }

  route(request) {
    return this.#ask((raw) => raw.route(request));
  }

  async card({ tasks, ...request }) {
    const { draw } = await import(/* webpackMode: "eager" */ "./cards.js");
    return draw(this, request, taskList(tasks), (work) => run("card", tableSize(this.info), work));
  }

  save() {
    return this.#ask((raw) => raw.save());
  }

  free() {
    this.#model = undefined;
  }

  #ask(question) {
    if (!this.#model) throw failure("input", "the model was freed");
    return this.#model(question);
  }
}

/** The module that forecasts with a method. */
function forecasterOf(method) {
  return FORECASTERS[method] ?? "forecast";
}

/** The method of a saved model. Its name is the first field of the header: one byte for the length, at most 127, then the text. */
function methodOf(bytes) {
  return new TextDecoder().decode(bytes.subarray(14, 14 + bytes[13]));
}

/** The smallest module that may read a file, by how the file begins; none reads other JSON than `tables_more`. */
function readerOf({ bytes }) {
  const start = new TextDecoder().decode(bytes.subarray(0, 64));
  return /^\s*\{/.test(start) ? start.includes('"eyas-snapshot/') && "snapshots" : "tables";
}

/** The roles of columns as the text `NAME=ROLE[:UNIT],…`, in which a quoted name may contain any character. */
function toRoles(columns) {
  if (typeof columns !== "object") return columns;
  return Object.entries(columns ?? {}).map(([name, role]) => `"${name.replaceAll('"', '""')}"=${role}`).join();
}

/** The file, decompressed if it is a gzip file. */
async function decompressed(file) {
  if (file && !(file.bytes instanceof Uint8Array)) throw failure("input", `${file.name}: expected a Uint8Array`);
  if (file?.bytes[0] !== 0x1f || file.bytes[1] !== 0x8b) return file;
  const stream = new Blob([file.bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  try {
    return { ...file, bytes: new Uint8Array(await new Response(stream).arrayBuffer()) };
  } catch {
    throw failure("input", `${file.name}: the gzip data is damaged or ends too early; fetch the file again`);
  }
}

/** Parses a text by `read`, a function of the module `texts`. */
function readText(read, pasted) {
  if (!loaded.texts) throw new Error("the module texts is not loaded; await `start()` before");
  const instance = acquire("texts", byteSize({ name: "the text", bytes: pasted }));
  const result = instance.call((exports) => exports[read](pasted));
  release("texts", instance);
  return result;
}

/** A parent that may be given as its id only. */
function toParent(given) {
  return typeof given === "string" ? { id: given } : given;
}

/** Trains on a snapshot in its binary form, and returns a function that asks the model. */
async function train(bytes, info, { method = "eyas", ...options }) {
  const [model] = await Promise.all([trainAndSave(bytes, info, { ...options, method }), load(forecasterOf(method))]);
  return restore(model);
}

/** Loads a saved model into an instance of its own, and returns a function that asks it, with the name of its method. */
async function restore(bytes) {
  const method = methodOf(bytes);
  const name = forecasterOf(method);
  await load(name);
  const instance = acquire(name, byteSize({ name: "the saved model", bytes }));
  const raw = instance.call(({ RawRecommender }) => RawRecommender.load(bytes));
  instance.inputSize = tableSize(instance.call(() => raw.info()));
  return Object.assign((question) => instance.call(() => question(raw)), { method });
}

/**
 * Trains and returns the saved model. `without` is the id of a model whose results are withheld from the method; `settings` are λ_M
 * and λ_X of `lrmf`, for `irt` whether all items share a slope, or which losses `ranker` has.
 */
async function trainAndSave(bytes, info, { method, device, seed, without, settings, signal, onProgress }) {
  const name = TRAINERS[method] ?? "methods";
  const factorises = name === "trainer" && info.kind === "outcome";
  await Promise.all([load(name), factorises && load("lrmf")]);
  const observer = new Observer(signal, onProgress);
  const trainIn = (name, ...given) => run(name, tableSize(info), ({ train }) => train(bytes, ...given, observer));
  try {
    const start = factorises ? await trainIn("lrmf", "lrmf", "cpu", seed, without, undefined) : settings;
    return await trainIn(name, method, device, seed, without, start);
  } finally {
    observer.close();
  }
}

/**
 * Parses facts as the command line does. Facts in an object stay as they are if the module `texts` is not loaded, or if they contain a
 * separator.
 */
function readFacts(given) {
  if (typeof given === "string") return readText("readFacts", given);
  const entries = Object.entries(given);
  const isPlain = ([name, value]) => !/[,;=:\n]/.test(name) && ["boolean", "number", "string"].includes(typeof value) && !/[,;\n]|^\s*$/.test(value);
  const plain = loaded.texts ? entries.filter(isPlain) : [];
  if (plain.length === 0) return { factors: given };
  const read = readText("readFacts", plain.map((entry) => entry.join("=")).join("\n"));
  const others = Object.fromEntries(entries.filter((entry) => !plain.includes(entry)));
  return { ...read, factors: { ...others, ...read.factors } };
}

/** The address of a model on Hugging Face. */
const ADDRESS = /^(?:https?:\/\/)?(?:huggingface|hf)\.co\/(?:api\/models\/)?([^/?#]+\/[^/?#]+)/;

/** Names of benchmarks, in a list or joined by commas. */
function taskList(tasks = []) {
  return typeof tasks === "string" ? tasks.split(",").map((task) => task.trim()) : tasks;
}

/** A request in the form that the module `forecast` reads, and the warnings about its texts. */
function toQuestion({ id, name, date, lineage = { parents: [] }, factors = {}, scores = {}, compare = [], costs = {}, tasks = [], top }) {
  const parsed = typeof lineage === "string" ? readText("readLineage", lineage) : { parents: lineage.parents.map(toParent) };
  const given = typeof scores === "string" ? readText("readScores", scores) : { shares: Object.entries(scores) };
  const facts = readFacts(factors);
  const named = (id ?? name ?? facts.name)?.trim();
  const question = {
    id: (ADDRESS.exec(named)?.[1] ?? named) || parsed.id,
    // An unknown `id` of a request causes a warning; an id in a text may be that of a new model.
    asked: id !== undefined,
    name: parsed.name,
    date: date ?? facts.date ?? parsed.date,
    // Facts that cause a warning if they are not used. The field `date` causes none, since programs often add it.
    typed: [...Object.keys(facts.factors), ...(facts.date ? ["date"] : [])],
    parents: parsed.parents,
    factors: { ...parsed.factors, ...facts.factors },
    scores: given.shares ?? [],
    // Scores in a text keep their values as written; the model knows their units.
    written: given.typed ?? [],
    listed: given.listed ?? parsed.scores ?? [],
    compare,
    costs: Object.entries(costs),
    tasks: taskList(tasks),
    top,
  };
  return { question, warnings: [parsed, given].flatMap(({ warnings = [] }) => warnings) };
}

/** Receives the report of the training loop after each epoch, and answers whether to continue. */
class Observer {
  #signal;
  #onProgress;
  #channel;
  #resumed = performance.now();

  constructor(signal, onProgress) {
    this.#signal = signal;
    this.#onProgress = onProgress;
  }

  /** Seconds; the training compares the times of two devices. */
  now() {
    return performance.now() / 1000;
  }

  report(epoch, maxEpochs, loss, validation, metric) {
    this.#onProgress?.({ epoch, maxEpochs, loss, validation: validation ?? null, metric });
    if (performance.now() - this.#resumed < SLICE) return this.#continues();
    return this.#yield().then(() => {
      this.#resumed = performance.now();
      return this.#continues();
    });
  }

  close() {
    // An open port would keep Node running.
    this.#channel?.port1.close();
  }

  #continues() {
    return !this.#signal?.aborted;
  }

  /** Lets the event loop run once. In Node a message that answers a message may keep timers waiting, and `setImmediate` does not; in browsers nested timers would wait for 4 ms. */
  #yield() {
    if (globalThis.setImmediate) return new Promise((resolve) => setImmediate(resolve));
    this.#channel ??= new MessageChannel();
    const { port1, port2 } = this.#channel;
    return new Promise((resolve) => {
      port1.onmessage = () => resolve();
      port2.postMessage(undefined);
    });
  }
}
