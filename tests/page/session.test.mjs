// The session of the page: the model in use, the model in training, and the consequences of failures.

import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./load.mjs";
import { gate, settled, workers } from "./worker.mjs";

const INFO = { models: 2, tasks: 2, cells: 4, density: 1, edges: 0, kind: "score", source: "a test", license: "CC0" };
const REPORT = { columns: [], merged: [], apart: [], dropped: [] };
/** A report with something doubtful. */
const DOUBTFUL = { ...REPORT, dropped: [{ what: "cells of bbh", why: "no number", count: 3 }] };
const RAN = { device: "cpu", name: "SIMD", why: "for the test" };
const lost = () => Object.assign(new Error("the model was lost in an earlier failure; train or load it again"), { kind: "lost" });

/** The functions of the page's worker without computations; `change` replaces some of them. */
const surface = (change) => (worker) => ({
  open: (sources, { columns }) => {
    Object.assign(worker, { opened: sources, columns });
    return { info: INFO, benchmarks: [{ id: "bbh", range: null }, { id: "math", range: null }], warnings: ["repaired"], report: REPORT };
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

/** A session with such workers, and its state after each change. */
async function begin(change, choice = { device: "cpu" }) {
  const { Session } = await load("session.ts");
  globalThis.Worker = workers(surface(change));
  const seen = [];
  const session = new Session(() => {
    const { current, candidate } = session;
    seen.push({ current: current?.dataSource.name, candidate: candidate?.dataSource.name, epochs: candidate?.tracker.epochs, columns: current && session.columns.length });
  }, choice);
  return { session, seen, made: globalThis.Worker.made };
}

const dataSource = (name, read = async () => [{ name, bytes: Uint8Array.of(1, 2, 3) }]) => ({ name, read });
const predict = (session, id = "org/x") => session.ask((model) => model.predict({ id }));

test("use trains on results, replaces the model in use and then ranks, one benchmark at a time", async () => {
  const bytes = Uint8Array.of(1, 2, 3);
  const { session, seen, made } = await begin(undefined, { device: "gpu", method: "lrmf" });
  await assert.rejects(predict(session), { message: "there is no trained model yet" });
  assert.equal(await session.use(dataSource("a.csv", async () => [{ name: "a.csv", bytes }])), true);
  await settled();
  const { current } = session;
  assert.deepEqual([current.info, current.warnings, current.ran, current.chosen], [INFO, ["repaired"], RAN, null]);
  assert.deepEqual(session.columns, [{ task: "bbh" }, { task: "math" }]);
  assert.equal(session.notice.kind, "news");
  assert.match(session.notice.text, /^Trained on a\.csv in .*, 2 epochs\.$/);
  assert.deepEqual(made[0].choice, { device: "gpu", method: "lrmf" });
  assert.deepEqual([made[0].opened[0].bytes, bytes.length], [Uint8Array.of(1, 2, 3), 0], "the bytes are transferred");
  assert.deepEqual(seen, [
    { current: undefined, candidate: "a.csv", epochs: 0, columns: undefined },
    { current: undefined, candidate: "a.csv", epochs: 0, columns: undefined },
    { current: undefined, candidate: "a.csv", epochs: 2, columns: undefined },
    { current: "a.csv", candidate: undefined, epochs: undefined, columns: 0 },
    { current: "a.csv", candidate: undefined, epochs: undefined, columns: 1 },
    { current: "a.csv", candidate: undefined, epochs: undefined, columns: 2 },
  ]);
});

test("the model in use answers while another one trains; then it is replaced and its worker ends", async () => {
  const trained = gate();
  const { session, made } = await begin((worker) => (worker === globalThis.Worker.made[1] ? { train: () => trained.promise } : {}));
  await session.use(dataSource("a.csv"));
  const using = session.use(dataSource("b.csv"));
  await settled();
  assert.equal(session.candidate.dataSource.name, "b.csv");
  assert.equal(session.candidate.opened.info.models, 2);
  assert.deepEqual(await predict(session), { of: "org/x", by: "a.csv" });
  trained.resolve({ ran: RAN, chosen: "too many" });
  assert.equal(await using, true);
  assert.deepEqual(await predict(session), { of: "org/x", by: "b.csv" });
  assert.deepEqual([session.current.chosen, session.candidate], ["too many", undefined]);
  assert.deepEqual(made.map(({ ended }) => ended), [true, false]);
});

test("a new training silently cancels the one in progress", async () => {
  const { session, made } = await begin((worker) => (worker === globalThis.Worker.made[0] ? { train: () => new Promise(() => {}) } : {}));
  const first = session.use(dataSource("a.csv"));
  await settled();
  assert.equal(await session.use(dataSource("b.csv")), true);
  assert.equal(await first, false);
  assert.equal(session.current.dataSource.name, "b.csv");
  assert.deepEqual([session.failure, session.unfinished], [undefined, undefined]);
  assert.match(session.notice.text, /^Trained on b\.csv/);
  assert.deepEqual(made.map(({ ended }) => ended), [true, false]);
});

test("a cancelled training can be repeated, and the model in use remains", async () => {
  const { session, made } = await begin((worker) => (worker === globalThis.Worker.made[1] ? { train: () => new Promise(() => {}) } : {}));
  await session.use(dataSource("a.csv"));
  session.cancel();
  assert.match(session.notice.text, /^Trained/, "there is nothing to cancel");
  const next = dataSource("b.csv");
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

test("a training that is cancelled just as it finishes does not replace the model", async () => {
  const trained = gate();
  const { session, made } = await begin(() => ({ train: () => trained.promise }));
  const using = session.use(dataSource("a.csv"));
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

test("results that cannot be read or trained on are reported, and the model in use remains", async () => {
  const { session, made } = await begin((worker) => ({
    ...(worker === globalThis.Worker.made[1] && { train: () => Promise.reject(new Error("too many models.")) }),
  }));
  const unread = dataSource("gone.csv", () => Promise.reject(new Error("gone.csv: the server answered 404.")));
  assert.equal(await session.use(unread), false);
  assert.deepEqual(session.failure, { dataSource: unread, text: "gone.csv: the server answered 404" });
  assert.deepEqual(session.notice, { kind: "error", text: "gone.csv: the server answered 404. There is no trained model yet." });
  assert.equal(await session.use(dataSource("much.csv")), false);
  assert.equal(session.failure.text, "too many models");
  assert.equal(await session.use(dataSource("a.csv")), true);
  assert.deepEqual([session.failure, session.candidate], [undefined, undefined]);
  assert.equal(await session.use(unread), false);
  assert.equal(session.notice.text, "gone.csv: the server answered 404. The model trained on a.csv stays in use.");
  await settled();
  assert.deepEqual(made.map(({ ended }) => ended), [true, true, false, true]);
});

test("a lost model is trained again, once for all pending questions", async () => {
  const losing = { predict: () => Promise.reject(lost()) };
  const { session, made } = await begin((worker) => (worker === globalThis.Worker.made[0] ? losing : {}));
  await session.use(dataSource("a.csv"));
  const answers = await Promise.all([predict(session, "org/x"), predict(session, "org/y")]);
  assert.deepEqual(answers, [{ of: "org/x", by: "a.csv" }, { of: "org/y", by: "a.csv" }]);
  assert.equal(made.length, 2);
  assert.ok(made[0].ended);
});

test("a model whose worker crashed is trained again", async () => {
  const { session, made } = await begin();
  await session.use(dataSource("a.csv"));
  await settled();
  made[0].onerror({ preventDefault() {} });
  assert.deepEqual(await predict(session), { of: "org/x", by: "a.csv" });
  assert.equal(made.length, 2);
});

test("a model that is lost twice, or cannot be trained again, is an error", async () => {
  const { session, made } = await begin(() => ({ predict: () => Promise.reject(lost()) }));
  await session.use(dataSource("a.csv"));
  await assert.rejects(predict(session), { kind: "lost" });
  assert.equal(made.length, 2);
  session.current.dataSource.read = () => Promise.reject(new Error("offline"));
  await assert.rejects(predict(session), { kind: "lost" });
  assert.equal(session.failure.text, "offline");
});

test("an error in a question does not train again, nor does a question with retrain: false", async () => {
  const { session, made } = await begin(() => ({
    predict: () => Promise.reject(Object.assign(new Error("no such task"), { kind: "input" })),
    understand: () => Promise.reject(lost()),
  }));
  await session.use(dataSource("a.csv"));
  await assert.rejects(predict(session), { message: "no such task", kind: "input" });
  await assert.rejects(session.ask((model) => model.understand("org/x"), { retrain: false }), { kind: "lost" });
  assert.equal(made.length, 1);
});

test("a benchmark whose ranking fails is reported, and the others are ranked", async () => {
  const { session } = await begin(() => ({
    column: (task) => (task === "bbh" ? Promise.reject(new Error("no room.")) : { task }),
  }));
  await session.use(dataSource("a.csv"));
  await settled();
  assert.deepEqual(session.columns, [{ task: "math" }]);
  assert.deepEqual(session.notice, { kind: "error", text: "The ranking by bbh is missing: no room" });
});

test("the ranking of a replaced model ends silently", async () => {
  const { session } = await begin((worker) => (worker === globalThis.Worker.made[0] ? { column: () => new Promise(() => {}) } : {}));
  await session.use(dataSource("a.csv"));
  await session.use(dataSource("b.csv"));
  await settled();
  assert.equal(session.notice.kind, "news");
  assert.deepEqual(session.columns, [{ task: "bbh" }, { task: "math" }]);
});

test("a source with a saved model is loaded, not trained on, unless the address names a method", async () => {
  const model = { address: "a.eyas", read: async () => Uint8Array.of(4, 5) };
  const load = (bytes) => ({ info: INFO, benchmarks: [{ id: "bbh" }], ran: RAN, chosen: null, bytes });
  const { session, made } = await begin(() => ({ load }), { device: "auto" });
  assert.equal(await session.use({ ...dataSource("a.csv"), model }), true);
  assert.match(session.notice.text, /^Loaded the model that was trained on a\.csv/);
  assert.deepEqual([made[0].choice, made[0].opened, session.understood], [undefined, undefined, undefined]);
  await settled();
  assert.deepEqual(session.columns, [{ task: "bbh" }]);
  const trained = await begin(() => ({ load }), { device: "auto", method: "lrmf" });
  await trained.session.use({ ...dataSource("a.csv"), model });
  assert.match(trained.session.notice.text, /^Trained on a\.csv/);
});

test("of many benchmarks those of the forecast are ranked by, and others on request", async () => {
  const asked = [];
  const benchmarks = Array.from({ length: 20 }, (_, at) => ({ id: `t${at}`, range: null }));
  const change = () => ({
    open: () => ({ info: INFO, benchmarks, warnings: [], report: REPORT }),
    column: (task) => (asked.push(task), { task }),
  });
  const { session } = await begin(change);
  await session.use(dataSource("a.csv"));
  await settled();
  assert.deepEqual([session.columns, asked], [[], []]);
  session.rankBy(["t3", "t1"]);
  await settled();
  session.alsoRankBy(["t9", "t1"]);
  await settled();
  assert.deepEqual(session.columns.map(({ task }) => task), ["t3", "t1"], "those of the forecast stay");
  assert.deepEqual([...session.current.columns.keys()], ["t3", "t1", "t9"]);
  session.rankBy(["t1", "t2"]);
  await settled();
  assert.deepEqual(session.columns.map(({ task }) => task), ["t1", "t2"]);
  assert.deepEqual(session.ranked, ["t1", "t2"]);
  assert.deepEqual(asked, ["t3", "t1", "t9", "t2"], "what has arrived is kept");
});

const reviewed = (name) => ({ ...dataSource(name), review: true });

test("doubtful files of a visitor wait for the training; others, and those from elsewhere, do not", async () => {
  const { session, made } = await begin((worker) => ({ open: (sources) => ((worker.opened = sources), { info: INFO, benchmarks: [], warnings: [], report: DOUBTFUL }) }));
  assert.equal(await session.use(dataSource("address.csv")), true);
  const using = session.use(reviewed("a.csv"));
  await settled();
  assert.deepEqual([session.candidate.stage, session.understood.report], ["waiting", DOUBTFUL]);
  assert.equal(made[1].choice, undefined);
  assert.deepEqual(await predict(session), { of: "org/x", by: "address.csv" }, "the model in use answers");
  session.train();
  assert.equal(await using, true);
  assert.deepEqual(session.current.dataSource, { ...session.current.dataSource, name: "a.csv", review: false });
  const { session: sure } = await begin();
  assert.equal(await sure.use(reviewed("b.csv")), true);
});

test("files that wait can be put aside or replaced", async () => {
  const { session, made } = await begin(() => ({ open: () => ({ info: INFO, benchmarks: [], warnings: [], report: DOUBTFUL }) }));
  const [first, second] = [session.use(reviewed("a.csv")), session.use(reviewed("b.csv"))];
  await settled();
  assert.equal(await first, false);
  session.cancel();
  assert.equal(await second, false);
  assert.deepEqual([session.candidate, session.unfinished, session.failure], [undefined, undefined, undefined]);
  assert.equal(session.notice.text, "b.csv was not trained on. There is no trained model yet.");
  assert.deepEqual(made.map(({ ended }) => ended), [true, true]);
});

test("other roles of columns are read and wait for the training; the model lost later is trained with them", async () => {
  const { session, made } = await begin();
  await session.use(reviewed("a.csv"));
  const using = session.revise({ size: "score:points" }, "size");
  assert.equal(session.understood.report, session.current.report, "until they are read");
  await settled();
  assert.deepEqual([session.candidate.stage, made[1].columns], ["waiting", { size: "score:points" }]);
  session.train();
  assert.equal(await using, true);
  assert.deepEqual(session.understood.dataSource.columns, { size: "score:points" });
  made[1].onerror({ preventDefault() {} });
  await predict(session);
  assert.deepEqual(made[2].columns, { size: "score:points" });
});

test("a role that cannot be read is an error of its column, and can be corrected", async () => {
  const { session } = await begin(() => ({
    open: (_, { columns }) => {
      if (columns?.a === "score") throw new Error('a.csv line 2, column "b": expected 0 to 1, found 7');
      if (columns?.a === "skip") throw new Error("no column names the models");
      return { info: INFO, benchmarks: [], warnings: [], report: REPORT };
    },
  }));
  await session.use(reviewed("a.csv"));
  assert.equal(await session.revise({ a: "score" }, "a"), false);
  const { candidate } = session;
  assert.deepEqual([candidate.stage, candidate.decide, Object.keys(candidate.mistakes)], ["waiting", undefined, ["b"]]);
  assert.deepEqual([session.understood.report, session.understood.dataSource.columns], [REPORT, { a: "score" }]);
  assert.equal(await session.revise({ a: "skip" }, "a"), false);
  assert.deepEqual(session.candidate.mistakes, { a: "no column names the models" });
  const using = session.revise({ a: "fact" }, "a");
  await settled();
  assert.deepEqual(session.candidate.mistakes, {});
  session.train();
  assert.equal(await using, true);
});

test("columns with errors are left out of a visitor's files until the visitor decides", async () => {
  const open = (_, { columns = {} }) => {
    const wrong = ["a", "b"].find((name) => columns[name] !== "skip");
    if (wrong) throw new Error(`a.csv line 9, column "${wrong}": expected 0 to 100, found 430`);
    return { info: INFO, benchmarks: [], warnings: [], report: REPORT };
  };
  const { session } = await begin(() => ({ open }));
  assert.equal(await session.use(dataSource("a.csv")), false, "not from an address");
  const using = session.use(reviewed("a.csv"));
  await settled();
  assert.equal(session.failure.text, 'a.csv line 9, column "a": expected 0 to 100, found 430');
  assert.deepEqual(Object.keys(session.candidate.mistakes), ["a", "b"]);
  assert.deepEqual(session.candidate.dataSource.columns, { a: "skip", b: "skip" });
  // The correction of one leaves the error of the other.
  const revised = session.revise({ a: "score", b: "skip" }, "a");
  assert.deepEqual([await using, await revised], [false, false]);
  assert.deepEqual(Object.keys(session.candidate.mistakes), ["b", "a"]);
  const again = session.revise({ a: "skip", b: "skip" }, "a");
  await settled();
  assert.deepEqual(Object.keys(session.candidate.mistakes), ["b"]);
  session.train();
  assert.equal(await again, true);
  assert.equal(session.failure, undefined);
  // An error that remains is reported as it was.
  const { session: other } = await begin(() => ({ open: () => Promise.reject(new Error('x.csv, column "a": bad')) }));
  assert.equal(await other.use(reviewed("x.csv")), false);
  assert.deepEqual([other.candidate, other.unfinished, other.failure.dataSource.columns], [undefined, undefined, undefined]);
});

test("results of a board have its name and licence, unless its files state a licence", async () => {
  const credit = { name: "A board", license: "MIT" };
  const opened = async (license) => {
    const info = { ...INFO, source: "results.json", license };
    const { session } = await begin(() => ({ open: () => ({ info, benchmarks: [], warnings: [], report: REPORT }) }));
    await session.use({ ...dataSource("A board"), credit });
    return [session.current.info.source, session.current.info.license];
  };
  assert.deepEqual(await opened("not stated"), ["A board", "MIT"]);
  assert.deepEqual(await opened("CC0"), ["results.json", "CC0"]);
});
