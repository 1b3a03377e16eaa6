// Files of dropped and chosen folders: which are read, their paths and their order.

import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./load.mjs";

const { chosen, dropped, mayBeResults } = await load("folders.ts");

/** An entry of a dropped folder, which gives its inner entries two at a time. */
function entry(name, inner) {
  if (!inner) return { name, isFile: true, isDirectory: false, file: (resolve) => resolve(new File(["x"], name)) };
  const createReader = () => {
    let left = [...inner];
    return { readEntries: (resolve) => resolve(left.splice(0, 2)) };
  };
  return { name, isFile: false, isDirectory: true, createReader };
}

const transfer = (entries, files = []) => ({ items: entries.map((entry) => ({ webkitGetAsEntry: () => entry })), files });

test("of a folder, files that may hold results are read", () => {
  const read = ["a/b.json", "a/b.JSONL", "a/b.csv.gz", "a/.eval_results/x.yaml", "b.csv"];
  const other = ["a/log.txt", "a/.git/x.json", "a/.x.csv", "a/t.tar.gz", "a/csv", "a.json/csv"];
  assert.deepEqual([...read, ...other].filter(mayBeResults), read);
});

test("a dropped folder is read with the folders in it", async () => {
  const runs = entry("runs", [entry("c.csv"), entry("b", [entry("r.json"), entry("notes.txt")]), entry(".git", [entry("x.json")]), entry("a", [entry("r.json")])]);
  const files = await dropped(transfer([runs, entry("one.txt")]));
  assert.deepEqual(files.map(({ name }) => name), ["one.txt", "runs/a/r.json", "runs/b/r.json", "runs/c.csv"]);
  // Files alone keep their order, and need no entries.
  const plain = [new File(["x"], "b.csv"), new File(["x"], "a.csv")];
  assert.deepEqual((await dropped(transfer([null, null], plain))).map(({ name }) => name), ["b.csv", "a.csv"]);
});

test("a chosen folder has its paths", () => {
  const file = (name, webkitRelativePath = "") => Object.assign(new File(["x"], name), { webkitRelativePath });
  assert.deepEqual(chosen([file("b.csv"), file("a.csv")]).map(({ name }) => name), ["b.csv", "a.csv"]);
  assert.deepEqual(chosen([file("r.csv", "runs/b/r.csv"), file("r.csv", "runs/a/r.csv")]).map(({ name }) => name), ["runs/a/r.csv", "runs/b/r.csv"]);
});
