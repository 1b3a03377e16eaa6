// Workers for node, in its one thread: what is sent is copied as between threads, and they answer by `serve` of the package.

import { AsyncLocalStorage } from "node:async_hooks";
import { serve } from "../../pkg/rpc.js";

const at = new AsyncLocalStorage();
globalThis.postMessage = (message, buffers) => at.getStore().send(message, buffers);

/** A class that stands for `Worker`; `made` lists its workers. `calls(worker)` gives the functions that one serves. */
export function workers(calls) {
  return class {
    static made = [];
    ended = false;
    /** Whether it has stopped answering. */
    hangs = false;
    received = [];
    #answer;

    constructor() {
      this.constructor.made.push(this);
      queueMicrotask(() =>
        at.run(this, () => {
          serve(calls(this));
          this.#answer = globalThis.onmessage;
        }),
      );
    }

    postMessage(message, buffers) {
      const data = structuredClone(message, { transfer: buffers });
      if (this.ended) return;
      this.received.push(data);
      queueMicrotask(() => !this.hangs && at.run(this, () => this.#answer({ data })));
    }

    send(message, buffers) {
      const data = structuredClone(message, { transfer: buffers });
      queueMicrotask(() => !this.hangs && !this.ended && this.onmessage({ data }));
    }

    terminate() {
      this.ended = true;
    }
  };
}

/** What is under way in microtasks is done after this. */
export const settled = () => new Promise(setImmediate);

/** A promise that the test resolves: `{ promise, resolve, reject }`. */
export function gate() {
  const made = {};
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
}
