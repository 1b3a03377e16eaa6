// The leaderboard as data: columns joined by model, then filtered, folded, placed and sorted. `standing.ts` has the arithmetic.

import type { ModelFacts, Range } from "../pkg/index.js";
import type { Ranked } from "./address.ts";
import { filterOf, hasOpenWeights, organisation, type Filter } from "./ranking-filter.ts";
import { deviations, places, POINTS, standing, weightedMean, type Measure, type Place, type Standing, type Unit } from "./standing.ts";
import type { RankedColumn } from "./worker.ts";

export interface Column {
  task: string;
  range: Range;
  lowerIsBetter: boolean;
  /** By row. */
  measures: Measure[];
  standings: Standing[];
  /** Whether the range is declared. */
  bounded: boolean;
}

export interface Table {
  ids: string[];
  columns: Column[];
}

/** Joins columns, each of which is sorted by its own ranking, into one table with the row order of the first. */
export function tabulate(ranked: readonly RankedColumn[]): Table {
  const ids = [...new Set(ranked.flatMap((column) => column.ids))];
  const columns = ranked.map((column) => {
    const { task, range, lowerIsBetter, bounded } = column;
    const at = new Map(column.ids.map((id, at) => [id, at]));
    const measures = ids.map((id) => {
      const place = at.get(id) ?? -1;
      const { [place]: score = NaN } = column.scores;
      const { [place]: lower = NaN } = column.lower;
      const { [place]: upper = NaN } = column.upper;
      const { [place]: error = NaN } = column.errors;
      return { score, predicted: column.predicted[place] !== 0, lower, upper, error };
    });
    return { task, range, lowerIsBetter, bounded, measures, standings: measures.map((one) => standing(one, lowerIsBetter, bounded)) };
  });
  return { ids, columns };
}

/** The facts that may be columns, by their names in addresses. */
export const FACTS = {
  size: { title: "Size", value: ({ size }: ModelFacts) => size },
  date: { title: "Date", value: ({ date }: ModelFacts) => date },
  type: { title: "Type", value: ({ model_type: type }: ModelFacts) => type },
  family: { title: "Family", value: ({ family }: ModelFacts) => family },
  organisation: { title: "Organisation", value: organisation },
  license: { title: "Licence", value: ({ license }: ModelFacts) => license },
  weights: { title: "Weights", value: (facts: ModelFacts) => ({ true: "open", false: "closed" })[String(hasOpenWeights(facts))] ?? null },
  results: { title: "Results", value: ({ results }: ModelFacts) => results },
} as const;

export type FactName = keyof typeof FACTS;

export const isFact = (name: string): name is FactName => Object.hasOwn(FACTS, name);

/** What is weighed in the mean, and by which unit. */
export interface Mean {
  scale: "points" | "deviations";
  /** By column; 0 for those that do not count. */
  weights: number[];
  /** By row; empty if fewer than two columns count. */
  standings: Standing[];
}

/** The weighted mean of the columns: of points of their ranges if all ranges are declared, else of standard deviations. */
export function meanOf({ ids, columns }: Table, { columns: given, scale }: Pick<Ranked, "columns" | "scale">): Mean {
  const weighed = new Map(given.map(({ id, weight }) => [id, weight]));
  const weights = columns.map(({ task }) => weighed.get(task) ?? 1);
  const counted = columns.filter((_, at) => (weights[at] ?? 0) > 0);
  const fits = counted.every(({ bounded }) => bounded) ? "points" : "deviations";
  const used = scale === "points" || scale === "deviations" ? scale : fits;
  if (counted.length < 2) return { scale: used, weights, standings: [] };
  const units: Unit[] = columns.map(({ standings }) => (used === "points" ? POINTS : deviations(standings)));
  const standings = ids.map((_, row) => weightedMean(columns.map(({ standings }, at) => ({ standing: standings[row]!, weight: weights[at]!, unit: units[at]! })))!);
  return { scale: used, weights, standings };
}

/** A mean in points of 100, or in standard deviations with its sign. */
export function meanText(value: number, scale: Mean["scale"]): string {
  if (scale === "points") return (100 * value).toFixed(1);
  const text = Math.abs(value).toFixed(2);
  return /[1-9]/.test(text) ? `${value < 0 ? "−" : "+"}${text}` : text;
}

/** A row of the leaderboard. */
export interface Line {
  row: number;
  /** Undefined for a folded setting, and for a pinned model that the conditions leave out. */
  place: Place | undefined;
  /** How many other settings of the same model there are. */
  settings: number;
  /** Whether it is a setting below its model. */
  isSetting: boolean;
}

export interface Board {
  lines: Line[];
  pinned: Line[];
  /** What ranks come from: a column, or -1 for the mean. */
  key: number;
  /** What the lines are sorted by: a column, -1 for the mean, or a fact or `model`. */
  by: number | FactName | "model";
  /** Whether the sorted values descend. */
  descends: boolean;
  /** The number of models that meet the conditions, and of ranks among them. */
  models: number;
  ranks: number;
  mistakes: Filter["mistakes"];
}

/** Filters, folds, places and sorts. Ranks, ties and tiers are among the models that meet the conditions. */
export function arrange(table: Table, mean: Mean, facts: ReadonlyMap<string, ModelFacts>, ranked: Ranked): Board {
  const { ids, columns } = table;
  const filter = filterOf(ranked.conditions);
  const by = sortedBy(table, mean, ranked.by);
  const key = typeof by === "number" ? by : mean.standings.length > 0 ? -1 : 0;
  const standings = key < 0 ? mean.standings : (columns[key]?.standings ?? []);
  const isComplete = (row: number): boolean => columns.every(({ measures }) => measures[row]?.predicted === false);
  const rows = ids.flatMap((id, row) => {
    const known = facts.get(id) ?? unknown(id);
    return filter.accepts(known) && (ranked.conditions.complete === "" || isComplete(row)) ? [row] : [];
  });
  const groups = folded(rows, ids, facts, standings, ranked.unfolded.includes("*"));
  const heads = groups.map(([head]) => head!);
  const found = places(heads.map((row) => standings[row]!));
  const lines = heads.map((row, at): Line => ({ row, place: found[at], settings: groups[at]!.length - 1, isSetting: false }));
  const descends = ranked.reversed !== descendsFirst(table, by);
  lines.sort(order(table, mean, facts, by, descends));
  const others = new Map(groups.map((group) => [group[0], group.slice(1)]));
  const below = ({ row }: Line): Line[] => {
    const isOpen = ranked.unfolded.includes(ids[row] ?? "");
    return isOpen ? (others.get(row) ?? []).map((row) => ({ row, place: undefined, settings: 0, isSetting: true })) : [];
  };
  const placed = new Map(lines.map((line) => [line.row, line]));
  const pinned = ranked.pinned.flatMap((id) => {
    const row = ids.indexOf(id);
    return row < 0 ? [] : [placed.get(row) ?? { row, place: undefined, settings: 0, isSetting: false }];
  });
  const isPinned = new Set(pinned.map(({ row }) => row));
  const unpinned = lines.filter(({ row }) => !isPinned.has(row));
  return {
    lines: unpinned.flatMap((line) => [line, ...below(line)]),
    pinned,
    key,
    by,
    descends,
    models: rows.length,
    ranks: heads.length,
    mistakes: filter.mistakes,
  };
}

/** Settings of one model together: of those with the most measured scores the best first. */
function folded(rows: number[], ids: string[], facts: ReadonlyMap<string, ModelFacts>, standings: readonly Standing[], apart: boolean): number[][] {
  const groups = new Map<string, number[]>();
  for (const row of rows) {
    let root = ids[row] ?? "";
    // A setting of a setting; the number of steps is bounded in case that two name each other.
    for (let steps = 0; !apart && steps < 4; steps += 1) root = facts.get(root)?.configuration_of ?? root;
    const group = groups.get(root);
    if (group) group.push(row);
    else groups.set(root, [row]);
  }
  const better = (a: number, b: number): number => standings[b]!.measured - standings[a]!.measured || standings[b]!.median - standings[a]!.median;
  return [...groups.values()].map((group) => group.sort(better));
}

function sortedBy({ columns }: Table, { standings }: Mean, by: string): Board["by"] {
  const fact = by.slice(1);
  if (by.startsWith("~") && (isFact(fact) || fact === "model")) return fact;
  const at = columns.findIndex(({ task }) => task === by);
  return at >= 0 ? at : standings.length > 0 ? -1 : 0;
}

/** The direction before it is reversed: the best scores, the newest and the largest first, texts from A to Z. */
function descendsFirst({ columns }: Table, by: Board["by"]): boolean {
  if (typeof by === "number") return !columns[by]?.lowerIsBetter;
  return by === "size" || by === "date" || by === "results";
}

/** Lines without a value are last in both directions. */
function order({ ids, columns }: Table, mean: Mean, facts: ReadonlyMap<string, ModelFacts>, by: Board["by"], descends: boolean): (a: Line, b: Line) => number {
  const texts = new Intl.Collator("en", { numeric: true });
  const value = ({ row }: Line): number | string | null => {
    if (by === -1) return mean.standings[row]?.median ?? null;
    if (typeof by === "number") return columns[by]?.measures[row]?.score ?? null;
    if (by === "model") return ids[row] ?? null;
    const known = facts.get(ids[row] ?? "");
    return known ? FACTS[by].value(known) : null;
  };
  const sign = descends ? -1 : 1;
  return (a, b) => {
    const [left, right] = [value(a), value(b)];
    if (left === null || right === null) return Number(left === null) - Number(right === null);
    const first = typeof left === "number" && typeof right === "number" ? left - right : texts.compare(String(left), String(right));
    return sign * first || (a.place?.rank ?? 0) - (b.place?.rank ?? 0);
  };
}

/** A model before its facts have arrived. */
function unknown(id: string): ModelFacts {
  return { id, names: [], date: null, description: null, license: null, url: null, configuration_of: null, size: null, size_in_name: false, model_type: null, family: null, factors: {}, parents: [], results: 0 };
}
