// Cards: the npm package writes the bytes of the command line, pictures draw in a browser, and the steps of the action run.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { Recommender } from "../../pkg/index.js";
import { openPage, root } from "./harness.mjs";

const run = promisify(execFile);
const model = `${root}target/package/model.eyas.gz`;
const card = "---\nbase_model:\n- Qwen/Qwen3-8B\n- tokyotech-llm/Qwen3-Swallow-8B-RL-v0.2\nbase_model_relation: merge\n---\n# A <merge> & more\n";

let folder;
let native;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "eyas-card-"));
  await writeFile(join(folder, "README.md"), card);
  // The tests of the command line build it.
  native = ["debug", "release"].map((profile) => `${root}target/${profile}/eyas`).find(existsSync);
  assert.ok(native, "the command line is not built; run cargo build");
});
after(() => rm(folder, { recursive: true }));

const ofNode = (...given) => run(process.execPath, [`${root}target/package/cli.js`, "card", ...given], { cwd: folder });
const ofRust = (...given) => run(native, ["card", ...given], { cwd: folder });
const about = {
  measured: ["--id", "Qwen/Qwen3-14B"],
  quantised: ["--id", "someone/Qwen3-14B-GGUF"],
  merge: ["--lineage", "README.md", "--facts", "name=org/<b>&|x", "--scores", "gpqa_ja_swallow=0.5"],
  nothing: ["--id", "zzz/qqq"],
};

test("the command line and the package write the same bytes", async () => {
  for (const [what, given] of Object.entries(about)) {
    for (const format of ["svg", "markdown", "model-index", "badge", "badge-svg"]) {
      if (what !== "merge" && format === "model-index") continue;
      const options = ["--model", model, ...given, "--format", format, "--date", "2026-07-01"];
      if (format.startsWith("badge")) options.push("--tasks", "bbh");
      if (format === "svg") options.push("--theme", what === "merge" ? "dark" : "auto");
      const [one, other] = await Promise.all([ofNode(...options), ofRust(...options)]);
      assert.equal(one.stdout, other.stdout, `${what}, ${format}`);
      assert.ok(one.stdout.length > 80 && Buffer.byteLength(one.stdout) <= 12_288, `${what}, ${format}`);
    }
  }
});

test("model.card has the same bytes; of many benchmarks it shows eight, of a measured model measured ones first", async () => {
  const recommender = await Recommender.load(await readFile(model));
  const { stdout } = await ofRust("--model", model, ...about.measured, "--format", "svg");
  const svg = await recommender.card({ id: "Qwen/Qwen3-14B" });
  assert.equal(svg, stdout);
  assert.equal(svg.match(/<text class="n"/g).length, 8);
  assert.match(svg, /<title>Measured scores: Qwen\/Qwen3-14B<\/title>/);
  assert.match(svg, /8 of 324 benchmarks/);
  for (const [request, message] of [
    [{ format: "badge" }, /a badge is about one benchmark; name it/],
    [{ format: "badge", tasks: "bbh,gpqa" }, /--tasks names 2/],
    [{ format: "png" }, /no format "png"/],
    [{ format: "markdown", theme: "dark" }, /only the format svg has a theme/],
    [{ theme: "pink" }, /no theme "pink"/],
    [{ made: "yesterday" }, /expected a date like 2025-01-31, found "yesterday"/],
    [{ tasks: "juggling" }, /juggling/],
    [{ tasks: "all" }, /a picture of 324 benchmarks/],
  ]) {
    await assert.rejects(recommender.card({ id: "Qwen/Qwen3-14B", ...request }), (error) => error.kind === "input" && message.test(error.message), String(message));
  }
  recommender.free();
});

test("the program of the package refuses bad input in one line, with exit code 2, and leaves an old file", async () => {
  await writeFile(join(folder, "old.svg"), "old");
  const given = ["--model", model, "--id", "org/x", "--format", "svg"];
  for (const [options, message] of [
    [[], /^error: give --format/],
    [["--format", "svg", "--id", "org/x"], /^error: give --snapshot or --model/],
    [[...given, "--lineage", "README.md"], /^error: --id and --lineage exclude each other/],
    [["--model", model, "--format", "svg"], /^error: describe the model/],
    [[...given, "--tasks", "juggling", "-o", "old.svg"], /^error: .*juggling/],
    [["--model", "missing.eyas", "--id", "org/x", "--format", "svg"], /^error: can't read missing\.eyas: there is no such file/],
    [[...given, "--colour", "red"], /^error: Unknown option '--colour'; see eyas --help/],
  ]) {
    const failure = await ofNode(...options).then(() => assert.fail(options.join(" ")), (error) => error);
    assert.equal(failure.code, 2, failure.stderr);
    assert.match(failure.stderr.split("\n").at(-2), message);
  }
  assert.equal(await readFile(join(folder, "old.svg"), "utf8"), "old");
  const { stderr } = await ofNode(...given, "-o", "old.svg");
  assert.match(stderr, /^warning: "org\/x" is not in the snapshot/);
  assert.match(await readFile(join(folder, "old.svg"), "utf8"), /^<svg/);
});

test("a picture is drawn by a browser as an image, in the colours that the reader prefers, inside its frame", async (t) => {
  const { stdout: svg } = await ofRust("--model", model, ...about.merge, "--format", "svg");
  await writeFile(join(folder, "two.txt"), "Qwen/Qwen3-8B\nQwen/Qwen3-14B\n");
  const { stdout: twoNames } = await ofRust("--model", model, "--lineage", "two.txt", "--format", "svg");
  const { stdout: badge } = await ofRust("--model", model, ...about.merge, "--tasks", "bbh", "--format", "badge-svg");
  const body = '<!doctype html><title>x</title><link rel="icon" href="data:,"><img id="card" src="card.svg" alt="a"><img id="badge" src="badge.svg" alt="b">';
  const routes = { "/": { type: "text/html", body }, "/card.svg": { type: "image/svg+xml", body: svg }, "/badge.svg": { type: "image/svg+xml", body: badge } };
  for (const [colorScheme, isLight] of [["light", true], ["dark", false]]) {
    const { page } = await openPage(t, { routes, context: { colorScheme } });
    const found = await page.evaluate(async () => {
      const [card, badge] = document.querySelectorAll("img");
      await Promise.all([card.decode(), badge.decode()]);
      const canvas = Object.assign(document.createElement("canvas"), { width: card.width, height: card.height });
      const context = canvas.getContext("2d");
      context.drawImage(card, 0, 0);
      const [red] = context.getImageData(240, 6, 1, 1).data;
      return { width: card.naturalWidth, badge: badge.naturalHeight, red };
    });
    assert.deepEqual({ width: found.width, badge: found.badge, isLight: found.red > 128 }, { width: 480, badge: 20, isLight });
    // No text leaves the frame: the fonts of this browser are asked.
    for (const picture of [svg, twoNames]) {
      const outside = await page.evaluate((picture) => {
        document.body.innerHTML = picture;
        const { right } = document.querySelector("svg").getBoundingClientRect();
        return [...document.querySelectorAll("text")].filter((text) => text.getBoundingClientRect().right > right - 15).map(({ textContent }) => textContent);
      }, picture);
      assert.deepEqual(outside, []);
    }
  }
});

test("the page copies the forecast that is shown as image, table and badge, and saves the picture", async (t) => {
  const { page } = await openPage(t, { context: { permissions: ["clipboard-read", "clipboard-write"] } });
  await page.locator(".embed summary").click({ timeout: 60_000 });
  const press = async (name, said) => {
    await page.getByRole("button", { name }).click();
    await page.locator(".embed [role=status]", { hasText: said }).waitFor({ timeout: 30_000 });
    return page.evaluate(async () => {
      const [item] = await navigator.clipboard.read();
      const blob = await item.getType(item.types[0]);
      return { type: blob.type, text: blob.type === "text/plain" ? await blob.text() : "", size: blob.size };
    });
  };
  const shown = await page.locator("#forecast .line").evaluateAll((rows) => rows.map((row) => [row.dataset.task, row.querySelector(".value strong").textContent]));
  const { text } = await press("Copy as Markdown", "The table was copied.");
  assert.deepEqual([...text.matchAll(/^\| .* \| \*\*(.*?)\*\* \|/gm)].map(([, value]) => value), shown.map(([, value]) => value));
  const [task, value] = shown[2];
  await page.getByLabel("of").selectOption(task);
  assert.ok((await press("Copy as badge", "The badge was copied, as SVG.")).text.includes(`, forecast: ${value} (90 %: `));
  const picture = await press("Copy as image", "The picture was copied.");
  assert.equal(picture.type, "image/png");
  assert.ok(picture.size > 50_000, `${picture.size} bytes`);
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Save as SVG" }).click()]);
  const svg = await readFile(await download.path(), "utf8");
  assert.equal(svg.match(/<text class="n"/g).length, shown.length);
  await page.addScriptTag({ path: `${root}node_modules/axe-core/axe.min.js` });
  const { violations } = await page.evaluate(() => window.axe.run(".embed"));
  assert.deepEqual(violations.map(({ id }) => id), []);
});

test("the steps of the action install the package, write the picture and commit it once", async (t) => {
  const action = await readFile(`${root}.github/actions/card/action.yml`, "utf8");
  const steps = [...action.matchAll(/- name: (\w+)\n(?:[^]*?)      run: (\|\n(?:        .*\n)+|.*\n)/g)].map(([, name, script]) => ({ name, script: script.replace(/^\|\n/, "").replace(/^ {8}/gm, "") }));
  assert.deepEqual(steps.map(({ name }) => name), ["Install", "Draw", "Commit"]);
  for (const { script } of steps) assert.ok(!script.includes("${{"), "inputs must not be a part of a script");
  const place = await mkdtemp(join(tmpdir(), "eyas-action-"));
  t.after(() => rm(place, { recursive: true }));
  const { stdout } = await run("npm", ["pack", `${root}target/package`, "--json", "--pack-destination", place, "--loglevel=error"]);
  const git = (...given) => run("git", given, { cwd: join(place, "work") });
  await mkdir(join(place, "work"));
  await run("git", ["init", "--quiet", "--bare", join(place, "origin")]);
  await git("init", "--quiet", "--initial-branch=main");
  await writeFile(join(place, "work/README.md"), card);
  await git("remote", "add", "origin", join(place, "origin"));
  await git("add", "README.md");
  await git("-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "--quiet", "--message", "First");
  await git("push", "--quiet", "--set-upstream", "origin", "main");
  const inputs = { ID: "", LINEAGE: "README.md", FACTS: "name=org/merge $(touch hacked)", SCORES: "", MODEL: "bundled", FORMAT: "svg", TASKS: "", THEME: "", OUTPUT: "forecast.svg" };
  const env = { ...process.env, ...inputs, PACKAGE: join(place, JSON.parse(stdout)[0].filename), RUNNER_TEMP: place, GITHUB_OUTPUT: join(place, "output") };
  const step = (name) => run("bash", ["-e", "-o", "pipefail", "-c", steps.find((step) => step.name === name).script], { cwd: join(place, "work"), env });
  await step("Install");
  await step("Draw");
  await step("Commit");
  const log = await run("git", ["--git-dir", join(place, "origin"), "log", "--format=%s", "--name-only", "main"]);
  assert.match(log.stdout, /^Update the forecast\n\nforecast\.svg\nFirst\n/);
  // The same card on another day has the same bytes, so that nothing is to be committed.
  await step("Draw");
  assert.equal(await readFile(join(place, "output"), "utf8"), "changed=true\nchanged=false\n");
  assert.equal((await git("status", "--porcelain")).stdout, "");
  assert.ok(!existsSync(join(place, "work/hacked")));
});
