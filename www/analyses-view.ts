// The analyses: what the ranker rests on, found on these data by training it again.

import { html, LitElement, nothing, type TemplateResult } from "lit";
import type { FeatureShares, LossPoint, Priors } from "../pkg/index.js";
import { agreement, familyBars, featureBars, lossBars, signed, sizePlot } from "./analyses-data.ts";
import { AnalysisRun } from "./analysis-run.ts";
import type { What } from "./analysis-worker.ts";
import { barTable } from "./bars.ts";
import { counted } from "./figures.ts";
import { parts } from "./parts.ts";
import "./scatter.ts";
import type { Session, Trained } from "./session.ts";
import "./style/trust.css";
import "./style/atlas.css";
import "./style/key.css";
import "./style/analyses.css";

type Asked = Exclude<What, "atlas">;

interface Question {
  what: Asked;
  title: string;
  about: string;
  /** Trainings for each seed. */
  trainings: number;
  splits: boolean;
}

const QUESTIONS: readonly Question[] = [
  { what: "losses", title: "Losses", about: "The ranker learns from lists, from pairs and from single scores. It is trained with each combination of the three losses, and ranks held-out scores.", trainings: 7, splits: true },
  { what: "features", title: "Features", about: "The trained ranker is shown every subset of what is known of models, and of tasks, and ranks held-out scores. A Shapley value shares out what all of them add.", trainings: 1, splits: true },
  { what: "priors", title: "Size and family", about: "The mean standardised score of the models of a size or family, beside what the ranker’s prior learned of that size or family alone.", trainings: 1, splits: false },
];

const SEEDS = [1, 3, 5];

class Analyses extends LitElement {
  static override properties = { session: { attribute: false, hasChanged: () => true } };
  declare session: Session;

  readonly #run = new AnalysisRun(() => { this.requestUpdate(); });
  /** The question that runs, or ran last. */
  #asked: Asked | undefined;
  #split = "cells:0.1";
  #seeds = 1;

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#run.cancel();
  }

  #key({ what, splits }: Question): string {
    return `${what} ${splits ? this.#split : ""} ${this.#seeds}`;
  }

  #start(question: Question, current: Trained): void {
    this.#asked = question.what;
    void this.#run.start(current, this.#key(question), question.what, { trainings: question.trainings * this.#seeds, seeds: this.#seeds, ...(question.splits ? { split: this.#split } : {}) });
  }

  protected override render(): TemplateResult {
    const { current } = this.session;
    return html`
      <section class="analyses" aria-labelledby="analyses-title">
        ${parts([["#trust", "Check", false], ["#analyses", "Analyses", true]])}
        <h2 id="analyses-title">What the ranker rests on</h2>
        <p class="lead">
          The ranker is the method that recommends models for a task. Each analysis trains it again on ${current ? current.dataSource.name : "the data"}, in this browser: one to three minutes for each training on the bundled data, seconds on
          small ones. The rest of the page goes on answering.
        </p>
        <div class="fields">${current ? this.#controls(current) : nothing}</div>
        ${QUESTIONS.map((question) => this.#question(question, current))}
      </section>
    `;
  }

  #controls({ info, benchmarks }: Trained): TemplateResult {
    const [models, datasets] = [Math.max(1, Math.round(info.models / 10)), Math.max(1, Math.round(new Set(benchmarks.map(({ dataset }) => dataset)).size / 10))];
    const splits = [["cells:0.1", "one in ten scores"], [`models:${models}`, counted(models, "whole model")], [`datasets:${datasets}`, counted(datasets, "whole dataset")]] as const;
    return html`<div>
        <label for="split">Held out, for losses and features</label>
        <select id="split" @change=${({ target }: Event) => { this.#split = (target as HTMLSelectElement).value; this.requestUpdate(); }}>${splits.map(([id, words]) => html`<option value=${id} ?selected=${id === this.#split}>${words}</option>`)}</select>
      </div>
      <div>
        <label for="seeds">Repeated with other random numbers</label>
        <select id="seeds" @change=${({ target }: Event) => { this.#seeds = Number((target as HTMLSelectElement).value); this.requestUpdate(); }}>${SEEDS.map((seeds) => html`<option value=${seeds} ?selected=${seeds === this.#seeds}>${seeds === 1 ? "once: no spread" : `${seeds} times`}</option>`)}</select>
      </div>`;
  }

  #question(question: Question, current: Trained | undefined): TemplateResult {
    const { what, title, about, trainings } = question;
    const isHere = this.#asked === what;
    const found = AnalysisRun.found<unknown>(current, this.#key(question));
    return html`<section class="analysis" aria-labelledby=${`${what}-title`}>
      <h3 id=${`${what}-title`}>${title}</h3>
      <p class="lead">${about} <small>${counted(trainings * this.#seeds, "training")}.</small></p>
      <div class="start">
        <button type="button" id=${`run-${what}`} ?disabled=${!current || this.#run.progress !== undefined} @click=${() => { if (current) this.#start(question, current); }}>${found ? "Analyse again" : "Analyse"}</button>
        ${isHere ? this.#run.status(title, "Counting") : nothing}
      </div>
      ${found ? this.#answer(what, found) : nothing}
    </section>`;
  }

  #answer(what: Asked, found: unknown): TemplateResult {
    if (what === "losses") {
      return barTable("Held-out scores", ["Losses", "Weighted τ", "NDCG@10", "MRR", "Mean error"], lossBars(found as LossPoint[], this.#seeds), (value) => value.toFixed(3));
    }
    if (what === "features") {
      return html`${(found as FeatureShares[]).map((shares) => html`${barTable(shares.side === "model" ? "Of models" : "Of tasks", ["Known", "Shapley value, weighted τ", "Lost without it"], featureBars(shares), signed)}
          <p class="help">Weighted τ ${shares.with_all.toFixed(3)} with all of them, ${shares.with_none.toFixed(3)} with none.</p>`)}`;
    }
    const { sizes, families } = found as Priors;
    const plot = sizePlot(sizes);
    return html`
      <p class="key-line"><span class="key-square" aria-hidden="true"></span> data <span class="key-ring" aria-hidden="true"></span> prior, both in standard deviations over the groups; groups have three models or more</p>
      ${plot ? html`<eyas-scatter .plot=${plot} .choose=${() => undefined} .label=${"Data and prior by size"}></eyas-scatter>` : html`<p>Fewer than two sizes have three models each.</p>`}
      <p class="help">${agreement(sizes, "the size")}</p>
      <details><summary>The sizes as a table</summary>${barTable("Sizes, in billions of parameters", ["Size", "Data", "Prior", "Mean standardised score", "Models"], familyBars(sizes), signed)}</details>
      ${families.groups.length > 0 ? barTable("Families", ["Family", "Data", "Prior", "Mean standardised score", "Models"], familyBars(families), signed) : html`<p>No family has three models.</p>`}
      <p class="help">${agreement(families, "the family’s rank in the data")}</p>
    `;
  }
}

customElements.define("eyas-analyses", Analyses);
