// Sources of results beside the bundled data: an address, a public board.

import type { Source } from "../pkg/index.js";
import type { Board } from "./boards.ts";
import { fetchSource } from "./data-sources.ts";
import type { DataSource } from "./session.ts";

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

/** The last part of an address, decoded if possible. */
function lastPart(url: URL): string {
  const name = url.pathname.split("/").at(-1) ?? "";
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
