// Whether a file of a visitor is a question about a model, such as a card or a configuration, or results to train on.

/** Larger files are results. */
export const MOST_QUESTION = 300_000;

const CARD = /^---\s*\n[\s\S]*?^(?:base_model|library_name|model-index|base_model_relation)\s*:/m;
const CONFIGURATION = /^(?:merge_method|base_model|slices|finetune|adapter_path)\s*:|"(?:base_model_name_or_path|_name_or_path|baseModels|model_type|general\.architecture)"\s*:/m;

/** Whether a text is a model card, a configuration of a merge or a training, the JSON of a model on the hub, or a Modelfile. */
export function isQuestion(name: string, text: string): boolean {
  const ending = /\.(\w+)$/.exec(name.toLowerCase())?.[1] ?? "";
  if (/(^|\/)modelfile$/i.test(name)) return true;
  if (["md", "markdown"].includes(ending)) return CARD.test(text);
  if (["yml", "yaml", "json"].includes(ending)) return CONFIGURATION.test(text) || (ending !== "json" && CARD.test(text));
  return false;
}
