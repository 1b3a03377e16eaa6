// Training on WebGPU: on the software device of headless Chromium in a page and in a worker, without a device, and with a device
// that fails.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openData, openPage } from "./harness.mjs";

const SWITCH = "--enable-unsafe-webgpu";
const WITH_GPU = { arguments: [SWITCH] };
const blank = { "/": { body: "<!doctype html><link rel=icon href=data:,>", type: "text/html" } };
const bare = { folder: "tests/fixtures/open-models", mounts: { "/pkg/": "pkg" }, routes: blank };
/** Largest relative difference |a - b| / |b| of two devices: of the objective after one step, and of objective and scores at the end. */
const [AFTER_A_STEP, AT_THE_END] = [2e-5, 1e-4];
/** Largest difference of a forecast if the training lost its device and repeated some steps. */
const TOLERANCE = 1e-3;
/** The same for a network, whose optimiser state is reset. */
const NETWORK_TOLERANCE = 2e-2;

/** Trains on synthetic outcomes, forecasts and ranks. It runs in pages, workers and Node; options are passed to `Recommender.train`. */
async function train({ models, items, onEpoch, ...options }) {
  const { Recommender, Snapshot } = await import("/pkg/index.js");
  const names = Array.from({ length: items }, (_, item) => `q${item}`);
  const solves = (model, item) => Number((item * 7919 + model * 104729) % 1000 < (model / models) * 700 + item % 300);
  // A fifth of the cells is missing.
  const cell = (model, item) => ((model * 31 + item * 17) % 5 === 0 ? "" : solves(model, item));
  const rows = Array.from({ length: models }, (_, model) => [`org/${model}`, ...names.map((_, item) => cell(model, item))]);
  const table = [["model", ...names], ...rows].join("\n");
  const snapshot = await Snapshot.parse(new TextEncoder().encode(table), { name: "exam.csv" });
  const losses = [];
  let ticks = 0;
  const timer = setInterval(() => ticks++);
  try {
    const onProgress = ({ loss }) => {
      losses.push(loss);
      onEpoch?.(losses.length);
    };
    const model = await Recommender.train(snapshot, { method: "lrmf", ...options, onProgress });
    const { device, forecasts } = model.predict({ lineage: { parents: ["org/7"] } });
    const ranked = model.rank({ task: "exam" }).models;
    const byId = [...ranked].sort((a, b) => (a.id < b.id ? -1 : 1)).map(({ score }) => score);
    const ranking = ranked.map(({ id }) => id);
    return { ran: model.device, device, losses, means: [forecasts[0].mean, ...byId], ranking, ticks };
  } catch ({ kind, message }) {
    return { kind, message };
  } finally {
    clearInterval(timer);
  }
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const small = { models: 60, items: 90, seed: 3 };
/** So few cells that LRMF trains for 240 epochs, and that rectified units of a network switch at the same step on both devices. */
const tiny = { models: 12, items: 5, seed: 1 };
const run = (page, options, before = "") => page.evaluate(`(async () => { ${before}; return (${train})(${options}); })()`);
const plain = (options) => JSON.stringify(options);

/** |a - b| / |b| */
const distance = (a, b) => Math.hypot(...a.map((value, at) => value - b[at])) / Math.hypot(...b);

/** Asserts that both devices gave the same result within the tolerances. */
function assertSame(gpu, cpu) {
  const within = (a, b, most) => assert.ok(a.length === b.length && distance(a, b) <= most, `${distance(a, b)}: ${a} ${b}`);
  within(gpu.losses.slice(0, 1), cpu.losses.slice(0, 1), AFTER_A_STEP);
  within(gpu.losses, cpu.losses, AT_THE_END);
  within(gpu.means, cpu.means, AT_THE_END);
  assert.deepEqual(gpu.ranking, cpu.ranking);
}

async function assertSameAfter200Epochs(train) {
  const gpu = await train({ ...tiny, device: "gpu" });
  assert.ok(gpu.ran?.device === "gpu" && gpu.losses.length >= 200, plain(gpu));
  assertSame(gpu, await train({ ...tiny, device: "cpu" }));
}

/** Opens an empty page in which `train` can run. */
async function openBare(t) {
  const { page } = await openPage(t, { ...bare, ...WITH_GPU });
  return (options) => run(page, plain(options));
}

/** The same with a worker. */
async function openWorker(t) {
  const body = `onmessage = ({ data }) => (${train})(data).then(postMessage);`;
  const routes = { ...blank, "/worker.js": { body, type: "text/javascript" } };
  const { page } = await openPage(t, { ...bare, ...WITH_GPU, routes });
  return (options) =>
    page.evaluate(
      (options) =>
        new Promise((resolve, reject) => {
          const worker = new Worker("/worker.js", { type: "module" });
          worker.onmessage = ({ data }) => resolve(data);
          worker.onerror = ({ message }) => reject(new Error(message));
          worker.postMessage(options);
        }),
      options,
    );
}

test("a page trains on the device as on the CPU, and names the device", async (t) => {
  const onPage = await openBare(t);
  const gpu = await onPage({ ...small, device: "gpu" });
  assert.equal(gpu.device, "gpu", plain(gpu));
  assert.deepEqual({ device: gpu.ran.device, why: gpu.ran.why }, { device: "gpu", why: "asked for" });
  assert.match(gpu.ran.name, /swiftshader, WebGPU, software/);
  // The event loop of the page runs while the device works.
  assert.ok(gpu.ticks > gpu.losses.length / 2, `${gpu.ticks} turns of the page in ${gpu.losses.length} epochs`);
  const cpu = await onPage({ ...small, device: "cpu" });
  assert.deepEqual([cpu.device, cpu.ran.device, cpu.ran.why], ["cpu", "cpu", "asked for"]);
  assertSame(gpu, cpu);
  await assertSameAfter200Epochs(onPage);
});

test("a worker trains on the device as on the CPU", async (t) => {
  const inWorker = await openWorker(t);
  const gpu = await inWorker({ ...small, device: "gpu" });
  assert.equal(gpu.ran?.device, "gpu", plain(gpu));
  assertSame(gpu, await inWorker({ ...small, device: "cpu" }));
  await assertSameAfter200Epochs(inWorker);
});

test("auto rejects a software device, and requests no device for small data", async (t) => {
  const { page } = await openPage(t, { ...bare, ...WITH_GPU });
  const much = await run(page, plain({ models: 1500, items: 1400, device: "auto" }));
  assert.equal(much.ran?.device, "cpu", plain(much));
  assert.match(much.ran.why, /the only GPU is .*software, which is slower/);
  const little = await run(page, plain({ ...small, device: "auto" }));
  assert.match(little.ran.why, /little data/);
});

test("without WebGPU, gpu is an error that names the cause, and auto trains on the CPU", async (t) => {
  const { page } = await openPage(t, bare);
  const gpu = await run(page, plain({ ...small, device: "gpu" }));
  assert.equal(gpu.kind, "device", plain(gpu));
  assert.match(gpu.message, /^no GPU was found \(this browser has no WebGPU/);
  const auto = await run(page, plain({ models: 1500, items: 1400, device: "auto" }));
  assert.equal(auto.ran?.device, "cpu", plain(auto));
  assert.match(auto.ran.why, /no GPU was found/);
});

/** Records each requested device, and refuses requests after the first `most`. */
const watch = (most) => `
  const devices = [];
  const request = GPUAdapter.prototype.requestDevice;
  GPUAdapter.prototype.requestDevice = async function (descriptor) {
    if (devices.length >= ${most}) throw new Error("no more devices");
    const device = await request.call(this, descriptor);
    devices.push(device);
    return device;
  }`;
const losing = (options) => `{ ...${plain(options)}, onEpoch: (epoch) => { if (epoch === 4) devices[0].destroy(); } }`;

test("a device lost during training is replaced, or the training continues on the CPU, and `why` reports it", async (t) => {
  for (const [most, device, news] of [[2, "gpu", /went on on a new device/], [1, "cpu", /went on on the CPU/]]) {
    const { page } = await openPage(t, { ...bare, ...WITH_GPU });
    const whole = await run(page, plain({ ...small, device: "cpu" }));
    const lost = await run(page, losing({ ...small, device: "gpu" }), watch(most));
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

/** Makes error scopes of a kind return the browser's own errors. */
const failingScope = (filter, error) => `
  const scopes = [];
  const { pushErrorScope, popErrorScope } = GPUDevice.prototype;
  GPUDevice.prototype.pushErrorScope = function (filter) {
    scopes.push(filter);
    pushErrorScope.call(this, filter);
  };
  GPUDevice.prototype.popErrorScope = async function () {
    const filter = scopes.pop();
    const error = await popErrorScope.call(this);
    return filter === "${filter}" ? new ${error}("the error of a test") : error;
  };`;
/** Makes the browser's compiler reject the shaders. */
const broken = `
  const { createShaderModule } = GPUDevice.prototype;
  GPUDevice.prototype.createShaderModule = function (descriptor) {
    return createShaderModule.call(this, { ...descriptor, code: descriptor.code + "fn broken() -> u32 { return 1.5; }" });
  };`;
/** Makes `auto` treat the software device as a hardware device. */
const disguise = `Object.defineProperty(GPUAdapterInfo.prototype, "isFallbackAdapter", { get: () => false });`;
const much = { models: 1500, items: 1400, seed: 3, device: "auto" };

test("a device without memory, or that can't compile the shaders, is an error, and auto trains on the CPU", async (t) => {
  const faults = [
    [failingScope("out-of-memory", "GPUOutOfMemoryError"), /swiftshader.*: there is not enough memory$/],
    [failingScope("internal", "GPUInternalError"), /swiftshader.*: the error of a test$/],
    [broken, /swiftshader.*logistic_step/s],
  ];
  for (const [fault, expected] of faults) {
    const { page } = await openPage(t, { ...bare, ...WITH_GPU });
    const gpu = await run(page, plain({ ...small, device: "gpu" }), fault);
    assert.equal(gpu.kind, "device", plain(gpu));
    assert.match(gpu.message, expected);
    const auto = await run(page, plain(much), disguise);
    assert.equal(auto.ran?.device, "cpu", plain(auto));
    assert.match(auto.ran.why, expected);
  }
});

test("auto times a few steps on a device that is not marked as software, and selects the faster one", async (t) => {
  const { page } = await openPage(t, { ...bare, ...WITH_GPU });
  const auto = await run(page, plain(much), disguise);
  assert.equal(auto.ran?.device, "cpu", plain(auto));
  assert.match(auto.ran.why, /^a gradient takes [\d.]+ ms, on .*swiftshader, WebGPU [\d.]+ ms$/);
});

test("a tab suspended during training gives the same result as an undisturbed one", async (t) => {
  const { page, context } = await openPage(t, { ...bare, ...WITH_GPU });
  const browser = await context.newCDPSession(page);
  const options = { models: 150, items: 200, seed: 3, device: "gpu" };
  const undisturbed = await run(page, plain(options));
  let epochs = 0;
  page.on("console", (message) => (epochs += Number(message.text() === "epoch")));
  const training = run(page, `{ ...${plain(options)}, onEpoch: () => console.log("epoch") }`);
  while (epochs < 3) await pause(5);
  await browser.send("Page.setWebLifecycleState", { state: "frozen" });
  assert.ok(epochs < undisturbed.losses.length, `all ${epochs} epochs were over`);
  await pause(1500);
  await browser.send("Page.setWebLifecycleState", { state: "active" });
  const gpu = await training;
  assert.equal(gpu.ran?.device, "gpu", plain(gpu));
  assert.deepEqual([gpu.losses, gpu.means], [undisturbed.losses, undisturbed.means]);
});

test("networks train on the device as on the CPU, in a page and in a worker", async (t) => {
  const page = await openBare(t);
  const worker = await openWorker(t);
  for (const [on, method] of [[page, "ncf"], [page, "factors"], [worker, "ncf-factors"]]) {
    const gpu = await on({ ...tiny, method, device: "gpu" });
    assert.ok(gpu.ran?.device === "gpu" && gpu.losses.length > 20, plain(gpu));
    assert.ok(gpu.ticks > gpu.losses.length / 2, `${gpu.ticks} turns of others in ${gpu.losses.length} epochs`);
    assertSame(gpu, await on({ ...tiny, method, device: "cpu" }));
  }
  const auto = await page({ ...small, method: "factors", device: "auto" });
  assert.equal(auto.ran?.device, "cpu", plain(auto));
  assert.match(auto.ran.why, /the only GPU is .*software, which is slower/);
});

test("a network whose device is lost completes the training, on a new device or on the CPU", async (t) => {
  const options = { ...tiny, method: "factors" };
  for (const [most, device] of [[2, "gpu"], [1, "cpu"]]) {
    const { page } = await openPage(t, { ...bare, ...WITH_GPU });
    const whole = await run(page, plain({ ...options, device: "cpu" }));
    const lost = await run(page, losing({ ...options, device: "gpu" }), watch(most));
    assert.equal(lost.ran?.device, device, plain(lost));
    assert.match(lost.ran.why, /lost/);
    const apart = Math.max(...lost.means.map((mean, at) => Math.abs(mean - whole.means[at])));
    assert.ok(apart < NETWORK_TOLERANCE, `${apart}: ${lost.means} ${whole.means}`);
  }
});

test("a method without shaders rejects gpu, and with auto it reports the CPU", async (t) => {
  const page = await openBare(t);
  const gpu = await page({ ...tiny, method: "mf", device: "gpu" });
  assert.deepEqual([gpu.kind, /^the method mf runs on the CPU alone/.test(gpu.message)], ["device", true], plain(gpu));
  const auto = await page({ ...tiny, method: "mf", device: "auto" });
  assert.deepEqual([auto.ran?.device, auto.ran?.why], ["cpu", "the method runs on the CPU alone"], plain(auto));
});

test("the page shows the device, or why there is none", async (t) => {
  const gpu = await openPage(t, { ...WITH_GPU, path: "?device=gpu&method=lrmf" });
  await gpu.page.locator("#forecast .line").first().waitFor();
  await openData(gpu.page);
  await gpu.page.getByText(/Trained on the GPU: .*swiftshader, WebGPU, software; asked for\./).waitFor();
  await gpu.page.getByText(/computed on gpu/).first().waitFor();
  const auto = await openPage(t, { path: "?method=lrmf" });
  await auto.page.locator("#forecast .line").first().waitFor();
  await openData(auto.page);
  await auto.page.getByText(/Trained on the CPU: relaxed simd128; a GPU gains nothing on so little data\./).waitFor();
  const none = await openPage(t, { path: "?device=gpu&method=lrmf" });
  await none.page.getByRole("alert").getByText(/no GPU was found/).waitFor();
});
