// One worker for all elements of a page, and in it one model for all that name the same source. Who needs a model takes a
// lease of it; the last one to release ends the model, and the last of all the worker with its memory.

const WORKER = "../worker.js";

let bench;

/** A share in the model of a source: `{ model: address }` or `{ snapshot: address }`. */
export class Lease {
  #bench;
  #key;
  #listener;

  constructor(source, listener) {
    if (!bench || bench.broken) bench = new Bench();
    this.#bench = bench;
    this.#key = JSON.stringify(source);
    this.#listener = listener;
    /** Resolves to what the model was made from, once it is there. */
    this.opened = this.#bench.share(this.#key, source, listener);
  }

  get broken() {
    return this.#bench.broken;
  }

  forecast(request) {
    return this.#bench.call("forecast", { key: this.#key, request });
  }

  rank(request) {
    return this.#bench.call("rank", { key: this.#key, request });
  }

  release() {
    if (this.#bench.leave(this.#key, this.#listener) || bench !== this.#bench) return;
    bench.end(new Error("released"));
    bench = undefined;
  }
}

class Bench {
  broken = false;
  #worker = hire();
  #models = new Map();
  #calls = new Map();
  #last = 0;

  constructor() {
    this.#worker.then(
      (worker) => {
        // Ended while it was starting.
        if (this.broken) return worker.terminate();
        worker.onmessage = ({ data }) => this.#hear(data);
        worker.onerror = (event) => {
          event.preventDefault();
          this.end(new Error("its worker stopped unexpectedly; the data may be too large for this browser"));
        };
      },
      (error) => this.end(error),
    );
  }

  share(key, source, listener) {
    let model = this.#models.get(key);
    if (!model) {
      model = { opened: this.call("open", { key, source }), listeners: [] };
      this.#models.set(key, model);
    }
    model.listeners.push(listener);
    return model.opened;
  }

  /** Answers whether anybody is left. */
  leave(key, listener) {
    const model = this.#models.get(key);
    model?.listeners.splice(model.listeners.indexOf(listener), 1);
    if (model?.listeners.length === 0) {
      this.#models.delete(key);
      if (this.#models.size > 0) this.call("close", { key }).catch(() => {});
    }
    return this.#models.size > 0;
  }

  async call(name, request) {
    const worker = await this.#worker;
    if (this.broken) throw new Error("its worker was ended");
    const id = ++this.#last;
    const answer = new Promise((resolve, reject) => this.#calls.set(id, { resolve, reject }));
    worker.postMessage({ id, name, ...request });
    return answer;
  }

  end(error) {
    this.broken = true;
    this.#worker.then((worker) => worker.terminate(), () => {});
    for (const { reject } of this.#calls.values()) reject(error);
    this.#calls.clear();
  }

  #hear({ id, result, error, key, progress }) {
    if (progress) {
      for (const listener of this.#models.get(key)?.listeners ?? []) listener(progress);
      return;
    }
    const call = this.#calls.get(id);
    this.#calls.delete(id);
    if (!error) return void call?.resolve(result);
    const raised = Object.assign(new Error(error.message), { kind: error.kind });
    call?.reject(raised);
    // After a trap the module's memory cannot be trusted.
    if (error.trap) this.end(raised);
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
