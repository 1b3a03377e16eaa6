// The worker of a training as the page sees it: it can be ended at any moment.

import { Remote, started } from "../pkg/rpc.js";
import type { Surface } from "./worker.ts";

/** What trains: a training, and a question about a measured model without its results. */
const trains = (name: string, [request]: unknown[]): boolean =>
  name === "train" || name === "explain" || (request as { unseen?: boolean } | undefined)?.unseen === true;

export class Workbench extends Remote<Surface> {
  constructor() {
    super(started(() => new Worker(new URL("./worker.ts", import.meta.url), { type: "module" })), trains);
  }
}
