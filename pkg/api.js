// The package's classes over the two wasm modules. An entry (`index.js`, `inline.js`) says where those come from.
//
// The engine trains and forecasts; the intake reads files and texts, and is loaded where there are any to read.

import initEngine, { RawRecommender, RawSnapshot } from "./wasm/eyas.js";

/** Longest stretch of training, in ms, before other work of the same thread (a cancel message) gets its turn. */
const SLICE = 12;

/** A module with one function that uses a SIMD instruction: it validates where SIMD is there. */
const SIMD_MODULE = Uint8Array.of(
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
);

let find;
let engine;
let intake;
/** The intake's functions, once it is there. */
let reads;

/** An entry names its way to a module, `simd`, `plain` or `intake`: what its `init` takes. The first entry that is loaded wins. */
export function provide(way) {
  find ??= way;
}

/** Starts the modules once. Called by every entry point; calling it early hides the loading time. */
export async function start(build, { texts = true } = {}) {
  if (typeof WebAssembly !== "object") throw new Error("WebAssembly is not to be had here");
  // A failed start (no network) is not kept, so that the next call tries again.
  engine ??= loadEngine(build).catch((error) => {
    engine = undefined;
    throw error;
  });
  if (texts) {
    intake ??= loadIntake().catch((error) => {
      intake = undefined;
      throw error;
    });
  }
  await Promise.all([engine, texts && intake]);
}

async function loadEngine(build) {
  build ??= WebAssembly.validate(SIMD_MODULE) ? "simd" : "plain";
  await initEngine({ module_or_path: await find(build) });
}

async function loadIntake() {
  const { default: init, ...functions } = await import("./wasm/intake.js");
  await init({ module_or_path: await find("intake") });
  reads = functions;
}

export class Snapshot {
  #raw;

  constructor(raw, warnings) {
    this.#raw = raw;
    this.warnings = warnings;
  }

  static async parse(input, { name = "snapshot", lineage, modelFactors, taskFactors } = {}) {
    await start();
    const sources = Array.isArray(input) ? input : [{ name, bytes: input }];
    const { snapshot, warnings } = reads.parse(sources, lineage, modelFactors, taskFactors);
    return new Snapshot(RawSnapshot.read(snapshot), warnings);
  }

  get info() {
    return this.#raw.info();
  }

  get benchmarks() {
    return this.#raw.benchmarks();
  }

  free() {
    this.#raw.free();
  }

  /** For this module alone. */
  static raw(snapshot) {
    return snapshot.#raw;
  }
}

export class Recommender {
  #raw;

  constructor(raw) {
    this.#raw = raw;
  }

  static async train(snapshot, { method, device, seed, signal, onProgress } = {}) {
    await start();
    const observer = new Observer(signal, onProgress);
    try {
      return new Recommender(await RawRecommender.train(Snapshot.raw(snapshot), { method, device, seed }, observer));
    } finally {
      observer.close();
    }
  }

  static async load(bytes, { texts = true } = {}) {
    await start(undefined, { texts });
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

  predict({ lineage, factors, scores = {} }) {
    const told = typeof lineage === "string" ? text("readLineage", lineage) : { parents: lineage.parents.map(parent) };
    const given = typeof scores === "string" ? text("readScores", scores) : { typed: Object.entries(scores) };
    const answer = this.#raw.predict({
      name: told.name,
      date: told.date,
      parents: told.parents,
      factors: { ...told.factors, ...factors },
      scores: given.typed ?? [],
      listed: given.listed ?? told.scores ?? [],
    });
    return { ...answer, warnings: [told, given, answer].flatMap(({ warnings = [] }) => warnings) };
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

/** What the intake reads in a text. */
function text(read, pasted) {
  if (!reads) throw new Error("what reads texts is not loaded; leave out `texts: false`, or call `start()` before");
  return reads[read](pasted);
}

/** A parent by its id alone, or whole. */
function parent(given) {
  return typeof given === "string" ? { id: given } : given;
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
