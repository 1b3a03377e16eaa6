// A project that has the package installed as published, beside the bundlers of this folder.

import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { promisify } from "node:util";

export const here = import.meta.dirname;
export const run = promisify(execFile);
const require = createRequire(import.meta.url);

/** Makes the project and returns its folder. It lies in this folder, so that it finds the bundlers and frameworks. */
export async function makeProject() {
  const project = await mkdtemp(join(here, "project-"));
  const packed = join(here, "../../target/package");
  const { stdout } = await run("npm", ["pack", packed, "--json", "--pack-destination", project, "--loglevel=error"]);
  const [{ filename }] = JSON.parse(stdout);
  await mkdir(join(project, "node_modules"));
  await run("tar", ["-xzf", join(project, filename), "-C", join(project, "node_modules")]);
  await rename(join(project, "node_modules/package"), join(project, "node_modules/eyas"));
  await rm(join(project, filename));
  await writeFile(join(project, "package.json"), '{ "name": "project", "private": true, "type": "module" }\n');
  return project;
}

/** The version of a tool of this folder. */
export async function versionOf(tool) {
  const file = join(here, "node_modules", tool, "package.json");
  return JSON.parse(await readFile(file, "utf8")).version;
}

/** Runs the command line program of a tool of this folder. */
export async function runTool(tool, program, args, cwd) {
  const { bin } = require(join(here, "node_modules", tool, "package.json"));
  const script = join(here, "node_modules", tool, typeof bin === "string" ? bin : bin[program]);
  const env = { ...process.env, NEXT_TELEMETRY_DISABLED: "1", NODE_ENV: "production" };
  return run("node", [script, ...args], { cwd, env, maxBuffer: 1e8 }).catch(({ stdout, stderr }) => {
    throw new Error(`${tool} failed:\n${stdout}\n${stderr}`);
  });
}
