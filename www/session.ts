// The session of the page: a trained model in use, and possibly a candidate in training that will replace it. Each has its own worker,
// so that the model in use can answer during a training, and a training is cancelled by terminating its worker.

import type { Benchmark, EyasError, Progress, Ran, SnapshotInfo, Source } from "../pkg/index.js";
import { transfer } from "../pkg/rpc.js";
import { counted, duration } from "./figures.ts";
import { Tracker } from "./tracker.ts";
import { ModelWorker } from "./model-worker.ts";
import type { Choice, TrainResult, OpenResult, RankedColumn } from "./worker.ts";

/** A source of results. */
export interface DataSource {
  /** Name for messages. */
  name: string;
  /** Public address of the results, possibly relative to the page. */
  address?: string;
  read: () => Promise<Source[]>;
}

export interface Trained {
  worker: ModelWorker;
  dataSource: DataSource;
  info: SnapshotInfo;
  benchmarks: Benchmark[];
  warnings: string[];
  tracker: Tracker;
  seconds: number;
  ran: Ran;
  /** The reason why another method replaced the default one, otherwise `null`. */
  chosen: string | null;
  /** Rankings that have arrived, one per benchmark. */
  columns: RankedColumn[];
}

export interface Candidate {
  worker: ModelWorker;
  dataSource: DataSource;
  /** Undefined until the file is read. */
  info: SnapshotInfo | undefined;
  tracker: Tracker;
}

/** Results that could not be read or trained on, and the error. */
export interface Failure {
  dataSource: DataSource;
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
  /** The source of a cancelled training, which can be repeated. */
  unfinished: DataSource | undefined;
  readonly #changed: () => void;

  readonly #choice: Choice;
  #retrained: Promise<boolean> | undefined;

  constructor(changed: () => void, choice: Choice) {
    this.#changed = changed;
    this.#choice = choice;
  }

  /** Trains on these results and cancels a training in progress. Resolves to true if the new model is in use. */
  async use(dataSource: DataSource): Promise<boolean> {
    this.candidate?.worker.end();
    const candidate: Candidate = { worker: new ModelWorker(), dataSource, info: undefined, tracker: new Tracker() };
    this.candidate = candidate;
    this.unfinished = undefined;
    this.failure = undefined;
    this.notice = undefined;
    this.#changed();
    try {
      const { calls } = candidate.worker;
      const sources = await dataSource.read();
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

  /** Cancels the training in progress; the model in use remains. */
  cancel(): void {
    if (!this.candidate) return;
    const { worker, dataSource } = this.candidate;
    worker.end();
    this.candidate = undefined;
    this.unfinished = dataSource;
    this.notice = { kind: "news", text: `Training on ${dataSource.name} was cancelled. ${this.#inUse()}` };
    this.#changed();
  }

  /** Asks the model in use. A model that was lost in a failure is trained again, once; with `retrain: false` it is an error. */
  async ask<T>(question: (model: ModelWorker["calls"]) => Promise<T>, { retrain = true } = {}): Promise<T> {
    const { current } = this;
    if (!current) throw new Error("there is no trained model yet");
    try {
      return await question(current.worker.calls);
    } catch (error) {
      if (!retrain || !isLost(error)) throw error;
      // Another question may already have replaced the model.
      if (this.current === current) {
        this.#retrained ??= this.use(current.dataSource).finally(() => (this.#retrained = undefined));
        if (!(await this.#retrained)) throw error;
      }
      if (!this.current) throw error;
      return question(this.current.worker.calls);
    }
  }

  #replace(candidate: Candidate, { info, benchmarks, warnings }: OpenResult, { ran, chosen }: TrainResult): boolean {
    const { worker, dataSource, tracker } = candidate;
    // The training may have been cancelled just as it finished.
    if (this.candidate !== candidate) return false;
    this.current?.worker.end();
    const seconds = tracker.elapsed;
    this.current = { worker, dataSource, info, benchmarks, warnings, tracker, seconds, ran, chosen, columns: [] };
    this.candidate = undefined;
    const epochs = counted(tracker.epochs, "epoch");
    this.notice = { kind: "news", text: `Trained on ${dataSource.name} in ${duration(seconds)}, ${epochs}.` };
    this.#changed();
    void this.#rank(this.current);
    return true;
  }

  /** Requests one ranking at a time, so that a forecast does not wait for all of them. */
  async #rank(trained: Trained): Promise<void> {
    for (const { id } of trained.benchmarks) {
      try {
        trained.columns = [...trained.columns, await trained.worker.calls.column(id)];
      } catch (error) {
        if (trained.worker.ended?.kind === "cancelled") return;
        this.notice = { kind: "error", text: `The ranking by ${id} is missing: ${message(error)}` };
      }
      this.#changed();
    }
  }

  #giveUp(candidate: Candidate, error: unknown): void {
    candidate.worker.end();
    // Otherwise it was cancelled, which has already been reported.
    if (this.candidate !== candidate) return;
    this.candidate = undefined;
    this.failure = { dataSource: candidate.dataSource, text: message(error) };
    this.notice = { kind: "error", text: `${message(error)}. ${this.#inUse()}` };
    this.#changed();
  }

  #inUse(): string {
    return this.current
      ? `The model trained on ${this.current.dataSource.name} stays in use.`
      : "There is no trained model yet.";
  }
}

/** Whether the model was lost, because its WebAssembly instance trapped or its worker crashed. */
function isLost(error: unknown): boolean {
  const { kind, died } = error as Partial<EyasError> & { died?: true };
  return kind === "lost" || died === true;
}

/** The message of an error, without a full stop. */
export function message(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.trim().replace(/\.$/, "");
}
