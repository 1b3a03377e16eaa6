// The trust check: trains on the data without some models, and forecasts these as if they were new. It has a worker of its own, so that
// the model in use answers meanwhile, and the end of the worker cancels it.

import { Recommender, Snapshot, type Forecast, type Method, type PredictRequest, type Source } from "../pkg/index.js";
import { serve } from "../pkg/rpc.js";
import type { Columns } from "./doubts.ts";
import type { Known, Row } from "./trust.ts";
import { folds, without, type SnapshotFile } from "./hold-out.ts";
import { withoutParquet } from "./without-parquet.ts";

export interface CheckOptions {
  /** Of how many parts of the models one is held out. */
  parts: number;
  /** How many of the parts are held out, one after another. */
  rounds: number;
  /** The first is that of the page; the others are compared with it. */
  methods: readonly Method[];
  columns: Columns | undefined;
  onProgress: (done: { part: number; what: string }) => void;
}

/** The forecasts of all held-out scores. */
async function check(sources: Source[], { parts, rounds, methods, columns, onProgress }: CheckOptions): Promise<Row[]> {
  onProgress({ part: 0, what: "Reading the data" });
  const snapshot = await Snapshot.parse(await Promise.all(sources.map(withoutParquet)), columns ? { columns } : {});
  const bytes = await snapshot.save();
  const file = JSON.parse(new TextDecoder().decode(bytes)) as SnapshotFile;
  // It knows the measured scores and the ranges of all tasks.
  const full = await Recommender.train(snapshot, { method: "mean", texts: false });
  const rows: Row[] = [];
  const steps = rounds * methods.length;
  for (const [round, held] of folds(file, parts).slice(0, rounds).entries()) {
    const reduced = await Snapshot.parse(new TextEncoder().encode(JSON.stringify(without(file, held))), { name: "the data without them" });
    const tasks = new Set(reduced.benchmarks.map(({ id }) => id));
    for (const [at, method] of methods.entries()) {
      const begun = round * methods.length + at;
      const what = `Training ${method} without ${held.length} of ${file.models.length} models`;
      onProgress({ part: begun / steps, what });
      const model = await Recommender.train(reduced, {
        method,
        device: "cpu",
        // Without the module that reads texts, facts are taken by the names that the data give them.
        texts: false,
        onProgress: ({ epoch, maxEpochs }) => { onProgress({ part: (begun + (0.8 * epoch) / maxEpochs) / steps, what }); },
      });
      for (const row of held) rows.push(...forecasts(model, full, file.models[row]!, tasks, method));
      model.free();
    }
    reduced.free();
  }
  full.free();
  return rows;
}

/** The forecasts of one held-out model on what is measured of it. */
function forecasts(model: Recommender, full: Recommender, { id, date, factors = {}, parents = [] }: SnapshotFile["models"][number], tasks: ReadonlySet<string>, method: Method): Row[] {
  const measured = full.results(id).map(({ task }) => task).filter((task) => tasks.has(task));
  if (measured.length === 0) return [];
  const request: PredictRequest = { name: id, lineage: { parents: parents.map(({ id, relation, weight }) => ({ id, ...(relation ? { relation } : {}), ...(weight ? { weight } : {}) })) }, factors, tasks: measured, ...(date ? { date } : {}) };
  const truths = new Map(full.predict({ id, tasks: measured }).forecasts.map((forecast) => [forecast.task, forecast]));
  const { forecasts, lineage } = model.predict(request);
  const isKin = lineage.parents.some(({ evaluated }) => evaluated);
  const known: Known = isKin ? "parent" : typeof factors["params"] === "number" ? "size" : "name";
  return forecasts.map((forecast): Row => ({ method, model: id, known, truth: inRange(truths.get(forecast.task)!, forecast), ...endsOf(forecast) }));
}

const endsOf = ({ task, mean, lower, upper, lower_is_better: less }: Forecast): Pick<Row, "task" | "mean" | "lower" | "upper" | "less"> => ({ task, mean, lower, upper, less });

/** A measured score as a share of the range of the forecast, which for open-ended scores may be another one. */
function inRange({ mean, range }: Forecast, forecast: Forecast): number {
  const value = range.low + mean * (range.high - range.low);
  return (value - forecast.range.low) / (forecast.range.high - forecast.range.low);
}

const own = { check };
export type TrustCalls = typeof own;
serve(own);
