// Analyses in Node, with both builds of the WebAssembly modules. The expected answers come from independent calculations.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import { root } from "./harness.mjs";

const run = promisify(execFile);

const table = `model,a,b,c,d
m,0.1,0.2,0.9,0.4
n,0.2,0.3,0.1,0.2
o,0.3,0.5,0.5,0.3
p,0.4,0.55,0.3,0.25
q,,,0.2,
`;

/** Runs all analyses. Each build needs its own process, since a process loads only one build. */
async function ask(address, build, table) {
  const { Snapshot, start } = await import(address);
  await start(build, { modules: ["tables"] });
  const bytes = (text) => new TextEncoder().encode(text);
  const small = await Snapshot.parse(bytes(table), { name: "x.csv" });
  const rows = Array.from({ length: 40 }, (_, u) => `m${u},${[0, 1, 2].map((i) => ((u * 7 + i * 5) % 40) / 40)}`);
  const factors = Array.from({ length: 40 }, (_, u) => `m${u},${1 + u},${["one", "two", "7"][u % 3]}`);
  const scores = await Snapshot.parse(bytes(`model,x,y,z\n${rows.join("\n")}`), {
    name: "s.csv",
    modelFactors: { name: "f.csv", bytes: bytes(`model,params,odd\n${factors.join("\n")}`) },
  });
  const answers = Array.from({ length: 80 }, (_, u) => `m${u},${[2, 3, 5].map((k) => Number((u * k) % 7 > 2))}`);
  const quiz = await Snapshot.parse(bytes(`model,1,2,3\n${answers.join("\n")}`), { name: "quiz.csv" });
  const refused = async (snapshot, what, options) => {
    const { kind, message } = await snapshot.analyse(what, options).catch((error) => error);
    return [kind, message];
  };
  let epochs = 0;
  const stop = new AbortController();
  return {
    correlation: await small.analyse("correlation"),
    shapley: await scores.analyse("shapley", { split: "cells:0.2", onProgress: () => epochs++ }),
    tasks: await scores.analyse("tasks", { method: "ncf", seeds: 2 }),
    models: await small.analyse("models", { method: "lrmf", split: "cells:0.3" }),
    penalties: await quiz.analyse("penalties", { split: "models:20", strengths: [0, 1e-4] }),
    irt: await quiz.analyse("irt", { sharedSlope: true }),
    losses: await scores.analyse("losses", { split: "cells:0.3" }),
    features: await scores.analyse("features", { split: "models:10" }),
    priors: await scores.analyse("priors"),
    atlas: await scores.analyse("atlas", { seed: 3 }),
    again: await scores.analyse("atlas", { seed: 3 }),
    epochs,
    refused: [
      await refused(small, "wild"),
      await refused(quiz, "models"),
      await refused(scores, "tasks", { method: "eyas" }),
      await refused(scores, "tasks", { split: "file:x.csv" }),
      await refused(scores, "atlas", { seed: 1.5 }),
      await refused(scores, "shapley", { signal: stop.signal, onProgress: () => stop.abort() }),
    ],
  };
}

for (const build of ["simd", "plain"]) {
  test(`node, ${build}: every analysis`, async () => {
    const program = `console.log(JSON.stringify(await (${ask})(${JSON.stringify(`${root}pkg/index.js`)}, "${build}", ${JSON.stringify(table)})))`;
    const { stdout } = await run("node", ["--input-type=module", "-e", program], { maxBuffer: 1 << 24 });
    const { correlation, shapley, tasks, models, penalties, irt, losses, features, priors, atlas, again, epochs, refused } = JSON.parse(stdout);
    // Pearson correlation of a and b, computed by numpy.
    assert.ok(Math.abs(correlation.matrix[0][1] - 0.976831) < 1e-5, `${correlation.matrix[0][1]}`);
    assert.deepEqual([correlation.names, correlation.merges.length], [["a", "b", "c", "d"], 3]);
    const [{ side, factors, with_none, with_all }, ...none] = shapley;
    assert.deepEqual([side, factors.map(({ name }) => name).sort(), none], ["model", ["odd", "params"], []]);
    const sum = factors.reduce((sum, { value }) => sum + value, 0);
    assert.ok(Math.abs(sum - (with_none - with_all)) < 1e-9, `${sum}`);
    assert.deepEqual(tasks.matrix.map((row) => row.length), [3, 3, 3]);
    assert.deepEqual([models.names.length, models.merges.length], [5, 4]);
    assert.ok(tasks.matrix.flat().some((change) => change !== 0), JSON.stringify(tasks));
    assert.deepEqual(penalties.map(({ lambda_m, lambda_x }) => [lambda_m > 0, lambda_x > 0]), [[false, false], [false, true], [true, false], [true, true]]);
    for (const { metrics } of penalties) assert.ok(metrics.auc >= 0 && metrics.auc <= 1, JSON.stringify(metrics));
    assert.equal(new Set(irt.items.map(({ slope }) => slope)).size, 1);
    assert.ok(irt.models.length === 80 && irt.models.every(({ error }) => error > 0));
    assert.equal(new Set(losses.map(({ listwise, pairwise, pointwise }) => `${listwise} ${pairwise} ${pointwise}`)).size, 7);
    const taus = losses.map(({ metrics }) => metrics.weighted_tau);
    assert.ok(new Set(taus).size > 3 && taus.every((tau) => tau >= -1 && tau <= 1), JSON.stringify(taus));
    for (const side of features) {
      const sum = side.features.reduce((sum, { value }) => sum + value, 0);
      assert.ok(Math.abs(sum - (side.with_all - side.with_none)) < 1e-9, JSON.stringify(side));
    }
    assert.deepEqual(features.map(({ side, features }) => [side, features.length]), [["model", 7], ["task", 5]]);
    assert.ok(priors.sizes.groups.length > 3 && priors.sizes.groups.every(({ models }) => models >= 3), JSON.stringify(priors));
    assert.ok(priors.sizes.probe_rho >= -1 && priors.sizes.probe_rho <= 1, JSON.stringify(priors.sizes));
    assert.deepEqual(atlas, again, "a seed gives one map");
    assert.deepEqual([atlas.points.length, atlas.points[0].kind, atlas.points[40].kind, atlas.points[40].models.length], [43, "model", "dataset", 5]);
    assert.ok(atlas.points.every(({ x, y, text_x, text_y }) => [x, y, text_x, text_y].every(Number.isFinite)), JSON.stringify(atlas.points[0]));
    assert.ok(atlas.learned.kept > 0 && atlas.learned.kept <= 1 && atlas.texts.kept_by_components <= 1, JSON.stringify(atlas.learned));
    assert.ok(epochs > 3, `${epochs}`);
    assert.deepEqual(refused.map(([kind]) => kind), ["input", "input", "input", "input", "input", "cancelled"]);
    assert.match(refused[0][1], /"wild"; there are shapley/);
    assert.match(refused[2][1], /eyas is in another part of the program/);
  });
}
