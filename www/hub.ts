// Requests to Hugging Face (the hub), made only at the visitor's request: the table of the leaderboard, and the description of a
// model.

import type { Source, Understood } from "../pkg/index.js";
import { hub, hubName } from "./hub-name.ts";
import type { DataSource } from "./session.ts";

export * from "./hub-name.ts";

const CACHE = "eyas-hub-1";
const BOARD = "api/datasets/open-llm-leaderboard/contents/parquet/default/train/0.parquet";
/** Largest number of models that one look-up requests. */
const MOST_REQUESTED = 12;

/** The leaderboard has not changed since 2025-03, so its cached table stays valid. */
export const leaderboard: DataSource = {
  name: "the Open LLM Leaderboard",
  read: async (): Promise<Source[]> => {
    const response = (await cached(BOARD)) ?? (await fetchAndCache(BOARD));
    return [{ name: "open-llm-leaderboard.parquet", bytes: new Uint8Array(await response.arrayBuffer()) }];
  },
};

/**
 * Requests the parents of a model, then the parents of those that are not measured here, and so on. Returns a text that lists the
 * ancestors with their shares.
 */
export async function lookUp(id: string, understand: (text: string) => Promise<Understood>): Promise<string> {
  const first = await understand(await requestModel(id));
  const parents = new Map<string, number>();
  const requested = new Set([id.toLowerCase()]);
  const descendants = new Set(requested);
  let lines = "";
  const climb = async (understood: Understood, shareOfChild: number): Promise<void> => {
    // A card may wrongly name a model as its own ancestor.
    const listed = understood.parents.filter(({ id }) => !descendants.has(id.toLowerCase()));
    const total = listed.reduce((sum, { weight }) => sum + weight, 0);
    for (const { id, weight, evaluated } of listed) {
      const share = (shareOfChild * weight) / total;
      const parent = evaluated || requested.has(id.toLowerCase()) || requested.size >= MOST_REQUESTED ? undefined : await parentOf(id);
      if (parent && parent.parents.length > 0) {
        lines += `# ${id} is not measured here; its parents replace it\n`;
        descendants.add(id.toLowerCase());
        await climb(parent, share);
        descendants.delete(id.toLowerCase());
      } else {
        parents.set(id, (parents.get(id) ?? 0) + share);
      }
    }
  };
  // A parent that the hub hides or does not have is kept.
  const parentOf = async (id: string): Promise<Understood | undefined> => {
    requested.add(id.toLowerCase());
    return requestModel(id).then(understand).catch(() => undefined);
  };
  await climb(first, 1);
  if (parents.size === 0) throw new Error(`${hubName} names no parent of ${first.name ?? id}`);
  const listed = [...parents].map(([id, share]) => `${id}${parents.size > 1 ? ` ${Number(share.toPrecision(6))}` : ""}\n`);
  return `# ${first.name ?? id}, looked up on ${hubName}\n${lines}${listed.join("")}`;
}

async function requestModel(id: string): Promise<string> {
  const path = `api/models/${id}`;
  const response = await fetchAndCache(path).catch(async (error: unknown) => {
    const earlier = await cached(path);
    if (earlier) return earlier;
    throw error;
  });
  return response.text();
}

async function fetchAndCache(path: string): Promise<Response> {
  const url = new URL(path, hub);
  let response: Response;
  try {
    response = await fetch(url);
  } catch (error) {
    throw new Error(`${hubName} cannot be reached (offline, or this network does not let it through)`, { cause: error });
  }
  if (response.status === 401 || response.status === 404) throw new Error(`${hubName} knows no public ${path.replace(/^api\//, "")}`);
  if (!response.ok) throw new Error(`${hubName} answered ${response.status} ${response.statusText}`.trim());
  await cache(url, response.clone());
  return response;
}

/** Does nothing if the browser has no cache, as in a private window; then everything is fetched each time. */
async function cache(url: URL, response: Response): Promise<void> {
  try {
    await (await caches.open(CACHE)).put(url, response);
  } catch {
    return;
  }
}

async function cached(path: string): Promise<Response | undefined> {
  try {
    return await (await caches.open(CACHE)).match(new URL(path, hub));
  } catch {
    return undefined;
  }
}
