// The model of a visitor's own data, kept in this browser if the visitor asks for it.

import { KEPT } from "./keep.ts";
import type { DataSource, Session } from "./session.ts";

const CACHE = "eyas-kept-1";
const PLACE = "kept-model";

/** Keeps the model in use, unless it is the page's own, under the name of its data. A model that can't be kept is forgotten. */
export async function keepData(session: Session): Promise<void> {
  const { current } = session;
  if (!current || current.dataSource.model) return;
  try {
    const bytes = await session.ask((model) => model.save(), { retrain: false });
    await (await caches.open(CACHE)).put(PLACE, new Response(bytes as Uint8Array<ArrayBuffer>));
    localStorage.setItem(KEPT.data, current.dataSource.name);
  } catch {
    await forgetData();
  }
}

/** Begins to keep the question and the data, or forgets them. */
export async function setKeeping(on: boolean, session: Session): Promise<void> {
  if (!on) {
    localStorage.removeItem(KEPT.question);
    return forgetData();
  }
  localStorage.setItem(KEPT.question, location.hash);
  await keepData(session);
}

async function forgetData(): Promise<void> {
  localStorage.removeItem(KEPT.data);
  await caches.delete(CACHE);
}

/** The data that were kept, as a source with their trained model. */
export function keptData(name: string): DataSource {
  return {
    name,
    read: () => Promise.reject(new Error("only the trained model was kept in this browser, not its table; choose the file again")),
    model: {
      address: "",
      when: "in this browser",
      read: async () => {
        const kept = await (await caches.open(CACHE)).match(PLACE);
        if (!kept) throw new Error("the browser has deleted what was kept");
        return new Uint8Array(await kept.arrayBuffer());
      },
    },
  };
}
