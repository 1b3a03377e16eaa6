// Files of folders that a visitor drops or chooses.

import type { LocalFile } from "./intake.ts";

/** The extensions of files in a folder that may hold results, each also with `.gz`; those of `src/cli/folder.rs` that a page reads. */
const EXTENSIONS = new Set(["json", "jsonl", "ndjson", "csv", "tsv", "yaml", "yml", "eval", "parquet", "md"]);

/** The most files of a folder. */
const MOST_FILES = 20_000;

/** Whether a file of a folder may hold results, by its path: of hidden folders only `.eval_results` counts. */
export function mayBeResults(path: string): boolean {
  const isHidden = path.split("/").some((part) => part.startsWith(".") && part !== ".eval_results");
  const extension = /\.([^./]+)$/.exec(path.toLowerCase().replace(/\.gz$/, ""))?.[1];
  return !isHidden && extension !== undefined && EXTENSIONS.has(extension);
}

/** Files that a visitor chose, with their paths if they are of a folder. */
export function chosen(files: Iterable<File>): LocalFile[] {
  return sorted([...files].map((file) => ({ name: file.webkitRelativePath || file.name, file })));
}

/** What was dropped; its entries must be taken during the event. */
export interface Dropped {
  items: Iterable<Pick<DataTransferItem, "webkitGetAsEntry">>;
  files: Iterable<File>;
}

/** The dropped files, with all files in dropped folders. */
export async function dropped({ items, files }: Dropped): Promise<LocalFile[]> {
  const entries = [...items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  const plain = [...files].map((file) => ({ name: file.name, file }));
  if (!entries.some(({ isDirectory }) => isDirectory)) return plain;
  const found: LocalFile[] = [];
  for (const entry of entries) await walk(entry, entry.name, found);
  return sorted(found);
}

async function walk(entry: FileSystemEntry, path: string, found: LocalFile[]): Promise<void> {
  if (entry.isFile) {
    if (path.includes("/") && !mayBeResults(path)) return;
    found.push({ name: path, file: await new Promise<File>((resolve, reject) => { (entry as FileSystemFileEntry).file(resolve, reject); }) });
    if (found.length > MOST_FILES) throw new Error(`The folder holds more than ${MOST_FILES} files; drop a part of it`);
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (;;) {
    // A reader returns about a hundred entries at a time, and none at the end.
    const entries = await new Promise<FileSystemEntry[]>((resolve, reject) => { reader.readEntries(resolve, reject); });
    if (entries.length === 0) return;
    for (const inner of entries) await walk(inner, `${path}/${inner.name}`, found);
  }
}

/** In the order of their paths, as on the command line; files that were chosen one by one keep their order. */
function sorted(files: LocalFile[]): LocalFile[] {
  if (!files.some(({ name }) => name.includes("/"))) return files;
  return files.sort(({ name: a }, { name: b }) => (a < b ? -1 : a > b ? 1 : 0));
}
