// The initial text of the form, a merge of two models of the bundled data, and what it means.

const PARENTS = ["Qwen/Qwen3-8B", "tokyotech-llm/Qwen3-Swallow-8B-RL-v0.2"];

export const EXAMPLE = {
  text: `---
base_model:
${PARENTS.map((id) => `  - ${id}\n`).join("")}base_model_relation: merge
---
`,
  lineage: { parents: PARENTS.map((id) => ({ id, relation: "merge" as const })) },
};
