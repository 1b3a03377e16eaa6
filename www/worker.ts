// One worker holds one snapshot and the model trained on it. A second training gets a worker of its own.

import {
  Recommender,
  Snapshot,
  type Benchmark,
  type Progress,
  type Ran,
  type Range,
  type SnapshotInfo,
  type Source,
  type TrainOptions,
} from "../pkg/index.js";
import { serve, transfer } from "../pkg/rpc.js";

/** What a training ran on, and why by this method where nobody named one and the default would have been too much. */
export interface Made {
  ran: Ran;
  chosen: string | null;
}

/** Milliseconds between two progress messages. */
const INTERVAL = 50;

export interface Opened {
  info: SnapshotInfo;
  benchmarks: Benchmark[];
  warnings: string[];
}

/** What a visitor may choose of a training. */
export type Choice = Pick<TrainOptions, "device" | "method">;

/** One benchmark of all models, best first. */
export interface RankedColumn {
  task: string;
  range: Range;
  ids: string[];
  /** 0..1 of the range. */
  scores: Float32Array;
  /** 1 where the score is predicted, 0 where it is measured. */
  predicted: Uint8Array;
  /** Best and worst rank of the 90 % interval; 0 where nothing tells. */
  best: Uint32Array;
  worst: Uint32Array;
  /** 1 where nobody can tell it from the one above. */
  tied: Uint8Array;
}

/** Gets every epoch since the last call. */
export type ProgressListener = (epochs: Progress[]) => void;

let snapshot: Snapshot | undefined;
let model: Recommender | undefined;

async function open(sources: Source[]): Promise<Opened> {
  snapshot = await Snapshot.parse(await Promise.all(sources.map(readable)));
  const { info, benchmarks, warnings } = snapshot;
  return { info, benchmarks, warnings };
}

/** The Parquet reader is loaded for those files alone. */
async function readable(source: Source): Promise<Source> {
  const parquet = source.bytes[0] === 0x50 ? await import("./parquet.ts") : undefined;
  return parquet?.isParquet(source) ? parquet.toCsv(source) : source;
}

async function train({ onProgress, ...choice }: Choice & { onProgress: ProgressListener }): Promise<Made> {
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

/** A ranking in arrays that move to the page. */
function column(task: string): RankedColumn {
  const { models, range } = trained().rank({ task });
  const ranked: RankedColumn = {
    task,
    range,
    ids: models.map(({ id }) => id),
    scores: Float32Array.from(models, ({ score }) => score),
    predicted: Uint8Array.from(models, ({ predicted }) => Number(predicted)),
    best: Uint32Array.from(models, ({ rank_lower }) => rank_lower ?? 0),
    worst: Uint32Array.from(models, ({ rank_upper }) => rank_upper ?? 0),
    tied: Uint8Array.from(models, ({ tied_with_above }) => Number(tied_with_above)),
  };
  const { scores, predicted, best, worst, tied } = ranked;
  return transfer(ranked, [scores, predicted, best, worst, tied].map(({ buffer }) => buffer));
}

function trained(): Recommender {
  if (!model) throw new Error("there is no trained model yet");
  return model;
}

const own = { open, train, column };
type Method = { [Name in keyof Recommender]: Recommender[Name] extends (...given: never[]) => unknown ? Name : never }[keyof Recommender];
/** What the page can call: the functions of this file, and every method of the model. */
export type Surface = typeof own & Pick<Recommender, Method>;

const methods = Object.getOwnPropertyNames(Recommender.prototype) as Method[];
const call = (name: Method) => (...given: unknown[]) => (trained()[name] as (...given: unknown[]) => unknown)(...given);
serve({ ...Object.fromEntries(methods.map((name) => [name, call(name)])), ...own });
