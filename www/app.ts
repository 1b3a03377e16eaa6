// The page: what the session has, and what was asked and answered.

import { html, LitElement, type TemplateResult } from "lit";
import type { Factor, PredictRequest, Understood } from "../pkg/index.js";
import { EXAMPLE } from "./example.ts";
import { forecastView, type Shown } from "./forecast-view.ts";
import { hubName, lookUp, soleId } from "./hub.ts";
import { lineageTree } from "./lineage-tree.ts";
import "./ranking-table.ts";
import { message, Session, type Supply } from "./session.ts";
import { bundled, fromAddress, fromFiles } from "./supplies.ts";
import { trainingPanel } from "./training-panel.ts";
import type { Choice } from "./worker.ts";

const TYPES = [
  ["", "not stated"],
  ["pretrained", "pretrained (base)"],
  ["finetuned", "fine-tuned"],
  ["chat", "chat or instruct"],
  ["merge", "merge"],
] as const;

class App extends LitElement {
  readonly #session = new Session(() => {
    this.requestUpdate();
  }, askedFor());
  #shown: Shown | undefined;
  #mistake = "";
  #waiting = true;
  #asked = 0;
  #news = "";
  #dragging = false;
  #understood: Understood | undefined;
  #typed = 0;
  #sole: string | undefined;
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
    const { current, candidate } = this.#session;
    return html`
      <div class="desk">
        ${this.#form()}
        ${forecastView(this.#shown, candidate !== undefined, () => void this.#explain())}
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
      <form class="ask" @submit=${this.#submit} aria-labelledby="ask-title">
        <h2 id="ask-title">The model</h2>
        <label for="lineage">Its model card, or its parents, one per line</label>
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
            ?disabled=${!this.#sole || this.#looking || !this.#session.current}
            aria-describedby="look-up-help"
            @click=${() => void this.#lookUp()}
          >
            ${this.#looking ? "Looking it up…" : "Look this model up"}
          </button>
          <p class="help" id="look-up-help">For a single org/name: asks ${hubName} for its parents.</p>
        </div>
        ${lineageTree(this.#understood, (from, to) => void this.#rename(from, to))}
      </form>
    `;
  }

  async #begin(): Promise<void> {
    const address = new URLSearchParams(location.search).get("snapshot");
    if (!address) return void (await this.#train(bundled));
    if (await this.#train(fromAddress(address))) return;
    // The page is of more use with some model; what went wrong stays in sight.
    const { notice, unfinished, candidate } = this.#session;
    if (notice?.kind !== "error" || unfinished || candidate) return;
    await this.#train(bundled);
    this.#session.notice = notice;
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
    const turn = ++this.#asked;
    try {
      const request = this.#request();
      const prediction = await this.#session.predict(request);
      const plan = await this.#session.next(request);
      if (turn !== this.#asked) return;
      const { name, address, info } = current;
      const opened = this.#shown?.why.asked === true;
      this.#shown = { prediction, name, address, info, plan, why: { asked: false } };
      if (opened) void this.#explain(request);
      this.#mistake = "";
      await this.#understand();
      this.#say(`Forecast for ${prediction.forecasts.length} benchmarks is ready.`);
    } catch (error) {
      if (turn !== this.#asked) return;
      this.#mistake = message(error);
    }
    this.requestUpdate();
  }

  /** Works out why, for the forecast that is shown. */
  async #explain(request = this.#request()): Promise<void> {
    const shown = this.#shown;
    if (!shown) return;
    shown.why = { asked: true };
    this.requestUpdate();
    try {
      shown.why = { asked: true, explanation: await this.#session.explain(request) };
    } catch (error) {
      shown.why = { asked: true, mistake: message(error) };
    }
    this.requestUpdate();
  }

  #request(): PredictRequest {
    const form = this.querySelector("form");
    const given = new FormData(form ?? undefined);
    const field = (name: string): string => String(given.get(name) ?? "").trim();
    const factors: Record<string, Factor> = {};
    if (field("params")) factors["params"] = Number(field("params"));
    if (field("type")) factors["type"] = field("type");
    const request: PredictRequest = { lineage: this.#text(), factors };
    return field("scores") ? { ...request, scores: field("scores") } : request;
  }

  #text(): string {
    return this.querySelector("textarea")?.value ?? "";
  }

  /** Shows what the text is read as; a text that is not finished yet is no mistake. */
  async #understand(): Promise<void> {
    const turn = ++this.#typed;
    this.#sole = soleId(this.#text());
    const understood = await this.#session.understand(this.#text()).catch(() => undefined);
    if (turn !== this.#typed) return;
    this.#understood = understood ?? this.#understood;
    this.requestUpdate();
  }

  async #fill(text: string): Promise<void> {
    const box = this.querySelector("textarea");
    if (box) box.value = text;
    await this.#understand();
    await this.#ask();
  }

  async #rename(from: string, to: string): Promise<void> {
    await this.#fill(this.#text().replace(from, to));
  }

  async #lookUp(): Promise<void> {
    if (!this.#sole) return;
    this.#looking = true;
    this.#mistake = "";
    this.#say(`Looking ${this.#sole} up.`);
    try {
      await this.#fill(await lookUp(this.#sole, (text) => this.#session.understand(text)));
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

  readonly #edited = (): void => {
    const turn = ++this.#typed;
    this.#sole = soleId(this.#text());
    this.requestUpdate();
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

/** `?device=gpu`, `?device=cpu` and `?method=lrmf` overrule the page's own choice. */
function askedFor(): Choice {
  const asked = new URLSearchParams(location.search);
  const [device, method] = [asked.get("device"), asked.get("method")];
  return { device: device === "gpu" || device === "cpu" ? device : "auto", ...(method ? { method } : {}) };
}
