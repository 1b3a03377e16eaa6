// The page of one model: what it is, its measured scores with the forecasts made without them, where they come from, and its relatives.

import { html, LitElement, nothing, type TemplateResult } from "lit";
import type { MeasuredResult, ModelFacts, Prediction } from "../pkg/index.js";
import { write, type Address } from "./address.ts";
import { bundled } from "./data-sources.ts";
import { counted } from "./figures.ts";
import { grid, legend } from "./forecast-view.ts";
import { lineageTree, readingsOf } from "./lineage-tree.ts";
import "./report-view.ts";
import { heldOutLine } from "./held-out-line.ts";
import { factsOf, settingsOf } from "./model-facts.ts";
import { factTable, heldOutSentence, lead, likeIt, onward, provenance, relatives, sourcesOf } from "./model-sections.ts";
import { message, type Session, type Trained } from "./session.ts";
import "./style/after.css";
import "./style/model.css";

/** Most models like it that are named. */
const MOST_LIKE_IT = 8;
/** Benchmarks on which models like it are looked for. */
const MOST_COMPARED = 8;

/** What is shown of a model. Parts arrive one after another. */
interface Shown {
  id: string;
  trained: Trained;
  facts?: ModelFacts;
  all?: ReadonlyMap<string, ModelFacts>;
  results?: MeasuredResult[];
  /** The measured scores, with the forecasts made without them once these are there. */
  measured?: Prediction;
  /** What is not measured. */
  others?: Prediction;
  like?: { id: string; share: number }[];
  unseen: "" | "asked" | "there";
  mistake: string;
}

class ModelView extends LitElement {
  static override properties = {
    session: { attribute: false, hasChanged: () => true },
    address: { attribute: false },
  };
  declare session: Session;
  declare address: Address & { view: "model" };

  #shown: Shown | undefined;
  #glosses: Readonly<Record<string, string>> = {};

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override willUpdate(): void {
    const { current } = this.session;
    const { id } = this.address;
    if (!current || (this.#shown?.id === id && this.#shown.trained === current)) return;
    const shown: Shown = { id, trained: current, unseen: "", mistake: "" };
    this.#shown = shown;
    void this.#fill(shown).catch((error: unknown) => {
      shown.mistake = message(error);
      this.requestUpdate();
    });
  }

  /** Asks for one part after another; each is shown when it is there. */
  async #fill(shown: Shown): Promise<void> {
    const { id, trained } = shown;
    const all = await factsOf(this.session);
    if (this.#shown !== shown) return;
    const facts = all.get(id) ?? [...all.values()].find((other) => other.id.toLowerCase() === id.toLowerCase() || other.names.includes(id));
    shown.all = all;
    if (!facts) return this.requestUpdate();
    shown.facts = facts;
    this.requestUpdate();
    shown.results = await this.session.ask((model) => model.results(facts.id));
    const tasks = shown.results.map(({ task }) => task);
    if (tasks.length > 0) shown.measured = await this.session.ask((model) => model.predict({ id: facts.id, tasks }));
    this.requestUpdate();
    const { dataSource, info } = trained;
    // The default method keeps out-of-fold forecasts of tables with gaps; others would train once more.
    if (shown.measured?.method === "eyas" && info.density < 1) await this.#askUnseen(shown);
    const others = await this.session.ask((model) => model.predict({ id: facts.id }));
    const open = others.forecasts.filter(({ known }) => !known);
    if (open.length > 0) shown.others = { ...others, forecasts: open };
    this.requestUpdate();
    const { date, size, model_type: type, family } = facts;
    // By the names that requests have for them, which may not be those of the data.
    const factors = { ...(size === null ? {} : { params: size }), ...(type ? { type } : {}), ...(family ? { family } : {}) };
    const request = { lineage: { parents: facts.parents.map(({ id, weight = 1, relation }) => ({ id, weight, relation })) }, factors, ...(date ? { date } : {}) };
    const compared = tasks.slice(0, MOST_COMPARED);
    const like = await this.session.ask((model) => model.predict({ ...request, ...(compared.length > 0 ? { tasks: compared } : {}) }));
    const itself = new Set([facts.id, ...settingsOf(facts.id, all).map(({ id }) => id)]);
    shown.like = sourcesOf(like, itself, MOST_LIKE_IT);
    this.requestUpdate();
    if (dataSource.address === bundled.address) this.#glosses = (await import("virtual:glosses").catch(() => ({ default: {} }))).default;
    this.requestUpdate();
  }

  async #askUnseen(shown: Shown): Promise<void> {
    shown.unseen = "asked";
    this.requestUpdate();
    const tasks = shown.results?.map(({ task }) => task) ?? [];
    shown.measured = await this.session.ask((model) => model.predict({ id: shown.facts?.id ?? shown.id, tasks, unseen: true }));
    shown.unseen = "there";
    this.requestUpdate();
  }

  protected override render(): TemplateResult {
    const shown = this.#shown;
    const name = shown?.facts?.id ?? this.address.id;
    return html`
      <article class="model" aria-labelledby="model-title">
        <div class="subject">
          <p class="trail"><a href="#rankings">Rankings</a></p>
          <h2 id="model-title"><bdi>${name}</bdi></h2>
        </div>
        ${shown ? this.#body(shown) : html`<p class="waiting">The page of a model appears once the data are there.</p>`}
      </article>
    `;
  }

  #body(shown: Shown): TemplateResult {
    const { id, trained, facts, all, mistake, measured, results, others, like } = shown;
    const failed = mistake ? html`<p class="mistake" role="alert">${mistake}.</p>` : nothing;
    if (!facts || !all) return all ? this.#unknown(id, trained) : html`${failed}<p class="waiting">Reading what is known of it…</p>`;
    const lineage = (measured ?? others)?.lineage;
    const prediction = measured ?? others;
    return html`
      ${lead(facts, settingsOf(facts.id, all).length)} ${onward(facts.id)} ${failed}
      <div class="columns">
        <div class="scores-of">
          ${results?.length === 0 ? html`<p class="help">Nothing is measured of it here.</p>` : this.#measured(shown)}
          ${others ? html`<section aria-labelledby="others-title"><h3 id="others-title">Forecasts of what is not measured</h3>${grid({ prediction: others, trained }, [], this.#glosses)}
                <p class="help">${counted(others.forecasts.length, "benchmark")} of those that matter most to it. <a href=${write({ view: "ask", asked: { text: facts.id, params: "", type: "", scores: "", asParent: false, all: true } })}>All forecasts</a></p>${heldOutLine(trained)}</section>`
            : nothing}
          ${results ? html`<eyas-report .model=${facts.id} .trained=${trained} .results=${results}></eyas-report>` : nothing}
        </div>
        <div class="about-it">
          ${factTable(facts)}
          ${lineage && prediction ? lineageTree({ ...BLANK, ...lineage }, true, trained.benchmarks, () => undefined, readingsOf(prediction)) : nothing}
          ${relatives(facts.id, all)} ${like ? likeIt(like) : nothing}
        </div>
      </div>
    `;
  }

  #measured(shown: Shown): TemplateResult {
    const { measured, results, trained, unseen } = shown;
    if (!measured || !results) return html`<p class="waiting">Its scores are being read…</p>`;
    return html`<section aria-labelledby="measured-title">
      <h3 id="measured-title">Measured scores</h3>
      ${unseen === "there"
        ? heldOutSentence(measured)
        : html`<p class="help">${unseen === "asked" ? "Computing the forecasts without them…" : html`<button type="button" class="link" @click=${() => void this.#askUnseen(shown).catch((error: unknown) => { shown.mistake = message(error); shown.unseen = ""; this.requestUpdate(); })}>What would have been forecast without them?</button>`}</p>`}
      ${legend([], measured, trained.columns.size > 0)} ${grid({ prediction: measured, trained }, [], this.#glosses)} ${provenance(results, trained, trained.info)}
    </section>`;
  }

  #unknown(id: string, { dataSource }: Trained): TemplateResult {
    const ask: Address = { view: "ask", asked: { text: id, params: "", type: "", scores: "", asParent: false, all: false } };
    return html`<p><b>${id}</b> is not among the measured models of ${dataSource.name}. <a href=${write(ask)}>Forecast it</a> from its name and what else is known of it.</p>`;
  }
}

const BLANK = { kind: "name", id: null, name: null, stages: [], factors: {}, scores: [], warnings: [], parents: [], unknown: [], nearest: {} };

customElements.define("eyas-model", ModelView);
