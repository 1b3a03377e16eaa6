// Remote procedure calls from a page to its worker: the worker serves functions by `serve`, the page calls them by `Remote`, which
// has a watchdog for workers that die or hang.
//
// A call is the message `{ id, name, args, reports }`. Its answers are any number of `{ id, progress }` and then `{ id, result }` or
// `{ id, error: { message, kind } }`. An empty message is a ping, and the answer to one. Functions and an `AbortSignal` cannot be
// sent, except for `onProgress` in the last argument: there the worker gets a function that sends its argument to the page.

/** Milliseconds between two pings while calls are pending. */
const PERIOD = 5000;
/** Pings in a row without an answer after which a worker is given up: ten minutes while it trains, else one. */
const [TRAINING, ANSWERING] = [120, 12];

/** By argument or result: the buffers that are transferred with it. */
const transferred = new WeakMap();

/** Has buffers of an argument or of a result transferred instead of copied: the sender no longer has them. */
export function transfer(value, buffers) {
  transferred.set(value, buffers);
  return value;
}

/** Answers calls with these functions, and says that the worker is ready. */
export function serve(calls) {
  globalThis.onmessage = async ({ data: { id, name, args, reports } }) => {
    if (!name) return postMessage({});
    try {
      if (reports) args.push({ ...args.pop(), onProgress: (progress) => postMessage({ id, progress }) });
      const result = await calls[name](...args);
      postMessage({ id, result }, transferred.get(result) ?? []);
    } catch (error) {
      const { message, kind } = error instanceof Error ? error : new Error(String(error));
      postMessage({ id, error: { message, kind } });
    }
  };
  postMessage({ ready: true });
}

/** Starts a worker, and resolves to it when it serves. */
export function started(start) {
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

/** A worker as the page sees it. */
export class Remote {
  /** Why it ended: the error of all pending and all later calls. `died` is true in it unless `end` was called. */
  ended;
  /** The worker's functions; each returns a promise of its result. */
  calls = new Proxy({}, { get: (_, name) => (...args) => this.#call(name, args) });
  #worker;
  #trains;
  #pending = new Map();
  #last = 0;
  #silent = 0;
  #timer;

  /** `worker` is a promise of one; `trains(name, args)` says whether a call trains, while which a worker may not answer pings for long. */
  constructor(worker, trains) {
    this.#worker = worker;
    this.#trains = trains;
    worker.then(
      (worker) => {
        worker.onmessage = ({ data }) => this.#receive(data);
        worker.onerror = (event) => {
          event.preventDefault();
          this.#died("stopped unexpectedly");
        };
      },
      (error) => this.end(error),
    );
  }

  /** Ends the worker, whatever it is doing; its memory is freed. */
  end(reason = Object.assign(new Error("its worker was ended"), { kind: "cancelled" })) {
    if (this.ended) return;
    this.ended = reason;
    clearInterval(this.#timer);
    this.#worker.then((worker) => worker.terminate(), () => {});
    for (const { reject } of this.#pending.values()) reject(reason);
    this.#pending.clear();
  }

  #call(name, args) {
    return new Promise((resolve, reject) => {
      if (this.ended) throw this.ended;
      const id = ++this.#last;
      const options = args.at(-1);
      const onProgress = options?.onProgress;
      const sent = onProgress ? [...args.slice(0, -1), { ...options, onProgress: undefined }] : args;
      if (this.#pending.size === 0) this.#timer = setInterval(() => this.#check(), PERIOD);
      this.#pending.set(id, { trains: this.#trains(name, args), onProgress, resolve, reject });
      const buffers = args.flatMap((argument) => transferred.get(argument) ?? []);
      this.#post({ id, name, args: sent, reports: Boolean(onProgress) }, buffers).catch((error) => this.#receive({ id, error }));
    });
  }

  async #post(message, buffers = []) {
    (await this.#worker).postMessage(message, buffers);
  }

  #receive({ id, result, error, progress }) {
    this.#silent = 0;
    const call = this.#pending.get(id);
    if (!call) return;
    if (progress) return call.onProgress(progress);
    this.#pending.delete(id);
    if (this.#pending.size === 0) clearInterval(this.#timer);
    if (error) call.reject(Object.assign(new Error(error.message), { kind: error.kind }));
    else call.resolve(result);
  }

  /** Counts pings instead of reading a clock, since a computer may have slept. */
  #check() {
    const trains = [...this.#pending.values()].some(({ trains }) => trains);
    if (++this.#silent > (trains ? TRAINING : ANSWERING)) this.#died("does not answer");
    else this.#post({}).catch(() => {});
  }

  #died(how) {
    this.end(Object.assign(new Error(`its worker ${how}; the data may be too large for this browser`), { died: true }));
  }
}
