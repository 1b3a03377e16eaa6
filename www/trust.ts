// What a trust check says: errors and coverage of forecasts of held-out models, by method, by benchmark and by what was known of them.

import type { Method } from "../pkg/index.js";
import { errorsOf, type Errors, type HeldOut } from "./held-out.ts";
import { standing, chanceBelow } from "../pkg/standing.js";

/** What a forecast had: a measured parent, else its size, else no more than its name and other facts. */
export type Known = "parent" | "size" | "name";

/** The forecast of one held-out score. */
export interface Row extends HeldOut {
  method: Method;
  model: string;
  known: Known;
  /** Whether less is better. */
  less: boolean;
}

export interface Report {
  /** The method of the page first. */
  methods: { method: Method; errors: Errors }[];
  models: number;
  errors: Errors;
  /** The share of scores within the central interval of each nominal share. */
  calibration: { nominal: number; share: number }[];
  benchmarks: { task: string; errors: Errors }[];
  known: { known: Known; errors: Errors }[];
  /** The rows of the method of the page. */
  rows: Row[];
}

/** Nominal shares of the calibration. */
const NOMINAL = [0.5, 0.8, 0.9, 0.95];
/** More than the rounding of the ends of an interval moves its share. */
const EDGE = 1e-4;
/** Benchmarks are called out only if chance would do it to one in a hundred. */
const CHANCE = 0.01;
/** Fewer held-out scores than this say too little about a benchmark. */
const FEW = 10;

export function reportOf(rows: readonly Row[], methods: readonly Method[]): Report | undefined {
  const of = (method: Method): Row[] => rows.filter((row) => row.method === method);
  const [first] = methods;
  const own = first ? of(first) : [];
  const errors = errorsOf(own);
  if (!errors) return undefined;
  const parted = <K extends string>(key: (row: Row) => K): { key: K; errors: Errors }[] =>
    [...groupedBy(own, key)].map(([key, rows]) => ({ key, errors: errorsOf(rows)! }));
  return {
    methods: methods.flatMap((method) => {
      const errors = errorsOf(of(method));
      return errors ? [{ method, errors }] : [];
    }),
    models: new Set(own.map(({ model }) => model)).size,
    errors,
    calibration: calibration(own),
    benchmarks: parted(({ task }) => task).map(({ key: task, errors }) => ({ task, errors })).sort((a, b) => b.errors.count - a.errors.count),
    known: parted(({ known }) => known).map(({ key: known, errors }) => ({ known, errors })).sort((a, b) => ORDER.indexOf(a.known) - ORDER.indexOf(b.known)),
    rows: own,
  };
}

const ORDER: Known[] = ["parent", "size", "name"];

/** How often the scores lie in the central part of their forecasts' distributions. */
function calibration(rows: readonly Row[]): Report["calibration"] {
  const depths = rows.flatMap(({ truth, mean, lower, upper }) => {
    if (lower === null || upper === null) return [];
    const forecast = standing({ score: mean, predicted: true, lower, upper, error: NaN }, false, false);
    // The share of the central interval that the score lies on the edge of. A score at the end of an interval lies in it.
    return [Math.abs(2 * chanceBelow(forecast, truth) - 1) - EDGE];
  });
  if (depths.length === 0) return [];
  return NOMINAL.map((nominal) => ({ nominal, share: depths.filter((depth) => depth <= nominal).length / depths.length }));
}

/** Where the forecasts should not be trusted, each with its reason. */
export interface Doubts {
  /** Benchmarks whose forecasts are no better than the mean of the benchmark. */
  useless: string[];
  /** Benchmarks whose 90 % intervals hold so few of the scores that it is hardly chance. */
  narrow: string[];
  /** Benchmarks with too few held-out scores to tell. */
  unknown: number;
}

export function doubtsOf({ benchmarks }: Report, rows: readonly Row[]): Doubts {
  const means = new Map([...groupedBy(rows.filter(({ method }) => method === "mean"), ({ task }) => task)].map(([task, rows]) => [task, errorsOf(rows)!]));
  const enough = benchmarks.filter(({ errors }) => errors.count >= FEW);
  return {
    useless: enough.filter(({ task, errors }) => errors.mean >= (means.get(task)?.mean ?? Infinity)).map(({ task }) => task),
    narrow: enough.filter(({ errors }) => errors.coverage !== null && upTo(Math.round(errors.coverage * errors.count), errors.count, 0.9) < CHANCE).map(({ task }) => task),
    unknown: benchmarks.length - enough.length,
  };
}

/** The chance of at most so many of `count` events that each have this chance. */
function upTo(most: number, count: number, chance: number): number {
  let [term, sum] = [(1 - chance) ** count, 0];
  for (let events = 0; events <= most; events += 1) {
    sum += term;
    term *= (((count - events) / (events + 1)) * chance) / (1 - chance);
  }
  return sum;
}

function groupedBy<T, K>(all: readonly T[], key: (one: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const one of all) {
    const group = groups.get(key(one));
    if (group) group.push(one);
    else groups.set(key(one), [one]);
  }
  return groups;
}
