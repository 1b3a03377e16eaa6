// Parquet files as CSV, which the package reads, for the workers that read data.

import type { Source } from "../pkg/index.js";

/** Converts a Parquet file to CSV. The Parquet reader is loaded only for such files. */
export async function withoutParquet(source: Source): Promise<Source> {
  const parquet = source.bytes[0] === 0x50 ? await import("./parquet.ts") : undefined;
  return parquet?.isParquet(source) ? parquet.toCsv(source) : source;
}
