// Time of the ranker in wasm: node benches/ranker.mjs SNAPSHOT [epochs]
//
// Trains for some epochs on a snapshot and prints the seconds of each; then, on made-up models, how long it takes to rank all of
// them for a task in words, by the five networks that a table of 2,500 results has. Run by cargo xtask bench ranker.

import { readFile } from "node:fs/promises";
import { Recommender, Snapshot } from "../pkg/index.js";

const [path, wanted = "4"] = process.argv.slice(2);
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

// Epochs
{
  const snapshot = await Snapshot.parse(await readFile(path), { name: path });
  const [controller, times] = [new AbortController(), [performance.now()]];
  const onProgress = ({ epoch }) => {
    times.push(performance.now());
    if (epoch >= Number(wanted)) controller.abort();
  };
  await Recommender.train(snapshot, { method: "ranker", seed: 1, signal: controller.signal, onProgress }).catch((error) => {
    if (error.kind !== "cancelled" && error.name !== "AbortError") throw error;
  });
  const seconds = times.slice(1).map((time, at) => (time - times[at]) / 1000);
  console.log(`wasm: ${median(seconds).toFixed(1)} s an epoch (${seconds.map((value) => value.toFixed(1)).join(", ")}; the first with what precedes it)`);
}

// A ranking of 47,000 models: the time does not depend on how well they are known, but on the number of networks.
{
  const models = 47_000;
  const rows = Array.from({ length: models }, (_, at) => `lab${at % 900}/made-${["up", "over", "good"][at % 3]}-${1 + (at % 70)}b-${at},${at < 1500 ? ((at * 37) % 101).toFixed(1) : ""},${at % 47 ? "" : (at * 53) % 101}`);
  const snapshot = await Snapshot.parse(new TextEncoder().encode(`model,word problems,translation\n${rows.join("\n")}\n`), { name: "made-up.csv" });
  const model = await Recommender.train(snapshot, { method: "ranker", seed: 1 });
  const times = [];
  for (let run = 0; run < 6; run++) {
    const start = performance.now();
    const found = model.recommend({ description: `arithmetic in words ${run}`, top: 10 });
    times.push(performance.now() - start);
    if (found.models.length !== 10) throw new Error("ten models were asked for");
  }
  console.log(`wasm: ${median(times.slice(1)).toFixed(0)} ms to rank ${models} models for a task in words by five networks (the first, with what is kept of the models: ${times[0].toFixed(0)} ms)`);
}
