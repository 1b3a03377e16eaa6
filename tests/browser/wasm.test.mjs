// The package in Node, in a page and in a worker, with both builds of the WebAssembly modules.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { before, test } from "node:test";
import { places, standing } from "../../pkg/standing.js";
import { openPage, root } from "./harness.mjs";

const builds = ["simd", "plain"];
/** Largest difference between the forecasts of two builds, which sum in different orders. */
const TOLERANCE = 2e-3;

/** Trains on the bundled data and forecasts a child of two of its models. It runs in pages, workers and Node. */
async function forecast(address, build, bytes, options) {
  const { Recommender, Snapshot, start } = await import(address);
  await start(build);
  const snapshot = await Snapshot.parse(bytes, { name: "snapshot.json" });
  let epochs = 0;
  const model = await Recommender.train(snapshot, { seed: 7, ...options, onProgress: () => epochs++ });
  const { forecasts } = model.predict({ lineage: { parents: ["Qwen/Qwen2-7B", "Qwen/Qwen2-7B-Instruct"] } });
  return { epochs, device: model.device.name, means: forecasts.map(({ task, mean }) => [task, mean]) };
}

const local = `${root}pkg/index.js`;

let bytes;
let reference;
before(async () => {
  bytes = await readFile(`${root}tests/fixtures/open-models/snapshot.json`);
});

function assertClose(means, expected = reference.means) {
  assert.deepEqual(
    means.map(([task]) => task),
    expected.map(([task]) => task),
  );
  means.forEach(([task, mean], at) => {
    const difference = Math.abs(mean - expected[at][1]);
    assert.ok(difference <= TOLERANCE, `${task}: ${mean} differs by ${difference}`);
  });
}

test("node: trains and forecasts", async () => {
  reference = await forecast(local, undefined, bytes);
  assert.equal(reference.means.length, 6);
  assert.ok(reference.epochs > 3);
  for (const [task, mean] of reference.means) assert.ok(mean > 0 && mean < 1, `${task} ${mean}`);
  // Between its parents' 0.31 and 0.57 on IFEval, and near them.
  const ifeval = Object.fromEntries(reference.means).ifeval;
  assert.ok(ifeval > 0.25 && ifeval < 0.65, `ifeval ${ifeval}`);
});

const folder = { mounts: { "/pkg/": "pkg" }, routes: { "/": { body: "<!doctype html><link rel=icon href=data:,>", type: "text/html" } } };

test("Chromium has relaxed SIMD: a page computes the same factorisation as Node", async (t) => {
  const options = { method: "lrmf", device: "cpu" };
  const expected = await forecast(local, undefined, bytes, options);
  const { page } = await openPage(t, { ...folder, folder: "tests/fixtures/open-models" });
  const found = await page.evaluate(
    `(async () => (${forecast})("/pkg/index.js", undefined, new Uint8Array(await (await fetch("/snapshot.json")).arrayBuffer()), ${JSON.stringify(options)}))()`,
  );
  assert.match(found.device, /^relaxed simd128/);
  assertClose(found.means, expected.means);
});

for (const build of builds) {

  test(`Chromium, ${build}: a page forecasts as node does`, async (t) => {
    const { page } = await openPage(t, { ...folder, folder: "tests/fixtures/open-models" });
    const answer = await page.evaluate(
      `(async () => (${forecast})("/pkg/index.js", "${build}", new Uint8Array(await (await fetch("/snapshot.json")).arrayBuffer())))()`,
    );
    assertClose(answer.means);
  });

  test(`Chromium, ${build}: a worker forecasts as node does`, async (t) => {
    const body = `${forecast}
      fetch("/snapshot.json").then((response) => response.arrayBuffer())
        .then((buffer) => forecast("/pkg/index.js", "${build}", new Uint8Array(buffer)))
        .then(postMessage);`;
    const routes = { ...folder.routes, "/worker.js": { body, type: "text/javascript" } };
    const { page } = await openPage(t, { ...folder, routes, folder: "tests/fixtures/open-models" });
    const answer = await page.evaluate(
      () =>
        new Promise((resolve, reject) => {
          const worker = new Worker("/worker.js", { type: "module" });
          worker.onmessage = ({ data }) => resolve(data);
          worker.onerror = ({ message }) => reject(new Error(message));
        }),
    );
    assertClose(answer.means);
  });
}

test("a saved model gives identical forecasts, and its ranking is complete", async () => {
  const { Recommender, Snapshot } = await import(local);
  const snapshot = await Snapshot.parse(bytes, { name: "snapshot.json" });
  assert.deepEqual(
    snapshot.benchmarks.map(({ id }) => id),
    reference.means.map(([task]) => task),
  );
  const model = await Recommender.train(snapshot, { seed: 7 });
  const restored = await Recommender.load(model.save());
  const request = { lineage: "Qwen/Qwen2-7B", factors: { params: 7.6, type: "finetuned" }, scores: { ifeval: 0.4 } };
  assert.deepEqual(restored.predict(request), model.predict(request));
  const { models } = model.rank({ task: "bbh" });
  assert.equal(models.length, snapshot.info.models);
  assert.equal(model.rank({ task: "bbh", top: 3 }).models.length, 3);
  assert.ok(model.rank({ task: "bbh", where: "params<=2" }).models.length < models.length);
  for (const holder of [model, restored, snapshot]) holder.free();
});

test("the page's leaderboard has the library's ranks, ranges and ties", async () => {
  const { Recommender, Snapshot } = await import(local);
  const file = JSON.parse(new TextDecoder().decode(bytes));
  // Of every third model a score is left out; those of the others have a sampling error.
  const at = file.tasks.findIndex(({ id }) => id === "bbh");
  const { values, models = values.map((_, row) => row) } = file.scores[at];
  const kept = values.flatMap((value, row) => (row % 3 === 0 ? [] : [{ value, row: models[row] }]));
  file.scores[at] = { ...file.scores[at], models: kept.map(({ row }) => row), values: kept.map(({ value }) => value) };
  file.tasks[at].items = 250;
  const snapshot = await Snapshot.parse(new TextEncoder().encode(JSON.stringify(file)), { name: "snapshot.json" });
  const model = await Recommender.train(snapshot, { seed: 7 });
  const { models: ranked } = model.rank({ task: "bbh" });
  assert.ok(ranked.some(({ predicted }) => predicted) && ranked.some(({ error }) => error > 0));
  const standings = ranked.map(({ score, predicted, lower, upper, error }) => standing({ score, predicted, lower: lower ?? NaN, upper: upper ?? NaN, error: error ?? NaN }, false, true));
  places(standings).forEach(({ rank, best, worst, tied }, row) => {
    const { id, rank: expected, rank_lower: lower, rank_upper: upper, tied_with_above: above } = ranked[row];
    assert.equal(rank, expected, id);
    // The library sums in single precision, which may round a rank the other way.
    assert.ok(Math.abs(best - Math.min(lower, expected)) <= 1 && Math.abs(worst - Math.max(upper, expected)) <= 1, `${id}: ${best} to ${worst}, and ${lower} to ${upper}`);
    assert.equal(tied, above, id);
  });
  model.free();
});

test("a model says what the snapshot states about its models, and where results come from", async () => {
  const { Recommender, Snapshot } = await import(local);
  const rows = "model,size,type,licence,mmlu\norg/a,7B,chat,MIT,50%\norg/b-13b,,,,60%\n";
  const snapshot = await Snapshot.parse(new TextEncoder().encode(rows), { name: "results.csv", lineage: { name: "edges.csv", bytes: new TextEncoder().encode("parent,child,relation\norg/a,org/b-13b,finetune\n") } });
  const model = await Recommender.train(snapshot, { method: "mean" });
  const [a, b] = model.models();
  assert.deepEqual([a.id, a.size, a.size_in_name, a.model_type, a.license, a.parents, a.results], ["org/a", 7, false, "chat", "MIT", [], 1]);
  assert.deepEqual([b.size, b.size_in_name, b.license, b.date], [13, true, null, null]);
  assert.deepEqual([b.parents[0].id, b.parents[0].relation], ["org/a", "finetune"]);
  const [{ task, score, error, source }] = model.results("org/b-13b");
  assert.deepEqual([task, Math.round(1000 * score), error, source], ["mmlu", 600, null, snapshot.info.sources[0].id]);
  assert.throws(() => model.results("org/none"), { kind: "input" });
  model.free();
});

test("the ranker recommends models for a known and for a described task; other methods refuse", async () => {
  const { Recommender, Snapshot } = await import(local);
  const snapshot = await Snapshot.parse(bytes, { name: "snapshot.json" });
  const model = await Recommender.train(snapshot, { method: "ranker", seed: 7 });
  const known = model.recommend({ task: "BBH" });
  assert.deepEqual([known.task, known.description, known.method, known.pool], ["bbh", null, "ranker", null]);
  const { pool } = model.recommend({ task: "bbh", pool: [70, 8, 0.01] });
  assert.deepEqual(pool.map(([size]) => size), [70, 8, 0.01]);
  assert.deepEqual(pool, model.recommend({ task: "bbh", pool: "70, 8B, 10M" }).pool);
  assert.ok(known.models.some(({ id }) => id === pool[1][1]) && pool[2][1] === null);
  assert.throws(() => model.recommend({ task: "bbh", pool: "large" }), { kind: "input", message: /^"large" is no size; / });
  assert.equal(known.models.length, snapshot.info.models);
  for (const { score, prior, residual, rank, rank_lower, rank_upper } of known.models) {
    assert.ok(Math.abs(prior + residual - score) < 1e-5 && rank_lower <= rank && rank <= rank_upper);
  }
  assert.ok(known.models.some(({ measured }) => measured > 0 && measured < 1));
  const described = model.recommend({ description: "questions about physics in several steps", top: 3 });
  assert.deepEqual([described.task, described.models.length], [null, 3]);
  assert.ok(described.models.every(({ measured }) => measured === null));
  assert.ok(model.recommend({ task: "bbh", where: "params<=2" }).models.length < known.models.length);
  const restored = await Recommender.load(model.save());
  assert.deepEqual(restored.recommend({ task: "BBH" }), known);
  assert.throws(() => model.recommend({ description: " " }), { kind: "input", message: /description is empty/ });
  assert.throws(() => model.recommend({}), { kind: "input", message: /give a task/ });
  const mean = await Recommender.train(snapshot, { method: "mean" });
  assert.throws(() => mean.recommend({ task: "bbh" }), { kind: "input", message: /^the method mean does not .* train the method ranker$/ });
  model.free();
  assert.throws(() => model.recommend({ task: "bbh" }), { kind: "input", message: /freed/ });
  for (const holder of [mean, restored, snapshot]) holder.free();
});

test("a model explains forecasts, plans evaluations and gives chances to beat others", async () => {
  const { Recommender, Snapshot } = await import(local);
  const snapshot = await Snapshot.parse(bytes, { name: "snapshot.json" });
  const model = await Recommender.train(snapshot, { seed: 7 });
  const request = { lineage: "Qwen/Qwen2-7B", factors: { params: 7.6 }, scores: { bbh: 0.4 } };
  const sums = ({ tasks }) => {
    for (const { mean, base, contributions, rest } of tasks) {
      const moved = contributions.reduce((sum, { value }) => sum + value, 0);
      assert.ok(Math.abs(base + moved + rest - mean) < 1e-6);
    }
  };
  const explanation = await model.explain(request);
  sums(explanation);
  const kinds = new Set(explanation.tasks[0].contributions.map(({ kind }) => kind));
  assert.ok(kinds.has("parent") && kinds.has("score"), [...kinds].join());
  const known = await model.explain({ id: "Qwen/Qwen2-7B" });
  sums(known);
  assert.deepEqual([known.id, known.left_out], ["Qwen/Qwen2-7B", true]);
  await assert.rejects(model.explain({ id: "Qwen/Qwen2-7B" }, { signal: AbortSignal.abort() }), { kind: "cancelled" });
  await assert.rejects(model.explain({ id: "no/body" }), { kind: "input", message: /no\/body/ });

  const { width, evaluations } = model.next({ ...request, top: 3 });
  assert.equal(evaluations.length, 3);
  assert.ok(evaluations[0].width < width && evaluations.every(({ task }) => task !== "bbh"));
  const first = evaluations[0].task;
  const dear = model.next({ ...request, costs: { [first]: 100 } });
  assert.notEqual(dear.evaluations[0].task, first);
  assert.throws(() => model.next({ ...request, costs: { juggling: 1 } }), { kind: "input" });

  const compare = ["Qwen/Qwen2-7B", "meta-llama/Llama-3.1-70B-Instruct"];
  const { forecasts } = model.predict({ lineage: "Qwen/Qwen2-7B", compare });
  for (const { beats, rank, rank_lower, rank_upper } of forecasts) {
    assert.deepEqual(Object.keys(beats), compare);
    assert.ok(rank_lower <= rank && rank <= rank_upper);
  }
  assert.ok(forecasts[0].beats[compare[0]] > forecasts[0].beats[compare[1]]);
  assert.ok(model.rank({ task: "bbh" }).models.every(({ rank_lower, rank, rank_upper }) => rank_lower <= rank && rank <= rank_upper));
  for (const holder of [model, snapshot]) holder.free();
});

test("for a table with gaps, unseen uses out-of-fold forecasts without a training", async () => {
  const { Recommender, Snapshot } = await import(local);
  const row = (at) => `lab${at % 3}/m${at},${30 + at},${40 + ((at * 7) % 20)},${at % 5 ? 50 + at / 2 : ""}`;
  const table = ["model,x,y,z", ...Array.from({ length: 24 }, (_, at) => row(at))].join("\n");
  const snapshot = await Snapshot.parse(new TextEncoder().encode(table), { name: "gaps.csv" });
  const model = await Recommender.train(snapshot, {});
  const { forecasts } = await model.predict({ id: "lab1/m7", unseen: true }, { signal: AbortSignal.abort() });
  for (const { known, mean, unseen } of forecasts) {
    assert.ok(known && unseen.lower <= unseen.mean && unseen.mean <= unseen.upper && unseen.mean !== mean);
  }
  for (const holder of [model, snapshot]) holder.free();
});

test("a measured model gets its measured scores", async () => {
  const { Recommender, Snapshot } = await import(local);
  const snapshot = await Snapshot.parse(bytes, { name: "snapshot.json" });
  const model = await Recommender.train(snapshot, { seed: 7 });
  const id = "Qwen/Qwen2-7B-Instruct";
  const hub = JSON.stringify({ id, tags: ["base_model:finetune:Qwen/Qwen2-7B"], createdAt: "2024-06-04T10:07:03.000Z" });
  const address = `https://huggingface.co/${id}/tree/main?x=1`;
  for (const request of [{ id }, { id: address }, { name: id }, { lineage: hub }, { factors: `name=${id}` }]) {
    const { subject, measured, forecasts, quantisation_of } = model.predict(request);
    assert.deepEqual([subject.id, quantisation_of], [id, null]);
    assert.ok(Math.abs(measured.ifeval - 0.57) < 1e-6);
    assert.ok(forecasts.every(({ task, known, mean, lower, upper }) => known && mean === measured[task] && lower === null && upper === null));
  }
  const child = model.predict({ lineage: id });
  assert.deepEqual([child.subject.id, child.measured, child.forecasts[0].known], [null, null, false]);
  const packed = model.predict({ id: "bartowski/Qwen2-7B-Instruct-GGUF" });
  assert.deepEqual([packed.quantisation_of, packed.subject.id], [id, "bartowski/Qwen2-7B-Instruct-GGUF"]);
  const stranger = model.predict({ id: "who/quux" });
  assert.ok(stranger.subject.next_to_nothing && stranger.warnings.some((line) => line.includes("who/quux")), stranger.warnings.join());

  const unseen = await model.predict({ id: "qwen/qwen2-7b-instruct", unseen: true });
  const explained = await model.explain({ lineage: hub });
  assert.equal(explained.left_out, true);
  unseen.forecasts.forEach(({ known, unseen: { mean, lower, upper } }, at) => {
    assert.ok(known && lower < mean && mean < upper && Math.abs(mean - explained.tasks[at].mean) < 1e-6);
  });
  await assert.rejects(model.predict({ id, unseen: true }, { signal: AbortSignal.abort() }), { kind: "cancelled" });

  const { used, ignored } = model.predict({ lineage: "Qwen/Qwen2-7B", factors: { params: "7.6B", colour: "red", date: "2025-06-01" } }).subject.facts;
  assert.deepEqual([used, ignored.map(({ name }) => name)], [{ params: 7.6 }, ["colour", "date"]]);
  assert.throws(() => model.predict({ id: "who/quux", scores: { ifeval: 0.5, IFEval: 0.6 } }), { kind: "input", message: /twice/ });
  for (const holder of [model, snapshot]) holder.free();
});

test("every method trains, forecasts and is saved", async () => {
  const { Recommender, Snapshot } = await import(local);
  const snapshot = await Snapshot.parse(bytes, { name: "snapshot.json" });
  const request = { lineage: "Qwen/Qwen2-7B", factors: { params: 7.6, family: "qwen2" }, scores: { ifeval: 0.4 } };
  // The error for an unknown method lists all methods.
  const { message } = await Recommender.train(snapshot, { method: "?" }).catch((error) => error);
  const methods = message.split("there are ")[1].split(", ");
  assert.ok(methods.length >= 15, message);
  for (const method of methods) {
    const model = await Recommender.train(snapshot, { method, device: "cpu", seed: 7 });
    const answer = model.predict(request);
    assert.equal(answer.method, method);
    assert.equal(answer.forecasts.length, 6);
    assert.ok(answer.forecasts.every(({ mean }) => mean >= 0 && mean <= 1), method);
    const restored = await Recommender.load(model.save());
    assert.deepEqual(restored.predict(request), answer, method);
    for (const holder of [model, restored]) holder.free();
  }
  snapshot.free();
});

test("outcomes: the default method starts from a factorisation, which excludes the model that is explained", async () => {
  const { Recommender, Snapshot } = await import(local);
  const items = Array.from({ length: 24 }, (_, item) => item);
  const row = (model) => [`org/${model}`, ...items.map((item) => Number((item * 7919 + model * 104729) % 60 < model + item))];
  const table = [["model", ...items.map((item) => `q${item}`)], ...Array.from({ length: 40 }, (_, model) => row(model))];
  const exam = await Snapshot.parse(new TextEncoder().encode(table.join("\n")), { name: "exam.csv" });
  const models = [];
  for (let turn = 0; turn < 2; turn++) models.push(await Recommender.train(exam, { seed: 3 }));
  assert.deepEqual(...models.map((model) => model.save()));
  const [model] = models;
  assert.equal(model.predict({ lineage: "org/30" }).method, "eyas");
  const score = (id) => model.rank({ task: "exam" }).models.find((other) => other.id === id).score;
  assert.ok(score("org/35") > score("org/2"));
  const { left_out, tasks } = await model.explain({ id: "org/5" });
  assert.equal(left_out, true);
  assert.equal(tasks.length, 1);
});

test("training can be cancelled, and lets the event loop run", async () => {
  const { Recommender, Snapshot } = await import(local);
  const exam = async (models, length) => {
    const items = Array.from({ length }, (_, item) => item);
    const row = (model) => [`org/${model}`, ...items.map((item) => Number((item * 7919 + model * 104729) % 1000 < (1000 / models) * model))];
    const table = [["model", ...items.map((item) => `q${item}`)], ...Array.from({ length: models }, (_, model) => row(model))];
    return Snapshot.parse(new TextEncoder().encode(table.join("\n")), { name: "exam.csv" });
  };
  const few = await exam(100, 40);
  for (const [snapshot, method] of [[await exam(1000, 400)], [few, "ranker"], [few, "ncf"]]) {
    const abort = new AbortController();
    let reports = 0;
    // The training is under way, so that the timer can only fire while it lets the event loop run.
    const onProgress = () => ++reports === 3 && setTimeout(() => abort.abort());
    const training = Recommender.train(snapshot, { method, signal: abort.signal, onProgress });
    await assert.rejects(training, { name: "AbortError", kind: "cancelled", message: "cancelled" }, method);
  }
  const model = await Recommender.train(few, { method: "mean" });
  assert.equal(model.predict({ lineage: "org/7" }).method, "mean");
});

test("if a table is too large for the default method, another method trains and `chosen` has the reason", async () => {
  const { Recommender, Snapshot } = await import(local);
  const snapshot = await Snapshot.parse(bytes, { name: "snapshot.json" });
  Object.assign(snapshot, { standard: { method: "mean", why: "eyas would need 40 GB" } });
  const model = await Recommender.train(snapshot);
  assert.deepEqual([model.predict({ lineage: "Qwen/Qwen2-7B" }).method, model.chosen], ["mean", "eyas would need 40 GB"]);
  // A named method is always used.
  const named = await Recommender.train(snapshot, { method: "mla" });
  assert.deepEqual([named.predict({ lineage: "Qwen/Qwen2-7B" }).method, named.chosen], ["mla", null]);
});

test("errors have a message of one line with the location, and a kind", async () => {
  const { Recommender, Snapshot } = await import(local);
  const encode = (text) => new TextEncoder().encode(text);
  await assert.rejects(Snapshot.parse(encode("model,mmlu\norg/a,10\norg/b,30\norg/c,430\n"), { name: "scores.csv" }), (error) => {
    assert.ok(error instanceof Error);
    assert.equal(error.kind, "input");
    assert.match(error.message, /^scores\.csv.*430[^\n]*$/);
    return true;
  });
  const snapshot = await Snapshot.parse(bytes, { name: "snapshot.json" });
  await assert.rejects(Recommender.train(snapshot, { method: "magic" }), { kind: "input" });
  await assert.rejects(Recommender.load(encode("no model")), { kind: "input" });
  const model = await Recommender.train(snapshot, { method: "mean" });
  assert.throws(() => model.rank({ task: "juggling" }), { kind: "input", message: /juggling/ });
  assert.throws(() => model.rank({}), { kind: "input", message: /^task: expected a text$/ });
  assert.throws(() => model.route({ tasks: "bbh" }), { kind: "input", message: /^tasks: expected a list$/ });
  const parents = [{ id: "org/a", weight: "much" }];
  assert.throws(() => model.predict({ lineage: { parents } }), { kind: "input", message: /^weight: expected a number$/ });
  assert.throws(() => model.predict({ factors: { params: {} } }), { kind: "input", message: /^params: expected a text, a number/ });
  assert.throws(() => model.predict({ scores: { bbh: 4.3 } }), { kind: "input", message: /must be 0 to 1 of its range, found 4\.3$/ });
});

test("a snapshot is read alike by its own module and by the reader of all formats", async () => {
  const { Snapshot } = await import(local);
  const text = new TextDecoder().decode(bytes);
  const { format, ...rest } = JSON.parse(text);
  const read = async (text, file) => ({ ...(await Snapshot.parse([{ name: "s.json", bytes: new TextEncoder().encode(text), ...file }])) });
  // What may be left out is left to the reader of all formats.
  const whole = await read(text, { optional: true });
  assert.deepEqual(await read(text), whole);
  assert.deepEqual(await read(`\uFEFF\n${JSON.stringify({ format, ...rest }, null, 2)}`), whole);
  assert.deepEqual(await read(JSON.stringify({ ...rest, format })), whole, "the format may stand at the end");
  for (const [wrong, message] of [
    [text.slice(0, 5000), /^s\.json/],
    [text.replace("eyas-snapshot/2", "eyas-snapshot/9"), /^s\.json: .*eyas-snapshot\/9/],
    ['{"form": "eyas-snapshots"}', /^s\.json: /],
  ]) {
    await assert.rejects(read(wrong), { kind: "input", message });
  }
});

test("a snapshot reports what was understood, and roles of columns correct it", async () => {
  const { Snapshot } = await import(local);
  const encode = (text) => new TextEncoder().encode(text);
  const table = encode('rank,model,"MMLU, 5-shot",size,Elo\n1,org/a,80.5%,61,1200\n2,org/b,70.5%,52,1150\n3,org/c,n/a,43,1100\n4,org/d,?!,34,1020\n');
  const parse = (columns) => Snapshot.parse(table, { name: "r.csv", columns });
  const roles = ({ report }) => Object.fromEntries(report.columns.map(({ name, role, unit }) => [name, unit ? `${role}:${unit}` : role]));

  const { info, report, ...read } = await parse();
  assert.deepEqual(roles({ report }), { rank: "skip", model: "model", "MMLU, 5-shot": "score:percent", size: "fact", Elo: "score:points" });
  assert.equal(info.tasks, 2);
  const [, , mmlu, size, elo] = report.columns;
  assert.deepEqual({ ...mmlu, why: typeof mmlu.why }, { file: "r.csv", name: "MMLU, 5-shot", role: "score", task: mmlu.task, unit: "percent", range: { low: 0, high: 100 }, why: "string" });
  assert.deepEqual([typeof size.fact, size.unit, "range" in elo], ["string", null, false]);
  assert.deepEqual(report.dropped, [{ what: "cells of MMLU, 5-shot", why: "no number", count: 1 }]);
  assert.deepEqual([report.merged, report.apart, read.warnings.length > 0], [[], [], true]);

  const given = await parse({ size: "score:percent", "MMLU, 5-shot": "skip", elo: "fact" });
  assert.deepEqual(roles(given), { rank: "skip", model: "model", "MMLU, 5-shot": "skip", size: "score:percent", Elo: "fact" });
  assert.equal(given.info.tasks, 1);
  assert.deepEqual(roles(await parse('size=score:percent,"MMLU, 5-shot"=skip,Elo=fact')), roles(given));
  for (const none of [{}, "", null]) assert.deepEqual(roles(await parse(none)), roles({ report }));

  // JSON is read by another module.
  const rows = ["a", "b", "c"].map((name, at) => ({ name: `org/${name}`, x: 40 + at, size: 60 + at }));
  const records = await Snapshot.parse(encode(JSON.stringify(rows)), { name: "r.json", columns: { size: "score" } });
  assert.deepEqual(roles(records), { name: "model", x: "score:percent", size: "score:percent" });
  // Several files: a role counts in each of them, and the merged names are reported.
  const files = [{ name: "one.csv", bytes: encode("model,x\norg/a-7b-chat,40\norg/b,50\n") }, { name: "two.csv", bytes: encode("model,x,y\nA 7B Chat,41,60\norg/b,51,70\n") }];
  const several = await Snapshot.parse(files, { columns: { x: "skip", y: "score:percent" } }).catch((error) => error);
  assert.match(several.message, /one\.csv/, "the first file has no scores left");
  const both = await Snapshot.parse(files);
  assert.deepEqual(both.report.columns.map(({ file, name }) => `${file} ${name}`), ["one.csv model", "one.csv x", "two.csv model", "two.csv x", "two.csv y"]);

  for (const [columns, message] of [
    [{ mmlu: "score:percent" }, /no column "mmlu" here; there are/],
    [{ size: "juggling" }, /^columns: "size" has no role "juggling"; there are model, score, /],
    [{ size: "score:stars" }, /^columns: "size" has no unit "stars"; there are percent, /],
    ["size", /^columns: expected NAME=ROLE/],
    [{ size: 7 }, /^columns: "size" has no role "7"; there are model, score, /],
    [{ "a\"b,c=d": "skip" }, /no column .*a.*b,c=d.* here/],
  ]) {
    await assert.rejects(parse(columns), { kind: "input", message });
  }
});
