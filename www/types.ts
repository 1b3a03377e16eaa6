/** The types of models that a visitor can choose, by their values. */
export const TYPES = [
  ["", "not stated"],
  ["pretrained", "pretrained (base)"],
  ["fine-tuned", "fine-tuned"],
  ["chat", "chat or instruct"],
  ["reasoning", "reasoning"],
  ["merge", "merge"],
] as const;
