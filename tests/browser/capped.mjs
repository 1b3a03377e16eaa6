// A copy of the package in which some modules have little memory, so that ordinary calls trap.

import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { root } from "./harness.mjs";

/** Limits the memory of a module to a number of pages of 64 KiB. */
export function capped(bytes, pages) {
  const parts = [bytes.subarray(0, 8)];
  for (let at = 8; at < bytes.length; ) {
    const start = at;
    const id = bytes[at++];
    const [size, body] = number(bytes, at);
    at = body + size;
    if (id !== 5) {
      parts.push(bytes.subarray(start, at));
      continue;
    }
    // One memory: its flags, then its smallest size.
    const [smallest] = number(bytes, body + 2);
    const memory = [1, 1, ...written(smallest), ...written(smallest + pages)];
    parts.push(Uint8Array.of(5, ...written(memory.length), ...memory));
  }
  return Buffer.concat(parts);
}

/** A copy of the package with limited modules, `{ trainer_simd: pages }`, which is deleted when the test ends. */
export async function cappedPackage(t, pages) {
  const folder = await mkdtemp(`${root}target/capped-`);
  t.after(() => rm(folder, { recursive: true }));
  await cp(`${root}pkg`, folder, { recursive: true });
  for (const [name, most] of Object.entries(pages)) {
    const file = join(folder, "wasm", `${name}.wasm`);
    await writeFile(file, capped(await readFile(file), most));
  }
  return folder;
}

/** A table of results in 0..100, (models, tasks), from a fixed linear congruence. */
export function table(models, tasks) {
  let state = 7;
  const random = () => (state = (state * 1664525 + 1013904223) >>> 0) / 2 ** 32;
  const rows = [["model", ...Array.from({ length: tasks }, (_, task) => `task-${task}`)]];
  for (let model = 0; model < models; model++) {
    const ability = random();
    rows.push([`org/model-${model}`, ...Array.from({ length: tasks }, () => (20 + 50 * ability + 20 * random()).toFixed(2))]);
  }
  return new TextEncoder().encode(rows.join("\n"));
}

function number(bytes, at) {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++];
    value |= (byte & 127) << shift;
    if (byte < 128) return [value >>> 0, at];
  }
}

function written(value) {
  const bytes = [];
  for (; value > 127; value >>>= 7) bytes.push((value & 127) | 128);
  return [...bytes, value];
}
