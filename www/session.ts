// The session of the page: a trained model in use, and possibly a candidate in training that will replace it. Each has its own worker,
// so that the model in use can answer during a training, and a training is cancelled by terminating its worker.

import type { Benchmark, EyasError, Progress, Ran, Report, SnapshotInfo, Source } from "../pkg/index.js";
import { transfer } from "../pkg/rpc.js";
import { counted, duration } from "./figures.ts";
import { Tracker } from "./tracker.ts";
import { ModelWorker } from "./model-worker.ts";
import { columnIn, doubts, type Columns } from "./doubts.ts";
import type { Choice, LoadResult, OpenResult, RankedColumn } from "./worker.ts";

/** Most columns that are left out of a file so that the others can be read. */
const MOST_LEFT_OUT = 8;

/** A source of results. */
export interface DataSource {
  /** Name for messages. */
  name: string;
  /** Public address of the results, possibly relative to the page. */
  address?: string;
  read: () => Promise<Source[]>;
  /** The default method as it was trained on these results before. */
  model?: { address: string; read: () => Promise<Uint8Array>; /** Default: when this page was built. */ when?: string };
  /** Roles of columns, as in `ParseOptions`; default: none. */
  columns?: Columns;
  /** Whether the visitor looks at doubtful results before the training; default: false. */
  review?: boolean;
  /** The name and licence of a public board, whose files state none. */
  credit?: { name: string; license: string };
}

export interface Trained {
  worker: ModelWorker;
  dataSource: DataSource;
  info: SnapshotInfo;
  benchmarks: Benchmark[];
  warnings: string[];
  /** Undefined if the model was loaded, and no file was read. */
  report: Report | undefined;
  tracker: Tracker;
  ran: Ran;
  /** The reason why another method replaced the default one, otherwise `null`. */
  chosen: string | null;
  /** Rankings that have arrived, by benchmark. */
  columns: Map<string, RankedColumn>;
}

export interface Candidate {
  worker: ModelWorker;
  dataSource: DataSource;
  /** It waits for the visitor if something is doubtful. */
  stage: "reading" | "waiting" | "training";
  /** Undefined until the files are read; with changed roles of columns, what was read before. */
  opened: OpenResult | undefined;
  /** The column whose role the visitor has changed. */
  changed: string | undefined;
  /** Errors of columns, by their names. */
  mistakes: Record<string, string>;
  /** Begins the training, or gives it up; undefined if it does not wait or has an error. */
  decide: ((trains: boolean) => void) | undefined;
  tracker: Tracker;
}

/** Files as they were read, with the roles that the visitor gave. */
export interface Understood {
  dataSource: DataSource;
  info: SnapshotInfo;
  report: Report;
  /** The state of the candidate; undefined if this is about the model in use. */
  stage: Candidate["stage"] | undefined;
  changed: string | undefined;
  mistakes: Readonly<Record<string, string>>;
  /** Whether the visitor can begin the training. */
  isReady: boolean;
}

/** Results that could not be read or trained on, and the error. */
export interface Failure {
  dataSource: DataSource;
  text: string;
}

/** Most benchmarks that are all ranked without being asked for. */
export const FEW = 8;

export interface Notice {
  kind: "error" | "news";
  text: string;
}

/** No mistakes, the same object each time. */
const NONE = {};

export class Session {
  current: Trained | undefined;
  candidate: Candidate | undefined;
  notice: Notice | undefined;
  failure: Failure | undefined;
  /** The source of a cancelled training, which can be repeated. */
  unfinished: DataSource | undefined;
  /** The benchmarks to rank by, if not all are; the others follow on request. */
  #ranked: string[] = [];
  /** Benchmarks that a view ranks by beside them. */
  #also: readonly string[] = [];
  #ranking = false;
  readonly #changed: () => void;

  readonly #choice: Choice;
  #retrained: Promise<boolean> | undefined;

  constructor(changed: () => void, choice: Choice) {
    this.#changed = changed;
    this.#choice = choice;
  }

  /** Trains on these results and cancels a training in progress. Resolves to true if the new model is in use. */
  use(dataSource: DataSource): Promise<boolean> {
    return this.#use(this.#begin(dataSource));
  }

  /** What was understood of the files that are in training or wait for it, or else of those in use. */
  get understood(): Understood | undefined {
    const { candidate, current } = this;
    const shown = candidate?.opened ? { ...candidate.opened, dataSource: candidate.dataSource } : current;
    if (!shown?.report) return undefined;
    const { dataSource, info, report } = shown;
    const { stage, changed, mistakes = NONE, decide } = candidate?.opened ? candidate : {};
    return { dataSource, info, report, stage, changed, mistakes, isReady: decide !== undefined };
  }

  /**
   * Reads the files that are shown again, with other roles of columns, and waits for `train`.
   *
   * @param changed The column whose role has changed. An error that names no column is about this one.
   */
  async revise(columns: Columns, changed: string): Promise<boolean> {
    const { candidate, current } = this;
    const shown = candidate?.opened ? candidate : current;
    const opened = shown && ("opened" in shown ? shown.opened : read(shown));
    if (!shown || !opened) return false;
    // Other columns that were left out because of an error keep it.
    const isLeftOut = ([name]: [string, string]): boolean => name !== changed && columns[name] === "skip";
    const mistakes = Object.fromEntries(Object.entries(candidate?.mistakes ?? {}).filter(isLeftOut));
    return this.#use(this.#begin({ ...shown.dataSource, columns }, { opened, changed, mistakes }));
  }

  /** Begins the training that waits. */
  train(): void {
    this.candidate?.decide?.(true);
  }

  /** Cancels the training in progress; the model in use remains. */
  cancel(): void {
    const { candidate } = this;
    if (!candidate) return;
    const { dataSource, stage } = candidate;
    this.#end(candidate);
    this.candidate = undefined;
    this.unfinished = stage === "waiting" ? undefined : dataSource;
    const text = stage === "waiting" ? `${dataSource.name} was not trained on.` : `Training on ${dataSource.name} was cancelled.`;
    this.notice = { kind: "news", text: `${text} ${this.#inUse()}` };
    this.#changed();
  }

  /** Reports why files can't be used at all. */
  refuse(reason: string): void {
    this.notice = { kind: "error", text: `${reason}. ${this.#inUse()}` };
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
        this.notice = { kind: "news", text: "The part of the page that computes had stopped. It was started again, and nothing is lost." };
      }
      if (!this.current) throw error;
      return question(this.current.worker.calls);
    }
  }

  #begin(dataSource: DataSource, before: Partial<Pick<Candidate, "opened" | "changed" | "mistakes">> = {}): Candidate {
    if (this.candidate) this.#end(this.candidate);
    const { opened, changed, mistakes = {} } = before;
    const state = { stage: "reading" as const, mistakes, decide: undefined, tracker: new Tracker() };
    this.candidate = { worker: new ModelWorker(), dataSource, opened, changed, ...state };
    this.unfinished = undefined;
    this.failure = undefined;
    this.notice = undefined;
    this.#changed();
    return this.candidate;
  }

  #end({ worker, decide }: Candidate): void {
    worker.end();
    decide?.(false);
  }

  async #use(candidate: Candidate): Promise<boolean> {
    try {
      const { model } = candidate.dataSource;
      if (model && isDefault(this.#choice)) {
        const bytes = await model.read();
        return this.#replace(candidate, await candidate.worker.calls.load(transfer(bytes, [bytes.buffer as ArrayBuffer])));
      }
      const opened = await this.#open(candidate);
      if (!opened) return false;
      candidate.opened = opened;
      const isDoubtful = candidate.dataSource.review === true && doubts(opened.report).length > 0;
      const waits = candidate.changed !== undefined || isDoubtful || Object.keys(candidate.mistakes).length > 0;
      if (waits && !(await this.#decided(candidate))) return false;
      candidate.stage = "training";
      candidate.tracker = new Tracker();
      this.#changed();
      const onProgress = (epochs: Progress[]): void => {
        candidate.tracker.add(epochs);
        this.#changed();
      };
      const made = await candidate.worker.calls.train({ ...this.#choice, onProgress });
      return this.#replace(candidate, { ...opened, ...made });
    } catch (error) {
      this.#giveUp(candidate, error);
      return false;
    }
  }

  /** Reads the files. Undefined if they can't be read with the roles that the visitor has changed; then these can be corrected. */
  async #open(candidate: Candidate): Promise<OpenResult | undefined> {
    const read = async (): Promise<OpenResult> => {
      const sources = await candidate.dataSource.read();
      const { columns } = candidate.dataSource;
      const opened = await candidate.worker.calls.open(transfer(sources, sources.map(({ bytes }) => bytes.buffer as ArrayBuffer)), { columns });
      return { ...opened, info: credited(opened.info, candidate.dataSource) };
    };
    try {
      return await read();
    } catch (error) {
      if (this.candidate !== candidate) throw error;
      if (candidate.changed === undefined) return this.#openWithout(candidate, error, read);
      candidate.mistakes = { ...candidate.mistakes, [columnIn(message(error)) ?? candidate.changed]: message(error) };
      candidate.stage = "waiting";
      this.#changed();
      return undefined;
    }
  }

  /** Reads the files of a visitor without the columns that have errors, so that their roles can be corrected. */
  async #openWithout(candidate: Candidate, first: unknown, read: () => Promise<OpenResult>): Promise<OpenResult> {
    const { dataSource } = candidate;
    const mistakes: Record<string, string> = {};
    for (let error = first; ; ) {
      const column = columnIn(message(error));
      if (!dataSource.review || column === undefined || Object.hasOwn(mistakes, column) || Object.keys(mistakes).length >= MOST_LEFT_OUT) break;
      mistakes[column] = message(error);
      candidate.dataSource = { ...candidate.dataSource, columns: { ...candidate.dataSource.columns, [column]: "skip" } };
      try {
        const opened = await read();
        candidate.mistakes = mistakes;
        this.#report(dataSource, first);
        return opened;
      } catch (another) {
        error = another;
      }
    }
    candidate.dataSource = dataSource;
    throw first;
  }

  /** Waits for the visitor's decision. The files are not reviewed again afterwards. */
  async #decided(candidate: Candidate): Promise<boolean> {
    const trains = await new Promise<boolean>((resolve) => {
      candidate.decide = resolve;
      candidate.stage = "waiting";
      this.#changed();
    });
    candidate.decide = undefined;
    if (!trains) return false;
    candidate.dataSource = { ...candidate.dataSource, review: false };
    candidate.mistakes = {};
    this.failure = undefined;
    this.notice = undefined;
    return true;
  }

  #replace(candidate: Candidate, made: LoadResult & Partial<OpenResult>): boolean {
    const { worker, dataSource, tracker } = candidate;
    // The training may have been cancelled just as it finished.
    if (this.candidate !== candidate) return false;
    this.current?.worker.end();
    const { report, warnings = [], ...others } = made;
    this.current = { worker, dataSource, ...others, report, warnings, tracker, columns: new Map() };
    this.candidate = undefined;
    const text = report
      ? `Trained on ${dataSource.name} in ${duration(tracker.elapsed)}, ${counted(tracker.epochs, "epoch")}.`
      : `Loaded the model that was trained on ${dataSource.name} ${dataSource.model?.when ?? "when this page was built"}.`;
    this.notice = { kind: "news", text };
    this.#ranked = made.benchmarks.length > FEW ? [] : made.benchmarks.map(({ id }) => id);
    this.#also = [];
    this.#changed();
    void this.#rank();
    return true;
  }

  /** The rankings that are shown, as far as they have arrived. */
  get columns(): RankedColumn[] {
    return this.#ranked.flatMap((task) => this.current?.columns.get(task) ?? []);
  }

  /** The benchmarks of the rankings that are shown, arrived or not. */
  get ranked(): readonly string[] {
    return this.#ranked;
  }

  /** Ranks by the benchmarks of a forecast, if there are too many for all of them. */
  rankBy(tasks: string[]): void {
    if ((this.current?.benchmarks.length ?? 0) <= FEW) return;
    this.#ranked = tasks.slice(0, FEW);
    void this.#rank();
  }

  /** Ranks by these benchmarks, too. `current.columns` has the rankings once they have arrived. */
  alsoRankBy(tasks: readonly string[]): void {
    this.#also = tasks;
    void this.#rank();
  }

  /** Requests one ranking at a time, so that a forecast does not wait for all of them. */
  async #rank(): Promise<void> {
    const { current } = this;
    if (!current || this.#ranking) return;
    this.#ranking = true;
    const missing = (): string | undefined => [...this.#also, ...this.#ranked].find((task) => !current.columns.has(task));
    for (let task = missing(); task !== undefined && this.current === current; task = missing()) {
      try {
        current.columns.set(task, await current.worker.calls.column(task));
      } catch (error) {
        if (current.worker.ended?.kind === "cancelled") break;
        this.notice = { kind: "error", text: `The ranking by ${task} is missing: ${message(error)}` };
        this.#ranked = this.#ranked.filter((other) => other !== task);
        this.#also = this.#also.filter((other) => other !== task);
      }
      this.#changed();
    }
    this.#ranking = false;
    if (this.current !== current) void this.#rank();
  }

  #giveUp(candidate: Candidate, error: unknown): void {
    candidate.worker.end();
    // Otherwise it was cancelled, which has already been reported.
    if (this.candidate !== candidate) return;
    this.candidate = undefined;
    this.#report(candidate.dataSource, error);
    this.#changed();
  }

  #report(dataSource: DataSource, error: unknown): void {
    this.failure = { dataSource, text: message(error) };
    this.notice = { kind: "error", text: `${message(error)}. ${this.#inUse()}` };
  }

  #inUse(): string {
    return this.current
      ? `The model trained on ${this.current.dataSource.name} stays in use.`
      : "There is no trained model yet.";
  }
}

/** Whether the address of the page names no method and no device. */
function isDefault({ method, device }: Choice): boolean {
  return method === undefined && device === "auto";
}

/** What was read of the files of a model; undefined if it was loaded. */
function read({ info, benchmarks, warnings, report }: Trained): OpenResult | undefined {
  return report && { info, benchmarks, warnings, report };
}

/** The figures with the name and licence of the board, unless its files state a licence. */
function credited(info: SnapshotInfo, { credit }: DataSource): SnapshotInfo {
  return credit && info.license === "not stated" ? { ...info, source: credit.name, license: credit.license } : info;
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
