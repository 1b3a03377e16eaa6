// The points of the map: any two of the facts, benchmarks and the mean of all models, with the frontier and the lineage.

import type { ModelFacts, Prediction } from "../pkg/index.js";
import { label } from "./benchmarks.ts";
import { score, sizeText } from "./figures.ts";
import { meanOf, meanText, tabulate, type Column, type Mean, type Table } from "./ranking.ts";
import type { Axis, Dot, Line } from "./plot.ts";
import type { Trained } from "./session.ts";
import { frontier, interval, POINTS, standing, weightedMean, type Standing } from "../pkg/standing.js";

/** A value of a model on an axis, with its interval if it is a score. */
interface Value {
  at: number;
  lower?: number;
  upper?: number;
  predicted: boolean;
}

/** What an axis can show. */
export interface Side {
  axis: Axis;
  isScore: boolean;
  /** Whether less is better. */
  less: boolean;
  /** By row of the table; `null` where it is not known. */
  value: (row: number) => Value | null;
  /** Of a model that does not exist yet. */
  planned: (plan: PlanValues) => Value | null;
}

/** What is known of a plan. */
export interface PlanValues {
  size: number | null;
  /** Milliseconds; today. */
  date: number;
  prediction: Prediction;
}

export interface MapData {
  table: Table;
  mean: Mean;
  facts: ReadonlyMap<string, ModelFacts>;
  trained: Trained;
}

export function mapData(trained: Trained, tasks: readonly string[], facts: ReadonlyMap<string, ModelFacts>): MapData {
  const table = tabulate(tasks.flatMap((task) => trained.columns.get(task) ?? []));
  return { table, mean: meanOf(table, { columns: [], scale: "points" }), facts, trained };
}

const AMOUNTS: Record<string, string> = { params: "Size, parameters", active_params: "Active parameters", tokens: "Training tokens" };

/** The numeric facts that may be an axis, with how many models state them. */
export function numericFacts(facts: Iterable<ModelFacts>): string[] {
  const counts = new Map<string, number>();
  for (const { factors } of facts) for (const [name, value] of Object.entries(factors)) if (typeof value === "number" && name !== "params") counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].filter(([, count]) => count > 1).map(([name]) => name).sort();
}

export function factTitle(name: string): string {
  return AMOUNTS[name] ?? name.replaceAll("_", " ");
}

/** An axis by its name in addresses; undefined if there is no such fact or benchmark, or its ranking has not arrived. */
export function sideOf(name: string, data: MapData): Side | undefined {
  const { table, mean, trained } = data;
  if (name === "~mean") return mean.standings.length > 0 ? meanSide(data) : table.columns[0] && columnSide(table.columns[0], trained);
  if (name.startsWith("~")) return factSide(name.slice(1), data);
  const column = table.columns.find(({ task }) => task === name);
  return column && columnSide(column, trained);
}

function factSide(name: string, { table, facts }: MapData): Side | undefined {
  const of = (read: (facts: ModelFacts) => number | null | undefined) => (row: number): Value | null => {
    const known = facts.get(table.ids[row] ?? "");
    const at = known ? read(known) : null;
    return at === null || at === undefined || !Number.isFinite(at) ? null : { at, predicted: false };
  };
  const fact = { isScore: false, less: false };
  if (name === "size") {
    const value = of(({ size }) => (size !== null && size > 0 ? size : null));
    return { ...fact, axis: { title: "Size, parameters", kind: "log", say: sizeText }, value, planned: ({ size }) => (size === null ? null : { at: size, predicted: false }) };
  }
  if (name === "date") {
    const say = (at: number): string => new Date(at).toISOString().slice(0, 10);
    return { ...fact, axis: { title: "Date", kind: "time", say }, value: of(({ date }) => (date === null ? null : Date.parse(date))), planned: ({ date }) => ({ at: date, predicted: false }) };
  }
  if (!numericFacts(facts.values()).includes(name)) return undefined;
  const read = ({ factors }: ModelFacts): number | null => (typeof factors[name] === "number" ? factors[name] : null);
  const isAmount = name in AMOUNTS;
  return { ...fact, axis: { title: factTitle(name), kind: isAmount ? "log" : "linear", say: isAmount ? sizeText : String }, value: of(read), planned: () => null };
}

function columnSide({ task, range, lowerIsBetter: less, standings, measures, bounded }: Column, { benchmarks }: Trained): Side {
  const dataset = benchmarks.find(({ id }) => id === task)?.dataset ?? "";
  const unit = (part: number): number => range.low + part * (range.high - range.low);
  const valueOf = (one: Standing, predicted: boolean): Value => {
    const ends = interval(one).map((end) => unit(less ? 1 - end : end)) as [number, number];
    return { at: unit(less ? 1 - one.median : one.median), predicted, ...(Number.isNaN(ends[0]) ? {} : { lower: Math.min(...ends), upper: Math.max(...ends) }) };
  };
  return {
    axis: { title: label({ task, dataset }), kind: "linear", say: (value) => score((value - range.low) / (range.high - range.low), range) },
    isScore: true,
    less,
    value: (row) => (standings[row] && !Number.isNaN(standings[row].median) ? valueOf(standings[row], measures[row]?.predicted === true) : null),
    planned: ({ prediction }) => {
      const one = planStanding(prediction, task, bounded);
      return one ? valueOf(one, one.measured === 0) : null;
    },
  };
}

function meanSide({ mean, table }: MapData): Side {
  const valueOf = (one: Standing): Value => {
    const [lower, upper] = interval(one);
    return { at: 100 * one.median, predicted: one.measured < one.of, ...(Number.isNaN(lower) ? {} : { lower: 100 * lower, upper: 100 * upper }) };
  };
  return {
    axis: { title: `Mean of ${table.columns.length} benchmarks`, kind: "linear", say: (value) => meanText(value / 100, "points") },
    isScore: true,
    less: false,
    value: (row) => (mean.standings[row] ? valueOf(mean.standings[row]) : null),
    planned: ({ prediction }) => {
      const parts = table.columns.flatMap(({ task, bounded }) => planStanding(prediction, task, bounded) ?? []);
      const one = parts.length === table.columns.length ? weightedMean(parts.map((standing) => ({ standing, weight: 1, unit: POINTS }))) : undefined;
      return one ? valueOf(one) : null;
    },
  };
}

function planStanding({ forecasts }: Prediction, task: string, bounded: boolean): Standing | undefined {
  const found = forecasts.find((forecast) => forecast.task === task);
  if (!found) return undefined;
  const { mean, lower, upper, known, lower_is_better: less } = found;
  return standing({ score: mean, predicted: !known, lower: lower ?? NaN, upper: upper ?? NaN, error: NaN }, less, bounded);
}

/** The models with both values. */
export function dotsOf({ table }: MapData, x: Side, y: Side, measured: boolean): Dot[] {
  return table.ids.flatMap((id, row) => {
    const [across, up] = [x.value(row), y.value(row)];
    const predicted = across?.predicted === true || up?.predicted === true;
    return across && up && !(measured && predicted) ? [dot(id, across, up)] : [];
  });
}

export function dot(id: string, across: Value, { at, lower, upper, predicted }: Value): Dot {
  const ends = lower === undefined || upper === undefined ? {} : { lower, upper };
  return { id, x: across.at, y: at, predicted: predicted || across.predicted, ...ends };
}

/** The best of all models up to each value of a fact; none between two scores. */
export function frontierOf(dots: readonly Dot[], x: Side, y: Side): Dot[] {
  if (x.isScore || !y.isScore) return [];
  return frontier(dots.map((dot) => ({ x: dot.x, y: y.less ? -dot.y : dot.y, dot }))).map(({ dot }) => dot);
}

/** A line from each parent to its children; with a search only those of the models that it finds. */
export function lineageOf(dots: readonly Dot[], { facts }: MapData, found: ReadonlySet<string> | undefined): Line[] {
  const places = new Map(dots.map((dot) => [dot.id, dot]));
  return dots.flatMap((child) =>
    (facts.get(child.id)?.parents ?? []).flatMap(({ id }): Line[] => {
      const parent = places.get(id);
      const isShown = found === undefined || found.has(id) || found.has(child.id);
      return parent && isShown ? [{ kind: "lineage", points: [[parent.x, parent.y], [child.x, child.y]] }] : [];
    }),
  );
}
