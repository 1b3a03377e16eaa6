// SHA-256 checksums: `node checksums.mjs FOLDER` writes those of all files of a folder into its SHA256SUMS, which `sha256sum --check`
// reads; `node checksums.mjs --print FILE…` prints them.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [first, ...files] = process.argv.slice(2);
const line = (file, name) => `${createHash("sha256").update(readFileSync(file)).digest("hex")}  ${name}\n`;
if (first === "--print") {
  for (const file of files) process.stdout.write(line(file, file));
} else {
  const names = readdirSync(first).filter((name) => name !== "SHA256SUMS").sort();
  const sums = names.map((name) => line(join(first, name), name)).join("");
  writeFileSync(join(first, "SHA256SUMS"), sums);
  process.stdout.write(sums);
}
