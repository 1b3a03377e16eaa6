// A worker as the page sees it: it can be ended at any moment, and whoever waits for it is told.

import { proxy, transfer, wrap, type Remote } from "comlink";
import type { Explanation, NextRequest, Plan, PredictRequest, Prediction, Ran, Source, Understood } from "../pkg/index.js";
import type { Choice, Opened, ProgressListener, RankedColumn, Surface } from "./worker.ts";

/** Why a waiting promise was rejected: somebody ended the workbench. */
export class Ended extends Error {}

export class Workbench {
  readonly #worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  readonly #surface: Remote<Surface> = wrap<Surface>(this.#worker);
  readonly #broken: Promise<never>;
  #break: (reason: Error) => void = () => undefined;

  constructor() {
    this.#broken = new Promise((_, reject) => {
      this.#break = reject;
    });
    // Nobody may be waiting when it breaks.
    this.#broken.catch(() => undefined);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#break(new Error(event.message || "the worker could not start"));
    };
  }

  /** The bytes move to the worker and are gone here. */
  open(sources: Source[]): Promise<Opened> {
    const buffers = sources.map(({ bytes }) => bytes.buffer as ArrayBuffer);
    return this.#unlessBroken(this.#surface.open(transfer(sources, buffers)));
  }

  train(listener: ProgressListener, choice: Choice): Promise<Ran> {
    return this.#unlessBroken(this.#surface.train(proxy(listener), choice));
  }

  predict(request: PredictRequest): Promise<Prediction> {
    return this.#unlessBroken(this.#surface.predict(request));
  }

  explain(request: PredictRequest): Promise<Explanation> {
    return this.#unlessBroken(this.#surface.explain(request));
  }

  next(request: NextRequest): Promise<Plan> {
    return this.#unlessBroken(this.#surface.next(request));
  }

  understand(text: string): Promise<Understood> {
    return this.#unlessBroken(this.#surface.understand(text));
  }

  rank(task: string): Promise<RankedColumn> {
    return this.#unlessBroken(this.#surface.rank(task));
  }

  /** Ends the worker wherever it is; its memory goes with it. */
  end(): void {
    this.#worker.terminate();
    this.#break(new Ended("ended"));
  }

  async #unlessBroken<T>(answer: Promise<T>): Promise<T> {
    try {
      return await Promise.race([answer, this.#broken]);
    } catch (error) {
      throw error instanceof WebAssembly.RuntimeError || isTrap(error)
        ? new Error("the computation stopped unexpectedly; the data may be too large for this browser", { cause: error })
        : error;
    }
  }
}

/** A trap crosses from the worker as a plain error with its name. */
function isTrap(error: unknown): boolean {
  return error instanceof Error && error.name === "RuntimeError";
}
