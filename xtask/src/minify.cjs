// A JavaScript module from standard input to standard output, without what only people read. Comments within `import()`
// stay: bundlers read them.
const { readFileSync, writeFileSync } = require("node:fs");
const { transformSync } = require("esbuild");

const source = readFileSync(0, "utf8");
const { code } = transformSync(source, { minify: true, format: "esm", target: "es2022" });
const comments = [...source.matchAll(/\bimport\(\s*((?:\/\*.*?\*\/\s*)*)/gs)].map(([, comments]) => comments.trim());
let at = 0;
const written = code.replace(/\bimport\(/g, (call) => call + (comments[at++] ?? ""));
if (at !== comments.length) throw new Error(`${comments.length} import() became ${at}`);
writeFileSync(1, written);
