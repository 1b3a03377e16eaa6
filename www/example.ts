// What the paste box holds at first: a merge of two models that the bundled snapshot knows.

export const EXAMPLE = `---
base_model:
  - Qwen/Qwen2-7B
  - Qwen/Qwen2-7B-Instruct
base_model_relation: merge
---
`;
