// Writes `integrity.json` into a folder of the package: the hash of each file that a page may load, for `integrity` in tags and import
// maps. Prints those of the files that tags name.
//
//   node integrity.mjs FOLDER

import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [folder] = process.argv.slice(2);
const files = readdirSync(folder, { recursive: true }).filter((file) => /\.(js|css|wasm)$/.test(file) && !/inline|cli\.js$/.test(file));
const hash = (file) => `sha384-${createHash("sha384").update(readFileSync(join(folder, file))).digest("base64")}`;
const hashes = Object.fromEntries(files.sort().map((file) => [file.replaceAll("\\", "/"), hash(file)]));
writeFileSync(join(folder, "integrity.json"), `${JSON.stringify(hashes, null, 1)}\n`);
for (const file of ["eyas-widget.js", "eyas-widget.css"]) console.log(`${file}: ${hashes[file]}`);
