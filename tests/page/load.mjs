// Loads a module of the page, which is TypeScript, in Node: it is bundled with its imports into one JavaScript file.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const folder = await mkdtemp(join(tmpdir(), "eyas-page-"));
after(() => rm(folder, { recursive: true }));
let count = 0;

/** Each call returns a new instance of the module. */
export async function load(name) {
  const outfile = join(folder, `${++count}.mjs`);
  const entry = fileURLToPath(new URL(`../../www/${name}`, import.meta.url));
  await build({ entryPoints: [entry], outfile, bundle: true, format: "esm", target: "es2022", logLevel: "error" });
  return import(pathToFileURL(outfile).href);
}

/** Replaces `fetch`. `answers` has a text or a status by address; any other address is a network error. Returns the list of requests. */
export function fetches(answers) {
  const asked = [];
  globalThis.fetch = async (url) => {
    asked.push(String(url));
    const answer = answers[String(url)];
    if (answer === undefined) throw new TypeError("Failed to fetch");
    const response = typeof answer === "number" ? new Response("", { status: answer, statusText: "Gone Away" }) : new Response(answer);
    return Object.defineProperty(response, "url", { value: String(url) });
  };
  return asked;
}
