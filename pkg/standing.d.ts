import type { Range } from "./index.js";

/** A score as a distribution, turned so that more is better. */
export interface Standing {
  median: number;
  /** Scales of the logistic distribution below and above the median; 0 for a score without an error, `NaN` if it has no interval. */
  below: number;
  above: number;
  /** How many of the scores that it is made of are measured. */
  measured: number;
  of: number;
}

/** The place of a model among others. */
export interface Place {
  /** 1 for the best; equal scores share the better rank. */
  rank: number;
  /** Best and worst rank in the 90 % interval, which is widened to `rank`; 0 if a score has no interval. */
  best: number;
  worst: number;
  /** 1 for the best models that cannot be told apart; 0 if a score has no interval. */
  tier: number;
  /** Whether it cannot be told from the next better one. */
  tied: boolean;
}

/** What a column has of one model; shares of the range. */
export interface Measure {
  score: number;
  predicted: boolean;
  /** Ends of the 90 % interval of a forecast. */
  lower: number;
  upper: number;
  /** The standard error of a measured score; `NaN` if it is not known. */
  error: number;
}

/** What a column counts from and by in a mean: its own 0 and 1, or the mean and standard deviation of its scores. */
export interface Unit {
  centre: number;
  size: number;
}

/** The scores of one benchmark, by row. */
export interface Column {
  task: string;
  range: Range;
  lowerIsBetter: boolean;
  measures: Measure[];
  standings: Standing[];
  /** Whether the range is declared. */
  bounded: boolean;
}

/** What is weighed in the mean, and by which unit. */
export interface Mean {
  scale: "points" | "deviations";
  /** By column; 0 for those that do not count. */
  weights: number[];
  /** By row; empty if fewer than two columns count. */
  standings: Standing[];
}

export const HALF_WIDTH: number;
export const SURE: number;
export const POINTS: Unit;

export function standing(measure: Measure, lowerIsBetter: boolean, bounded: boolean): Standing;
export function interval(one: Standing): [lower: number, upper: number];
export function deviations(column: readonly Standing[]): Unit;
export function weightedMean(parts: readonly { standing: Standing; weight: number; unit: Unit }[]): Standing | undefined;
export function meanOf(columns: readonly Column[], weights: number[], scale: string): Mean;
export function folded(rows: number[], ids: string[], configurationOf: (id: string) => string | null | undefined, standings: readonly Standing[]): number[][];
export function chanceBelow(one: Standing, x: number): number;
export function beats(one: Standing, other: Standing): number;
export function places(models: readonly Standing[]): Place[];
export function frontier<T extends { x: number; y: number }>(points: readonly T[]): T[];
