// The leaderboard as data: columns joined by model, then filtered, folded, placed and sorted. `pkg/standing.js` has the arithmetic.

import type { ModelFacts } from "../pkg/index.js";
import { FACTS, type FactName } from "../pkg/fact-columns.js";
import { folded, meanOf as weigh, places, standing, type Column, type Mean, type Place } from "../pkg/standing.js";
import type { Ranked } from "./address.ts";
import { filterOf, type Filter } from "./ranking-filter.ts";
import type { RankedColumn } from "./worker.ts";

export type { Column, Mean } from "../pkg/standing.js";

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

export { FACTS, type FactName } from "../pkg/fact-columns.js";

export const isFact = (name: string): name is FactName => Object.hasOwn(FACTS, name);

/** The weighted mean of the columns, which weigh 1 unless the address says otherwise. */
export function meanOf({ columns }: Table, { columns: given, scale }: Pick<Ranked, "columns" | "scale">): Mean {
  const weighed = new Map(given.map(({ id, weight }) => [id, weight]));
  return weigh(columns, columns.map(({ task }) => weighed.get(task) ?? 1), scale);
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
  const groups = ranked.unfolded.includes("*") ? rows.map((row) => [row]) : folded(rows, ids, (id) => facts.get(id)?.configuration_of, standings);
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
