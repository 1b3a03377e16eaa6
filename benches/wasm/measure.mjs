// Times a wasm build of lib.rs, in Node or (with --chromium) in the system's Chromium, and prints one JSON document.
//
//   node benches/wasm/measure.mjs MODULE.wasm [--chromium] [--models N --items M --dim D --solve-dim D]

import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";

/** Runs in Node and in the page alike: what it uses comes in as arguments. */
async function measure(base64, { models, items, dim, solveDim }) {
  const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  const module = await WebAssembly.compile(bytes);
  // The module also contains the bindings of the library; nothing here calls them.
  const imports = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module)) (imports[from] ??= {})[name] = () => 0;
  const { exports } = await WebAssembly.instantiate(module, imports);
  // Node reports the CPU time of this process, which leaves other work on the machine out. System time is included, since
  // the kernel measures the sum of both and only estimates its parts.
  const busy = ({ user, system }) => (user + system) / 1000;
  const now = () => (globalThis.process ? busy(process.cpuUsage()) : performance.now());
  const timed = (work) => {
    const started = now();
    const value = work();
    return [now() - started, value];
  };
  /** The shortest of many runs: other work only ever adds. */
  const best = (runs, work) => Math.min(...Array.from({ length: runs }, () => timed(work)[0]));
  const epochs = (what, size, runs) => {
    exports.prepare(what, models, items, size);
    exports.epochs(2);
    const ms = best(runs, () => exports.epochs(1));
    return { ms_per_epoch: ms, gflops: exports.operations() / ms / 1e6 };
  };
  exports.peak(1 << 16);
  let peak = 0;
  for (let run = 0; run < 8; run++) {
    const [ms, operations] = timed(() => exports.peak(1 << 22));
    peak = Math.max(peak, operations / ms / 1e6);
  }
  const lrmf = epochs(0, dim, 30);
  const mlp = epochs(2, 10, 3);
  exports.prepare(1, models, items, solveDim);
  const course = [];
  let spent = 0;
  for (let epoch = 0; epoch < 40; epoch++) {
    spent += timed(() => exports.epochs(1))[0];
    course.push([spent, exports.objective()]);
  }
  const least = course[course.length - 1][1];
  const at = course.findIndex(([, objective]) => objective <= 1.001 * least);
  return { peak_gflops: peak, lrmf, mlp, solve: { dim: solveDim, ms: course[at][0], iterations: at + 1, objective: course[at][1] } };
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    chromium: { type: "boolean" },
    models: { type: "string", default: "2534" },
    items: { type: "string", default: "1000" },
    dim: { type: "string", default: "32" },
    "solve-dim": { type: "string", default: "16" },
  },
});
const sizes = { models: +values.models, items: +values.items, dim: +values.dim, solveDim: +values["solve-dim"] };
const base64 = (await readFile(positionals[0])).toString("base64");
let report;
if (values.chromium) {
  const { chromium } = await import("playwright-core");
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--no-first-run", "--disable-background-networking"],
  });
  const page = await browser.newPage();
  report = await page.evaluate(`(${measure})(${JSON.stringify(base64)}, ${JSON.stringify(sizes)})`);
  await browser.close();
} else {
  report = await measure(base64, sizes);
}
console.log(JSON.stringify(report));
