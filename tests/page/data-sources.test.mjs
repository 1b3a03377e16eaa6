// Sources of results: their names in messages, their content, and their errors.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fetches, load } from "./load.mjs";

globalThis.document = { baseURI: "https://page.example/eyas/index.html" };
const { bundled, fromAddress, fromFiles } = await load("data-sources.ts");
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
  const files = ["a", "b", "c"].map((name) => new File([`of ${name}`], `${name}.csv`));
  const dataSource = fromFiles(files);
  assert.deepEqual([dataSource.name, dataSource.address], ["a.csv and 2 more", undefined]);
  const sources = await dataSource.read();
  assert.deepEqual(sources.map(({ name, bytes }) => [name, text(bytes)]), [["a.csv", "of a"], ["b.csv", "of b"], ["c.csv", "of c"]]);
  assert.equal(fromFiles(files.slice(0, 1)).name, "a.csv");
  // Each call reads the files again, since the bytes of an earlier call may have been transferred to a worker.
  assert.notEqual((await dataSource.read())[0].bytes, sources[0].bytes);
});
