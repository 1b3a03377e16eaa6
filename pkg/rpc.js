// Remote procedure calls from a page to its worker. The worker serves functions with `serve`. The page calls them with `Remote`, which
// has a watchdog for workers that crash or hang.
//
// A call is the message `{ id, name, args, reports }`. Its answers are any number of `{ id, progress }` and then `{ id, result }` or
// `{ id, error: { message, kind } }`. An empty message is a ping, and also the answer to a ping. Functions and an `AbortSignal` cannot
// be sent, except for `onProgress` in the last argument: `serve` replaces it by a function that sends its argument to the page.

/** Milliseconds between two pings while calls are pending. */
const PERIOD = 5000;
/** Successive unanswered pings after which a worker is terminated: ten minutes while it trains, otherwise one. */
const [TRAINING, ANSWERING] = [120, 12];

/** By argument or result: the buffers to transfer with it. */
const transfers = new WeakMap();

/** Marks buffers of an argument or of a result to be transferred and not copied; the sender loses them. */
export function transfer(value, buffers) {
  transfers.set(value, buffers);
  return value;
}

/** Serves these functions, and reports that the worker is ready. */
export function serve(calls) {
  globalThis.onmessage = async ({ data: { id, name, args, reports } }) => {
    if (!name) return postMessage({});
    try {
      if (reports) args.push({ ...args.pop(), onProgress: (progress) => postMessage({ id, progress }) });
      const result = await calls[name](...args);
      postMessage({ id, result }, transfers.get(result) ?? []);
    } catch (error) {
      const { message, kind } = error instanceof Error ? error : new Error(String(error));
      postMessage({ id, error: { message, kind } });
    }
  };
  postMessage({ ready: true });
}

/** Creates a worker by `start`, and resolves to it once it serves. */
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
    // The error of the constructor mentions origins and types; this message states the cause.
    throw error.message.startsWith("its worker") ? error : new Error("its worker is not allowed by the page's policy");
  });
}

/** A worker, as seen from the page. */
export class Remote {
  /** The error of all pending and later calls, once the worker has ended. Its `died` is true if the worker crashed or hung. */
  ended;
  /** The worker's functions; each returns a promise. */
  calls = new Proxy({}, { get: (_, name) => (...args) => this.#call(name, args) });
  #worker;
  #trains;
  #pending = new Map();
  #lastId = 0;
  #unanswered = 0;
  #timer;

  /** `trains(name, args)` is true for calls that train; a worker may leave pings unanswered for long while it trains. */
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

  /** Terminates the worker at once, and frees its memory. */
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
      const id = ++this.#lastId;
      const options = args.at(-1);
      const onProgress = options?.onProgress;
      const sent = onProgress ? [...args.slice(0, -1), { ...options, onProgress: undefined }] : args;
      if (this.#pending.size === 0) this.#timer = setInterval(() => this.#ping(), PERIOD);
      this.#pending.set(id, { trains: this.#trains(name, args), onProgress, resolve, reject });
      const buffers = args.flatMap((argument) => transfers.get(argument) ?? []);
      this.#post({ id, name, args: sent, reports: Boolean(onProgress) }, buffers).catch((error) => this.#receive({ id, error }));
    });
  }

  async #post(message, buffers = []) {
    (await this.#worker).postMessage(message, buffers);
  }

  #receive({ id, result, error, progress }) {
    this.#unanswered = 0;
    const call = this.#pending.get(id);
    if (!call) return;
    if (progress) return call.onProgress(progress);
    this.#pending.delete(id);
    if (this.#pending.size === 0) clearInterval(this.#timer);
    if (error) call.reject(Object.assign(new Error(error.message), { kind: error.kind }));
    else call.resolve(result);
  }

  /** Sends a ping. It counts unanswered pings and reads no clock, since the computer may have been suspended. */
  #ping() {
    const trains = [...this.#pending.values()].some(({ trains }) => trains);
    if (++this.#unanswered > (trains ? TRAINING : ANSWERING)) this.#died("does not answer");
    else this.#post({}).catch(() => {});
  }

  #died(how) {
    this.end(Object.assign(new Error(`its worker ${how}; the data may be too large for this browser`), { died: true }));
  }
}
