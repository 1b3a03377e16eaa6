// What the page has of models: which one is in use, which one is in training, and what follows a failure.

import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./load.mjs";
import { gate, settled, workers } from "./worker.mjs";

const INFO = { models: 2, tasks: 2, cells: 4, density: 1, edges: 0, kind: "score", source: "a test", license: "CC0" };
const RAN = { device: "cpu", name: "SIMD", why: "for the test" };
const lost = () => Object.assign(new Error("the model was lost in an earlier failure; train or load it again"), { kind: "lost" });

/** The page's worker without its computing; `change` replaces some of its functions. */
const surface = (change) => (worker) => ({
  open: (sources) => {
    worker.opened = sources;
    return { info: INFO, benchmarks: [{ id: "bbh", range: null }, { id: "math", range: null }], warnings: ["repaired"] };
  },
  train: ({ onProgress, ...choice }) => {
    worker.choice = choice;
    onProgress([1, 2].map((epoch) => ({ epoch, maxEpochs: 9, loss: 1 / epoch, validation: null, metric: "RMSE" })));
    return { ran: RAN, chosen: null };
  },
  column: (task) => ({ task }),
  predict: (request) => ({ of: request.id, by: worker.opened[0].name }),
  ...change?.(worker),
});

/** A session over such workers, and what it says of itself after each change. */
async function begin(change, choice = { device: "cpu" }) {
  const { Session } = await load("session.ts");
  globalThis.Worker = workers(surface(change));
  const seen = [];
  const session = new Session(() => {
    const { current, candidate } = session;
    seen.push({ current: current?.supply.name, candidate: candidate?.supply.name, epochs: candidate?.tracker.epochs, columns: current?.columns.length });
  }, choice);
  return { session, seen, made: globalThis.Worker.made };
}

const supply = (name, read = async () => [{ name, bytes: Uint8Array.of(1, 2, 3) }]) => ({ name, read });
const predict = (session, id = "org/x") => session.ask((model) => model.predict({ id }));

test("results are trained on, put to use and then ranked, a benchmark at a time", async () => {
  const bytes = Uint8Array.of(1, 2, 3);
  const { session, seen, made } = await begin(undefined, { device: "gpu", method: "lrmf" });
  await assert.rejects(predict(session), { message: "there is no trained model yet" });
  assert.equal(await session.use(supply("a.csv", async () => [{ name: "a.csv", bytes }])), true);
  await settled();
  const { current } = session;
  assert.deepEqual([current.info, current.warnings, current.ran, current.chosen], [INFO, ["repaired"], RAN, null]);
  assert.deepEqual(current.columns, [{ task: "bbh" }, { task: "math" }]);
  assert.equal(session.notice.kind, "news");
  assert.match(session.notice.text, /^Trained on a\.csv in .*, 2 epochs\.$/);
  assert.deepEqual(made[0].choice, { device: "gpu", method: "lrmf" });
  assert.deepEqual([made[0].opened[0].bytes, bytes.length], [Uint8Array.of(1, 2, 3), 0], "the bytes move");
  assert.deepEqual(seen, [
    { current: undefined, candidate: "a.csv", epochs: 0, columns: undefined },
    { current: undefined, candidate: "a.csv", epochs: 0, columns: undefined },
    { current: undefined, candidate: "a.csv", epochs: 2, columns: undefined },
    { current: "a.csv", candidate: undefined, epochs: undefined, columns: 0 },
    { current: "a.csv", candidate: undefined, epochs: undefined, columns: 1 },
    { current: "a.csv", candidate: undefined, epochs: undefined, columns: 2 },
  ]);
});

test("while one trains the other answers, until it is replaced and its worker ends", async () => {
  const trained = gate();
  const { session, made } = await begin((worker) => (worker === globalThis.Worker.made[1] ? { train: () => trained.promise } : {}));
  await session.use(supply("a.csv"));
  const using = session.use(supply("b.csv"));
  await settled();
  assert.equal(session.candidate.supply.name, "b.csv");
  assert.equal(session.candidate.info.models, 2);
  assert.deepEqual(await predict(session), { of: "org/x", by: "a.csv" });
  trained.resolve({ ran: RAN, chosen: "too many" });
  assert.equal(await using, true);
  assert.deepEqual(await predict(session), { of: "org/x", by: "b.csv" });
  assert.deepEqual([session.current.chosen, session.candidate], ["too many", undefined]);
  assert.deepEqual(made.map(({ ended }) => ended), [true, false]);
});

test("a training gives way to the next one, without a word of its end", async () => {
  const { session, made } = await begin((worker) => (worker === globalThis.Worker.made[0] ? { train: () => new Promise(() => {}) } : {}));
  const first = session.use(supply("a.csv"));
  await settled();
  assert.equal(await session.use(supply("b.csv")), true);
  assert.equal(await first, false);
  assert.equal(session.current.supply.name, "b.csv");
  assert.deepEqual([session.failure, session.unfinished], [undefined, undefined]);
  assert.match(session.notice.text, /^Trained on b\.csv/);
  assert.deepEqual(made.map(({ ended }) => ended), [true, false]);
});

test("a training that is cancelled can be tried again, and the model in use stays", async () => {
  const { session, made } = await begin((worker) => (worker === globalThis.Worker.made[1] ? { train: () => new Promise(() => {}) } : {}));
  await session.use(supply("a.csv"));
  session.cancel();
  assert.match(session.notice.text, /^Trained/, "there is nothing to cancel");
  const next = supply("b.csv");
  const using = session.use(next);
  await settled();
  session.cancel();
  assert.equal(await using, false);
  assert.equal(session.unfinished, next);
  assert.deepEqual([session.candidate, session.failure], [undefined, undefined]);
  assert.deepEqual(session.notice, { kind: "news", text: "Training on b.csv was cancelled. The model trained on a.csv stays in use." });
  assert.equal((await predict(session)).by, "a.csv");
  assert.deepEqual(made.map(({ ended }) => ended), [false, true]);
});

test("one that is cancelled in the very moment when it is done is not put to use", async () => {
  const trained = gate();
  const { session, made } = await begin(() => ({ train: () => trained.promise }));
  const using = session.use(supply("a.csv"));
  await settled();
  const receive = made[0].onmessage;
  made[0].onmessage = (event) => {
    receive(event);
    session.cancel();
  };
  trained.resolve({ ran: RAN, chosen: null });
  assert.equal(await using, false);
  assert.equal(session.current, undefined);
  assert.equal(session.unfinished.name, "a.csv");
});

test("results that cannot be read, or not be trained on, are told, and the model in use stays", async () => {
  const { session, made } = await begin((worker) => ({
    ...(worker === globalThis.Worker.made[1] && { train: () => Promise.reject(new Error("too many models.")) }),
  }));
  const unread = supply("gone.csv", () => Promise.reject(new Error("gone.csv: the server answered 404.")));
  assert.equal(await session.use(unread), false);
  assert.deepEqual(session.failure, { supply: unread, text: "gone.csv: the server answered 404" });
  assert.deepEqual(session.notice, { kind: "error", text: "gone.csv: the server answered 404. There is no trained model yet." });
  assert.equal(await session.use(supply("much.csv")), false);
  assert.equal(session.failure.text, "too many models");
  assert.equal(await session.use(supply("a.csv")), true);
  assert.deepEqual([session.failure, session.candidate], [undefined, undefined]);
  assert.equal(await session.use(unread), false);
  assert.equal(session.notice.text, "gone.csv: the server answered 404. The model trained on a.csv stays in use.");
  await settled();
  assert.deepEqual(made.map(({ ended }) => ended), [true, true, false, true]);
});

test("a model that was lost is trained anew, once for all who ask", async () => {
  const losing = { predict: () => Promise.reject(lost()) };
  const { session, made } = await begin((worker) => (worker === globalThis.Worker.made[0] ? losing : {}));
  await session.use(supply("a.csv"));
  const answers = await Promise.all([predict(session, "org/x"), predict(session, "org/y")]);
  assert.deepEqual(answers, [{ of: "org/x", by: "a.csv" }, { of: "org/y", by: "a.csv" }]);
  assert.equal(made.length, 2);
  assert.ok(made[0].ended);
});

test("so is one whose worker died", async () => {
  const { session, made } = await begin();
  await session.use(supply("a.csv"));
  await settled();
  made[0].onerror({ preventDefault() {} });
  assert.deepEqual(await predict(session), { of: "org/x", by: "a.csv" });
  assert.equal(made.length, 2);
});

test("a model that is lost again, or that cannot be trained anew, is an error", async () => {
  const { session, made } = await begin(() => ({ predict: () => Promise.reject(lost()) }));
  await session.use(supply("a.csv"));
  await assert.rejects(predict(session), { kind: "lost" });
  assert.equal(made.length, 2);
  session.current.supply.read = () => Promise.reject(new Error("offline"));
  await assert.rejects(predict(session), { kind: "lost" });
  assert.equal(session.failure.text, "offline");
});

test("nothing is trained anew for a mistake in a question, nor for one that is not worth it", async () => {
  const { session, made } = await begin(() => ({
    predict: () => Promise.reject(Object.assign(new Error("no such task"), { kind: "input" })),
    understand: () => Promise.reject(lost()),
  }));
  await session.use(supply("a.csv"));
  await assert.rejects(predict(session), { message: "no such task", kind: "input" });
  await assert.rejects(session.ask((model) => model.understand("org/x"), { anew: false }), { kind: "lost" });
  assert.equal(made.length, 1);
});

test("a benchmark whose ranking fails is named, and the others are ranked", async () => {
  const { session } = await begin(() => ({
    column: (task) => (task === "bbh" ? Promise.reject(new Error("no room.")) : { task }),
  }));
  await session.use(supply("a.csv"));
  await settled();
  assert.deepEqual(session.current.columns, [{ task: "math" }]);
  assert.deepEqual(session.notice, { kind: "error", text: "The ranking by bbh is missing: no room" });
});

test("the ranking of a model that was replaced ends without a word", async () => {
  const { session } = await begin((worker) => (worker === globalThis.Worker.made[0] ? { column: () => new Promise(() => {}) } : {}));
  await session.use(supply("a.csv"));
  await session.use(supply("b.csv"));
  await settled();
  assert.equal(session.notice.kind, "news");
  assert.deepEqual(session.current.columns, [{ task: "bbh" }, { task: "math" }]);
});
