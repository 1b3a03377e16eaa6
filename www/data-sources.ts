// Sources of results: the bundled data, an address, a public board.

import type { Source } from "../pkg/index.js";
import type { Board } from "./boards.ts";
import type { DataSource } from "./session.ts";

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
