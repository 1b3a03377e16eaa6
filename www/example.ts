// The initial text of the form, a merge of two models of the bundled data, what it means, and other questions to try.

const PARENTS = ["Qwen/Qwen3-8B", "tokyotech-llm/Qwen3-Swallow-8B-RL-v0.2"];

export const EXAMPLE = {
  text: PARENTS.join("\n"),
  lineage: { parents: PARENTS.map((id) => ({ id, relation: "merge" as const })) },
};

/** Questions by what they are. */
export const EXAMPLES = [
  ["a merge", EXAMPLE.text],
  ["a measured model", "Qwen/Qwen3-14B"],
  ["only a name", "Llama 4 Behemoth 288B"],
  ["a card", "---\nbase_model: google/gemma-3-12b-it\nbase_model_relation: finetune\n---\n"],
] as const;
