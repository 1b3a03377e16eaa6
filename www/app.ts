// The page: its form, and the question and answer that it shows.

import { html, LitElement, type TemplateResult } from "lit";
import type { Factor, Method, PredictRequest, Understood } from "../pkg/index.js";
import { EXAMPLE } from "./example.ts";
import { forecastView } from "./forecast-view.ts";
import { hubName, lookedUp, lookUp, soleId } from "./hub.ts";
import { lineageTree } from "./lineage-tree.ts";
import { renamed } from "./names.ts";
import "./ranking-table.ts";
import { message, Session, type DataSource } from "./session.ts";
import type { Question, ShownForecast } from "./forecast-state.ts";
import { bundled, fromAddress, fromFiles, type LocalFile } from "./data-sources.ts";
import { dropped, mayBeResults } from "./folders.ts";
import { trainingPanel } from "./training-panel.ts";
import type { Choice } from "./worker.ts";

const TYPES = [
  ["", "not stated"],
  ["pretrained", "pretrained (base)"],
  ["fine-tuned", "fine-tuned"],
  ["chat", "chat or instruct"],
  ["reasoning", "reasoning"],
  ["merge", "merge"],
] as const;

/** Number of evaluations to plan. */
const PLANNED = 3;
/** The cost of an evaluation that is not worth considering; others cost 1. */
const DEAR = 1e6;

class App extends LitElement {
  readonly #session = new Session(() => {
    this.requestUpdate();
  }, choiceInAddress());
  #shown: ShownForecast | undefined;
  #mistake = "";
  #waiting = true;
  /** Number of the latest question; the answer to an earlier one is dropped. */
  #questions = 0;
  #news = "";
  #dragging = false;
  #understood: Understood | undefined;
  /** Number of the latest edit; the result for an earlier one is dropped. */
  #edits = 0;
  /** Whether a single id in the text is a parent of the model, and not the model itself. */
  #asParent = false;
  #looking = false;

  protected override createRenderRoot(): HTMLElement {
    // Without a shadow root, the style sheet of the page applies.
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener("dragover", this.#dragOver);
    window.addEventListener("dragleave", this.#dragLeave);
    window.addEventListener("drop", this.#drop);
    void this.#begin();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener("dragover", this.#dragOver);
    window.removeEventListener("dragleave", this.#dragLeave);
    window.removeEventListener("drop", this.#drop);
    this.#session.cancel();
    this.#session.current?.worker.end();
  }

  protected override render(): TemplateResult {
    const { current } = this.#session;
    const state = { shown: this.#shown, stale: this.#isStale(), mistake: this.#mistake, session: this.#session };
    return html`
      <div class="desk">
        ${this.#form()}
        ${forecastView(state, {
          explain: () => void this.#explain(),
          all: () => void this.#ask(true),
          unseen: () => void this.#unseen(),
          ask: () => void this.#ask(),
          back: () => void this.#back(),
          swap: () => {
            this.#asParent = !this.#asParent;
            void this.#ask();
          },
          train: (dataSource) => void this.#train(dataSource),
        })}
      </div>
      ${trainingPanel(this.#session, {
        choose: (files) => void this.#open(files),
        cancel: () => {
          this.#session.cancel();
          this.#announce(this.#session.notice?.text ?? "");
        },
        retry: (dataSource) => void this.#train(dataSource),
        revise: (columns, changed) => void this.#finish(this.#session.revise(columns, changed)),
        train: () => {
          this.#announce(`Training on ${this.#session.candidate?.dataSource.name ?? "it"} has begun.`);
          this.#session.train();
        },
      })}
      <eyas-ranking
        .trained=${current}
        .columns=${this.#session.columns}
        @add-benchmark=${({ detail }: CustomEvent<string>) => {
          this.#session.alsoRankBy(detail);
        }}
      ></eyas-ranking>
      <p class="unseen" role="status" id="news">${this.#news}</p>
      ${this.#dragging ? html`<div class="drop-here" aria-hidden="true">Drop the results here</div>` : null}
    `;
  }

  #form(): TemplateResult {
    const { current } = this.#session;
    return html`
      <form class="ask" @submit=${this.#submit} @input=${this.#changed} aria-labelledby="ask-title">
        <h2 id="ask-title">The model</h2>
        <label for="lineage">Its id, its model card, or its parents, one per line</label>
        <textarea
          id="lineage"
          name="lineage"
          rows="9"
          spellcheck="false"
          autocapitalize="off"
          autocomplete="off"
          aria-describedby="lineage-mistake lineage-help"
          aria-invalid=${this.#mistake ? "true" : "false"}
          @paste=${this.#pasted}
          @input=${this.#edited}
          @keydown=${this.#shortcut}
          .defaultValue=${EXAMPLE.text}
        ></textarea>
        <p class="mistake" id="lineage-mistake" role="alert">${this.#mistake}</p>
        <div class="facts">
          <div>
            <label for="params">Size, in billions <small>optional</small></label>
            <input id="params" name="params" type="number" min="0" step="any" inputmode="decimal" placeholder="7.6" />
          </div>
          <div>
            <label for="type">Type <small>optional</small></label>
            <select id="type" name="type">
              ${TYPES.map(([value, name]) => html`<option value=${value}>${name}</option>`)}
            </select>
          </div>
        </div>
        <div class="actions">
          <button class="primary" type="submit">Forecast</button>
          <p class="help" id="lineage-help">
            ${this.#waiting && !current ? "The forecast appears once the model is there." : "Or Ctrl + Enter."}
          </p>
        </div>
        <div class="scores">
          <label for="scores">Known scores <small>optional</small></label>
          <input id="scores" name="scores" spellcheck="false" autocomplete="off" placeholder="ifeval=0.71, bbh=45%" />
        </div>
        <div class="actions look-up">
          <button
            type="button"
            ?disabled=${!soleId(this.#text()) || this.#looking || !current}
            aria-describedby="look-up-help"
            @click=${() => void this.#lookUp()}
          >
            ${this.#looking ? "Looking it up…" : "Look this model up"}
          </button>
          <p class="help" id="look-up-help">For a single org/name: asks ${hubName} for its parents.</p>
        </div>
        ${lineageTree(this.#understood, soleId(this.#text()) !== undefined && !this.#asParent, current?.benchmarks ?? [], (from, to) => void this.#rename(from, to))}
      </form>
    `;
  }

  async #begin(): Promise<void> {
    const address = new URLSearchParams(location.search).get("snapshot");
    if (!address) return void (await this.#train(bundled));
    if (await this.#train(fromAddress(address))) return;
    // Use the bundled data instead, and keep the error visible.
    const { failure, notice, candidate } = this.#session;
    if (!failure || candidate) return;
    if (!(await this.#train(bundled))) return;
    Object.assign(this.#session, { failure, notice });
    this.requestUpdate();
  }

  async #train(dataSource: DataSource): Promise<boolean> {
    this.#announce(`Reading ${dataSource.name}.`);
    return this.#finish(this.#session.use(dataSource));
  }

  /** Waits until results are trained on or given up. */
  async #finish(using: Promise<boolean>): Promise<boolean> {
    const done = await using;
    const { notice, candidate } = this.#session;
    if (!candidate && notice?.kind === "news") this.#announce(notice.text);
    // The new model answers the question that was asked before.
    if (done && (this.#waiting || this.#shown)) await this.#ask();
    return done;
  }

  /** @param all Whether to forecast all benchmarks, and not only those that matter most to the model. */
  async #ask(all = false): Promise<void> {
    const { current } = this.#session;
    if (!current) {
      this.#waiting = true;
      this.requestUpdate();
      return;
    }
    this.#waiting = false;
    const number = ++this.#questions;
    const question = this.#question();
    try {
      const request = requestOf(question, all);
      const prediction = await this.#session.ask((model) => model.predict(request));
      if (number !== this.#questions) return;
      const opened = this.#shown?.why.asked === true;
      const trained = this.#session.current ?? current;
      const shown: ShownForecast = { question, prediction, trained, all, plan: undefined, why: { asked: false }, unseen: { asked: false } };
      this.#shown = shown;
      if (opened) void this.#explain();
      this.#mistake = "";
      if (!all) this.#session.rankBy(prediction.forecasts.map(({ task }) => task));
      this.#announce(`Forecast for ${prediction.forecasts.length} benchmarks is ready.`);
      void this.#plan(shown, request).then(() => this.#understand());
    } catch (error) {
      if (number !== this.#questions) return;
      this.#mistake = message(error);
    }
    this.requestUpdate();
  }

  /** Plans the next evaluations, of the benchmarks that are shown. Methods without intervals cannot plan. */
  async #plan(shown: ShownForecast, request: PredictRequest): Promise<void> {
    const { prediction, trained } = shown;
    const isShown = new Set(prediction.forecasts.map(({ task }) => task));
    const others = trained.benchmarks.filter(({ id }) => !isShown.has(id));
    const costs = Object.fromEntries(others.map(({ id }) => [id, DEAR]));
    shown.plan = await this.#session.ask((model) => model.next({ ...request, costs, top: PLANNED }), { retrain: false }).catch(() => null);
    this.requestUpdate();
  }

  /** Explains the forecast that is shown. */
  async #explain(): Promise<void> {
    const shown = this.#shown;
    if (!shown) return;
    shown.why = { asked: true };
    this.requestUpdate();
    try {
      shown.why = { asked: true, explanation: await this.#session.ask((model) => model.explain(requestOf(shown.question, shown.all))) };
    } catch (error) {
      shown.why = { asked: true, mistake: message(error) };
    }
    this.requestUpdate();
  }

  /** Computes the forecast for the shown, measured model without its results. */
  async #unseen(): Promise<void> {
    const shown = this.#shown;
    if (!shown) return;
    shown.unseen = { asked: true };
    this.requestUpdate();
    try {
      shown.prediction = await this.#session.ask((model) => model.predict({ ...requestOf(shown.question, shown.all), unseen: true }));
    } catch (error) {
      shown.unseen = { asked: true, mistake: message(error) };
    }
    this.requestUpdate();
  }

  #question(): Question {
    const given = new FormData(this.querySelector("form") ?? undefined);
    const field = (name: string): string => String(given.get(name) ?? "").trim();
    const text = this.#text();
    const sole = soleId(text);
    const typed = { params: field("params"), type: field("type"), scores: field("scores") };
    return { text, ...typed, sole, asParent: sole !== undefined && this.#asParent, named: lookedUp(text) };
  }

  /** Whether the forecast that is shown answers another question, or is from other data. */
  #isStale(): boolean {
    const { shown, session } = { shown: this.#shown, session: this.#session };
    return shown !== undefined && (shown.trained.dataSource !== session.current?.dataSource || JSON.stringify(shown.question) !== JSON.stringify(this.#question()));
  }

  /** Restores the question that the shown forecast answers. */
  async #back(): Promise<void> {
    const question = this.#shown?.question;
    const form = this.querySelector("form");
    if (!question || !form) return;
    for (const name of ["params", "type", "scores"] as const) {
      const field = form.elements.namedItem(name);
      if (field instanceof HTMLInputElement || field instanceof HTMLSelectElement) field.value = question[name];
    }
    this.#asParent = question.asParent;
    await this.#fill(question.text);
  }

  #text(): string {
    return this.querySelector("textarea")?.value ?? "";
  }

  /** Shows how the text is parsed. Errors are ignored, since the text may be incomplete. */
  async #understand(): Promise<void> {
    const edit = ++this.#edits;
    const understood = await this.#parse(this.#text()).catch(() => undefined);
    if (edit !== this.#edits) return;
    this.#understood = understood ?? this.#understood;
    this.requestUpdate();
  }

  /** Parses a text. It does not train a lost model again; only a question does. */
  #parse(text: string): Promise<Understood> {
    return this.#session.ask((model) => model.understand(text), { retrain: false });
  }

  async #fill(text: string): Promise<void> {
    const box = this.querySelector("textarea");
    if (box) box.value = text;
    await this.#understand();
    await this.#ask();
  }

  async #rename(from: string, to: string): Promise<void> {
    await this.#fill(renamed(this.#text(), from, to));
  }

  async #lookUp(): Promise<void> {
    const sole = soleId(this.#text());
    if (!sole) return;
    this.#looking = true;
    this.#mistake = "";
    this.#announce(`Looking ${sole} up.`);
    try {
      await this.#fill(await lookUp(sole, (text) => this.#parse(text)));
    } catch (error) {
      this.#mistake = message(error);
    }
    this.#looking = false;
    this.requestUpdate();
  }

  #announce(text: string): void {
    this.#news = text;
    this.requestUpdate();
  }

  readonly #submit = (event: SubmitEvent): void => {
    event.preventDefault();
    void this.#ask();
  };

  /** Renders again, since the shown forecast may now be outdated. */
  readonly #changed = (): void => {
    this.requestUpdate();
  };

  readonly #edited = (): void => {
    const edit = ++this.#edits;
    this.#asParent = false;
    setTimeout(() => {
      if (edit === this.#edits) void this.#understand();
    }, 200);
  };

  readonly #pasted = (): void => {
    // The text area contains the text only after the event.
    setTimeout(() => void this.#ask());
  };

  readonly #shortcut = (event: KeyboardEvent): void => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    this.querySelector("form")?.requestSubmit();
  };

  readonly #dragOver = (event: DragEvent): void => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    this.#drag(true);
  };

  readonly #dragLeave = (event: DragEvent): void => {
    // `relatedTarget` is null only if the pointer leaves the window.
    if (event.relatedTarget === null) this.#drag(false);
  };

  readonly #drop = (event: DragEvent): void => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    this.#drag(false);
    void dropped(event.dataTransfer).then((files) => this.#open(files), (error: unknown) => { this.#session.refuse(message(error)); });
  };

  /** Trains on files of the visitor. Of a folder only those that may hold results are read. */
  async #open(files: readonly LocalFile[]): Promise<void> {
    const read = files.filter(({ name }) => !name.includes("/") || mayBeResults(name));
    if (read.length > 0) return void (await this.#train(fromFiles(read)));
    if (files.length > 0) this.#session.refuse("No file of this folder may hold results: it needs CSV, JSON, YAML or Parquet");
  }

  #drag(dragging: boolean): void {
    if (this.#dragging === dragging) return;
    this.#dragging = dragging;
    this.requestUpdate();
  }
}

customElements.define("eyas-app", App);

/** The request for a question. A single id is the model itself, unless the visitor declared it a parent. */
function requestOf({ text, params, type, scores, sole, asParent, named }: Question, all: boolean): PredictRequest {
  const factors: Record<string, Factor> = {};
  if (params) factors["params"] = params;
  if (type) factors["type"] = type;
  const itself = sole !== undefined && !asParent;
  // The example is answered before the module that reads texts has arrived.
  const lineage = text === EXAMPLE.text ? EXAMPLE.lineage : (sole ?? text);
  const about = itself ? { id: sole } : { lineage, ...(named === undefined ? {} : { name: named }) };
  const request: PredictRequest = { ...about, factors, ...(all ? { tasks: "all" } : {}) };
  return scores ? { ...request, scores } : request;
}

/** The choice in the page's address: `?device=gpu`, `?device=cpu`, `?method=lrmf`. An unknown method is an error of the training. */
function choiceInAddress(): Choice {
  const search = new URLSearchParams(location.search);
  const [device, method] = [search.get("device"), search.get("method")];
  return { device: device === "gpu" || device === "cpu" ? device : "auto", ...(method ? { method: method as Method } : {}) };
}
