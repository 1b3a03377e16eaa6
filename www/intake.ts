// Files of a visitor: a question about a model, such as a card or a configuration, or results to train on.

import type { Source } from "../pkg/index.js";
import { counted } from "./figures.ts";
import type { DataSource } from "./session.ts";

export { dropped, mayBeResults } from "./folders.ts";

/** Larger files are results. */
const MOST_QUESTION = 300_000;

/** The most bytes of several files: a wasm module has at most 4 GB. */
const MOST_BYTES = 1e9;

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

/** The text of a single file that is a card or a configuration; undefined for other files. */
export async function questionIn([first, ...others]: readonly LocalFile[]): Promise<string | undefined> {
  if (!first || others.length > 0 || first.file.size > MOST_QUESTION) return undefined;
  const text = await first.file.text().catch(() => "");
  return isQuestion(first.name, text) ? text : undefined;
}

/** A file of a visitor. Within a folder its name is the path from the parent of the folder. */
export interface LocalFile {
  name: string;
  file: Blob;
}

export function fromFiles(files: readonly LocalFile[]): DataSource {
  const [first, ...others] = files;
  const [folder] = first?.name.split("/") ?? [];
  const isFolder = first !== undefined && first.name !== folder && others.every(({ name }) => name.startsWith(`${folder}/`));
  const more = others.length > 0 ? ` and ${others.length} more` : "";
  const name = isFolder ? `${folder} (${counted(files.length, "file")})` : first ? first.name + more : "no file";
  const read = async (): Promise<Source[]> => {
    const size = files.reduce((sum, { file }) => sum + file.size, 0);
    if (size > MOST_BYTES) throw new Error(`${name}: larger than ${MOST_BYTES / 1e6} MB, the most that a page has room for; choose a part`);
    // One after the other, since a browser has few file handles.
    const sources: Source[] = [];
    for (const { name, file } of files) {
      sources.push({ name, bytes: await bytesOf(name, file), optional: name.includes("/") });
    }
    return sources;
  };
  return { name, read, review: true };
}

async function bytesOf(name: string, file: Blob): Promise<Uint8Array> {
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch (error) {
    throw new Error(`${name}: cannot be read (it was moved or changed, or is a folder)`, { cause: error });
  }
}
