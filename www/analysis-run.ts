// One analysis at a time in a worker of its own, with its progress; its results are kept for the data in use.

import { html, type TemplateResult } from "lit";
import { Remote, started } from "../pkg/rpc.js";
import type { AnalysisCalls, AnalysisOptions, What } from "./analysis-worker.ts";
import { message, type Trained } from "./session.ts";

/** What is read out, and seen by itself. */
const DONE = "Done.";

/** Results by the data and the key of the question. */
const results = new WeakMap<Trained, Map<string, unknown>>();

export class AnalysisRun {
  progress: number | undefined;
  mistake = "";
  news = "";
  #worker: Remote<AnalysisCalls> | undefined;
  readonly #changed: () => void;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** What was found for the data; undefined if it was not asked. */
  static found<T>(current: Trained | undefined, key: string): T | undefined {
    return current && (results.get(current)?.get(key) as T | undefined);
  }

  async start(current: Trained, key: string, what: What, options: Omit<AnalysisOptions, "columns" | "onProgress">): Promise<void> {
    this.cancel();
    const worker = new Remote<AnalysisCalls>(started(() => new Worker(new URL("./analysis-worker.ts", import.meta.url), { type: "module" })), () => true);
    [this.#worker, this.progress, this.mistake, this.news] = [worker, 0, "", ""];
    this.#changed();
    const onProgress = (part: number): void => {
      if (this.#worker !== worker) return;
      this.progress = part;
      this.#changed();
    };
    try {
      const sources = await current.dataSource.read();
      const found = await worker.calls.analyse(sources, what, { ...options, columns: current.dataSource.columns, onProgress });
      if (this.#worker !== worker) return;
      if (!results.has(current)) results.set(current, new Map());
      results.get(current)?.set(key, found);
      this.news = DONE;
    } catch (error) {
      if (this.#worker === worker) this.mistake = message(error);
    } finally {
      worker.end();
      if (this.#worker === worker) [this.#worker, this.progress] = [undefined, undefined];
      this.#changed();
    }
  }

  readonly cancel = (): void => {
    if (!this.#worker) return;
    const worker = this.#worker;
    [this.#worker, this.progress, this.news] = [undefined, undefined, "It was cancelled."];
    worker.end();
    this.#changed();
  };

  /** Progress with "Cancel", then what went wrong, and news. `last` is what follows the trainings. */
  status(name: string, last: string): TemplateResult {
    const { progress } = this;
    const percent = Math.floor(100 * (progress ?? 0));
    return html`${progress === undefined
        ? ""
        : html`<div class="progress-bar" role="progressbar" aria-label=${name} aria-valuemin="0" aria-valuemax="100" aria-valuenow=${percent}><span style=${`transform: scaleX(${progress})`}></span></div>
            <p class="help">${progress === 0 ? "Reading the data" : progress < 1 ? `Training the ranker, ${percent} %` : last}…</p>
            <button type="button" @click=${this.cancel}>Cancel</button>`}
      <p class="mistake" role="alert">${this.mistake}</p>
      <p class=${this.news === DONE ? "unseen" : "news"} role="status">${this.news}</p>`;
  }
}
