// Analyses of the data: what rests on what. They train many models, so that they have a worker of their own; its end cancels them.

import { Snapshot, type AnalyseOptions, type Source } from "../pkg/index.js";
import { serve } from "../pkg/rpc.js";
import type { Columns } from "./doubts.ts";
import { withoutParquet } from "./without-parquet.ts";

export type What = "losses" | "features" | "priors" | "atlas";

export interface AnalysisOptions extends Pick<AnalyseOptions, "split" | "seeds" | "seed"> {
  columns: Columns | undefined;
  /** The part of all epochs that is done, 0 to 1. */
  onProgress: (part: number) => void;
  /** How many trainings there are. */
  trainings: number;
}

async function analyse(sources: Source[], what: What, { columns, onProgress, trainings, ...options }: AnalysisOptions): Promise<unknown> {
  const snapshot = await Snapshot.parse(await Promise.all(sources.map(withoutParquet)), columns ? { columns } : {});
  let [done, before] = [0, 0];
  const given = {
    ...options,
    onProgress: ({ epoch, maxEpochs }: { epoch: number; maxEpochs: number }) => {
      // A training may stop early; the next one begins with its first epoch.
      if (epoch < before) done++;
      before = epoch;
      onProgress(Math.min(1, (done + epoch / maxEpochs) / trainings));
    },
  };
  // TypeScript takes no union for the overloads.
  return snapshot.analyse(what as "atlas", given);
}

const own = { analyse };
export type AnalysisCalls = typeof own;
serve(own);
