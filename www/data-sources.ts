// Sources of results: the bundled data, an address, files, a public board.

import type { Source } from "../pkg/index.js";
import type { Board } from "./boards.ts";
import { counted } from "./figures.ts";
import type { DataSource } from "./session.ts";

/** The most bytes of several files: a wasm module has at most 4 GB. */
const MOST_BYTES = 1e9;

/** The data that the page ships, as a table to train on. */
export const bundledTable: DataSource = {
  name: "the bundled data",
  address: "snapshot.json",
  read: async () => [await fetchSource(new URL("snapshot.json", document.baseURI), "snapshot.json")],
};

/** The data that the page ships, with the default method trained on them when the page was built. */
export const bundled: DataSource = {
  ...bundledTable,
  model: { address: "model.eyas.gz", read: async () => (await fetchSource(new URL("model.eyas.gz", document.baseURI), "model.eyas.gz")).bytes },
};

/** `address` may be relative to the page. */
export function fromAddress(address: string): DataSource {
  const url = URL.canParse(address, document.baseURI) ? new URL(address, document.baseURI) : undefined;
  const name = (url && lastPart(url)) || address;
  const read = async (): Promise<Source[]> => {
    if (!url) throw new Error(`${address}: this is not an address`);
    return [await fetchSource(url, name)];
  };
  return { name, address, read };
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

/** Fetches the files of a board; only the visitor's request reads it. */
export function fromBoard({ id, name, urls, license }: Board): DataSource {
  const read = (): Promise<Source[]> =>
    Promise.all(
      urls.map((address) => {
        const url = new URL(address);
        return fetchSource(url, lastPart(url) || id);
      }),
    );
  return { name, read, review: true, credit: { name, license } };
}

async function bytesOf(name: string, file: Blob): Promise<Uint8Array> {
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch (error) {
    throw new Error(`${name}: cannot be read (it was moved or changed, or is a folder)`, { cause: error });
  }
}

async function fetchSource(url: URL, name: string): Promise<Source> {
  let response: Response;
  try {
    response = await fetch(url);
  } catch (error) {
    throw new Error(`${url.href}: cannot be fetched (offline, or its server does not let other sites read it)`, {
      cause: error,
    });
  }
  if (!response.ok) throw new Error(`${url.href}: the server answered ${response.status} ${response.statusText}`.trim());
  return { name, bytes: new Uint8Array(await response.arrayBuffer()) };
}

/** The last part of an address, decoded if possible. */
function lastPart(url: URL): string {
  const name = url.pathname.split("/").at(-1) ?? "";
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
