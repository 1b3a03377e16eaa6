// The package's classes over the wasm module. An entry (`index.js`, `inline.js`) says where the module comes from.

import init, { RawRecommender, RawSnapshot } from "./wasm/eyas.js";

/** Longest stretch of training, in ms, before other work of the same thread (a cancel message) gets its turn. */
const SLICE = 12;

/** A module with one function that uses a SIMD instruction: it validates where SIMD is there. */
const SIMD_MODULE = Uint8Array.of(
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
);

let find;
let started;

/** An entry names its way to a build of the module: what `init` takes. The first entry that is loaded wins. */
export function provide(way) {
  find ??= way;
}

/** Starts the module once. Called by every entry point; calling it early hides the loading time. */
export function start(build) {
  // A failed start (no network) is not kept, so that the next call tries again.
  started ??= load(build).catch((error) => {
    started = undefined;
    throw error;
  });
  return started;
}

async function load(build) {
  if (typeof WebAssembly !== "object") throw new Error("WebAssembly is not to be had here");
  build ??= WebAssembly.validate(SIMD_MODULE) ? "simd" : "plain";
  await init({ module_or_path: await find(build) });
}

export class Snapshot {
  #raw;

  constructor(raw) {
    this.#raw = raw;
  }

  static async parse(input, { name = "snapshot", lineage, modelFactors, taskFactors } = {}) {
    await start();
    const sources = Array.isArray(input) ? input : [{ name, bytes: input }];
    return new Snapshot(RawSnapshot.parse(sources, lineage, modelFactors, taskFactors));
  }

  get info() {
    return this.#raw.info();
  }

  get benchmarks() {
    return this.#raw.benchmarks();
  }

  get warnings() {
    return this.#raw.warnings();
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

  static async load(bytes) {
    await start();
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

  predict(request) {
    return this.#raw.predict(request);
  }

  async explain(request, { signal, onProgress } = {}) {
    const observer = new Observer(signal, onProgress);
    try {
      return await this.#raw.explain(request, observer);
    } finally {
      observer.close();
    }
  }

  next(request) {
    return this.#raw.next(request);
  }

  understand(text) {
    return this.#raw.understand(text);
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
