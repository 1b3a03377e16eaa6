// The worker of one model, as seen from the page.

import { Remote, started } from "../pkg/rpc.js";
import type { WorkerCalls } from "./worker.ts";

/** Whether a call trains. Questions about a measured model without its results may train, too. */
const trains = (name: string, [request]: unknown[]): boolean =>
  name === "train" || name === "explain" || (request as { unseen?: boolean } | undefined)?.unseen === true;

export class ModelWorker extends Remote<WorkerCalls> {
  constructor() {
    super(started(() => new Worker(new URL("./worker.ts", import.meta.url), { type: "module" })), trains);
  }
}
