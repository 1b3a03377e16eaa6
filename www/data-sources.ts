// Sources of results: the bundled snapshot, an address, files.

import type { Source } from "../pkg/index.js";
import type { DataSource } from "./session.ts";

export const bundled: DataSource = {
  name: "the bundled snapshot",
  address: "snapshot.json",
  read: async () => [await fetchSource(new URL("snapshot.json", document.baseURI), "snapshot.json")],
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

export function fromFiles(files: readonly File[]): DataSource {
  const [first, ...others] = files;
  const name = first ? first.name + (others.length > 0 ? ` and ${others.length} more` : "") : "no file";
  const read = (): Promise<Source[]> =>
    Promise.all(
      files.map(async (file) => ({ name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) })),
    );
  return { name, read, review: true };
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
