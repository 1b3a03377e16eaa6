// The package's one entry: it starts the wasm module that this engine can run, and gives its classes their shape.

import init, { RawRecommender, RawSnapshot } from "./wasm/eyas.js";

/** Longest stretch of training, in ms, before other work of the same thread (a cancel message) gets its turn. */
const SLICE = 12;

/** A module with one function that uses a SIMD instruction: it validates where SIMD is there. */
const SIMD_MODULE = Uint8Array.of(
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
);

let started;

/** Starts the module once. Called by every entry point; calling it early hides the loading time. */
export function start(build = WebAssembly.validate(SIMD_MODULE) ? "simd" : "plain") {
  // A failed start (no network) is not kept, so that the next call tries again.
  started ??= load(build).catch((error) => {
    started = undefined;
    throw error;
  });
  return started;
}

async function load(build) {
  // Both addresses are written out, so that bundlers find the files.
  const url =
    build === "simd"
      ? new URL("./wasm/eyas_simd.wasm", import.meta.url)
      : new URL("./wasm/eyas_plain.wasm", import.meta.url);
  await init({ module_or_path: url.protocol === "file:" ? await readLocal(url) : url });
}

async function readLocal(url) {
  // Node cannot fetch files; the name is kept from bundlers, which have no such module for browsers.
  const files = "node:fs/promises";
  const { readFile } = await import(/* @vite-ignore */ files);
  return readFile(url);
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

  get device() {
    return this.#raw.ran();
  }

  predict(request) {
    return this.#raw.predict(request);
  }

  rank(request) {
    return this.#raw.rank(request);
  }

  save() {
    return this.#raw.save();
  }

  free() {
    this.#raw.free();
  }
}

/** What the training loop reports to after every epoch, or several that a GPU did in one go; it answers whether to go on. */
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
