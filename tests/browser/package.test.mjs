// The npm package as published: its files, its sizes, its types, and builds with common tools.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, normalize } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import nodeResolve from "@rollup/plugin-node-resolve";
import { build as esbuild } from "esbuild";
import { publint } from "publint";
import { rollup } from "@rollup/wasm-node";
import { build as vite } from "vite";
import webpack from "webpack";
import { BUILDS, bindings } from "../../pkg/modules.js";
import { appears, openPage, root } from "./harness.mjs";

const run = promisify(execFile);

/** A project with the package installed. */
let project;
let tarball;
let files;
before(async () => {
  await mkdir(`${root}target`, { recursive: true });
  project = await mkdtemp(`${root}target/package-`);
  const { stdout } = await run("npm", ["pack", `${root}target/package`, "--json", "--pack-destination", project, "--loglevel=error"]);
  const [packed] = JSON.parse(stdout);
  tarball = join(project, packed.filename);
  files = packed.files.map(({ path }) => path);
  await mkdir(join(project, "node_modules"));
  await run("tar", ["-xzf", tarball, "-C", join(project, "node_modules")]);
  await run("mv", [join(project, "node_modules/package"), join(project, "node_modules/eyas")]);
  await writeFile(join(project, "package.json"), '{ "name": "project", "private": true, "type": "module" }');
});
after(() => rm(project, { recursive: true }));

const installed = (path) => join(project, "node_modules/eyas", path);

test("npm packs exactly the necessary files", async () => {
  const modules = Object.keys(bindings).flatMap((name) => BUILDS[name]?.map((build) => `${name}_${build}`) ?? [name]);
  const expected = [
    ...["README.md", "LICENSE-MIT", "LICENSE-APACHE", "package.json", "schema.json", "integrity.json", "model.eyas.gz", "data-licences.txt", "api.js", "cards.js", "unseen.js", "analyses.js", "board.js", "comparison.js", "cli.js", "measured-first.js", "measured-first.d.ts", "rpc.js", "rpc.d.ts", "modules.d.ts", "eyas-widget.css"],
    ...["eyas-widget", "index", "inline", "worker"].flatMap((name) => [`${name}.js`, `${name}.d.ts`]),
    ...["react", "preact", "vue", "svelte"].map((framework) => `${framework}.d.ts`),
    ...["forecast", "leaderboard", "leaderboard-csv", "view"].map((name) => `widget/${name}.js`),
    ...modules.flatMap((name) => [`wasm/${name}.wasm`, `wasm/inline_${name}.js`]),
    ...Object.keys(bindings).map((name) => `wasm/${name}.js`),
  ];
  assert.deepEqual(files.sort(), expected.sort());
  const { unpkg, jsdelivr } = JSON.parse(await readFile(installed("package.json"), "utf8"));
  for (const file of [unpkg, jsdelivr]) assert.equal(normalize(file), "eyas-widget.js");
});

test("each entry exists, and each file is named to bundlers once", async () => {
  const { exports } = JSON.parse(await readFile(installed("package.json"), "utf8"));
  const named = Object.values(exports).flatMap((entry) => (typeof entry === "string" ? entry : Object.values(entry)));
  for (const file of named.filter((file) => !file.includes("*"))) assert.ok(files.includes(normalize(file)), file);
  const text = (await Promise.all(files.filter((file) => /^(widget\/)?(?!cli)[\w-]+\.js$/.test(file)).map((file) => readFile(installed(file), "utf8")))).join("\n");
  const addresses = [...text.matchAll(/new URL\(([^()]*?),\s*import\.meta\.url\)/g)].map(([, address]) => address);
  assert.equal(addresses.length, 25, "the modules and the worker");
  // A name in a variable makes webpack warn; the same name twice makes bundlers copy the file twice.
  for (const address of addresses) assert.match(address, /^"[^"]+"$/);
  assert.equal(new Set(addresses).size, addresses.length);
});

test("the hashes are those of the files", async () => {
  const hashes = JSON.parse(await readFile(installed("integrity.json"), "utf8"));
  assert.deepEqual(Object.keys(hashes).filter((file) => !files.includes(file)), []);
  for (const file of ["eyas-widget.js", "eyas-widget.css", "worker.js", "widget/forecast.js", "wasm/forecast_simd.wasm"]) {
    assert.equal(hashes[file], `sha384-${createHash("sha384").update(await readFile(installed(file))).digest("base64")}`, file);
  }
});

test("the bundled model belongs to the bundled data; other data are refused", async (t) => {
  const check = (data) => run("node", ["xtask/src/bundle.mjs", "pkg/index.js", data, "www/public", "--check"], { cwd: root });
  assert.match((await check("data/published")).stdout, /641 models × 324 tasks, 14924 scores/);
  const folder = await mkdtemp(join(tmpdir(), "eyas-data-"));
  t.after(() => rm(folder, { recursive: true }));
  await cp(`${root}data/published`, folder, { recursive: true });
  const scores = await readFile(join(folder, "scores.csv"), "utf8");
  await writeFile(join(folder, "scores.csv"), scores.replace(/^(.*,[a-z_0-9]+_swallow),0\.\d+,/m, "$1,0.1234,"));
  await assert.rejects(check(folder), /snapshot\.json is stale: it is not of/);
});

test("types and documentation of the elements list all attributes", async (t) => {
  const { page } = await openPage(t, { folder: installed("").slice(root.length), path: "blank", routes: { "/blank": { type: "text/html", body: "<link rel=icon href=data:,>" } } });
  const real = await page.evaluate(async () => {
    await import("/eyas-widget.js");
    return ["eyas-forecast", "eyas-leaderboard"].map((name) => {
      const { properties, observedAttributes, prototype } = customElements.get(name);
      const methods = ["data", "load"].filter((key) => key in prototype);
      return { name, attributes: observedAttributes, members: [...properties, ...methods].sort() };
    });
  });
  const types = await readFile(installed("eyas-widget.d.ts"), "utf8");
  const members = (name) => [...new RegExp(`interface ${name} [^]*?\n}`).exec(types)[0].matchAll(/^  (?:readonly )?(\w+)(?:: |\()/gm)].map(([, member]) => member);
  const rows = [...(await readFile(`${root}docs/widget.md`, "utf8")).matchAll(/^\| `([a-z-]+)` \| (forecast|leaderboard|both) \|/gm)];
  for (const [at, { name, attributes, members: had }] of real.entries()) {
    const [kind, own] = [["forecast", "EyasForecastElement"], ["leaderboard", "EyasLeaderboardElement"]][at];
    assert.deepEqual([...members("EyasElement"), ...members(own)].sort(), had, name);
    assert.deepEqual(rows.filter(([, , of]) => of === kind || of === "both").map(([, attribute]) => attribute).sort(), attributes.sort(), name);
  }
});

test("a program in TypeScript finds the types of the classes, the elements, their events and the schema", async () => {
  await writeFile(
    join(project, "typed.ts"),
    `import { Recommender, Snapshot, type Prediction, type Role } from "eyas";
    import { Snapshot as Inline } from "eyas/inline";
    import type { EyasForecastDetail } from "eyas/widget";
    import schema from "eyas/schema.json" with { type: "json" };
    const element = document.querySelector("eyas-forecast")!;
    element.modelFile = "a.eyas";
    document.createElement("eyas-leaderboard").where = null;
    document.addEventListener("eyas-ready", ({ detail }) => detail.benchmarks.length.toFixed());
    window.addEventListener("eyas-error", ({ detail }) => detail.message.trim());
    element.addEventListener("eyas-ready", ({ detail }) => detail.info.models.toFixed());
    element.addEventListener("eyas-forecast", ({ detail }) => "compared" in detail && (detail satisfies EyasForecastDetail));
    element.addEventListener("eyas-error", ({ detail }) => detail.kind === "environment" && detail.message.trim());
    export const made: Promise<Prediction> = Snapshot.parse(new Uint8Array()).then(Recommender.train).then((model) => model.predict({ lineage: "" }));
    export const roles = Snapshot.parse(new Uint8Array(), { columns: { MMLU: "score:percent", Average: "skip" } }).then(({ report }) => report.columns[0]?.role satisfies Role | undefined);
    export const best = Snapshot.parse(new Uint8Array())
      .then((snapshot) => Recommender.train(snapshot, { method: "ranker" }))
      .then((model) => model.recommend({ description: "retrieval of papers", metric: "ndcg_at_10", top: 3, where: "params<=14", pool: [70, 8] }))
      .then(({ task, models, pool }) => [task satisfies string | null, pool satisfies [number, string | null][] | null, models[0]?.measured satisfies number | null | undefined]);
    export const cards = Snapshot.parse(new Uint8Array()).then(Recommender.train).then((model) => model.card({ id: "org/x", format: "badge", tasks: "bbh", made: "2026-07-01" })).then((card) => card.trim());
    // @ts-expect-error
    Snapshot.parse(new Uint8Array(), { columns: { MMLU: "percent" } });
    // @ts-expect-error
    element.where = "params<=14";
    export const title: [string, typeof Inline] = [schema.$schema, Inline];`,
  );
  for (const given of [["nodenext", "nodenext"], ["esnext", "bundler"]]) {
    const options = ["--module", given[0], "--moduleResolution", given[1], "--target", "es2022", "--lib", "es2023,dom"];
    options.push("--ignoreConfig", "--strict", "--noEmit", "--resolveJsonModule", "--types", "", "typed.ts");
    await run("node", [`${root}node_modules/typescript/bin/tsc`, ...options], { cwd: project }).catch(({ stdout }) => assert.fail(stdout));
  }
});

test("publint and are-the-types-wrong find no problem", async () => {
  const { messages } = await publint({ pkgDir: installed("."), level: "warning", strict: true });
  assert.deepEqual(messages.map(({ code, path }) => `${code} ${path.join(".")}`), []);
  const { problems } = await checkPackage(createPackageFromTarballData(await readFile(tarball)), {
    entrypoints: [".", "./inline", "./widget", "./worker"],
  });
  // The package has only ES modules, and its entries are only in `exports`.
  const meant = ({ kind, resolutionKind }) => kind === "CJSResolvesToESM" || (kind === "NoResolution" && resolutionKind === "node10");
  assert.deepEqual(problems.filter((problem) => !meant(problem)), []);
});

test("the programs of the READMEs run in Node with either entry; importing the elements there has no effect", async () => {
  const programsOf = (text) => [...text.matchAll(/^```js\n(.*?)^```$/gms)].map(([, text]) => text).filter((text) => !text.includes("vite.config"));
  const programs = programsOf(await readFile(installed("README.md"), "utf8"));
  assert.equal(programs.length, 4);
  assert.deepEqual(programsOf(await readFile(`${root}README.md`, "utf8")), programs.slice(0, 1), "the project's README has the first one");
  const schema = 'import schema from "eyas/schema.json" with { type: "json" }; console.log(schema.$schema, schema.title);';
  const outputs = [];
  const others = [...programs.slice(0, 2).map((text) => text.replace('"eyas"', '"eyas/inline"')), 'import "eyas/widget";', schema];
  for (const text of [...programs, ...others]) {
    const file = join(project, "program.mjs");
    await writeFile(file, text);
    outputs.push((await run("node", [file])).stdout);
  }
  const lines = outputs[0].trim().split("\n");
  assert.equal(lines.length, 8);
  for (const line of lines) assert.match(line, /^[a-z]\w+: [01]\.\d\d, with 90 % between -?\d\.\d\d and \d\.\d\d; rank \d+ of 642$/);
  assert.match(outputs[1], /^reasoning 0\.\d{3} \d of 5$/m);
  assert.match(outputs[1], /org\/large/);
  assert.match(outputs[2], /^org\/chat 0\.47\nreasoning measured 0\.4[67]\d*\ncoding forecast 0\.\d+\n0\.\d+\n$/);
  assert.match(outputs[3], /^input results\.csv line 4.*430/);
  assert.deepEqual(outputs.slice(4, 6), outputs.slice(0, 2));
  assert.equal(outputs[6], "");
  assert.match(outputs[7], /json-schema.* eyas/);
});

test("in Node a training that cannot work rejects with a cause, and the program goes on", async () => {
  const file = join(project, "rejects.mjs");
  await writeFile(file, `
    import { Recommender, Snapshot } from "eyas";
    const parse = (text) => Snapshot.parse(new TextEncoder().encode(text), { name: "r.csv" });
    const snapshot = await parse("model,a,b\\norg/x,0.1,0.4\\norg/y,0.3,0.2\\norg/z,0.2,0.5\\n");
    const freed = await parse("model,a\\norg/x,0.1\\norg/y,0.3\\n");
    freed.free();
    const cases = [
      () => Recommender.train(), () => Recommender.train({}), () => Recommender.train(freed),
      () => Recommender.train(snapshot, { method: "nope" }), () => Recommender.train(snapshot, { method: 7 }),
      () => Recommender.train(snapshot, { seed: -1 }), () => Recommender.train(snapshot, { seed: "x" }), () => Recommender.train(snapshot, { device: "tpu" }),
      () => Recommender.load(), () => Recommender.load(new Uint8Array(9)), () => Snapshot.parse(), () => Snapshot.parse("model,a"),
    ];
    const told = [];
    for (const attempt of cases) told.push(await attempt().then(() => "no error", ({ kind, message }) => kind + ": " + message));
    const { forecasts } = (await Recommender.train(snapshot)).predict({ lineage: "org/x" });
    console.log(JSON.stringify([...told, forecasts.length]));`);
  const told = JSON.parse((await run("node", [file])).stdout);
  const expected = [/expected a Snapshot/, /expected a Snapshot/, /was freed/, /no method "nope"/, /no method "7"/, /seed -1: expected a whole number/, /seed x: expected/, /no device "tpu"/, /expected a Uint8Array/, /cut short|not a saved model/, /expected a Uint8Array/, /expected a Uint8Array/];
  for (const [at, pattern] of expected.entries()) assert.match(told[at], new RegExp(`^input: .*${pattern.source}`));
  assert.equal(told.at(-1), 2);
});

test("without WebAssembly the elements' worker reports the cause", async () => {
  const file = join(project, "without.mjs");
  await writeFile(
    file,
    `delete globalThis.WebAssembly;
    const posted = [];
    globalThis.onmessage = null;
    globalThis.postMessage = (message) => posted.push(message);
    await import(${JSON.stringify(installed("worker.js"))});
    await globalThis.onmessage({ data: { id: 1, name: "open", args: ["a", { snapshot: "https://nowhere.example/s.json" }, {}] } });
    console.log(JSON.stringify(posted));`,
  );
  const [ready, answer] = JSON.parse((await run("node", [file])).stdout);
  assert.deepEqual(ready, { ready: true });
  assert.equal(answer.id, 1);
  assert.match(answer.error.message, /has no WebAssembly/);
});

test("in Node gpu is an error, and auto trains on the CPU for data of any size", async () => {
  const file = join(project, "gpu.mjs");
  await writeFile(file, `
    import { Recommender, Snapshot } from "eyas";
    const table = (models, items) => {
      const answers = (u) => Array.from({ length: items }, (_, i) => Number((u * 7 + i * 13) % 11 > 4));
      const head = ["model", ...Array.from({ length: items }, (_, i) => "quiz/" + i)].join();
      const rows = Array.from({ length: models }, (_, u) => ["org/" + u, ...answers(u)].join());
      return Snapshot.parse(new TextEncoder().encode([head, ...rows].join("\\n")), { name: "quiz.csv" });
    };
    const refused = await Recommender.train(await table(30, 20), { method: "lrmf", device: "gpu" }).catch((error) => error);
    const { device } = await Recommender.train(await table(1300, 1000), { method: "lrmf", device: "auto" });
    console.log(JSON.stringify([refused.kind, refused.message, device]));`);
  const [kind, message, device] = JSON.parse((await run("node", [file])).stdout);
  assert.deepEqual([kind, device.device], ["device", "cpu"]);
  for (const why of [message, device.why]) assert.match(why, /no GPU was found .*outside of browsers/);
});

const program = (entry) => `
  import { Recommender, Snapshot } from "${entry}";
  const bytes = new TextEncoder().encode("model,a,b\\norg/x,0.1,0.4\\norg/y,0.3,0.2\\norg/z,0.2,0.5\\n");
  const snapshot = await Snapshot.parse(bytes, { name: "r.csv" });
  const model = await Recommender.train(snapshot, { method: "parents" });
  window.answer = model.predict({ lineage: "org/x\\norg/y" }).forecasts[0].mean.toFixed(2);`;
const widget = 'import "eyas/widget";';

const bundlers = {
  async vite(entry, out) {
    await vite({ root: dirname(entry), configFile: false, logLevel: "error", build: { outDir: out, rollupOptions: { input: entry, output: { entryFileNames: "js/app.js" } }, target: "es2022", assetsInlineLimit: 0 }, worker: { format: "es" } });
  },
  async webpack(entry, out) {
    const stats = await promisify(webpack)({ mode: "production", entry, output: { path: out, filename: "js/app.js", publicPath: "/", module: true }, experiments: { outputModule: true }, performance: false });
    assert.deepEqual(stats.toJson({ all: false, errors: true, warnings: true }).errors, []);
  },
  async esbuild(entry, out) {
    const options = { bundle: true, format: "esm", target: "es2022", minify: true, logLevel: "error" };
    await esbuild({ ...options, entryPoints: [entry], outfile: join(out, "js/app.js") });
    await esbuild({ ...options, entryPoints: [installed("worker.js")], outfile: join(out, "worker.js") });
    await cp(installed("wasm"), join(out, "wasm"), { recursive: true });
  },
  async rollup(entry, out) {
    const bundle = await rollup({ input: entry, plugins: [nodeResolve()], onwarn: () => {} });
    await bundle.write({ dir: join(out, "js"), format: "es", entryFileNames: "app.js" });
    const worker = await rollup({ input: installed("worker.js"), plugins: [nodeResolve()], onwarn: () => {} });
    await worker.write({ dir: out, format: "es", entryFileNames: "worker.js" });
    await cp(installed("wasm"), join(out, "wasm"), { recursive: true });
  },
};

for (const [name, bundle] of Object.entries(bundlers)) {
  test(`${name} builds a program and the elements`, async (t) => {
    const folder = join(project, name);
    await mkdir(folder);
    await writeFile(join(folder, "app.js"), widget + program(name === "esbuild" || name === "rollup" ? "eyas/inline" : "eyas"));
    await bundle(join(folder, "app.js"), join(folder, "out"));
    const body = `<!doctype html><title>x</title><link rel="icon" href="data:,"><script type="module" src="/js/app.js"></script>
      <eyas-forecast snapshot="/snapshot.json" parents="Qwen/Qwen2-7B" tasks="bbh"></eyas-forecast>`;
    const routes = { "/": { body, type: "text/html" }, "/snapshot.json": { body: await readFile(`${root}tests/fixtures/open-models/snapshot.json`) } };
    const { page } = await openPage(t, { folder: join(folder, "out").slice(root.length), routes });
    await page.waitForFunction(() => window.answer);
    assert.equal(await page.evaluate(() => window.answer), "0.20");
    const why = page.locator("eyas-forecast [part=why]").filter({ visible: true });
    await appears(page.locator("eyas-forecast .row .value"), why);
  });
}
