// Sources of results: their names in messages, their content, and their errors.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fetches, load } from "./load.mjs";

globalThis.document = { baseURI: "https://page.example/eyas/index.html" };
const { bundled } = await load("data-sources.ts");
const { fromAddress, fromBoard } = await load("other-sources.ts");
const { fromFiles } = await load("intake.ts");
const text = (bytes) => new TextDecoder().decode(bytes);

test("an address is relative to the page, and its last part is the name", async () => {
  const cases = [
    ["results.csv", "https://page.example/eyas/results.csv", "results.csv"],
    ["/data/my%20results.csv?token=1", "https://page.example/data/my%20results.csv?token=1", "my results.csv"],
    ["https://other.example/a/100%.csv", "https://other.example/a/100%.csv", "100%.csv"],
    ["https://other.example/", "https://other.example/", "https://other.example/"],
  ];
  for (const [address, url, name] of cases) {
    const asked = fetches({ [url]: "model,a" });
    const dataSource = fromAddress(address);
    assert.deepEqual([dataSource.name, dataSource.address], [name, address]);
    assert.deepEqual(asked, [], "nothing is fetched before read()");
    const [source, ...others] = await dataSource.read();
    assert.deepEqual([source.name, text(source.bytes), others], [name, "model,a", []]);
    assert.deepEqual(asked, [url]);
  }
});

test("the bundled snapshot is beside the page", async () => {
  fetches({ "https://page.example/eyas/snapshot.json": "{}" });
  const [source] = await bundled.read();
  assert.deepEqual([source.name, text(source.bytes)], ["snapshot.json", "{}"]);
});

test("an error of reading names the address and the cause", async () => {
  fetches({ "https://page.example/eyas/gone.csv": 410 });
  await assert.rejects(fromAddress("gone.csv").read(), { message: "https://page.example/eyas/gone.csv: the server answered 410 Gone Away" });
  await assert.rejects(fromAddress("https://off.example/a.csv").read(), {
    message: /^https:\/\/off\.example\/a\.csv: cannot be fetched \(offline/,
    cause: new TypeError("Failed to fetch"),
  });
  const wrong = fromAddress("https://[/a.csv");
  assert.equal(wrong.name, "https://[/a.csv");
  await assert.rejects(wrong.read(), { message: "https://[/a.csv: this is not an address" });
});

test("several files are one source, in their order, each with its own name", async () => {
  const files = ["a", "b", "c"].map((name) => ({ name: `${name}.csv`, file: new File([`of ${name}`], `${name}.csv`) }));
  const dataSource = fromFiles(files);
  assert.deepEqual([dataSource.name, dataSource.address], ["a.csv and 2 more", undefined]);
  const sources = await dataSource.read();
  assert.deepEqual(sources.map(({ name, bytes }) => [name, text(bytes)]), [["a.csv", "of a"], ["b.csv", "of b"], ["c.csv", "of c"]]);
  assert.equal(fromFiles(files.slice(0, 1)).name, "a.csv");
  // Each call reads the files again, since the bytes of an earlier call may have been transferred to a worker.
  assert.notEqual((await dataSource.read())[0].bytes, sources[0].bytes);
});

test("a folder is one source, and its files may be left out", async () => {
  const files = ["runs/a/r.json", "runs/b/r.json"].map((name) => ({ name, file: new File(["{}"], "r.json") }));
  const dataSource = fromFiles(files);
  assert.equal(dataSource.name, "runs (2 files)");
  assert.deepEqual((await dataSource.read()).map(({ name, optional }) => [name, optional]), [["runs/a/r.json", true], ["runs/b/r.json", true]]);
  const mixed = [...files, { name: "c.csv", file: new File(["model,x"], "c.csv") }];
  assert.equal(fromFiles(mixed).name, "runs/a/r.json and 2 more");
  assert.deepEqual((await fromFiles(mixed).read()).map(({ optional }) => optional), [true, true, false]);
  const gone = { name: "gone.csv", file: { size: 1, arrayBuffer: () => Promise.reject(new Error("NotFoundError")) } };
  await assert.rejects(fromFiles([gone]).read(), { message: /^gone\.csv: cannot be read/ });
  const huge = { name: "huge.csv", file: { size: 2e9 } };
  await assert.rejects(fromFiles([huge]).read(), { message: /^huge\.csv: larger than 1000 MB/ });
});

test("a board is fetched when it is read, and has its name and licence", async () => {
  const urls = ["https://a.example/x/results.json", "https://a.example/y.csv"];
  const asked = fetches({ [urls[0]]: "{}", [urls[1]]: "model,a" });
  const dataSource = fromBoard({ id: "b", name: "A board", urls, license: "MIT" });
  assert.deepEqual([dataSource.name, dataSource.credit, dataSource.review], ["A board", { name: "A board", license: "MIT" }, true]);
  assert.deepEqual(asked, []);
  assert.deepEqual((await dataSource.read()).map(({ name }) => name), ["results.json", "y.csv"]);
  fetches({ [urls[0]]: 404 });
  await assert.rejects(dataSource.read(), { message: /^https:\/\/a\.example\/(x\/results\.json: the server answered 404|y\.csv: cannot be fetched)/ });
});
