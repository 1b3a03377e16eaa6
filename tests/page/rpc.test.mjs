// Calls to workers: results, errors, progress and transfers, and workers that crash, hang or never start.

import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { Remote, started, transfer } from "../../pkg/rpc.js";
import { gate, settled, workers } from "./worker.mjs";

/** A worker that serves these functions, and its `Remote`, for which only calls of `train` train. */
function serving(calls) {
  const Worker = workers(() => calls);
  const remote = new Remote(started(() => new Worker()), (name) => name === "train");
  return { remote, worker: Worker.made[0], calls: remote.calls };
}

/** Mocks the timer of the pings; the returned function advances it by a number of pings. */
function mockPings(t) {
  mock.timers.enable({ apis: ["setInterval"] });
  t.after(() => mock.timers.reset());
  return async (times) => {
    for (let at = 0; at < times; at++) {
      mock.timers.tick(5000);
      await settled();
    }
  };
}

const never = () => new Promise(() => {});
const died = { message: "its worker does not answer; the data may be too large for this browser", died: true };

test("each call gets its own result, in any order", async () => {
  const first = gate();
  const { calls, remote } = serving({ slow: () => first.promise, quick: (a, b) => a + b, none: () => undefined });
  const slow = calls.slow();
  assert.equal(await calls.quick(2, 3), 5);
  assert.equal(await calls.none(), undefined);
  first.resolve("late");
  assert.equal(await slow, "late");
  remote.end();
});

test("an error keeps its message and kind, and does not end the worker", async () => {
  const { calls, remote } = serving({
    wrong: () => {
      throw Object.assign(new TypeError("a line"), { kind: "input" });
    },
    text: () => Promise.reject("just words"),
    uncopied: () => () => {},
    fine: () => 1,
  });
  await assert.rejects(calls.wrong(), { name: "Error", message: "a line", kind: "input" });
  await assert.rejects(calls.text(), { message: "just words", kind: undefined });
  await assert.rejects(calls.uncopied(), { message: /could not be cloned/ });
  await assert.rejects(calls.fine(() => {}), { message: /could not be cloned/ });
  await assert.rejects(calls.absent(), { message: /not a function/ });
  assert.equal(await calls.fine(), 1);
  assert.equal(remote.ended, undefined);
  remote.end();
});

test("progress arrives in order and before the result; other options arrive unchanged", async () => {
  const { calls, remote, worker } = serving({
    train: async (name, { onProgress, ...options }) => {
      for (const epoch of [1, 2, 3]) onProgress({ epoch });
      return { name, options };
    },
    plain: (options) => Object.keys(options),
  });
  const seen = [];
  const answer = await calls.train("x", { seed: 7, onProgress: ({ epoch }) => seen.push(epoch) });
  assert.deepEqual(seen, [1, 2, 3]);
  assert.deepEqual(answer, { name: "x", options: { seed: 7 } });
  assert.deepEqual(await calls.plain({ seed: 7 }), ["seed"]);
  assert.equal(worker.received.length, 2);
  remote.end();
});

test("marked buffers are transferred in both directions, others are copied", async () => {
  const results = [];
  const { calls, remote } = serving({
    double: (values) => {
      const result = values.map((value) => 2 * value);
      results.push(result);
      return transfer(result, [result.buffer]);
    },
  });
  const [moved, copied] = [Float32Array.of(1, 2), Float32Array.of(3)];
  assert.deepEqual(await calls.double(transfer(moved, [moved.buffer])), Float32Array.of(2, 4));
  assert.deepEqual(await calls.double(copied), Float32Array.of(6));
  assert.deepEqual([moved.length, copied.length, results[0].length], [0, 1, 0]);
  remote.end();
});

test("a worker that does not answer for a minute is terminated, and its pending calls fail", async (t) => {
  const ping = mockPings(t);
  const { calls, remote, worker } = serving({ ask: never });
  const answers = [calls.ask(), calls.ask()];
  await settled();
  worker.hangs = true;
  const failed = Promise.allSettled(answers);
  await ping(12);
  assert.equal(remote.ended, undefined);
  await ping(1);
  for (const { reason } of await failed) assert.deepEqual({ message: reason.message, died: reason.died }, died);
  assert.ok(worker.ended);
  await assert.rejects(calls.ask(), died, "later calls, too");
});

test("a worker that answers pings may take any time", async (t) => {
  const ping = mockPings(t);
  const work = gate();
  const { calls, remote, worker } = serving({ ask: () => work.promise });
  const answer = calls.ask();
  await ping(500);
  work.resolve("done");
  assert.equal(await answer, "done");
  const before = worker.received.length;
  await ping(500);
  assert.equal(worker.received.length, before, "without a pending call there are no pings");
  // That time does not count as unanswered pings.
  worker.hangs = true;
  calls.ask().catch(() => {});
  await ping(12);
  assert.equal(remote.ended, undefined);
  await ping(1);
  assert.equal(remote.ended.died, true);
});

test("a worker that trains may leave pings unanswered for ten minutes", async (t) => {
  const ping = mockPings(t);
  const { calls, remote, worker } = serving({ train: never, ask: never });
  const [training, asking] = [calls.train(), calls.ask()];
  await settled();
  worker.hangs = true;
  const failed = Promise.allSettled([training, asking]);
  await ping(120);
  assert.equal(remote.ended, undefined);
  await ping(1);
  for (const { reason } of await failed) assert.equal(reason.died, true);
});

test("further calls do not extend the time of a worker that hangs", async (t) => {
  const ping = mockPings(t);
  const { calls, remote, worker } = serving({ ask: never });
  calls.ask().catch(() => {});
  await settled();
  worker.hangs = true;
  for (let at = 0; at < 13; at++) {
    calls.ask().catch(() => {});
    await ping(1);
  }
  assert.equal(remote.ended?.died, true);
});

test("a worker that crashes, or never starts, rejects its calls", async () => {
  const { calls, remote, worker } = serving({ ask: never });
  const answer = calls.ask();
  await settled();
  let prevented = false;
  worker.onerror({ preventDefault: () => (prevented = true) });
  await assert.rejects(answer, { message: /^its worker stopped unexpectedly/, died: true });
  assert.ok(prevented && worker.ended && remote.ended.died);

  const Silent = class {
    terminate() {}
  };
  const unstarted = new Silent();
  const refused = new Remote(started(() => unstarted), () => false);
  const asked = refused.calls.ask();
  unstarted.onerror({ preventDefault() {} });
  await assert.rejects(asked, ({ message, died }) => /^its worker could not start/.test(message) && !died);
  assert.equal(refused.ended?.died, undefined);
  assert.match(refused.ended?.message, /could not start/, "so that another one is started");

  const forbidden = new Remote(
    started(() => {
      throw new DOMException("Failed to construct 'Worker'", "SecurityError");
    }),
    () => false,
  );
  await assert.rejects(forbidden.calls.ask(), { message: "its worker is not allowed by the page's policy" });
});

test("a worker that has not loaded after a minute is terminated", async (t) => {
  const ping = mockPings(t);
  const remote = new Remote(never(), () => false);
  const asked = assert.rejects(remote.calls.ask(), died);
  await ping(13);
  await asked;
});

test("end takes effect at once, also while the worker starts, and the first reason is kept", async () => {
  const { calls, remote, worker } = serving({ ask: never });
  const pending = assert.rejects(calls.ask(), { kind: "cancelled" });
  remote.end();
  await pending;
  await settled();
  assert.ok(worker.ended);
  remote.end(new Error("another reason"));
  await assert.rejects(calls.ask(), { kind: "cancelled" });
});
