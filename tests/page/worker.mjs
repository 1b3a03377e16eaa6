// Workers for Node that run in the same thread. Messages are copied as between threads, and `serve` of the package answers them.

import { AsyncLocalStorage } from "node:async_hooks";
import { serve } from "../../pkg/rpc.js";

const at = new AsyncLocalStorage();
globalThis.postMessage = (message, buffers) => at.getStore().send(message, buffers);

/** A replacement for the class `Worker`. `made` lists its instances; `calls(worker)` returns the functions that an instance serves. */
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

/** Resolves after all pending microtasks. */
export const settled = () => new Promise(setImmediate);

/** A promise that the test resolves: `{ promise, resolve, reject }`. */
export function gate() {
  const made = {};
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
}
