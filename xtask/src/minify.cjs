// Minifies a JavaScript module: a named file together with the files that it imports from its folder, or standard input. The
// result goes to standard output. Comments within `import()` are kept, because bundlers read them.
const { readFileSync, writeFileSync } = require("node:fs");
const { buildSync, transformSync } = require("esbuild");

const [file] = process.argv.slice(1);
// Escapes of other characters would be read as those of CSS in a style sheet.
const options = { format: "esm", target: "es2022", charset: "utf8" };
const source = withSmallStyle(file ? joined(file) : readFileSync(0, "utf8"));
const { code } = transformSync(source, { ...options, minify: true });
const comments = [...source.matchAll(/\bimport\(\s*((?:\/\*.*?\*\/\s*)*)/gs)].map(([, comments]) => comments.trim());
let at = 0;
const written = code.replace(/\bimport\(/g, (call) => call + (comments[at++] ?? ""));
if (at !== comments.length) throw new Error(`${comments.length} import() became ${at}`);
writeFileSync(1, written);

/** The generated modules, and what several files import or only some visits need, stay files of their own. */
function joined(file) {
  const { outputFiles } = buildSync({ ...options, entryPoints: [file], bundle: true, external: ["./wasm/*", "./view.js", "../rpc.js", "./cards.js", "./unseen.js", "./analyses.js", "./leaderboard-csv.js"], write: false });
  return outputFiles[0].text;
}

// Style sheets that are the exports of modules are minified, too.
function withSmallStyle(js) {
  return js.replace(/^(export default |var \w+_style_default = |const STYLE = )`([^`]*)`;/gm, (_, start, css) => `${start}${JSON.stringify(transformSync(css, { loader: "css", minify: true, charset: "utf8" }).code)};`);
}
