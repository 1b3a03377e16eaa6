// A worker as the page sees it: it can be ended at any moment, it may die or no longer answer, and whoever waits for it gets an error.

import { proxy, transfer, wrap, type Remote } from "comlink";
import type { Explanation, NextRequest, Plan, PredictRequest, Prediction, Source, Understood } from "../pkg/index.js";
import type { Choice, Made, Opened, ProgressListener, RankedColumn, Surface } from "./worker.ts";

/** Milliseconds between two looks at a worker that owes answers. */
const LOOK = 5000;
/** Looks without a sign of life after which it is given up: ten minutes where it trains, else one. */
const [TRAINING, ANSWERING] = [120, 12];

/** Why a waiting promise was rejected: somebody ended the workbench. */
export class Ended extends Error {}

export class Workbench {
  /** Whether it died, or did not answer for long. */
  dead = false;
  readonly #worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  readonly #surface: Remote<Surface> = wrap<Surface>(this.#worker);
  readonly #broken: Promise<never>;
  #break: (reason: Error) => void = () => undefined;
  #owed = 0;
  #silent = 0;
  #patience = ANSWERING;
  #watch: ReturnType<typeof setInterval> | undefined;

  constructor() {
    this.#broken = new Promise((_, reject) => {
      this.#break = reject;
    });
    // Nobody may be waiting when it breaks.
    this.#broken.catch(() => undefined);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#died(event.message || "the worker could not start");
    };
  }

  /** The bytes move to the worker and are gone here. */
  open(sources: Source[]): Promise<Opened> {
    const buffers = sources.map(({ bytes }) => bytes.buffer as ArrayBuffer);
    return this.#unlessBroken(this.#surface.open(transfer(sources, buffers)));
  }

  train(listener: ProgressListener, choice: Choice): Promise<Made> {
    const watched: ProgressListener = (epochs) => {
      this.#silent = 0;
      return listener(epochs);
    };
    return this.#unlessBroken(this.#surface.train(proxy(watched), choice), TRAINING);
  }

  predict(request: PredictRequest): Promise<Prediction> {
    return this.#unlessBroken(this.#surface.predict(request));
  }

  explain(request: PredictRequest): Promise<Explanation> {
    return this.#unlessBroken(this.#surface.explain(request), TRAINING);
  }

  /** With what would have been forecast of a measured model; that trains once more. */
  unseen(request: PredictRequest): Promise<Prediction> {
    return this.#unlessBroken(this.#surface.unseen(request), TRAINING);
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
    clearInterval(this.#watch);
    this.#worker.terminate();
    this.#break(new Ended("ended"));
  }

  #died(how: string): void {
    this.dead = true;
    this.#break(new Error(how));
    this.end();
  }

  /** Counted in looks, not by the clock: a computer may have slept. */
  #look(): void {
    this.#silent += 1;
    if (this.#silent > this.#patience) {
      this.#died("the computation does not answer; the data may be too large for this browser");
      return;
    }
    void this.#surface.ping().then(() => {
      this.#silent = 0;
    });
  }

  async #unlessBroken<T>(answer: Promise<T>, patience = ANSWERING): Promise<T> {
    if (this.#owed === 0) {
      this.#patience = patience;
      this.#silent = 0;
      this.#watch = setInterval(() => {
        this.#look();
      }, LOOK);
    }
    this.#patience = Math.max(this.#patience, patience);
    this.#owed += 1;
    try {
      return await Promise.race([answer, this.#broken]);
    } finally {
      this.#owed -= 1;
      if (this.#owed === 0) clearInterval(this.#watch);
    }
  }
}
