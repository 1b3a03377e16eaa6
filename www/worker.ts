// The worker of one model. It holds a snapshot until a model is trained on it, and then the model.

import {
  Recommender,
  Snapshot,
  start,
  type Benchmark,
  type PredictRequest,
  type Progress,
  type Ran,
  type Range,
  type Report,
  type SnapshotInfo,
  type Source,
  type TrainOptions,
} from "../pkg/index.js";
import { serve, transfer } from "../pkg/rpc.js";
import type { Columns } from "./doubts.ts";
import { withoutParquet } from "./without-parquet.ts";

/** The device of a training, and the reason why another method replaced the default one, otherwise `null`. */
export interface TrainResult {
  ran: Ran;
  chosen: string | null;
}

/** Milliseconds between two progress messages. */
const INTERVAL = 50;

/** A model, with the figures of its data. */
export interface LoadResult extends TrainResult {
  info: SnapshotInfo;
  benchmarks: Benchmark[];
}

export interface OpenResult {
  info: SnapshotInfo;
  benchmarks: Benchmark[];
  warnings: string[];
  report: Report;
}

/** Options of a training that the address of the page may set. */
export type Choice = Pick<TrainOptions, "device" | "method">;

/** The ranking of all models by one benchmark, the best first, in arrays over models. */
export interface RankedColumn {
  task: string;
  range: Range;
  lowerIsBetter: boolean;
  /** Whether the range is declared, and not only that of the data. */
  bounded: boolean;
  ids: string[];
  /** Shares of the range, 0 to 1. */
  scores: Float32Array;
  /** 1 if the score is predicted, 0 if it is measured. */
  predicted: Uint8Array;
  /** Ends of the 90 % interval of a predicted score, and the standard error of a measured one; `NaN` where there is none. */
  lower: Float32Array;
  upper: Float32Array;
  errors: Float32Array;
}

/** Receives all epochs since the last call. */
export type ProgressListener = (epochs: Progress[]) => void;

let snapshot: Snapshot | undefined;
let model: Recommender | undefined;
/** The benchmarks of the model, once one of them was ranked. */
let benchmarks: Benchmark[] | undefined;

async function open(sources: Source[], { columns = {} }: { columns?: Columns | undefined } = {}): Promise<OpenResult> {
  snapshot = await Snapshot.parse(await Promise.all(sources.map(withoutParquet)), { columns });
  const { info, benchmarks, warnings, report } = snapshot;
  return { info, benchmarks, warnings, report };
}

/** Loads a saved model. */
async function load(bytes: Uint8Array): Promise<LoadResult> {
  model = await Recommender.load(bytes, { texts: false });
  const { info, benchmarks, device: ran, chosen } = model;
  return { info, benchmarks, ran, chosen };
}

async function train({ onProgress, ...choice }: Choice & { onProgress: ProgressListener }): Promise<TrainResult> {
  if (!snapshot) throw new Error("there is no snapshot to train on");
  let pending: Progress[] = [];
  let last = -Infinity;
  const report = (): void => {
    onProgress(pending);
    pending = [];
    last = performance.now();
  };
  model = await Recommender.train(snapshot, {
    ...choice,
    onProgress: (progress) => {
      pending.push(progress);
      if (performance.now() - last >= INTERVAL) report();
    },
  });
  report();
  snapshot.free();
  snapshot = undefined;
  return { ran: model.device, chosen: model.chosen };
}

/** Ranks by one benchmark; the arrays are transferred to the page. */
function column(task: string): RankedColumn {
  const { models, range, lower_is_better: lowerIsBetter } = trained().rank({ task });
  benchmarks ??= trained().benchmarks;
  const ranked: RankedColumn = {
    task,
    range,
    lowerIsBetter,
    bounded: benchmarks.some(({ id, range }) => id === task && range !== null),
    ids: models.map(({ id }) => id),
    scores: Float32Array.from(models, ({ score }) => score),
    predicted: Uint8Array.from(models, ({ predicted }) => Number(predicted)),
    lower: Float32Array.from(models, ({ lower }) => lower ?? NaN),
    upper: Float32Array.from(models, ({ upper }) => upper ?? NaN),
    errors: Float32Array.from(models, ({ error }) => error ?? NaN),
  };
  const { scores, predicted, lower, upper, errors } = ranked;
  return transfer(ranked, [scores, predicted, lower, upper, errors].map(({ buffer }) => buffer));
}

function trained(): Recommender {
  if (!model) throw new Error("there is no trained model yet");
  return model;
}

/** Whether a question has a text, which a module of its own reads, or facts, which may be texts. */
function hasText(question: unknown): boolean {
  if (typeof question === "string") return true;
  const { lineage, scores, factors = {} } = (question ?? {}) as Partial<PredictRequest>;
  return typeof lineage === "string" || typeof scores === "string" || typeof factors === "string" || Object.keys(factors).length > 0;
}

const own = { open, load, train, column };
type Method = { [Name in keyof Recommender]: Recommender[Name] extends (...given: never[]) => unknown ? Name : never }[keyof Recommender];
/** The functions that the page can call: those of this file, and all methods of the model. */
export type WorkerCalls = typeof own & Pick<Recommender, Method>;

const methods = Object.getOwnPropertyNames(Recommender.prototype) as Method[];
const call = (name: Method) => async (...given: unknown[]) => {
  if (hasText(given[0])) await start(undefined, { modules: ["texts"] });
  return (trained()[name] as (...given: unknown[]) => unknown)(...given);
};
serve({ ...Object.fromEntries(methods.map((name) => [name, call(name)])), ...own });
