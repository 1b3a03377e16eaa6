// One worker for all elements of a page, and in it one model for all that name the same source. Who needs a model takes a
// lease of it; the last one to release ends the model, and the last of all the worker with its memory. Where a worker dies or
// does not answer, those that waited for it are opened again, each in a worker of its own: so the one that is at fault ends no
// other. All others come back in a new common worker when they are asked next.

const WORKER = "../worker.js";
/** Milliseconds between two looks at a worker that owes answers. */
const LOOK = 5000;
/** Looks without a sign of life after which it is given up: ten minutes where it trains, else one. */
const [TRAINING, ANSWERING] = [120, 12];

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

  forecast(request) {
    return this.#model.ask("forecast", request);
  }

  rank(request) {
    return this.#model.ask("rank", request);
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

  constructor(key, source) {
    this.#key = key;
    this.#source = source;
  }

  /** Opened where that was not done yet or its worker is gone; then asked, if anything. */
  async ask(name, request) {
    if (!this.#opened || this.#bench.broken) {
      if (this.#alone) this.#bench = new Bench();
      else this.#bench = common = common?.broken === false ? common : new Bench(true);
      this.#bench.models.set(this.#key, this);
      this.#opened = this.#bench.call("open", { key: this.#key, source: this.#source });
    }
    const bench = this.#bench;
    try {
      const opened = await this.#opened;
      return name ? await bench.call(name, { key: this.#key, request }) : opened;
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
    if (bench.models.size > 0) bench.call("close", { key: this.#key }).catch(() => {});
    else bench.end(new Error("released"));
  }
}

class Bench {
  broken = false;
  models = new Map();
  #worker = hire();
  #calls = new Map();
  #last = 0;
  #silent = 0;
  #watch;

  constructor(common = false) {
    this.common = common;
    this.#worker.then(
      (worker) => {
        // Ended while it was starting.
        if (this.broken) return worker.terminate();
        worker.onmessage = ({ data }) => this.#hear(data);
        worker.onerror = (event) => {
          event.preventDefault();
          this.#died("stopped unexpectedly");
        };
      },
      (error) => this.end(error),
    );
  }

  async call(name, request) {
    const worker = await this.#worker;
    if (this.broken) throw new Error("its worker was ended");
    const id = ++this.#last;
    const answer = new Promise((resolve, reject) => this.#calls.set(id, { name, resolve, reject }));
    worker.postMessage({ id, name, ...request });
    this.#silent = 0;
    this.#watch ??= setInterval(() => this.#look(worker), LOOK);
    return answer;
  }

  end(error) {
    this.broken = true;
    clearInterval(this.#watch);
    this.#worker.then((worker) => worker.terminate(), () => {});
    for (const { reject } of this.#calls.values()) reject(error);
    this.#calls.clear();
  }

  #died(how) {
    this.end(Object.assign(new Error(`its worker ${how}; the data may be too large for this browser`), { died: true }));
  }

  /** Counted in looks, not by the clock: a computer may have slept. */
  #look(worker) {
    const calls = [...this.#calls.values()];
    const patience = calls.some(({ name }) => name === "open") ? TRAINING : ANSWERING;
    if (calls.length === 0) {
      clearInterval(this.#watch);
      this.#watch = undefined;
    } else if (++this.#silent > patience) this.#died("does not answer");
    else worker.postMessage({ name: "ping" });
  }

  #hear({ id, result, error, key, progress }) {
    this.#silent = 0;
    if (progress) {
      for (const listener of this.models.get(key)?.listeners ?? []) listener(progress);
      return;
    }
    const call = this.#calls.get(id);
    this.#calls.delete(id);
    if (error) call?.reject(Object.assign(new Error(error.message), { kind: error.kind }));
    else call?.resolve(result);
  }
}

/** A worker that is at work. One from another origin is not allowed, but one of this origin may import its script. */
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

const beside = () => ready(() => new Worker(new URL("../worker.js", import.meta.url), { type: "module" }));

/** A classic worker, since module workers of a blob do not start in sandboxed frames (Chromium). */
function imported() {
  const script = JSON.stringify(new URL(WORKER, import.meta.url).href);
  const line = `import(${script}).catch((error) => postMessage({ refused: String(error) }));`;
  const address = URL.createObjectURL(new Blob([line], { type: "text/javascript" }));
  const worker = ready(() => new Worker(policy()?.createScriptURL(address) ?? address));
  return worker.finally(() => URL.revokeObjectURL(address));
}

let made;
const policy = () => (made ??= globalThis.trustedTypes?.createPolicy("eyas", { createScriptURL: (address) => address }));

function ready(start) {
  return new Promise((resolve, reject) => {
    const worker = start();
    const refuse = () => {
      worker.terminate();
      reject(new Error("its worker could not start; the page's policy or the network stops it"));
    };
    worker.onmessage = ({ data }) => (data.refused ? refuse() : resolve(worker));
    worker.onerror = (event) => {
      event.preventDefault();
      refuse();
    };
  }).catch((error) => {
    // What the constructor throws speaks of origins and types; readers are told what it means.
    throw error.message.startsWith("its worker") ? error : new Error("its worker is not allowed by the page's policy");
  });
}
