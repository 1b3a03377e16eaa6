// All elements of a page share one worker, and elements with the same source share one model in it. An element takes a lease of a
// model, that is, a counted reference to it. The release of the last lease closes the model, and the release of the last model
// terminates the worker and frees its memory.
//
// If a worker crashes or does not answer, each model with a pending call is opened again in a worker of its own, so that the model
// that caused the failure affects no other. All other models are opened again in a new common worker by the next call.

import { Remote, started } from "../rpc.js";

/** Models by source, as JSON. */
const models = new Map();
let common;

/** A counted reference to the model of a source, `{ model: address }` or `{ snapshot: address }`. */
export class Lease {
  #model;
  #listener;

  constructor(source, listener) {
    const key = JSON.stringify(source);
    if (!models.has(key)) models.set(key, new Model(key, source));
    this.#model = models.get(key);
    this.#listener = listener;
    this.#model.listeners.push(listener);
    /** Resolves to `{ info, benchmarks }` once the model is trained or loaded. */
    this.opened = this.#model.ask();
  }

  /** Calls one of the functions of `worker.js` for this model. */
  ask(name, request) {
    return this.#model.ask(name, request);
  }

  release() {
    this.#model.release(this.#listener);
  }
}

class Model {
  listeners = [];
  #key;
  #source;
  #worker;
  #opened;
  #separate = false;
  #options = {
    onProgress: (progress) => {
      for (const listener of this.listeners) listener(progress);
    },
  };

  constructor(key, source) {
    this.#key = key;
    this.#source = source;
  }

  /** Opens the model, unless it is open in a live worker. Then calls the function `name`, if given. */
  async ask(name, request) {
    if (!this.#opened || this.#worker.ended) {
      if (this.#separate) this.#worker = new ModelWorker();
      else this.#worker = common = common && !common.ended ? common : new ModelWorker(true);
      this.#worker.models.add(this.#key);
      this.#opened = this.#worker.calls.open(this.#key, this.#source, this.#options);
    }
    const worker = this.#worker;
    try {
      const opened = await this.#opened;
      return name ? await worker.calls[name](this.#key, request, this.#options) : opened;
    } catch (error) {
      if (!error.died || !worker.common || this.listeners.length === 0) throw error;
      this.#separate = true;
      return this.ask(name, request);
    }
  }

  release(listener) {
    this.listeners.splice(this.listeners.indexOf(listener), 1);
    if (this.listeners.length > 0) return;
    if (models.get(this.#key) === this) models.delete(this.#key);
    const worker = this.#worker;
    worker.models.delete(this.#key);
    if (worker.models.size > 0) worker.calls.close(this.#key).catch(() => {});
    else worker.end();
  }
}

/** A worker, with the keys of the models in it. */
class ModelWorker extends Remote {
  models = new Set();

  constructor(common = false) {
    super(startWorker(), (name) => name === "open");
    this.common = common;
  }
}

/** Starts a worker. Browsers forbid workers from another origin, but a worker of this origin may import a script from there. */
async function startWorker() {
  if (typeof Worker !== "function") throw new Error("this browser has no workers");
  const here = new URL(import.meta.url);
  // In a bundle, only `startDirectly` contains the right address, which the bundler has inserted.
  const bundled = here.protocol === "file:" || !/\/widget\/(lease|view)\.js$/.test(here.pathname);
  if (bundled) return startDirectly().catch((error) => {
    throw here.pathname.includes("/.vite/") ? new Error("exclude eyas from Vite's optimizeDeps") : error;
  });
  // A bundler would copy the script for each address with `import.meta.url`, hence `here`.
  const byImport = () => startByImport(new URL("../worker.js", here).href);
  if (here.origin !== self.origin) return byImport();
  // A page with an embedder policy refuses a worker whose response has no such policy.
  return startDirectly().catch(byImport);
}

const startDirectly = () => started(() => new Worker(new URL("../worker.js", import.meta.url), { type: "module" }));

/** Starts a worker of this origin that imports the script. It is a classic worker: in Chromium, module workers from a blob do not
 *  start in sandboxed frames. */
function startByImport(address) {
  const line = `import(${JSON.stringify(address)}).catch((error) => postMessage({ refused: String(error) }));`;
  const script = URL.createObjectURL(new Blob([line], { type: "text/javascript" }));
  const worker = started(() => new Worker(policy()?.createScriptURL(script) ?? script));
  return worker.finally(() => URL.revokeObjectURL(script));
}

let trustedTypesPolicy;
const policy = () => (trustedTypesPolicy ??= globalThis.trustedTypes?.createPolicy("eyas", { createScriptURL: (address) => address }));
