// What the build of the page adds: sentences about benchmarks, documents, and the service worker with its list of files.

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";

const ELEMENTS = "virtual:elements";
const PACKAGE = "target/package";
const GLOSSES = "virtual:glosses";
const SNAPSHOT = "www/public/snapshot.json";
/** Documents that the page links to. */
const DOCUMENTS = { README: "README.md", results: "docs/results.md", formats: "docs/formats.md", widget: "docs/widget.md" };
/** What a question needs without a network: the page, its views, the forecasts, and the modules that read texts. */
const KEPT = /^(index\.html|assets\/(?!.*(trainer|tables|methods|networks|ranker|lrmf|analyses|parameters|parquet|forecast_more)).*\.(js|css|wasm|svg))$/;
/** Files of `www/public` that a question needs. */
const PUBLIC = ["model.eyas.gz", "data-licences.txt"];

/** The module `virtual:glosses`: what the benchmarks of the bundled data ask. */
export function glosses() {
  return {
    name: "eyas-glosses",
    resolveId: (id) => (id === GLOSSES ? `\0${GLOSSES}` : undefined),
    load: async (id) => {
      if (id !== `\0${GLOSSES}`) return undefined;
      const { tasks } = JSON.parse(await readFile(SNAPSHOT, "utf8"));
      return `export default ${JSON.stringify(Object.fromEntries(tasks.flatMap(({ id, description }) => (description ? [[id, description]] : []))))};`;
    },
  };
}

/** The module `virtual:elements`: the file of the package, and the hashes of what tags load from it. */
export function elements() {
  return {
    name: "eyas-elements",
    resolveId: (id) => (id === ELEMENTS ? `\0${ELEMENTS}` : undefined),
    load: async (id) => {
      if (id !== `\0${ELEMENTS}`) return undefined;
      const read = async (name) => JSON.parse(await readFile(`${PACKAGE}/${name}`, "utf8"));
      const [{ name, version }, hashes] = await Promise.all(["package.json", "integrity.json"].map(read)).catch(() => {
        throw new Error(`${PACKAGE} is missing; \`cargo xtask build\` makes it`);
      });
      return `export default ${JSON.stringify({ file: `${name}-${version}.tgz`, script: hashes["eyas-widget.js"], style: hashes["eyas-widget.css"] })};`;
    },
  };
}

/** Removes the indentation of templates: to HTML, a line break alone is the same space. */
export function unindented() {
  return {
    name: "eyas-unindented",
    apply: "build",
    transform: (code, id) => (/\/www\/[\w-]+\.ts$/.test(id) ? { code: code.replace(/\n[ ]+/g, "\n"), map: null } : undefined),
  };
}

/** The documents, as texts that any server serves. */
export function about() {
  return {
    name: "eyas-about",
    apply: "build",
    generateBundle: async function () {
      for (const [name, file] of Object.entries(DOCUMENTS)) {
        this.emitFile({ type: "asset", fileName: `about/${name}.txt`, source: await readFile(file, "utf8") });
      }
    },
  };
}

/** The service worker `sw.js`. A change of any kept file changes its version, and so replaces what was kept. */
export function offline() {
  return {
    name: "eyas-offline",
    apply: "build",
    enforce: "post",
    generateBundle: async function (_, bundle) {
      const files = Object.keys(bundle).filter((name) => KEPT.test(name)).sort();
      const hash = createHash("sha256");
      for (const name of files) hash.update(name).update(bundle[name].code ?? bundle[name].source);
      for (const name of PUBLIC) hash.update(await readFile(`www/public/${name}`));
      const program = await readFile("www/sw.js", "utf8");
      const source = program.replace("VERSION", hash.digest("hex").slice(0, 16)).replace('["FILES"]', JSON.stringify(["./", ...files.filter((name) => name !== "index.html"), ...PUBLIC]));
      this.emitFile({ type: "asset", fileName: "sw.js", source });
    },
  };
}
