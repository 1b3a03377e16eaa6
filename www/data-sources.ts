// Sources of results: the bundled data.

import type { Source } from "../pkg/index.js";
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

/** Fetches a file. */
export async function fetchSource(url: URL, name: string): Promise<Source> {
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
