// Conversion of Parquet files to CSV, which the package reads. It runs in the worker.

import { parquetReadObjects } from "hyparquet";
import type { Source } from "../pkg/index.js";

export function isParquet({ bytes }: Source): boolean {
  return bytes.length > 4 && String.fromCharCode(...bytes.subarray(0, 4)) === "PAR1";
}

export async function toCsv({ name, bytes }: Source): Promise<Source> {
  // The library reads the whole buffer, so a view of a part of it is copied.
  const whole = bytes.byteLength === bytes.buffer.byteLength ? bytes.buffer : bytes.slice().buffer;
  try {
    const rows = await parquetReadObjects({ file: whole as ArrayBuffer });
    const columns = Object.keys(rows[0] ?? {});
    const lines = [columns, ...rows.map((row) => columns.map((column) => row[column]))].map((cells) => cells.map(cell).join(","));
    return { name, bytes: new TextEncoder().encode(`${lines.join("\n")}\n`) };
  } catch (error) {
    throw new Error(`${name}: the Parquet file can't be read: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

/** A cell of the CSV: dates in ISO form, empty for missing values and for numbers that are not finite. */
function cell(value: unknown): string {
  if (value === null || value === undefined || (typeof value === "number" && !Number.isFinite(value))) return "";
  const text = value instanceof Date ? value.toISOString() : typeof value === "object" ? JSON.stringify(value) : String(value as string);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
