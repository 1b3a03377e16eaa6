// What a forecast says in words: the rank, the relatives above and below, and how far forecasts of this kind are usually off.

import type { Forecast } from "../pkg/index.js";
import type { RankedColumn } from "./worker.ts";

/** Half of a normal distribution lies within 0.674 standard deviations, 90 % within 1.645. */
const HALF = 0.6745 / 1.6449;
/** A relative is placed only if it is measured on this share of the benchmarks; any other model must be on all of them. */
const SHARED = 0.5;

export interface Verdict {
  /** The middle of the ranks. */
  rank: number;
  of: number;
  /** The number of benchmarks that it is about. */
  benchmarks: number;
  /** The nearest relatives by the mean difference on the benchmarks they share; without relatives, the nearest models. */
  above: string | undefined;
  below: string | undefined;
  /** Whether these are relatives. */
  areRelatives: boolean;
  /** Half of such forecasts are closer than this share of the range; undefined without intervals. */
  off: number | undefined;
}

export function verdict(forecasts: readonly Forecast[], columns: ReadonlyMap<string, RankedColumn>, subject: string | null): Verdict {
  const ranks = forecasts.map(({ rank }) => rank).toSorted((a, b) => a - b);
  return {
    rank: Math.round(middle(ranks)),
    of: Math.max(...forecasts.map(({ of }) => of)),
    benchmarks: forecasts.length,
    ...neighbours(forecasts, columns, subject),
    off: usuallyOff(forecasts),
  };
}

/** The median absolute error of forecasts whose 90 % intervals these are, if errors are normal; the mean over benchmarks. */
export function usuallyOff(forecasts: readonly Forecast[]): number | undefined {
  const halves = forecasts.flatMap(({ known, lower, upper }) => (known || lower === null || upper === null ? [] : [(upper - lower) / 2]));
  return halves.length > 0 ? HALF * mean(halves) : undefined;
}

/** The relatives whose measured scores are, on average, next above and next below; of a model without, those of all models. */
export function neighbours(
  forecasts: readonly Forecast[],
  columns: ReadonlyMap<string, RankedColumn>,
  subject: string | null,
): Pick<Verdict, "above" | "below" | "areRelatives"> {
  const gaps = new Map<string, number[]>();
  const found = new Set(forecasts.flatMap(({ parents, sources }) => [...Object.keys(parents), ...sources.map(({ id }) => id)]));
  const areRelatives = found.size > 0;
  const relatives = areRelatives ? found : new Set(forecasts.flatMap(({ task }) => columns.get(task)?.ids ?? []));
  if (subject !== null) relatives.delete(subject);
  for (const { task, mean, parents, lower_is_better: less } of forecasts) {
    const measured = measuredIn(columns.get(task), relatives);
    for (const id of relatives) {
      const score = parents[id] ?? measured.get(id);
      if (score === undefined) continue;
      gaps.set(id, [...(gaps.get(id) ?? []), less ? mean - score : score - mean]);
    }
  }
  const placed = [...gaps]
    .filter(([, found]) => found.length >= (areRelatives ? SHARED : 1) * forecasts.length)
    .map(([id, found]) => ({ id, gap: mean(found) }))
    .toSorted((a, b) => a.gap - b.gap);
  return { above: placed.find(({ gap }) => gap > 0)?.id, below: placed.findLast(({ gap }) => gap <= 0)?.id, areRelatives };
}

/** The measured scores of a column among these models. */
function measuredIn(column: RankedColumn | undefined, wanted: ReadonlySet<string>): Map<string, number> {
  const found = new Map<string, number>();
  column?.ids.forEach((id, at) => {
    if (wanted.has(id) && column.predicted[at] === 0) found.set(id, column.scores[at] ?? NaN);
  });
  return found;
}

/** Ordinal number: `1st`, `112th`. */
export function ordinal(value: number): string {
  const ending = { one: "st", two: "nd", few: "rd" }[ordinals.select(value) as "one" | "two" | "few"] ?? "th";
  return `${new Intl.NumberFormat("en").format(value)}${ending}`;
}

const ordinals = new Intl.PluralRules("en", { type: "ordinal" });

/**
 * The chance that one forecast is better than another, if both errors are normal and independent; `null` without intervals.
 *
 * Plans that share parents share errors, so that the true chance is further from one half.
 */
export function beats(one: Forecast, other: Forecast): number | null {
  const spread = ({ known, lower, upper }: Forecast): number | null =>
    lower !== null && upper !== null ? (upper - lower) / 2 / 1.6449 : known ? 0 : null;
  const [a, b] = [spread(one), spread(other)];
  if (a === null || b === null) return null;
  const gap = one.lower_is_better ? other.mean - one.mean : one.mean - other.mean;
  const width = Math.hypot(a, b);
  if (width === 0) return gap === 0 ? 0.5 : Number(gap > 0);
  return normal(gap / width);
}

/** The standard normal distribution function, within 8e-8 (Abramowitz and Stegun 26.2.17). */
export function normal(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const poly = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const tail = (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * poly;
  return z > 0 ? 1 - tail : tail;
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function middle(sorted: readonly number[]): number {
  const at = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(at)] ?? NaN) + (sorted[Math.ceil(at)] ?? NaN)) / 2;
}
