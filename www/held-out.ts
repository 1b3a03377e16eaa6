// How forecasts of held-out scores did: their errors, and the coverage of their 90 % intervals.

import type { Forecast } from "../pkg/index.js";
import type { Trained } from "./session.ts";

/** A measured score, and the forecast that was made without it; shares of the range. */
export interface HeldOut {
  task: string;
  truth: number;
  mean: number;
  lower: number | null;
  upper: number | null;
}

export interface Errors {
  count: number;
  /** The mean absolute error. */
  mean: number;
  /** Half of the errors are smaller. */
  median: number;
  /** The share of the scores that lie in their 90 % interval; `null` without intervals. */
  coverage: number | null;
}

/** The errors of these forecasts; undefined without any. */
export function errorsOf(held: readonly HeldOut[]): Errors | undefined {
  if (held.length === 0) return undefined;
  const errors = held.map(({ truth, mean }) => Math.abs(truth - mean)).sort((a, b) => a - b);
  const at = (errors.length - 1) / 2;
  const bounded = held.filter(({ lower, upper }) => lower !== null && upper !== null);
  const covered = bounded.filter(({ truth, lower, upper }) => lower! <= truth && truth <= upper!).length;
  return {
    count: errors.length,
    mean: errors.reduce((sum, error) => sum + error, 0) / errors.length,
    median: (errors[Math.floor(at)]! + errors[Math.ceil(at)]!) / 2,
    coverage: bounded.length > 0 ? covered / bounded.length : null,
  };
}

/** The measured scores of a prediction that has the forecasts made without them. */
export function heldOutOf(forecasts: readonly Forecast[]): HeldOut[] {
  return forecasts.flatMap(({ task, mean: truth, known, unseen }) => (known && unseen ? [{ task, truth, ...unseen }] : []));
}

/** The errors that the last trust check found, by the model whose data it was made on. */
export const checked = new WeakMap<Trained, Errors>();
