// Calls from a page to a worker: `serve` in the worker, and `Remote` on the page, which also notices when a worker dies or hangs.
//
// A call is `{ id, name, args, reports }`; to it come `{ id, progress }` any number of times, then `{ id, result }` or
// `{ id, error: { message, kind } }`. An empty message asks for a sign of life, and an empty one is the answer. Functions cannot
// be sent, except `onProgress` in the last argument, the options of a call: the worker gets one that sends messages. An
// `AbortSignal` cannot be sent either.

/** Milliseconds between two looks at a worker that owes answers. */
const LOOK = 5000;
/** Looks without a sign of life after which it is given up: ten minutes where it trains, else one. */
const [TRAINING, ANSWERING] = [120, 12];

/** For values that are sent: the buffers that move with them. */
const moving = new WeakMap();

/** Has buffers of an argument or of a result move instead of being copied; they are gone where they came from. */
export function transfer(value, buffers) {
  moving.set(value, buffers);
  return value;
}

/** Answers calls by these functions. The first message says that the worker is ready. */
export function serve(calls) {
  globalThis.onmessage = async ({ data: { id, name, args, reports } }) => {
    if (!name) return postMessage({});
    try {
      if (reports) args.push({ ...args.pop(), onProgress: (progress) => postMessage({ id, progress }) });
      const result = await calls[name](...args);
      postMessage({ id, result }, moving.get(result) ?? []);
    } catch (error) {
      const { message, kind } = error instanceof Error ? error : new Error(String(error));
      postMessage({ id, error: { message, kind } });
    }
  };
  postMessage({ ready: true });
}

/** Starts a worker that serves, and resolves to it when it is ready. */
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
  /** Why it ended, which is the error of all calls that it owes an answer and of all later ones; it has `died` where it was not asked to end. */
  ended;
  /** The worker's functions, each as one that promises its result. */
  calls = new Proxy({}, { get: (_, name) => (...args) => this.#call(name, args) });
  #worker;
  #trains;
  #owed = new Map();
  #last = 0;
  #silent = 0;
  #watch;

  /** `worker` promises one; `trains(name, args)` says whether a call trains, during which a worker may be silent for long. */
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

  /** Ends the worker at once, whatever it does; its memory goes with it. */
  end(reason = Object.assign(new Error("its worker was ended"), { kind: "cancelled" })) {
    if (this.ended) return;
    this.ended = reason;
    clearInterval(this.#watch);
    this.#worker.then((worker) => worker.terminate(), () => {});
    for (const { reject } of this.#owed.values()) reject(reason);
    this.#owed.clear();
  }

  #call(name, args) {
    return new Promise((resolve, reject) => {
      if (this.ended) throw this.ended;
      const id = ++this.#last;
      const options = args.at(-1);
      const onProgress = options?.onProgress;
      const sent = onProgress ? [...args.slice(0, -1), { ...options, onProgress: undefined }] : args;
      if (this.#owed.size === 0) this.#watch = setInterval(() => this.#look(), LOOK);
      this.#owed.set(id, { trains: this.#trains(name, args), onProgress, resolve, reject });
      const buffers = args.flatMap((argument) => moving.get(argument) ?? []);
      this.#post({ id, name, args: sent, reports: Boolean(onProgress) }, buffers).catch((error) => this.#receive({ id, error }));
    });
  }

  async #post(message, buffers = []) {
    (await this.#worker).postMessage(message, buffers);
  }

  #receive({ id, result, error, progress }) {
    this.#silent = 0;
    const call = this.#owed.get(id);
    if (!call) return;
    if (progress) return call.onProgress(progress);
    this.#owed.delete(id);
    if (this.#owed.size === 0) clearInterval(this.#watch);
    if (error) call.reject(Object.assign(new Error(error.message), { kind: error.kind }));
    else call.resolve(result);
  }

  /** Counted in looks, not by the clock: a computer may have slept. */
  #look() {
    const trains = [...this.#owed.values()].some(({ trains }) => trains);
    if (++this.#silent > (trains ? TRAINING : ANSWERING)) this.#died("does not answer");
    else this.#post({}).catch(() => {});
  }

  #died(how) {
    this.end(Object.assign(new Error(`its worker ${how}; the data may be too large for this browser`), { died: true }));
  }
}
