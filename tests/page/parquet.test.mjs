// The conversion of Parquet files to CSV; the library has its twin, `src/formats/parquet.rs`.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { load } from "./load.mjs";

const { isParquet, toCsv } = await load("parquet.ts");
const fixture = (name) => readFile(new URL(`../fixtures/results/${name}`, import.meta.url));
const converted = async (name, bytes) => new TextDecoder().decode((await toCsv({ name, bytes })).bytes);

test("values of each type become the cells that the library makes of them", async () => {
  const [bytes, expected] = await Promise.all([fixture("types.parquet"), fixture("types.csv")]);
  assert.equal(await converted("types.parquet", new Uint8Array(bytes)), expected.toString());
  // A view of a part of a buffer.
  const around = new Uint8Array(bytes.length + 20);
  around.set(bytes, 10);
  assert.equal(await converted("types.parquet", around.subarray(10, bytes.length + 10)), expected.toString());
});

test("a table of the hub has the cells of its CSV", async () => {
  const [bytes, expected] = await Promise.all([fixture("board.parquet"), fixture("board.csv")]);
  const csv = await converted("board.parquet", new Uint8Array(bytes));
  const [header, first] = expected.toString().split("\r\n");
  assert.equal(csv.split("\n")[0], header);
  const numbers = (line) => line.split(",").map((cell) => (cell !== "" && Number.isFinite(Number(cell)) ? Number(cell).toFixed(4) : cell));
  assert.deepEqual(numbers(csv.split("\n")[1]), numbers(first));
});

test("other files are no Parquet, and a damaged one is an error that names it", async () => {
  assert.equal(isParquet({ bytes: new TextEncoder().encode("PARrot,score") }), false);
  const bytes = new Uint8Array(await fixture("board.parquet"));
  assert.equal(isParquet({ bytes }), true);
  await assert.rejects(toCsv({ name: "short.parquet", bytes: bytes.subarray(0, 2000) }), { message: /^short\.parquet: the Parquet file can't be read: / });
});
