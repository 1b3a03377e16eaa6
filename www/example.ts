// The initial text of the form: a merge of two models of the bundled snapshot.

export const EXAMPLE = `---
base_model:
  - Qwen/Qwen2-7B
  - Qwen/Qwen2-7B-Instruct
base_model_relation: merge
---
`;
