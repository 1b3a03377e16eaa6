// The rows of the ranking: joined over the benchmarks, sorted, filtered.

import type { RankedColumn } from "./worker.ts";

export interface Column {
  task: string;
  /** By row; `NaN` where there is no score. */
  measured: Float32Array;
  predicted: Float32Array;
}

export interface Table {
  ids: string[];
  columns: Column[];
}

/** `by` is the number of a column; -1 the name. */
export interface Order {
  by: number;
  descending: boolean;
}

/** Columns come in the order of their own ranking; here all get the rows of the first. */
export function tabulate(ranked: RankedColumn[]): Table {
  const ids = [...new Set(ranked.flatMap((column) => column.ids))];
  const rows = new Map(ids.map((id, row) => [id, row]));
  const columns = ranked.map(({ task, ids: own, measured, predicted }) => {
    const byRow = (values: Float32Array): Float32Array => {
      const column = new Float32Array(ids.length).fill(NaN);
      own.forEach((id, at) => {
        column[rows.get(id) ?? -1] = values[at] ?? NaN;
      });
      return column;
    };
    return { task, measured: byRow(measured), predicted: byRow(predicted) };
  });
  return { ids, columns };
}

/** The rows to show, each with its place among all. A measured score counts before a predicted one; none comes last. */
export function arrange({ ids, columns }: Table, { by, descending }: Order, filter: string): { row: number; place: number }[] {
  const names = new Intl.Collator("en", { numeric: true });
  const rows = ids.map((_, row) => row);
  const sign = descending ? -1 : 1;
  const column = columns[by];
  if (column) {
    const key = (row: number): number => {
      const measured = column.measured[row] ?? NaN;
      return Number.isNaN(measured) ? (column.predicted[row] ?? NaN) : measured;
    };
    const keys = Float32Array.from(rows, key);
    rows.sort((a, b) => {
      const [left, right] = [keys[a] ?? NaN, keys[b] ?? NaN];
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
