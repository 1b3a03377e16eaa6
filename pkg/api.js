// The package's classes over its wasm modules. An entry (`index.js`, `inline.js`) says where those come from.
//
// Each module is loaded when it is needed first: `tables` reads files, `texts` what is pasted, `trainer` trains the default
// method (outcomes are factorised by `lrmf` before), `lrmf` that one and `networks` those, with their way to GPUs, `methods` all
// others, `forecast` answers, `analyses` and `parameters` say what predictions rest on, by what the others train. A snapshot goes
// from one to the next as bytes, what was trained as a saved model.

/** Longest stretch of training, in ms, before other work of the same thread (a cancel message) gets its turn. */
const SLICE = 12;

/** Modules with one function that uses an instruction of SIMD, and of relaxed SIMD: they validate where that is there. */
const SIMD_MODULE = Uint8Array.of(
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
);
const RELAXED_MODULE = Uint8Array.of(
  0, 97, 115, 109, 1, 0, 0, 0, 1, 8, 1, 96, 3, 123, 123, 123, 1, 123, 3, 2, 1, 0, 10, 13, 1, 11, 0, 32, 0, 32, 1, 32, 2,
  253, 133, 2, 11,
);

/** The bindings of each module, written out so that bundlers find them; webpack starts no worker that is in several chunks. */
const bindings = {
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
const BUILDS = {
  lrmf: ["relaxed", "simd", "plain"],
  methods: ["simd", "plain"],
  networks: ["simd", "plain"],
  trainer: ["simd", "plain"],
};
/** The module that trains a method; `methods` all others. */
const TRAINERS = { eyas: "trainer", factors: "networks", lrmf: "lrmf", ncf: "networks", "ncf-factors": "networks" };
/** Methods that `forecast_more` forecasts by; `forecast` all others. */
const MORE = ["knn", "mf", "irt", "ncf", "ncf-factors", "factors", "scaling-law"];

let find;
let chosen;
/** Promises of modules by name. */
const started = new Map();
/** What those export that are there. */
const modules = {};

/** An entry names its way to a build of a module: what `init` takes. The first entry that is loaded wins. */
export function provide(way) {
  find ??= way;
}

/** Starts modules ahead of time, to hide their loading; without names those that most programs need. */
export async function start(build, { modules: names = ["tables", "texts", "trainer", "forecast"] } = {}) {
  chosen ??= build;
  await Promise.all(names.map(need));
}

/** A module's exports. */
function need(name) {
  if (!started.has(name)) {
    // A failed start (no network) is not kept, so that the next call tries again.
    const starting = load(name).catch((error) => {
      started.delete(name);
      throw error;
    });
    started.set(name, starting);
  }
  return started.get(name);
}

async function load(name) {
  if (typeof WebAssembly !== "object") throw new Error("WebAssembly is not to be had here");
  chosen ??= WebAssembly.validate(RELAXED_MODULE) ? "relaxed" : WebAssembly.validate(SIMD_MODULE) ? "simd" : "plain";
  const [{ default: init, ...exports }, place] = await Promise.all([
    bindings[name](),
    find(build(name)),
  ]);
  await init({ module_or_path: place });
  return (modules[name] = exports);
}

/** The name of the build of a module: the one that was chosen, or the next one that the module has. */
function build(name) {
  const builds = BUILDS[name];
  if (!builds) return name;
  return `${name}_${builds.includes(chosen) ? chosen : builds[0]}`;
}

export class Snapshot {
  /** In the form that the modules read; undefined when it was freed. */
  #bytes;

  constructor({ bytes, info, benchmarks, warnings }) {
    this.#bytes = bytes;
    Object.assign(this, { info, benchmarks, warnings });
  }

  static async parse(input, { name = "snapshot", lineage, modelFactors, taskFactors } = {}) {
    const files = Array.isArray(input) ? input : [{ name, bytes: input }];
    const [{ parse }, sources, ...beside] = await Promise.all([
      need("tables"),
      Promise.all(files.map(unpacked)),
      unpacked(lineage),
      unpacked(modelFactors),
      unpacked(taskFactors),
    ]);
    return new Snapshot(parse(sources, ...beside));
  }

  async analyse(what, { signal, onProgress, ...options } = {}) {
    const { analyse } = await need(["penalties", "irt"].includes(what) ? "parameters" : "analyses");
    const kind = this.info.kind;
    const train = (bytes, method, seed, settings) =>
      saved(bytes, kind, { method, device: "cpu", seed, settings, signal, onProgress });
    return analyse(Snapshot.bytes(this), { what, ...options }, train);
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
  #raw;

  constructor(raw) {
    this.#raw = raw;
  }

  static async train(snapshot, { texts = true, ...options } = {}) {
    const [raw] = await Promise.all([trained(Snapshot.bytes(snapshot), snapshot.info.kind, options), texts && need("texts")]);
    return new Recommender(raw);
  }

  static async load(bytes, { texts = true } = {}) {
    const [{ RawRecommender }] = await Promise.all([need(forecaster(methodOf(bytes))), texts && need("texts")]);
    return new Recommender(RawRecommender.load(bytes));
  }

  get info() {
    return this.#raw.info();
  }

  get benchmarks() {
    return this.#raw.benchmarks();
  }

  get device() {
    return this.#raw.ran();
  }

  predict(request, options) {
    if (request.unseen) return this.#withUnseen(request, options);
    const { question, warnings } = asked(request);
    const answer = this.#raw.predict(question);
    return { ...answer, warnings: [...warnings, ...answer.warnings] };
  }

  /** Adds what would have been forecast of a measured model. */
  async #withUnseen(request, options) {
    const prediction = this.predict({ ...request, unseen: false });
    const id = prediction.quantisation_of ?? (prediction.measured && prediction.subject.id);
    if (!id) return prediction;
    const unseen = await this.#without(id, options, (raw, id) => raw.unseen(id));
    const forecasts = prediction.forecasts.map((forecast, at) => ({ ...forecast, unseen: unseen[at] }));
    return { ...prediction, forecasts };
  }

  async explain(request, options) {
    const { question } = asked(request);
    const id = this.#raw.measuredId(question);
    if (id === undefined) {
      // Asked by its id alone, it should be known.
      const alone = Object.keys(request).every((key) => key === "id");
      return alone ? this.#raw.explainKnown(request.id) : this.#raw.explain(question);
    }
    return this.#without(id, options, (raw, id) => raw.explainKnown(id));
  }

  /** Asks about a model of the snapshot a method that has not seen its results; where this one has, another is trained first. */
  async #without(id, { signal, onProgress } = {}, ask) {
    const { method, seed, measured } = this.#raw.trained(id);
    if (!measured) return ask(this.#raw, id);
    const options = { method, seed, without: id, signal, onProgress };
    const without = await trained(this.#raw.snapshot(), this.info.kind, options);
    try {
      return ask(without, id);
    } finally {
      without.free();
    }
  }

  next(request) {
    return this.#raw.next(asked(request).question);
  }

  understand(pasted) {
    const { date, ...told } = text("readLineage", pasted);
    const known = this.#raw.understand(told.parents, told.scores);
    return { ...told, ...known, warnings: [...told.warnings, ...known.warnings] };
  }

  rank(request) {
    return this.#raw.rank(request);
  }

  route(request) {
    return this.#raw.route(request);
  }

  save() {
    return this.#raw.save();
  }

  free() {
    this.#raw.free();
  }
}

/** The module that forecasts by a method. */
function forecaster(method) {
  return MORE.includes(method) ? "forecast_more" : "forecast";
}

/** The method of a saved model: a text of at most 127 bytes, the first thing in its head. */
function methodOf(bytes) {
  return new TextDecoder().decode(bytes.subarray(14, 14 + bytes[13]));
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
  if (!modules.texts) throw new Error("what reads texts is not loaded; await `start()` before");
  return modules.texts[read](pasted);
}

/** A parent by its id alone, or whole. */
function parent(given) {
  return typeof given === "string" ? { id: given } : given;
}

/** Trains on a snapshot in its bytes. */
async function trained(bytes, kind, options) {
  const { method = "eyas" } = options;
  const [{ RawRecommender }, model] = await Promise.all([need(forecaster(method)), saved(bytes, kind, { ...options, method })]);
  return RawRecommender.load(model);
}

/**
 * What a training ends in. `without` names a model whose results are kept from the method; `settings` are λ_M and λ_X of
 * `lrmf`, or whether the items of `irt` share a slope.
 */
async function saved(bytes, kind, { method, device, seed, without, settings, signal, onProgress }) {
  const name = Object.hasOwn(TRAINERS, method) ? TRAINERS[method] : "methods";
  const [{ train }, lrmf] = await Promise.all([need(name), name === "trainer" && kind === "outcome" && need("lrmf")]);
  const observer = new Observer(signal, onProgress);
  try {
    const factorised = lrmf ? await lrmf.train(bytes, "lrmf", "cpu", seed, without, undefined, observer) : undefined;
    return await train(bytes, method, device, seed, without, factorised ?? settings, observer);
  } finally {
    observer.close();
  }
}

/** Facts as the command line reads them; without what reads texts, and where a sign would cut an entry, as they are. */
function facts(given) {
  if (typeof given === "string") return text("readFacts", given);
  const entries = Object.entries(given);
  const typed = ([name, value]) => !/[,;=:\n]/.test(name) && ["boolean", "number", "string"].includes(typeof value) && !/[,;\n]|^\s*$/.test(value);
  const plain = modules.texts ? entries.filter(typed) : [];
  if (plain.length === 0) return { factors: given };
  const read = text("readFacts", plain.map((entry) => entry.join("=")).join("\n"));
  const others = Object.fromEntries(entries.filter((entry) => !plain.includes(entry)));
  return { ...read, factors: { ...others, ...read.factors } };
}

/** A question about a model as the module `forecast` takes it, and what was told of its texts. */
function asked({ id, name, date, lineage = { parents: [] }, factors = {}, scores = {}, compare = [], costs = {}, top }) {
  const told = typeof lineage === "string" ? text("readLineage", lineage) : { parents: lineage.parents.map(parent) };
  const given = typeof scores === "string" ? text("readScores", scores) : { typed: Object.entries(scores) };
  const typed = facts(factors);
  const question = {
    id: (id ?? name ?? typed.name)?.trim() || told.id,
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
