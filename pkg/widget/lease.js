// One worker for all elements of a page, and in it one model for all that name the same source. Who needs a model takes a
// lease of it; the last one to release ends the model, and the last of all the worker with its memory. Where a worker dies or
// does not answer, those that waited for it are opened again, each in a worker of its own: so the one that is at fault ends no
// other. All others come back in a new common worker when they are asked next.

import { Remote, started } from "../rpc.js";

const WORKER = "../worker.js";

/** Models by what they are made of. */
const models = new Map();
let common;

/** A share in the model of a source: `{ model: address }` or `{ snapshot: address }`. */
export class Lease {
  #model;
  #listener;

  constructor(source, listener) {
    const key = JSON.stringify(source);
    if (!models.has(key)) models.set(key, new Model(key, source));
    this.#model = models.get(key);
    this.#listener = listener;
    this.#model.listeners.push(listener);
    /** Resolves to what the model was made from, once it is there. */
    this.opened = this.#model.ask();
  }

  /** Calls one of the functions of `worker.js` for this model. */
  ask(name, request) {
    return this.#model.ask(name, request);
  }

  release() {
    this.#model.leave(this.#listener);
  }
}

class Model {
  listeners = [];
  #key;
  #source;
  #bench;
  #opened;
  #alone = false;
  #options = {
    onProgress: (progress) => {
      for (const listener of this.listeners) listener(progress);
    },
  };

  constructor(key, source) {
    this.#key = key;
    this.#source = source;
  }

  /** Opened where that was not done yet or its worker is gone; then asked, if anything. */
  async ask(name, request) {
    if (!this.#opened || this.#bench.ended) {
      if (this.#alone) this.#bench = new Bench();
      else this.#bench = common = common && !common.ended ? common : new Bench(true);
      this.#bench.models.add(this.#key);
      this.#opened = this.#bench.calls.open(this.#key, this.#source, this.#options);
    }
    const bench = this.#bench;
    try {
      const opened = await this.#opened;
      return name ? await bench.calls[name](this.#key, request, this.#options) : opened;
    } catch (error) {
      if (!error.died || !bench.common || this.listeners.length === 0) throw error;
      this.#alone = true;
      return this.ask(name, request);
    }
  }

  leave(listener) {
    this.listeners.splice(this.listeners.indexOf(listener), 1);
    if (this.listeners.length > 0) return;
    if (models.get(this.#key) === this) models.delete(this.#key);
    const bench = this.#bench;
    bench.models.delete(this.#key);
    if (bench.models.size > 0) bench.calls.close(this.#key).catch(() => {});
    else bench.end();
  }
}

/** A worker, with the keys of the models in it. */
class Bench extends Remote {
  models = new Set();

  constructor(common = false) {
    super(hire(), (name) => name === "open");
    this.common = common;
  }
}

/** Starts a worker. One from another origin is not allowed, but one of this origin may import its script. */
async function hire() {
  if (typeof Worker !== "function") throw new Error("this browser has no workers");
  const here = new URL(import.meta.url);
  // A bundler that has moved this code has put the worker's address into `beside`, and `imported` would not find it.
  const bundled = here.protocol === "file:" || !here.pathname.endsWith("/widget/lease.js");
  if (bundled) return beside();
  if (here.origin !== self.origin) return imported();
  // Pages with an embedder policy refuse a worker whose server does not send one.
  return beside().catch(imported);
}

const beside = () => started(() => new Worker(new URL("../worker.js", import.meta.url), { type: "module" }));

/** A classic worker, since module workers of a blob do not start in sandboxed frames (Chromium). */
function imported() {
  const script = JSON.stringify(new URL(WORKER, import.meta.url).href);
  const line = `import(${script}).catch((error) => postMessage({ refused: String(error) }));`;
  const address = URL.createObjectURL(new Blob([line], { type: "text/javascript" }));
  const worker = started(() => new Worker(policy()?.createScriptURL(address) ?? address));
  return worker.finally(() => URL.revokeObjectURL(address));
}

let made;
const policy = () => (made ??= globalThis.trustedTypes?.createPolicy("eyas", { createScriptURL: (address) => address }));
