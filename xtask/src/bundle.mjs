// Trains the default method on the published scores, in the wasm modules that the page loads, and writes the model and the snapshot.
// Then it loads both and compares them, so that a model of other data or another version of the modules fails the build.
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";

const [entry, data, out, ...options] = process.argv.slice(2);
const { Recommender, Snapshot } = await import(pathToFileURL(entry));
const read = async (folder, names) =>
  Promise.all(names.map(async (name) => ({ name: `published/${name}`, bytes: await readFile(`${folder}/${name}`) })));

const snapshot = await Snapshot.parse(await read(data, ["scores.csv", "models.csv", "benchmarks.csv", "sources.csv"]));
const [model, table] = [`${out}/model.eyas.gz`, `${out}/snapshot.json`];
const file = await snapshot.save();
if (!options.includes("--check")) {
  await writeFile(table, file);
  const trained = await Recommender.train(snapshot, { device: "cpu", texts: false });
  await writeFile(model, gzipSync(trained.save(), { level: 9 }));
}

const saved = await Recommender.load(await readFile(model), { texts: false });
assert.ok((await readFile(table)).equals(file), `${table} is stale: it is not of ${data}`);
assert.deepEqual(saved.info, snapshot.info, `${model} is stale: it is not of ${data}`);
for (const { id, mean, lower, upper } of saved.predict({ factors: { params: 8, type: "chat" } }).forecasts) {
  assert.ok(lower <= mean && mean <= upper, `${model}: the forecast of ${id} is ${mean} in [${lower}, ${upper}]`);
}
const { models, tasks, cells } = saved.info;
console.log(`the bundled model: ${models} models × ${tasks} tasks, ${cells} scores`);
