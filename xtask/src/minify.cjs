// Minifies a JavaScript module: a named file together with the files that it imports from its folder, or standard input. The
// result goes to standard output. Comments within `import()` are kept, because bundlers read them.
const { readFileSync, writeFileSync } = require("node:fs");
const { buildSync, transformSync } = require("esbuild");

const [file] = process.argv.slice(1);
const options = { format: "esm", target: "es2022" };
const source = withSmallStyle(file ? joined(file) : readFileSync(0, "utf8"));
const { code } = transformSync(source, { ...options, minify: true });
const comments = [...source.matchAll(/\bimport\(\s*((?:\/\*.*?\*\/\s*)*)/gs)].map(([, comments]) => comments.trim());
let at = 0;
const written = code.replace(/\bimport\(/g, (call) => call + (comments[at++] ?? ""));
if (at !== comments.length) throw new Error(`${comments.length} import() became ${at}`);
writeFileSync(1, written);

/** The generated modules stay files of their own. */
function joined(file) {
  const { outputFiles } = buildSync({ ...options, entryPoints: [file], bundle: true, external: ["./wasm/*"], write: false });
  return outputFiles[0].text;
}

// A module that exports a style sheet, with that minified.
function withSmallStyle(js) {
  const [, css] = /^export default `([^`]*)`;\s*$/.exec(js) ?? [];
  return css === undefined ? js : `export default ${JSON.stringify(transformSync(css, { loader: "css", minify: true }).code)};`;
}
