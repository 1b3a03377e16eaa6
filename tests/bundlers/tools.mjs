// The bundlers, each with the least configuration that it needs. A build returns the folder to serve, a development server its address
// and `close`. docs/bundlers.md has the same for readers.

import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import nodeResolve from "@rollup/plugin-node-resolve";
import { build as esbuild } from "esbuild";
import { rollup } from "rollup";
import webpack from "webpack";
import { here, runTool } from "./project.mjs";

const page = (script) => `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A page</title><link rel="icon" href="data:,">
<script type="module" src="${script}"></script></head><body><eyas-forecast snapshot="/snapshot.json" parents="Qwen/Qwen2-7B" tasks="bbh"></eyas-forecast></body></html>`;

/** What the tests build: the elements, and a program that trains and answers. */
export const program = (entry) => `import "eyas/widget";
import { Recommender, Snapshot } from "${entry}";
const bytes = new TextEncoder().encode("model,a,b\\norg/x,0.1,0.4\\norg/y,0.3,0.2\\norg/z,0.2,0.5\\n");
try {
  const snapshot = await Snapshot.parse(bytes, { name: "r.csv" });
  const model = await Recommender.train(snapshot, { method: "parents" });
  window.answer = model.predict({ lineage: "org/x\\norg/y" }).forecasts[0].mean.toFixed(2);
} catch (error) {
  window.answer = error.message;
}
`;

const INLINE = "`eyas/inline`; for the elements a second entry and the folder `wasm`";

/** Imports one of the versions of Vite. */
const vite = (version) => import(`vite${version}`);

/** The files of a page whose script is built or served. */
async function pageFolder(folder, entry = "eyas", script = "/app.js") {
  await writeFile(join(folder, "index.html"), page(script));
  await writeFile(join(folder, "app.js"), program(entry));
}

/** The top-level `await` of the tests' program needs the target; the package itself does not. */
async function viteBuild(folder, version, options) {
  await pageFolder(folder);
  const { build } = await vite(version);
  await build({ root: folder, configFile: false, logLevel: "silent", build: { target: "es2022" }, ...options });
  return "dist";
}

export const withoutWorkerFormat = (folder, version) => viteBuild(folder, version, {});

export const builds = {
  ...Object.fromEntries(
    [5, 6, 7, 8].map((version) => [
      `Vite ${version}`,
      {
        tool: `vite${version}`,
        needs: version < 8 ? '`worker: { format: "es" }`' : "nothing",
        build: (folder) => viteBuild(folder, version, version < 8 ? { worker: { format: "es" } } : {}),
      },
    ]),
  ),
  "webpack 5": {
    tool: "webpack",
    needs: "nothing",
    async build(folder) {
      await pageFolder(folder);
      const output = { path: join(folder, "out"), filename: "app.js", module: true };
      const stats = await promisify(webpack)({ mode: "production", context: folder, entry: "./app.js", output, experiments: { outputModule: true }, performance: false });
      const { errors, warnings } = stats.toJson({ all: false, errors: true, warnings: true });
      if (errors.length + warnings.length > 0) throw new Error(JSON.stringify([errors, warnings]));
      await cp(join(folder, "index.html"), join(folder, "out/index.html"));
      return "out";
    },
  },
  "Rollup 4": {
    tool: "rollup",
    needs: INLINE,
    async build(folder) {
      await pageFolder(folder, "eyas/inline", "/js/app.js");
      for (const [input, dir, name] of [["app.js", "out/js", "app.js"], ["../node_modules/eyas/worker.js", "out", "worker.js"]]) {
        const bundle = await rollup({ input: join(folder, input), plugins: [nodeResolve({ browser: true })] });
        await bundle.write({ dir: join(folder, dir), format: "es", entryFileNames: name });
      }
      await cp(join(folder, "../node_modules/eyas/wasm"), join(folder, "out/wasm"), { recursive: true });
      await cp(join(folder, "index.html"), join(folder, "out/index.html"));
      return "out";
    },
  },
  esbuild: {
    tool: "esbuild",
    needs: INLINE,
    async build(folder) {
      await pageFolder(folder, "eyas/inline", "/js/app.js");
      const options = { bundle: true, format: "esm", target: "es2022", minify: true, logLevel: "error" };
      await esbuild({ ...options, entryPoints: [join(folder, "app.js")], outfile: join(folder, "out/js/app.js") });
      await esbuild({ ...options, entryPoints: [join(folder, "../node_modules/eyas/worker.js")], outfile: join(folder, "out/worker.js") });
      await cp(join(folder, "../node_modules/eyas/wasm"), join(folder, "out/wasm"), { recursive: true });
      await cp(join(folder, "index.html"), join(folder, "out/index.html"));
      return "out";
    },
  },
  "Parcel 2": {
    tool: "parcel",
    needs: "`packageExports: true`",
    async build(folder) {
      await pageFolder(folder, "eyas", "app.js");
      await writeFile(join(folder, "package.json"), JSON.stringify({ private: true, type: "module", "@parcel/resolver-default": { packageExports: true } }));
      // Parcel looks for its configuration beside the nearest lock file.
      await writeFile(join(folder, "package-lock.json"), "{}");
      await runTool("parcel", "parcel", ["build", "index.html", "--no-cache", "--cache-dir", ".cache", "--no-source-maps", "--dist-dir", "out"], folder);
      return "out";
    },
  },
  ...Object.fromEntries(
    ["Turbopack", "webpack"].map((by) => [
      `Next 16 with ${by}`,
      {
        tool: "next",
        needs: "a page that renders the elements in the browser",
        async build(folder) {
          await nextFolder(folder);
          await runTool("next", "next", ["build", by === "webpack" ? "--webpack" : "--turbopack"], folder);
          return "out";
        },
      },
    ]),
  ),
};

export const servers = Object.fromEntries(
  [5, 6, 7, 8].flatMap((version) =>
    [true, false].map((excluded) => [
      `Vite ${version}, development server${excluded ? "" : " as it is"}`,
      {
        tool: `vite${version}`,
        needs: excluded ? '`optimizeDeps: { exclude: ["eyas"] }`' : "nothing",
        // The optimiser of earlier versions leaves workers and modules behind.
        refuses: !excluded && version < 8,
        async serve(folder, middleware) {
          await pageFolder(folder);
          const { createServer: createVite } = await vite(version);
          const plugins = [{ name: "snapshot", configureServer: (server) => void server.middlewares.use(middleware) }];
          const optimizeDeps = excluded ? { exclude: ["eyas"] } : {};
          const server = await createVite({ root: folder, configFile: false, logLevel: "silent", server: { port: await freePort(), host: "127.0.0.1", fs: { strict: false } }, optimizeDeps, plugins, cacheDir: join(folder, ".vite") });
          await server.listen();
          return { url: `http://127.0.0.1:${server.httpServer.address().port}/`, close: () => server.close() };
        },
      },
    ]),
  ),
);

/** A port that is free now: Vite has no automatic choice. */
async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function nextFolder(folder) {
  await mkdir(join(folder, "app"), { recursive: true });
  const config = `export default { output: "export", turbopack: { root: ${JSON.stringify(here)} }, outputFileTracingRoot: ${JSON.stringify(here)} };\n`;
  const files = {
    "package.json": '{ "name": "site", "private": true, "type": "module" }',
    "next.config.mjs": config,
    "app/layout.js": 'export default function Layout({ children }) { return <html lang="en"><body>{children}</body></html>; }',
    "app/page.js": await readFile(join(here, "next-page.jsx"), "utf8"),
    "app/program.js": program("eyas"),
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
}
