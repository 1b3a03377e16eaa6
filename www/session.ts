// What the page has: a trained model in use, and perhaps one in training that may replace it. They live in two workers,
// so that cancelling is ending one of them, and the model in use answers all the while.

import type { Benchmark, EyasError, Progress, Ran, SnapshotInfo, Source } from "../pkg/index.js";
import { transfer } from "../pkg/rpc.js";
import { counted, duration } from "./figures.ts";
import { Tracker } from "./tracker.ts";
import { Workbench } from "./workbench.ts";
import type { Choice, Made, Opened, RankedColumn } from "./worker.ts";

/** Where results come from: a name for messages, and a way to read them. */
export interface Supply {
  name: string;
  /** Where others can read them, as the page would ask for it. */
  address?: string;
  read: () => Promise<Source[]>;
}

export interface Trained {
  bench: Workbench;
  supply: Supply;
  info: SnapshotInfo;
  benchmarks: Benchmark[];
  warnings: string[];
  tracker: Tracker;
  seconds: number;
  ran: Ran;
  /** Why this method, where nobody named one and the default would have been too much. */
  chosen: string | null;
  /** A benchmark each, as they come in. */
  columns: RankedColumn[];
}

export interface Candidate {
  bench: Workbench;
  supply: Supply;
  /** Known once the file is read. */
  info: SnapshotInfo | undefined;
  tracker: Tracker;
}

/** Results of which nothing came, and why. */
export interface Failure {
  supply: Supply;
  text: string;
}

export interface Notice {
  kind: "error" | "news";
  text: string;
}

export class Session {
  current: Trained | undefined;
  candidate: Candidate | undefined;
  notice: Notice | undefined;
  failure: Failure | undefined;
  /** What to try again after a training that gave no model. */
  unfinished: Supply | undefined;
  readonly #changed: () => void;

  readonly #choice: Choice;
  #restored: Promise<boolean> | undefined;

  constructor(changed: () => void, choice: Choice) {
    this.#changed = changed;
    this.#choice = choice;
  }

  /** Trains on these results; a training that is under way gives way. Answers whether a new model is in use. */
  async use(supply: Supply): Promise<boolean> {
    this.candidate?.bench.end();
    const candidate: Candidate = { bench: new Workbench(), supply, info: undefined, tracker: new Tracker() };
    this.candidate = candidate;
    this.unfinished = undefined;
    this.failure = undefined;
    this.notice = undefined;
    this.#changed();
    try {
      const { calls } = candidate.bench;
      const sources = await supply.read();
      // The bytes move to the worker.
      const opened = await calls.open(transfer(sources, sources.map(({ bytes }) => bytes.buffer as ArrayBuffer)));
      candidate.info = opened.info;
      candidate.tracker = new Tracker();
      this.#changed();
      const onProgress = (epochs: Progress[]): void => {
        candidate.tracker.add(epochs);
        this.#changed();
      };
      const made = await calls.train({ ...this.#choice, onProgress });
      return this.#replace(candidate, opened, made);
    } catch (error) {
      this.#giveUp(candidate, error);
      return false;
    }
  }

  /** Ends the training that is under way; the model in use stays. */
  cancel(): void {
    if (!this.candidate) return;
    const { bench, supply } = this.candidate;
    bench.end();
    this.candidate = undefined;
    this.unfinished = supply;
    this.notice = { kind: "news", text: `Training on ${supply.name} was cancelled. ${this.#inUse()}` };
    this.#changed();
  }

  /** Asks the model in use. One that was lost in a failure is trained anew, once; with `anew: false` that is an error. */
  async ask<T>(question: (model: Workbench["calls"]) => Promise<T>, { anew = true } = {}): Promise<T> {
    const { current } = this;
    if (!current) throw new Error("there is no trained model yet");
    try {
      return await question(current.bench.calls);
    } catch (error) {
      if (!anew || !isLost(error)) throw error;
      // Others may have noticed before.
      if (this.current === current) {
        this.#restored ??= this.use(current.supply).finally(() => (this.#restored = undefined));
        if (!(await this.#restored)) throw error;
      }
      if (!this.current) throw error;
      return question(this.current.bench.calls);
    }
  }

  #replace(candidate: Candidate, { info, benchmarks, warnings }: Opened, { ran, chosen }: Made): boolean {
    const { bench, supply, tracker } = candidate;
    // Cancelled in the very moment when it was done.
    if (this.candidate !== candidate) return false;
    this.current?.bench.end();
    const seconds = tracker.elapsed;
    this.current = { bench, supply, info, benchmarks, warnings, tracker, seconds, ran, chosen, columns: [] };
    this.candidate = undefined;
    const epochs = counted(tracker.epochs, "epoch");
    this.notice = { kind: "news", text: `Trained on ${supply.name} in ${duration(seconds)}, ${epochs}.` };
    this.#changed();
    void this.#rank(this.current);
    return true;
  }

  /** One benchmark at a time, so that a forecast need not wait for all of them. */
  async #rank(trained: Trained): Promise<void> {
    for (const { id } of trained.benchmarks) {
      try {
        trained.columns = [...trained.columns, await trained.bench.calls.column(id)];
      } catch (error) {
        if (trained.bench.ended?.kind === "cancelled") return;
        this.notice = { kind: "error", text: `The ranking by ${id} is missing: ${message(error)}` };
      }
      this.#changed();
    }
  }

  #giveUp(candidate: Candidate, error: unknown): void {
    candidate.bench.end();
    // Whoever ended it has told why.
    if (this.candidate !== candidate) return;
    this.candidate = undefined;
    this.failure = { supply: candidate.supply, text: message(error) };
    this.notice = { kind: "error", text: `${message(error)}. ${this.#inUse()}` };
    this.#changed();
  }

  #inUse(): string {
    return this.current
      ? `The model trained on ${this.current.supply.name} stays in use.`
      : "There is no trained model yet.";
  }
}

/** Whether the model went, with its worker or in a failure there. */
function isLost(error: unknown): boolean {
  const { kind, died } = error as Partial<EyasError> & { died?: true };
  return kind === "lost" || died === true;
}

/** An error's one line, without a full stop. */
export function message(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.trim().replace(/\.$/, "");
}
