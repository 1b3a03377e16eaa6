#!/usr/bin/env node
// `npx eyas card`: the card of a forecast, in Node, with the bytes that `eyas card` of the command line writes. Errors are one line
// on stderr; exit 2 for bad input, 1 for a failure.

import { readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { Recommender, Snapshot } from "./index.js";

const HELP = `Writes a forecast for places where no script runs

Usage: eyas card (--snapshot FILE | --model FILE) (--id MODEL | --lineage FILE) --format FORMAT [OPTIONS]

  --snapshot FILE   results in any accepted format, trained on first; a file, a folder or an address
  --model FILE      a model that eyas train saved; a file or an address. bundled is the one in this package
  --method NAME     the method, with --snapshot
  --id MODEL        the model itself: its measured scores first, and a forecast of the others
  --lineage FILE    a model card, a configuration or a list of parents; - reads stdin
  --facts TEXT      other known facts: 'name=org/x,params=8B,type=merge'
  --scores TEXT     known scores: 'ifeval=0.7,bbh=45%', or @FILE
  --format FORMAT   svg, markdown, badge, badge-svg or model-index
  --tasks A,B       benchmarks to show, or all; by default at most eight
  --theme THEME     colours of svg: light, dark or auto
  --date DATE       the day to name in the card; by default only the date of the data
  -o, --output FILE where to write the card instead of stdout

The other commands are in the program eyas itself, of which this package has the predictor.`;

const text = { type: "string" };
const options = {
  ...Object.fromEntries(["snapshot", "model", "method", "id", "lineage", "facts", "scores", "format", "theme", "date"].map((name) => [name, text])),
  tasks: { type: "string", multiple: true },
  output: { type: "string", short: "o" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean", short: "V" },
};

function wrong(message) {
  return Object.assign(new Error(message), { kind: "input" });
}

async function main() {
  const { values, positionals } = read();
  if (values.help) return print(`${HELP}\n`);
  if (values.version) return print(`eyas ${JSON.parse(await readFile(new URL("./package.json", import.meta.url), "utf8")).version}\n`);
  const [command, ...others] = positionals;
  if (command !== "card") throw wrong(command ? `no command "${command}" in this package; see eyas --help` : "no command; see eyas --help");
  if (others.length > 0) throw wrong(`unexpected argument "${others[0]}"; see eyas --help`);
  check(values);
  const { format, theme, date: made, output } = values;
  const request = await requestOf(values);
  const model = await trained(values);
  warn(model.predict(request));
  const card = await model.card({ ...request, format, theme, made });
  if (output === undefined) return print(card);
  const beside = join(dirname(output), `.${basename(output)}.${process.pid}.tmp`);
  try {
    await writeFile(beside, card);
    await rename(beside, output);
    print(`wrote ${output}\n`);
  } catch (error) {
    await rm(beside, { force: true });
    throw new Error(`could not write ${output}: ${error.message}`);
  }
}

function read() {
  try {
    return parseArgs({ options, allowPositionals: true });
  } catch (error) {
    throw wrong(`${error.message.replace(/\. To specify.*$/s, "")}; see eyas --help`);
  }
}

function check({ snapshot, model, method, id, lineage, facts, scores, format }) {
  if (format === undefined) throw wrong("give --format: svg, markdown, badge, badge-svg or model-index");
  if (snapshot !== undefined && model !== undefined) throw wrong("--snapshot and --model exclude each other");
  if (snapshot === undefined && model === undefined) throw wrong("give --snapshot or --model");
  if (method !== undefined && model !== undefined) throw wrong("--method belongs to --snapshot; a saved model has its method");
  if (id !== undefined && lineage !== undefined) throw wrong("--id and --lineage exclude each other");
  if ([id, lineage, facts, scores].every((one) => one === undefined)) throw wrong("describe the model: give --id, --lineage, --facts or --scores");
  if (id !== undefined && !id.trim()) throw wrong("--id: expected a model's id, such as org/name");
}

async function requestOf({ id, lineage, facts, scores, tasks = [] }) {
  const request = { tasks: tasks.flatMap((names) => names.split(",").map((name) => name.trim())) };
  if (id !== undefined) request.id = id;
  if (lineage !== undefined) request.lineage = String(lineage === "-" ? await stdin() : await readBytes(lineage));
  if (facts !== undefined) request.factors = facts;
  if (scores !== undefined) request.scores = scores.startsWith("@") ? String(await readBytes(scores.slice(1))) : scores;
  return request;
}

async function trained({ snapshot, model, method }) {
  if (model !== undefined) return Recommender.load(await readBytes(model === "bundled" ? new URL("./model.eyas.gz", import.meta.url) : model));
  const parsed = await Snapshot.parse(await filesOf(snapshot));
  for (const warning of parsed.warnings) console.error(`warning: ${warning}`);
  return Recommender.train(parsed, { ...(method === undefined ? {} : { method }) });
}

/** A file, or all files of a folder, with their names. */
async function filesOf(path) {
  const isFolder = !isAddress(path) && (await stat(path).then((about) => about.isDirectory(), () => false));
  if (!isFolder) return [{ name: basename(path), bytes: await readBytes(path) }];
  const found = await readdir(path, { recursive: true, withFileTypes: true });
  const names = found.filter((entry) => entry.isFile()).map(({ parentPath, path: before, name }) => join(parentPath ?? before, name));
  if (names.length === 0) throw wrong(`${path}: the folder has no files`);
  return Promise.all(names.sort().map(async (name) => ({ name, bytes: await readBytes(name) })));
}

function isAddress(path) {
  return /^https?:\/\//.test(path);
}

async function readBytes(path) {
  if (isAddress(path)) {
    const response = await fetch(path).catch((error) => {
      throw new Error(`${path} cannot be fetched: ${error.cause?.message ?? error.message}`);
    });
    if (!response.ok) throw new Error(`${path}: the server answered ${response.status} ${response.statusText}`.trim());
    return Buffer.from(await response.arrayBuffer());
  }
  return readFile(path).catch((error) => {
    throw wrong(`can't read ${path}: ${error.code === "ENOENT" ? "there is no such file" : error.message}`);
  });
}

async function stdin() {
  const parts = [];
  for await (const part of process.stdin) parts.push(part);
  return Buffer.concat(parts);
}

/** Prints remarks on the forecast on stderr. */
function warn({ subject: { id, given }, warnings, lineage: { parents, unknown } }) {
  const lines = [...warnings];
  if (given && id && given.toLowerCase() !== id.toLowerCase()) lines.push(`"${given}" was read as "${id}"`);
  for (const parent of parents) if (parent.given) lines.push(`parent "${parent.given}" was read as "${parent.id}"`);
  for (const name of unknown) lines.push(`parent "${name}" is not in the data; the forecast goes without it`);
  for (const line of lines) console.error(`warning: ${line}`);
}

function print(written) {
  process.stdout.write(written);
}

try {
  await main();
} catch (error) {
  console.error(`error: ${String(error.message).replace(/\s+/g, " ")}`);
  process.exitCode = error.kind === "input" ? 2 : 1;
}
