// What a question asks of a model, and the benchmarks that its answer shows.

import type { Benchmark, Factor, Prediction, PredictRequest } from "../pkg/index.js";
import { EXAMPLE } from "./example.ts";
import type { Question } from "./forecast-state.ts";
import { soleId, soleName } from "./hub-name.ts";
import { FEW } from "./session.ts";

/** The name in a text that is only a name or a link. */
export function sole(text: string): string | undefined {
  return soleId(text) ?? soleName(text);
}

/** The request for a question. A single name is the model itself, unless the visitor declared it a parent. */
export function requestOf({ text, params, type, scores, sole, asParent, named }: Question, all: boolean): PredictRequest {
  const factors: Record<string, Factor> = {};
  if (params) factors["params"] = params;
  if (type) factors["type"] = type;
  const itself = sole !== undefined && !asParent;
  // The example is answered before the module that reads texts has arrived.
  const lineage = text === EXAMPLE.text ? EXAMPLE.lineage : sole === undefined ? text : { parents: [sole] };
  const about = itself ? { id: sole } : { lineage, ...(named === undefined ? {} : { name: named }) };
  const request: PredictRequest = { ...about, factors, ...(all ? { tasks: "all" } : {}) };
  return scores ? { ...request, scores } : request;
}

/**
 * The benchmarks to show of a measured model: those with its scores, types of benchmarks side by side and those with the most results
 * first, then those that were chosen for it. Empty if these already show all that is measured.
 */
export function measuredFirst({ measured, forecasts }: Prediction, benchmarks: readonly Benchmark[]): string[] {
  const chosen = forecasts.map(({ task }) => task);
  if (!measured || benchmarks.length <= FEW || Object.keys(measured).every((task) => chosen.includes(task))) return [];
  const seen = new Map<string | null, number>();
  const turns = benchmarks
    .filter(({ id }) => measured[id] !== undefined)
    .toSorted((a, b) => b.cells - a.cells)
    .map(({ id, task_type: type }) => {
      const turn = seen.get(type) ?? 0;
      seen.set(type, turn + 1);
      return { id, turn };
    });
  const first = turns.toSorted((a, b) => a.turn - b.turn).map(({ id }) => id);
  return [...new Set([...first, ...chosen])].slice(0, FEW);
}
