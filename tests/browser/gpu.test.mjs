// Training on WebGPU: the software device of headless Chromium in a page and in a worker, the same without one, and a
// device that fails.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage } from "./harness.mjs";

const SWITCH = "--enable-unsafe-webgpu";
const WITH_GPU = { arguments: [SWITCH] };
const blank = { "/": { body: "<!doctype html><link rel=icon href=data:,>", type: "text/html" } };
const bare = { folder: "www/public", mounts: { "/pkg/": "pkg" }, routes: blank };
/** Largest difference of a forecast by the two devices. */
const TOLERANCE = 1e-3;

/** Trains on made-up outcomes, forecasts and ranks; runs anywhere. Options go to `Recommender.train`. */
async function train({ models, items, onEpoch, ...options }) {
  const { Recommender, Snapshot } = await import("/pkg/index.js");
  const names = Array.from({ length: items }, (_, item) => `q${item}`);
  const solves = (model, item) => Number((item * 7919 + model * 104729) % 1000 < (model / models) * 700 + item % 300);
  // A fifth of the cells is not known.
  const cell = (model, item) => ((model * 31 + item * 17) % 5 === 0 ? "" : solves(model, item));
  const rows = Array.from({ length: models }, (_, model) => [`org/${model}`, ...names.map((_, item) => cell(model, item))]);
  const table = [["model", ...names], ...rows].join("\n");
  const snapshot = await Snapshot.parse(new TextEncoder().encode(table), { name: "exam.csv" });
  let epochs = 0;
  let ticks = 0;
  const timer = setInterval(() => ticks++);
  try {
    const model = await Recommender.train(snapshot, { method: "lrmf", ...options, onProgress: () => onEpoch?.(++epochs) });
    const { device, forecasts } = model.predict({ lineage: { parents: ["org/7"] } });
    const scores = model.rank({ task: "exam" }).models.map(({ score }) => score);
    return { ran: model.device, device, means: [forecasts[0].mean, ...scores], ticks };
  } catch ({ kind, message }) {
    return { kind, message };
  } finally {
    clearInterval(timer);
  }
}

const small = { models: 60, items: 90, seed: 3 };
const run = (page, options, before = "") => page.evaluate(`(async () => { ${before}; return (${train})(${options}); })()`);
const plain = (options) => JSON.stringify(options);

test("a page trains on the device as on the CPU, and says which it was", async (t) => {
  const { page } = await openPage(t, { ...bare, ...WITH_GPU });
  const gpu = await run(page, plain({ ...small, device: "gpu" }));
  assert.equal(gpu.device, "gpu", plain(gpu));
  assert.deepEqual({ device: gpu.ran.device, why: gpu.ran.why }, { device: "gpu", why: "asked for" });
  assert.match(gpu.ran.name, /swiftshader, WebGPU, software/);
  assert.ok(gpu.ticks > 0, "the page had no turn while the device trained");
  const cpu = await run(page, plain({ ...small, device: "cpu" }));
  assert.deepEqual([cpu.device, cpu.ran.device, cpu.ran.why], ["cpu", "cpu", "asked for"]);
  gpu.means.forEach((mean, at) => assert.ok(Math.abs(mean - cpu.means[at]) < TOLERANCE, `${mean} ${cpu.means[at]}`));
});

test("a worker trains on the device", async (t) => {
  const body = `(${train})(${plain({ ...small, device: "gpu" })}).then(postMessage);`;
  const routes = { ...blank, "/worker.js": { body, type: "text/javascript" } };
  const { page } = await openPage(t, { ...bare, ...WITH_GPU, routes });
  const gpu = await page.evaluate(
    () =>
      new Promise((resolve, reject) => {
        const worker = new Worker("/worker.js", { type: "module" });
        worker.onmessage = ({ data }) => resolve(data);
        worker.onerror = ({ message }) => reject(new Error(message));
      }),
  );
  assert.equal(gpu.ran?.device, "gpu", plain(gpu));
});

test("auto refuses a software device, and looks for none where there is little to do", async (t) => {
  const { page } = await openPage(t, { ...bare, ...WITH_GPU });
  const much = await run(page, plain({ models: 1500, items: 1400, device: "auto" }));
  assert.equal(much.ran?.device, "cpu", plain(much));
  assert.match(much.ran.why, /the only GPU is .*software, which is slower/);
  const little = await run(page, plain({ ...small, device: "auto" }));
  assert.match(little.ran.why, /little data/);
});

test("without WebGPU a GPU is an error that says so, and auto trains on the CPU", async (t) => {
  const { page } = await openPage(t, bare);
  const gpu = await run(page, plain({ ...small, device: "gpu" }));
  assert.equal(gpu.kind, "device", plain(gpu));
  assert.match(gpu.message, /^no GPU was found \(this browser has no WebGPU/);
  const auto = await run(page, plain({ models: 1500, items: 1400, device: "auto" }));
  assert.equal(auto.ran?.device, "cpu", plain(auto));
  assert.match(auto.ran.why, /no GPU was found/);
});

/** Keeps each device that is handed out, and refuses those after the `most`th. */
const watch = (most) => `
  const devices = [];
  const request = GPUAdapter.prototype.requestDevice;
  GPUAdapter.prototype.requestDevice = async function (descriptor) {
    if (devices.length >= ${most}) throw new Error("no more devices");
    const device = await request.call(this, descriptor);
    devices.push(device);
    return device;
  }`;
const losing = `{ ...${plain({ ...small, device: "gpu" })}, onEpoch: (epoch) => { if (epoch === 4) devices[0].destroy(); } }`;

test("a device lost in mid-training is replaced, else the training ends on the CPU, and either is said", async (t) => {
  for (const [most, device, news] of [[2, "gpu", /went on on a new device/], [1, "cpu", /went on on the CPU/]]) {
    const { page } = await openPage(t, { ...bare, ...WITH_GPU });
    const whole = await run(page, plain({ ...small, device: "cpu" }));
    const lost = await run(page, losing, watch(most));
    assert.equal(lost.ran?.device, device, plain(lost));
    assert.equal(lost.device, device);
    assert.match(lost.ran.why, news);
    assert.match(lost.ran.why, /lost/);
    lost.means.forEach((mean, at) => assert.ok(Math.abs(mean - whole.means[at]) < TOLERANCE, `${mean} ${whole.means[at]}`));
  }
});

test("a device that is refused is an error that names it", async (t) => {
  const { page } = await openPage(t, { ...bare, ...WITH_GPU });
  const refused = await run(page, plain({ ...small, device: "gpu" }), watch(0));
  assert.equal(refused.kind, "device", plain(refused));
  assert.match(refused.message, /could not be opened.*no more devices/);
});

test("a tab put to sleep in mid-training goes on when it wakes", async (t) => {
  const { page, context } = await openPage(t, { ...bare, ...WITH_GPU });
  const browser = await context.newCDPSession(page);
  const options = `{ ...${plain({ ...small, device: "gpu" })}, onEpoch: (epoch) => { if (epoch === 3) console.log("epoch 3"); } }`;
  const asleep = page.waitForEvent("console", (message) => message.text() === "epoch 3");
  const training = run(page, options);
  await asleep;
  await browser.send("Page.setWebLifecycleState", { state: "frozen" });
  await new Promise((resolve) => setTimeout(resolve, 1500));
  await browser.send("Page.setWebLifecycleState", { state: "active" });
  const gpu = await training;
  assert.equal(gpu.ran?.device, "gpu", plain(gpu));
});

test("the page shows which device it was, or why there is none", async (t) => {
  const gpu = await openPage(t, { ...WITH_GPU, path: "?device=gpu&method=lrmf" });
  await gpu.page.getByText(/Trained on the GPU: .*swiftshader, WebGPU, software; asked for\./).waitFor();
  await gpu.page.getByText(/computed on gpu/).first().waitFor();
  const auto = await openPage(t, { path: "?method=lrmf" });
  await auto.page.getByText(/Trained on the CPU: simd128; a GPU gains nothing on so little data\./).waitFor();
  const none = await openPage(t, { path: "?device=gpu&method=lrmf" });
  await none.page.getByRole("alert").getByText(/no GPU was found/).waitFor();
});
