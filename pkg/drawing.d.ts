import type { Forecast, LineageParent, Prediction, Range } from "./index.js";

/** A score with its interval. Shares of the range, 0 to 1. */
export interface Mark {
  mean: number;
  lower: number | null;
  upper: number | null;
  known: boolean;
  /** The number of its lane, from 0. */
  lane?: number;
  /** A class of its own, such as `would`. */
  kind?: string;
}

/** The score of another model: a measured parent, or a model to compare with. */
export interface Tick {
  letter: string;
  part: number;
  compared?: boolean;
}

/** A piece on a track. Positions are shares of its length, 0 to 1. */
export type Piece<T extends Tick = Tick> =
  | { piece: "band"; from: number; to: number; mark: Mark }
  | { piece: "point" | "square"; at: number; mark: Mark }
  | ({ piece: "tick" | "diamond" | "letter"; at: number } & T);

export interface Label {
  at: number;
  value: number;
  /** Whether a sign of per cent follows. */
  percent: boolean;
}

export interface Named {
  name: string;
  /** Such as `2024 2025 swallow`; empty if the name is the id. */
  detail: string;
}

type WithLetter<T> = T & { letter: string };

export function lettered<T = never>(
  forecasts: readonly Forecast[],
  parents: readonly LineageParent[],
  others?: readonly T[],
): { parents: WithLetter<LineageParent>[]; others: WithLetter<T>[] };
export function pieces<T extends Tick>(marks: readonly Mark[], ticks: readonly T[], gap?: number): Piece<T>[];
export function axis(ranges: readonly Range[]): { labels: Label[]; digits: number };
export function ordered(forecasts: readonly Forecast[]): Forecast[];
export function origin(forecast: Forecast, answer: Prediction): string;
export function digits(range: Range): number;
export function named(benchmark: { task: string; dataset: string }): Named;
