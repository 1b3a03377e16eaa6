// Conversion of Parquet files to CSV, which the package reads, by the rules of `src/formats/parquet.rs`. It runs in the worker.
//
// A struct becomes columns `outer.inner`, a list one cell `a ; b`. The index of a pandas table, which is stored last, comes first if
// it holds texts; a numbered one is left out.

import { parquetMetadataAsync, parquetReadObjects, parquetSchema, type FileMetaData, type SchemaTree } from "hyparquet";
import type { Source } from "../pkg/index.js";

/** The furthest time in milliseconds from 1970 that becomes a day, as in the library. */
const MAX_TIME = 6e15;

export function isParquet({ bytes }: Source): boolean {
  return bytes.length > 4 && String.fromCharCode(...bytes.subarray(0, 4)) === "PAR1";
}

export async function toCsv({ name, bytes, ...others }: Source): Promise<Source> {
  // The Parquet library reads the whole buffer, so a view of a part of it is copied.
  const file = (bytes.byteLength === bytes.buffer.byteLength ? bytes.buffer : bytes.slice().buffer) as ArrayBuffer;
  try {
    const metadata = await parquetMetadataAsync(file);
    // Bytes without the mark of a text are read as texts, too.
    const rows = await parquetReadObjects({ file, metadata, parsers: { stringFromBytes: text, jsonFromBytes: text } });
    const columns = arranged(metadata);
    const lines = [columns.flatMap(({ names }) => names), ...rows.map((row) => columns.flatMap((column) => cells(column, row[column.key])))];
    return { ...others, name, bytes: new TextEncoder().encode(`${lines.map((line) => line.map(quoted).join(",")).join("\n")}\n`) };
  } catch (error) {
    throw new Error(`${name}: the Parquet file can't be read: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

/** A column of the file, and the columns of the CSV that it becomes. */
interface Column {
  key: string;
  names: string[];
  /** The inner columns of a struct. */
  inner: SchemaTree[] | undefined;
  element: SchemaTree["element"];
}

function columnOf({ element, children }: SchemaTree): Column {
  const key = element.name;
  const isStruct = children.length > 0 && !element.converted_type && !element.logical_type;
  const inner = isStruct ? children : undefined;
  return { key, names: inner?.map((child) => `${key}.${child.element.name}`) ?? [key], inner, element };
}

/** The columns, with the texts of a pandas index first. */
function arranged(metadata: FileMetaData): Column[] {
  const columns = parquetSchema(metadata).children.map(columnOf);
  const stated = indexNames(metadata);
  const isUnnamed = ({ key }: Column): boolean => key.startsWith("__index_level_");
  const isIndex = (column: Column): boolean => isUnnamed(column) || stated.includes(column.key);
  const isText = ({ inner, element }: Column): boolean => !inner && element.type === "BYTE_ARRAY";
  const texts = columns.filter((column) => isIndex(column) && isText(column));
  const others = columns.filter((column) => !texts.includes(column) && !isUnnamed(column));
  return [...texts.map((column) => (isUnnamed(column) ? { ...column, names: [""] } : column)), ...others];
}

/** The names of the columns that pandas states to be its index. */
function indexNames({ key_value_metadata: pairs }: FileMetaData): string[] {
  try {
    const stated = JSON.parse(pairs?.find(({ key }) => key === "pandas")?.value ?? "{}") as { index_columns?: unknown };
    return Array.isArray(stated.index_columns) ? stated.index_columns.filter((name) => typeof name === "string") : [];
  } catch {
    return [];
  }
}

/** The cells of a row. */
function cells({ inner, element }: Column, value: unknown): string[] {
  if (!inner) return [cell(value, element)];
  const fields = (value ?? {}) as Record<string, unknown>;
  return inner.map((child) => cell(fields[child.element.name], child.element));
}

/** A value as text: dates become days, flags are as Python writes them, and missing values, NaN and bytes that are no text are empty. */
function cell(value: unknown, element?: SchemaTree["element"]): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "number") return Number.isFinite(value) ? number(value, element) : "";
  if (value instanceof Date) return Math.abs(value.getTime()) < MAX_TIME ? value.toISOString().slice(0, 10) : "";
  if (value instanceof Uint8Array) return text(value);
  if (Array.isArray(value)) return value.map((item) => cell(item)).join(" ; ");
  // A struct in a struct or in a list; its large integers have no JSON form.
  return typeof value === "object" ? JSON.stringify(value, (_, inner: unknown) => (typeof inner === "bigint" ? String(inner) : inner)) : String(value as string | bigint);
}

/** The shortest text that is read as the same number; of a number with 32 bits, as the same number with 32 bits. */
function number(value: number, element?: SchemaTree["element"]): string {
  if (element?.converted_type === "DECIMAL") return value.toFixed(element.scale);
  if (element?.type !== "FLOAT" || Number.isInteger(value)) return String(value);
  const digits = [6, 7, 8].find((digits) => Math.fround(Number(value.toPrecision(digits))) === value);
  return String(Number(value.toPrecision(digits ?? 9)));
}

const decoder = new TextDecoder("utf-8", { fatal: true });

function text(bytes: Uint8Array | undefined): string {
  try {
    return bytes ? decoder.decode(bytes) : "";
  } catch {
    return "";
  }
}

function quoted(cell: string): string {
  return /[",\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
