// The view of one model: the question, and the answer of the model in use.

import { html, LitElement, type TemplateResult } from "lit";
import type { Understood } from "../pkg/index.js";
import { measuredFirst } from "../pkg/measured-first.js";
import type * as later from "./after-view.ts";
import { write, type Asked } from "./address.ts";
import { bundled } from "./data-sources.ts";
import { EXAMPLE, EXAMPLES } from "./example.ts";
import { arranged, forecastView } from "./forecast-view.ts";
import { hubName, lookedUp, soleId, soleName } from "./hub-name.ts";
import { whenIdle } from "./offline.ts";
import { requestOf, sole } from "./question.ts";
import { message, type DataSource, type Session, type Trained } from "./session.ts";
import type { Question, ShownForecast } from "./forecast-state.ts";
import { TYPES } from "./types.ts";
import type { reasonsView } from "./why-view.ts";

/** Number of evaluations to plan. */
const PLANNED = 3;
/** The cost of an evaluation that is not worth considering; others cost 1. */
const DEAR = 1e6;

/** The question of the page's own example. */
const FIRST: Asked = { text: EXAMPLE.text, params: "", type: "", scores: "", asParent: false, all: false };
const FIELDS = ["params", "type", "scores"] as const;

export class Ask extends LitElement {
  static override properties = {
    // The session is changed in place.
    session: { attribute: false, hasChanged: () => true },
    asked: { attribute: false, hasChanged: () => false },
    go: { attribute: false, hasChanged: () => false },
    announce: { attribute: false, hasChanged: () => false },
    train: { attribute: false, hasChanged: () => false },
    look: { attribute: false, hasChanged: () => false },
  };
  declare session: Session;
  /** The question in the address; undefined for the example. */
  declare asked: Asked | undefined;
  /** Writes a question into the address. */
  declare go: (asked: Asked | undefined) => void;
  declare announce: (text: string) => void;
  declare train: (dataSource: DataSource) => void;
  declare look: () => void;

  #shown: ShownForecast | undefined;
  #mistake = "";
  #waiting = true;
  /** Number of the latest question; the answer to an earlier one is dropped. */
  #questions = 0;
  #understood: Understood | undefined;
  /** Number of the latest edit; the result for an earlier one is dropped. */
  #edits = 0;
  /** Whether a single name in the text is a parent of the model, and not the model itself. */
  #asParent = false;
  #all = false;
  #looking = false;
  #glosses: Readonly<Record<string, string>> = {};
  #reasons: typeof reasonsView | undefined;
  #later: typeof later | undefined;

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override firstUpdated(): void {
    this.#set(this.asked ?? FIRST);
  }

  protected override render(): TemplateResult {
    const state = { shown: this.#shown, stale: this.#isStale(), mistake: this.#mistake, session: this.session, glosses: this.#glosses, reasons: this.#reasons, after: this.#later?.afterView };
    return html`
      ${this.#form()}
      ${forecastView(state, {
        explain: () => void this.#explain(),
        all: () => {
          this.#all = true;
          void this.#ask();
        },
        unseen: () => void this.#unseen(),
        ask: () => void this.#ask(),
        back: () => void this.#back(),
        swap: () => {
          this.#asParent = !this.#asParent;
          void this.#ask();
        },
        instead: (name) => void this.fill(name),
        copy: () => void this.#copy(),
        train: this.train,
        look: this.look,
      })}
    `;
  }

  #form(): TemplateResult {
    const { current } = this.session;
    const text = this.#text();
    const isStale = this.#isStale();
    const itself = sole(text) !== undefined && !this.#asParent;
    const isTyped = sole(text) !== undefined && text !== this.#shown?.question.text;
    const suggested = isTyped ? (this.#later?.suggestions(text, this.session.columns[0]?.ids ?? []) ?? []) : [];
    const isSuggested = suggested.length > 0;
    const offered = isSuggested ? suggested.map((id) => [id, id] as const) : this.#examples();
    const readings = this.#shown && !isStale && !this.#shown.prediction.subject.next_to_nothing ? this.#later?.readingsOf(this.#shown.prediction) : undefined;
    return html`
      <form class="question" @submit=${this.#submit} @input=${this.#changed} aria-label="The model">
        <div class="box">
          <label for="lineage">Its name, link, card or configuration, or its parents, one per line</label>
          <textarea
            id="lineage"
            name="lineage"
            rows="3"
            spellcheck="false"
            autocapitalize="off"
            autocomplete="off"
            aria-describedby="lineage-mistake lineage-help"
            aria-invalid=${this.#mistake ? "true" : "false"}
            @paste=${this.#pasted}
            @input=${this.#edited}
            @keydown=${this.#shortcut}
          ></textarea>
          <p class="mistake" id="lineage-mistake" role="alert">${this.#mistake}</p>
          <div class="actions">
            <button class="primary" type="submit">Forecast</button>
            <p class="help" id="lineage-help">
              ${this.#waiting && !current ? "The forecast appears once the model is there." : "Or Enter; in a list Ctrl + Enter."}
            </p>
          </div>
          <p class="examples" ?hidden=${offered.length === 0}>
            ${isSuggested ? "In the data:" : "Try"}
            ${offered.map(
              ([name, example], at) => html`${at > 0 ? ", " : ""}<button type="button" class="link" @click=${() => void this.fill(example)}>${name}</button>`,
            )}
          </p>
        </div>
        <div class="more">
          <details ?open=${WIDE.matches}>
            <summary>Size, type and known scores</summary>
            <div class="facts">
              <div>
                <label for="params">Size, in billions</label>
                <input id="params" name="params" type="number" min="0" step="any" inputmode="decimal" placeholder="7.6" />
              </div>
              <div>
                <label for="type">Type</label>
                <select id="type" name="type">
                  ${TYPES.map(([value, name]) => html`<option value=${value}>${name}</option>`)}
                </select>
              </div>
              <div class="scores">
                <label for="scores">Known scores</label>
                <input id="scores" name="scores" spellcheck="false" autocomplete="off" placeholder="ifeval=0.71, bbh=45%" />
              </div>
            </div>
          </details>
          <div class="look-up">
            <button
              type="button"
              ?disabled=${!soleId(text) || this.#looking || !current}
              aria-describedby="look-up-help"
              @click=${() => void this.#lookUp()}
            >
              ${this.#looking ? "Looking it up…" : "Look this model up"}
            </button>
            <p class="help" id="look-up-help">For a single org/name: asks ${hubName} for its parents.</p>
          </div>
          ${this.#later?.lineageTree(this.#understood, itself, current?.benchmarks ?? [], (from, to) => void this.#rename(from, to), readings) ??
          html`<section class="tree" id="tree"></section>`}
        </div>
      </form>
    `;
  }

  /** Questions to try: with other data than the page's own, about its best models. */
  #examples(): readonly (readonly [string, string])[] {
    const { current, columns } = this.session;
    if (!current || current.dataSource.address === bundled.address) return EXAMPLES;
    const [first, second] = columns[0]?.ids ?? [];
    return first && second ? [["a merge", `${first}\n${second}`], ["a measured model", first]] : [];
  }

  /** Shows a question of the address, and answers it. */
  async show(asked: Asked | undefined): Promise<void> {
    const wanted = asked ?? FIRST;
    if (write({ view: "ask", asked: wanted }) === write({ view: "ask", asked: this.#asked() }) && this.#shown && !this.#isStale()) return;
    this.#set(wanted);
    await this.#understand();
    await this.#ask({ writes: false });
  }

  /** Asks the new model in use the question that was asked before. */
  async renew(): Promise<void> {
    await this.updateComplete;
    if (this.#waiting || this.#shown) await this.#ask({ writes: false });
  }

  async fill(text: string): Promise<void> {
    const box = this.querySelector("textarea");
    if (box) box.value = text;
    this.#asParent = false;
    this.#all = false;
    await this.#understand();
    await this.#ask();
  }

  #set({ text, asParent, all, ...fields }: Asked): void {
    const box = this.querySelector("textarea");
    if (box) box.value = text;
    for (const name of FIELDS) this.#field(name).value = fields[name];
    this.#asParent = asParent;
    this.#all = all;
    if (FIELDS.some((name) => fields[name])) this.querySelector("details")?.setAttribute("open", "");
  }

  #field(name: (typeof FIELDS)[number]): HTMLInputElement | HTMLSelectElement {
    const field = this.querySelector("form")?.elements.namedItem(name);
    if (field instanceof HTMLInputElement || field instanceof HTMLSelectElement) return field;
    throw new Error(`the form has no field ${name}`);
  }

  /** @param writes Whether the question is written into the address. */
  async #ask({ writes = true } = {}): Promise<void> {
    const { current } = this.session;
    if (!current) {
      this.#waiting = true;
      this.requestUpdate();
      return;
    }
    this.#waiting = false;
    const number = ++this.#questions;
    const question = this.#question();
    const all = this.#all;
    if (writes) {
      const asked = this.#asked();
      const isFirst = write({ view: "ask", asked }) === write({ view: "ask", asked: FIRST });
      this.go(isFirst ? undefined : asked);
    }
    try {
      let request = requestOf(question, all);
      let prediction = await this.session.ask((model) => model.predict(request));
      const tasks = all ? [] : measuredFirst(prediction, current.benchmarks);
      if (tasks.length > 0 && number === this.#questions) {
        request = { ...request, tasks };
        prediction = await this.session.ask((model) => model.predict(request));
      }
      if (number !== this.#questions) return;
      const opened = this.#shown?.why.asked === true;
      const trained = this.session.current ?? current;
      const shown: ShownForecast = { question, prediction, trained, all, request, plan: undefined, why: { asked: false }, unseen: { asked: false }, copied: false };
      this.#shown = shown;
      if (opened) void this.#explain();
      this.#mistake = "";
      if (!all) this.session.rankBy(arranged(shown).flatMap(({ forecasts }) => forecasts.map(({ task }) => task)));
      this.announce(`Forecast for ${prediction.forecasts.length} benchmarks is ready.`);
      void this.#plan(shown);
      void this.updateComplete.then(() => this.#after(trained));
    } catch (error) {
      if (number !== this.#questions) return;
      this.#mistake = message(error);
    }
    this.requestUpdate();
  }

  /** What the first forecast does not wait for. */
  async #after({ dataSource }: Trained): Promise<void> {
    await this.#understand();
    try {
      this.#later = await import("./after-view.ts");
      this.requestUpdate();
      if (dataSource.address !== bundled.address) return;
      await whenIdle();
      this.#glosses = (await import("virtual:glosses")).default;
    } catch {
      // Without a network the forecast has to do.
    }
    this.requestUpdate();
  }

  /** Plans the next evaluations, of the benchmarks that are shown. Methods without intervals cannot plan. */
  async #plan(shown: ShownForecast): Promise<void> {
    const { prediction, trained, request } = shown;
    if (prediction.forecasts.every(({ known }) => known)) {
      shown.plan = null;
      return;
    }
    const isShown = new Set(prediction.forecasts.map(({ task }) => task));
    const others = trained.benchmarks.filter(({ id }) => !isShown.has(id));
    const costs = Object.fromEntries(others.map(({ id }) => [id, DEAR]));
    shown.plan = await this.session.ask((model) => model.next({ ...request, costs, top: PLANNED }), { retrain: false }).catch(() => null);
    this.requestUpdate();
  }

  /** Explains the forecast that is shown. */
  async #explain(): Promise<void> {
    const shown = this.#shown;
    if (!shown) return;
    shown.why = { asked: true };
    this.requestUpdate();
    try {
      this.#reasons = (await import("./why-view.ts")).reasonsView;
      shown.why = { asked: true, explanation: await this.session.ask((model) => model.explain(shown.request)) };
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
      shown.prediction = await this.session.ask((model) => model.predict({ ...shown.request, unseen: true }));
    } catch (error) {
      shown.unseen = { asked: true, mistake: message(error) };
    }
    this.requestUpdate();
  }

  async #copy(): Promise<void> {
    const shown = this.#shown;
    if (!shown) return;
    try {
      await navigator.clipboard.writeText(location.href);
      shown.copied = true;
      this.announce("The link was copied.");
    } catch {
      this.announce("This browser does not let the page copy; the link is the address of this page.");
    }
    this.requestUpdate();
  }

  /** The question in the form. */
  #asked(): Asked {
    const value = (name: (typeof FIELDS)[number]): string => this.#field(name).value.trim();
    return { text: this.#text(), params: value("params"), type: value("type"), scores: value("scores"), asParent: this.#asParent, all: this.#all };
  }

  #question(): Question {
    const { text, params, type, scores, asParent } = this.#asked();
    const name = sole(text);
    return { text, params, type, scores, sole: name, asParent: name !== undefined && asParent, named: lookedUp(text) };
  }

  /** Whether the forecast that is shown answers another question, or is from other data. */
  #isStale(): boolean {
    const { shown, session } = { shown: this.#shown, session: this.session };
    return shown !== undefined && (shown.trained.dataSource !== session.current?.dataSource || JSON.stringify(shown.question) !== JSON.stringify(this.#question()));
  }

  /** Restores the question that the shown forecast answers. */
  async #back(): Promise<void> {
    const shown = this.#shown;
    if (!shown) return;
    this.#set({ ...shown.question, all: shown.all });
    await this.#understand();
    await this.#ask();
  }

  #text(): string {
    return this.querySelector("textarea")?.value ?? this.asked?.text ?? FIRST.text;
  }

  /** Shows how the text is parsed. Errors are ignored, since the text may be incomplete. */
  async #understand(): Promise<void> {
    const edit = ++this.#edits;
    const text = this.#text();
    const shown = this.#shown;
    // A name alone needs no parsing: the answer has its lineage.
    const isAnswered = shown?.question.text === text && shown.question.sole !== undefined;
    const understood = isAnswered
      ? { ...BLANK, ...shown.prediction.lineage }
      : soleName(text) !== undefined
        ? BLANK
        : await this.#parse(text).catch(() => undefined);
    if (edit !== this.#edits) return;
    this.#understood = understood ?? this.#understood;
    this.requestUpdate();
  }

  /** Parses a text. It does not train a lost model again; only a question does. */
  #parse(text: string): Promise<Understood> {
    return this.session.ask((model) => model.understand(text), { retrain: false });
  }

  async #rename(from: string, to: string): Promise<void> {
    if (this.#later) await this.fill(this.#later.renamed(this.#text(), from, to));
  }

  async #lookUp(): Promise<void> {
    const id = soleId(this.#text());
    if (!id) return;
    this.#looking = true;
    this.#mistake = "";
    this.announce(`Looking ${id} up.`);
    try {
      const { lookUp } = await import("./hub.ts");
      await this.fill(await lookUp(id, (text) => this.#parse(text)));
    } catch (error) {
      this.#mistake = message(error);
    }
    this.#looking = false;
    this.requestUpdate();
  }

  readonly #submit = (event: SubmitEvent): void => {
    event.preventDefault();
    this.#all = false;
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
    setTimeout(() => {
      this.#all = false;
      void this.#ask();
    });
  };

  /** Enter asks, except in a list, where it begins a line and needs Ctrl. */
  readonly #shortcut = (event: KeyboardEvent): void => {
    if (event.key !== "Enter" || event.isComposing) return;
    const isList = this.#text().includes("\n") || event.shiftKey;
    if (isList && !event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    this.querySelector("form")?.requestSubmit();
  };
}

customElements.define("eyas-ask", Ask);

const WIDE = matchMedia("(min-width: 54.01rem)");

/** What is understood of a name alone. */
const BLANK: Understood = { kind: "name", id: null, name: null, stages: [], factors: {}, scores: [], warnings: [], parents: [], unknown: [], nearest: {} };
