// The types of the elements in the templates of frameworks: right attributes and events pass, wrong ones are errors.

import assert from "node:assert/strict";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { makeProject, runTool } from "./project.mjs";

let project;
before(async () => {
  project = await makeProject();
});
after(() => rm(project, { recursive: true, force: true }));

const compiler = { strict: true, noEmit: true, target: "es2022", module: "esnext", moduleResolution: "bundler", lib: ["es2023", "dom", "dom.iterable"], types: [], skipLibCheck: false };

/** Checks one file by a program, and returns its errors. */
async function errors(name, text, { options = {}, beside = {}, check }) {
  const folder = join(project, name.replace(".", "-"));
  await mkdir(folder, { recursive: true });
  for (const [other, content] of Object.entries({ ...beside, [name]: text })) await writeFile(join(folder, other), content);
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: { ...compiler, ...options }, include: [name] }));
  return check(folder).then(() => "", (error) => error.message);
}

const jsx = (framework) => `import type {} from "eyas/${framework}";
import "eyas/widget";
export const page = (
  <main>
    <eyas-forecast
      model-file="m.eyas" parents="org/a, org/b:0.4" facts="params=7.6" theme="dark" class="wide" id="one"
      oneyas-forecast={({ detail }) => detail.compared[0]?.id.trim()}
      oneyas-error={({ detail }) => detail.kind === "environment" && detail.message.trim()}
    >
      <p>without scripts</p>
    </eyas-forecast>
    <eyas-leaderboard snapshot="s.json" where="params<=14" top={10} oneyas-forecast={({ detail }) => detail.columns[0]?.task.trim()} />
  </main>
);
`;

const frameworks = {
  React: {
    file: "react.tsx",
    text: jsx("react").replace("class=", "className="),
    wrong: ['facts="params=7.6"', "facts={7}"],
    options: { jsx: "react-jsx" },
    check: (folder) => runTool("typescript", "tsc", ["--project", "."], folder),
  },
  Preact: {
    file: "preact.tsx",
    text: jsx("preact"),
    wrong: ["detail.compared[0]", "detail.columns[0]"],
    options: { jsx: "react-jsx", jsxImportSource: "preact" },
    check: (folder) => runTool("typescript", "tsc", ["--project", "."], folder),
  },
  Vue: {
    file: "vue.vue",
    text: `<script setup lang="ts">
import type {} from "eyas/vue";
import "eyas/widget";
import type { EyasForecastDetail } from "eyas/widget";
const hear = (event: CustomEvent<EyasForecastDetail>) => event.detail.compared[0]?.id.trim();
</script>
<template>
  <eyas-forecast model-file="m.eyas" parents="org/a, org/b:0.4" theme="dark" class="wide" @eyas-forecast="hear" />
  <eyas-leaderboard snapshot="s.json" :top="10" where="params<=14" @eyas-error="({ detail }) => detail.message.trim()" />
</template>
`,
    wrong: ['theme="dark"', 'theme="blue"'],
    options: { jsx: "preserve", vueCompilerOptions: undefined },
    check: (folder) => runTool("vue-tsc", "vue-tsc", ["--project", "."], folder),
  },
  Svelte: {
    file: "svelte.svelte",
    text: `<script lang="ts">
  import type {} from "eyas/svelte";
  import "eyas/widget";
</script>

<eyas-forecast model-file="m.eyas" parents="org/a" theme="dark" class="wide" oneyas-forecast={({ detail }) => detail.compared[0]?.id.trim()}></eyas-forecast>
<eyas-leaderboard snapshot="s.json" top={10} oneyas-forecast={({ detail }) => detail.columns[0]?.task.trim()}></eyas-leaderboard>
`,
    wrong: ['theme="dark"', 'theme="blue"'],
    options: {},
    // Without it the configuration of a folder above would count.
    beside: { "svelte.config.js": "export default {};\n", "vite.config.js": "export default {};\n" },
    check: (folder) => runTool("svelte-check", "svelte-check", ["--tsconfig", "./tsconfig.json", "--output", "machine"], folder),
  },
};

for (const [name, { file, text, wrong, ...given }] of Object.entries(frameworks)) {
  test(`${name} knows attributes and events of the elements`, async () => {
    assert.ok(text.includes(wrong[0]));
    assert.equal(await errors(file, text, given), "");
    assert.match(await errors(`wrong-${file}`, text.replace(...wrong), given), /not assignable|does not exist/i);
    // Vue takes an unknown element as it is, so that its listeners have no types.
    assert.match(await errors(`unknown-${file}`, text.replaceAll("eyas-leaderboard", "eyas-bord"), given), /eyas-bord|implicitly has an 'any' type/);
  });
}
