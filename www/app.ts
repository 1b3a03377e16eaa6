// The page: what the session has, and what was asked and answered.

import { html, LitElement, type TemplateResult } from "lit";
import type { Factor, Method, PredictRequest, Understood } from "../pkg/index.js";
import { EXAMPLE } from "./example.ts";
import { forecastView } from "./forecast-view.ts";
import { hubName, lookedUp, lookUp, soleId } from "./hub.ts";
import { lineageTree } from "./lineage-tree.ts";
import { renamed } from "./names.ts";
import "./ranking-table.ts";
import { message, Session, type Supply } from "./session.ts";
import type { Asked, Shown } from "./standing.ts";
import { bundled, fromAddress, fromFiles } from "./supplies.ts";
import { trainingPanel } from "./training-panel.ts";
import type { Choice } from "./worker.ts";

const TYPES = [
  ["", "not stated"],
  ["pretrained", "pretrained (base)"],
  ["fine-tuned", "fine-tuned"],
  ["chat", "chat or instruct"],
  ["merge", "merge"],
] as const;

/** Evaluations that are planned ahead. */
const PLANNED = 3;

class App extends LitElement {
  readonly #session = new Session(() => {
    this.requestUpdate();
  }, askedFor());
  #shown: Shown | undefined;
  #mistake = "";
  #waiting = true;
  #turn = 0;
  #news = "";
  #dragging = false;
  #understood: Understood | undefined;
  #typed = 0;
  /** Whether a single id is a parent of the model, and not the model itself. */
  #asParent = false;
  #looking = false;

  protected override createRenderRoot(): HTMLElement {
    // The page's one style sheet reaches in.
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
    this.#session.current?.bench.end();
  }

  protected override render(): TemplateResult {
    const { current } = this.#session;
    const standing = { shown: this.#shown, stale: this.#isStale(), mistake: this.#mistake, session: this.#session };
    return html`
      <div class="desk">
        ${this.#form()}
        ${forecastView(standing, {
          explain: () => void this.#explain(),
          unseen: () => void this.#unseen(),
          ask: () => void this.#ask(),
          back: () => void this.#back(),
          swap: () => {
            this.#asParent = !this.#asParent;
            void this.#ask();
          },
          train: (supply) => void this.#train(supply),
        })}
      </div>
      ${trainingPanel(this.#session, {
        choose: (files) => void this.#train(fromFiles(files)),
        cancel: () => {
          this.#session.cancel();
          this.#say(this.#session.notice?.text ?? "");
        },
        retry: (supply) => void this.#train(supply),
      })}
      <eyas-ranking .trained=${current} .columns=${current?.columns ?? []}></eyas-ranking>
      <p class="unseen" role="status" id="news">${this.#news}</p>
      ${this.#dragging ? html`<div class="drop-here" aria-hidden="true">Drop the results here</div>` : null}
    `;
  }

  #form(): TemplateResult {
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
          .defaultValue=${EXAMPLE}
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
            ${this.#waiting && !this.#session.current ? "Follows as soon as training is done." : "Or Ctrl + Enter."}
          </p>
        </div>
        <div class="scores">
          <label for="scores">Scores that it has <small>optional</small></label>
          <input id="scores" name="scores" spellcheck="false" autocomplete="off" placeholder="ifeval=0.71, bbh=45%" />
        </div>
        <div class="actions look-up">
          <button
            type="button"
            ?disabled=${!soleId(this.#text()) || this.#looking || !this.#session.current}
            aria-describedby="look-up-help"
            @click=${() => void this.#lookUp()}
          >
            ${this.#looking ? "Looking it up…" : "Look this model up"}
          </button>
          <p class="help" id="look-up-help">For a single org/name: asks ${hubName} for its parents.</p>
        </div>
        ${lineageTree(this.#understood, soleId(this.#text()) !== undefined && !this.#asParent, (from, to) => void this.#rename(from, to))}
      </form>
    `;
  }

  async #begin(): Promise<void> {
    const address = new URLSearchParams(location.search).get("snapshot");
    if (!address) return void (await this.#train(bundled));
    if (await this.#train(fromAddress(address))) return;
    // The page is of more use with some model; what went wrong stays in sight.
    const { failure, notice, candidate } = this.#session;
    if (!failure || candidate) return;
    if (!(await this.#train(bundled))) return;
    Object.assign(this.#session, { failure, notice });
    this.requestUpdate();
  }

  async #train(supply: Supply): Promise<boolean> {
    this.#say(`Training on ${supply.name} has begun.`);
    const done = await this.#session.use(supply);
    const { notice, candidate } = this.#session;
    if (!candidate && notice?.kind === "news") this.#say(notice.text);
    // What was asked is asked of the new model, too.
    if (done && (this.#waiting || this.#shown)) await this.#ask();
    return done;
  }

  async #ask(): Promise<void> {
    const { current } = this.#session;
    if (!current) {
      this.#waiting = true;
      this.requestUpdate();
      return;
    }
    this.#waiting = false;
    const turn = ++this.#turn;
    const asked = this.#asked();
    try {
      const request = requestOf(asked);
      const prediction = await this.#session.ask((model) => model.predict(request));
      // Not every method says how sure it is.
      const plan = await this.#session.ask((model) => model.next({ ...request, top: PLANNED }), { anew: false }).catch(() => undefined);
      if (turn !== this.#turn) return;
      const opened = this.#shown?.why.asked === true;
      const trained = this.#session.current ?? current;
      this.#shown = { asked, prediction, trained, plan, why: { asked: false }, unseen: { asked: false } };
      if (opened) void this.#explain();
      this.#mistake = "";
      await this.#understand();
      this.#say(`Forecast for ${prediction.forecasts.length} benchmarks is ready.`);
    } catch (error) {
      if (turn !== this.#turn) return;
      this.#mistake = message(error);
    }
    this.requestUpdate();
  }

  /** Works out why, for the forecast that is shown. */
  async #explain(): Promise<void> {
    const shown = this.#shown;
    if (!shown) return;
    shown.why = { asked: true };
    this.requestUpdate();
    try {
      shown.why = { asked: true, explanation: await this.#session.ask((model) => model.explain(requestOf(shown.asked))) };
    } catch (error) {
      shown.why = { asked: true, mistake: message(error) };
    }
    this.requestUpdate();
  }

  /** Works out what would have been forecast of a model whose scores are shown. */
  async #unseen(): Promise<void> {
    const shown = this.#shown;
    if (!shown) return;
    shown.unseen = { asked: true };
    this.requestUpdate();
    try {
      shown.prediction = await this.#session.ask((model) => model.predict({ ...requestOf(shown.asked), unseen: true }));
    } catch (error) {
      shown.unseen = { asked: true, mistake: message(error) };
    }
    this.requestUpdate();
  }

  #asked(): Asked {
    const given = new FormData(this.querySelector("form") ?? undefined);
    const field = (name: string): string => String(given.get(name) ?? "").trim();
    const text = this.#text();
    const sole = soleId(text);
    const typed = { params: field("params"), type: field("type"), scores: field("scores") };
    return { text, ...typed, sole, asParent: sole !== undefined && this.#asParent, named: lookedUp(text) };
  }

  /** Whether what is shown answers another question, or from other data. */
  #isStale(): boolean {
    const { shown, session } = { shown: this.#shown, session: this.#session };
    return shown !== undefined && (shown.trained.supply !== session.current?.supply || JSON.stringify(shown.asked) !== JSON.stringify(this.#asked()));
  }

  /** The question that the forecast in sight answers. */
  async #back(): Promise<void> {
    const asked = this.#shown?.asked;
    const form = this.querySelector("form");
    if (!asked || !form) return;
    for (const name of ["params", "type", "scores"] as const) {
      const field = form.elements.namedItem(name);
      if (field instanceof HTMLInputElement || field instanceof HTMLSelectElement) field.value = asked[name];
    }
    this.#asParent = asked.asParent;
    await this.#fill(asked.text);
  }

  #text(): string {
    return this.querySelector("textarea")?.value ?? "";
  }

  /** Shows what the text is read as; a text that is not finished yet is no mistake. */
  async #understand(): Promise<void> {
    const turn = ++this.#typed;
    const understood = await this.#read(this.#text()).catch(() => undefined);
    if (turn !== this.#typed) return;
    this.#understood = understood ?? this.#understood;
    this.requestUpdate();
  }

  /** What a text is read as; only a question trains a lost model anew. */
  #read(text: string): Promise<Understood> {
    return this.#session.ask((model) => model.understand(text), { anew: false });
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
    this.#say(`Looking ${sole} up.`);
    try {
      await this.#fill(await lookUp(sole, (text) => this.#read(text)));
    } catch (error) {
      this.#mistake = message(error);
    }
    this.#looking = false;
    this.requestUpdate();
  }

  #say(text: string): void {
    this.#news = text;
    this.requestUpdate();
  }

  readonly #submit = (event: SubmitEvent): void => {
    event.preventDefault();
    void this.#ask();
  };

  /** A forecast of something else is marked. */
  readonly #changed = (): void => {
    this.requestUpdate();
  };

  readonly #edited = (): void => {
    const turn = ++this.#typed;
    this.#asParent = false;
    setTimeout(() => {
      if (turn === this.#typed) void this.#understand();
    }, 200);
  };

  readonly #pasted = (): void => {
    // The text is in the box only after the event.
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
    // Only when it leaves the window, not when it passes from element to element.
    if (event.relatedTarget === null) this.#drag(false);
  };

  readonly #drop = (event: DragEvent): void => {
    const files = [...(event.dataTransfer?.files ?? [])];
    if (files.length === 0) return;
    event.preventDefault();
    this.#drag(false);
    void this.#train(fromFiles(files));
  };

  #drag(dragging: boolean): void {
    if (this.#dragging === dragging) return;
    this.#dragging = dragging;
    this.requestUpdate();
  }
}

customElements.define("eyas-app", App);

/** A single id is the model itself, unless it is said to be a parent. */
function requestOf({ text, params, type, scores, sole, asParent, named }: Asked): PredictRequest {
  const factors: Record<string, Factor> = {};
  if (params) factors["params"] = params;
  if (type) factors["type"] = type;
  const itself = sole !== undefined && !asParent;
  const about = itself ? { id: sole } : { lineage: sole ?? text, ...(named === undefined ? {} : { name: named }) };
  const request: PredictRequest = { ...about, factors };
  return scores ? { ...request, scores } : request;
}

/** `?device=gpu`, `?device=cpu` and `?method=lrmf` overrule the page's own choice; a name that is no method's fails in the training. */
function askedFor(): Choice {
  const asked = new URLSearchParams(location.search);
  const [device, method] = [asked.get("device"), asked.get("method")];
  return { device: device === "gpu" || device === "cpu" ? device : "auto", ...(method ? { method: method as Method } : {}) };
}
