// What the page fetches from the hub, each only when asked for: the leaderboard's table, and what it knows of a model.
// `?hub=` names a mirror.

import type { Source, Understood } from "../pkg/index.js";
import type { Supply } from "./session.ts";

const CACHE = "eyas-hub-1";
const BOARD = "api/datasets/open-llm-leaderboard/contents/parquet/default/train/0.parquet";
/** Models that a look-up asks for at most. */
const MOST_ASKED = 12;

const named = `${(new URLSearchParams(location.search).get("hub") ?? "").replace(/\/+$/, "")}/`;
// What is no address is no mirror.
const hub = new URL(named !== "/" && URL.canParse(named, document.baseURI) ? named : "https://huggingface.co/", document.baseURI);
export const hubName = hub.host;

/** The board stands still since 2025-03, so what is kept of it stays good. */
export const leaderboard: Supply = {
  name: "the Open LLM Leaderboard",
  read: async (): Promise<Source[]> => {
    const response = (await kept(BOARD)) ?? (await fetched(BOARD));
    return [{ name: "open-llm-leaderboard.parquet", bytes: new Uint8Array(await response.arrayBuffer()) }];
  },
};

/** Asks the hub of a model; where its parents are not measured here, of these, and so on. The answer is a card. */
export async function lookUp(id: string, understand: (text: string) => Promise<Understood>): Promise<string> {
  const first = await understand(await asked(id));
  const parents = new Map<string, number>();
  const asks = new Set([id.toLowerCase()]);
  const below = new Set(asks);
  let lines = "";
  const climb = async (understood: Understood, part: number): Promise<void> => {
    // A model among its own ancestors is a mistake of some card.
    const listed = understood.parents.filter(({ id }) => !below.has(id.toLowerCase()));
    const total = listed.reduce((sum, { weight }) => sum + weight, 0);
    for (const { id, weight, evaluated } of listed) {
      const share = (part * weight) / total;
      const above = evaluated || asks.has(id.toLowerCase()) || asks.size >= MOST_ASKED ? undefined : await parentOf(id);
      if (above && above.parents.length > 0) {
        lines += `# ${id} is not measured here; its parents stand for it\n`;
        below.add(id.toLowerCase());
        await climb(above, share);
        below.delete(id.toLowerCase());
      } else {
        parents.set(id, (parents.get(id) ?? 0) + share);
      }
    }
  };
  // A parent that the hub hides or has lost is left as it is.
  const parentOf = async (id: string): Promise<Understood | undefined> => {
    asks.add(id.toLowerCase());
    return asked(id).then(understand).catch(() => undefined);
  };
  await climb(first, 1);
  if (parents.size === 0) throw new Error(`${hubName} names no parent of ${first.name ?? id}`);
  const listed = [...parents].map(([id, share]) => `${id}${parents.size > 1 ? ` ${Number(share.toPrecision(6))}` : ""}\n`);
  return `# ${first.name ?? id}, looked up on ${hubName}\n${lines}${listed.join("")}`;
}

/** Whose parents a text lists that a look-up wrote. */
export function lookedUp(text: string): string | undefined {
  return /^# (\S+\/\S+), looked up on /.exec(text)?.[1];
}

/** The id in a text that is just one, or its address; none otherwise. */
export function soleId(text: string): string | undefined {
  const found = /^(?:https?:\/\/[^\s/]+\/|hf\.co\/)?([\w.-]+\/[\w.-]+)(?:[/?#]\S*)?$/.exec(text.trim());
  return found?.[1];
}

async function asked(id: string): Promise<string> {
  const path = `api/models/${id}`;
  const response = await fetched(path).catch(async (error: unknown) => {
    const old = await kept(path);
    if (old) return old;
    throw error;
  });
  return response.text();
}

async function fetched(path: string): Promise<Response> {
  const url = new URL(path, hub);
  let response: Response;
  try {
    response = await fetch(url);
  } catch (error) {
    throw new Error(`${hubName} cannot be reached (offline, or this network does not let it through)`, { cause: error });
  }
  if (response.status === 401 || response.status === 404) throw new Error(`${hubName} knows no public ${path.replace(/^api\//, "")}`);
  if (!response.ok) throw new Error(`${hubName} answered ${response.status} ${response.statusText}`.trim());
  await keep(url, response.clone());
  return response;
}

/** Without a place to keep things (a private window), everything is fetched each time. */
async function keep(url: URL, response: Response): Promise<void> {
  try {
    await (await caches.open(CACHE)).put(url, response);
  } catch {
    return;
  }
}

async function kept(path: string): Promise<Response | undefined> {
  try {
    return await (await caches.open(CACHE)).match(new URL(path, hub));
  } catch {
    return undefined;
  }
}
