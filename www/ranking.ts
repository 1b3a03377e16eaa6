// The table of the ranking: columns joined by model, sorted and filtered.

import type { Range } from "../pkg/index.js";
import type { RankedColumn } from "./worker.ts";

export interface Column {
  task: string;
  range: Range;
  lowerIsBetter: boolean;
  /** By row: share of the range, 0 to 1; `NaN` without a score. */
  scores: Float32Array;
  /** By row: 1 if the score is predicted. */
  predicted: Uint8Array;
  /** By row: best and worst rank in the 90 % interval; 0 without an interval. */
  best: Uint32Array;
  worst: Uint32Array;
  /** By row: 1 if the model cannot be distinguished from the one above. */
  tied: Uint8Array;
}

export interface Table {
  ids: string[];
  columns: Column[];
}

/**
 * `by` is the index of a column, or -1 for the name. Scores are sorted from the best and names from A to Z, or the other way if `reversed`.
 */
export interface Order {
  by: number;
  reversed: boolean;
}

/** Whether the values of the sorted column descend: those of scores do from the best, unless lower scores are better. */
export function descends({ columns }: Table, { by, reversed }: Order): boolean {
  const column = columns[by];
  return (column !== undefined && !column.lowerIsBetter) !== reversed;
}

/** Joins columns, each of which is sorted by its own ranking, into one table with the row order of the first. */
export function tabulate(ranked: RankedColumn[]): Table {
  const ids = [...new Set(ranked.flatMap((column) => column.ids))];
  const rows = new Map(ids.map((id, row) => [id, row]));
  const columns = ranked.map((column) => {
    const scores = new Float32Array(ids.length).fill(NaN);
    const [predicted, tied] = [new Uint8Array(ids.length), new Uint8Array(ids.length)];
    const [best, worst] = [new Uint32Array(ids.length), new Uint32Array(ids.length)];
    column.ids.forEach((id, at) => {
      const row = rows.get(id) ?? -1;
      scores[row] = column.scores[at] ?? NaN;
      predicted[row] = column.predicted[at] ?? 0;
      tied[row] = column.tied[at] ?? 0;
      best[row] = column.best[at] ?? 0;
      worst[row] = column.worst[at] ?? 0;
    });
    const { task, range, lowerIsBetter } = column;
    return { task, range, lowerIsBetter, scores, predicted, best, worst, tied };
  });
  return { ids, columns };
}

/** The rows whose id contains `filter`, each with its place among all rows. Rows without a score are last. */
export function arrange(table: Table, order: Order, filter: string): { row: number; place: number }[] {
  const { ids, columns } = table;
  const names = new Intl.Collator("en", { numeric: true });
  const rows = ids.map((_, row) => row);
  const sign = descends(table, order) ? -1 : 1;
  const column = columns[order.by];
  if (column) {
    rows.sort((a, b) => {
      const [left, right] = [column.scores[a] ?? NaN, column.scores[b] ?? NaN];
      if (Number.isNaN(left) || Number.isNaN(right)) return Number(Number.isNaN(left)) - Number(Number.isNaN(right));
      return sign * (left - right);
    });
  } else {
    rows.sort((a, b) => sign * names.compare(ids[a] ?? "", ids[b] ?? ""));
  }
  const wanted = filter.toLowerCase();
  return rows
    .map((row, at) => ({ row, place: at + 1 }))
    .filter(({ row }) => ids[row]?.toLowerCase().includes(wanted));
}
