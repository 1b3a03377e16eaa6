// The form for a report of a score, on the page of a model.

import { html, LitElement, nothing, type TemplateResult } from "lit";
import type { MeasuredResult } from "../pkg/index.js";
import { label } from "./benchmarks.ts";
import { score as scoreText } from "./figures.ts";
import { issueOf, mistakeOf, snapshotOf, type Reported } from "./report.ts";
import type { Trained } from "./session.ts";

const BLANK: Reported = { model: "", task: "", score: "", source: "", date: "" };

class Report extends LitElement {
  static override properties = { model: {}, trained: { attribute: false }, results: { attribute: false } };
  declare model: string;
  declare trained: Trained;
  declare results: readonly MeasuredResult[];

  #typed: Reported = BLANK;
  #news = "";

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override render(): TemplateResult {
    const { benchmarks, info } = this.trained;
    const typed = { ...this.#typed, model: this.model };
    const benchmark = benchmarks.find(({ id }) => id === typed.task);
    const mistake = mistakeOf(typed, benchmark);
    const isBegun = [typed.task, typed.score, typed.source].some(Boolean);
    const found = this.results.find(({ task }) => task === typed.task);
    const known = found && benchmark?.range ? scoreText(found.score, benchmark.range) : found ? "a score" : undefined;
    const set = (name: keyof Reported) => ({ target }: Event): void => {
      this.#typed = { ...this.#typed, [name]: (target as HTMLInputElement).value.trim() };
      this.#news = "";
      this.requestUpdate();
    };
    const option = (id: string): TemplateResult => html`<option value=${id}>${label({ task: id, dataset: benchmarks.find((one) => one.id === id)?.dataset ?? "" })}</option>`;
    const grouped = new Set(info.groups.flatMap(({ tasks }) => tasks));
    const field = (name: "score" | "source" | "date", words: string, example: string): TemplateResult => html`<div><label for=${`report-${name}`}>${words}</label><input id=${`report-${name}`} autocomplete="off" spellcheck="false" placeholder=${example} @input=${set(name)} /></div>`;
    return html`<details class="report">
      <summary>Report a score</summary>
      <p class="help">For a score that the data lack or have wrong. It makes a text for an issue and a file that eyas reads; nothing is sent.</p>
      <div class="fields">
        <div>
          <label for="report-task">Benchmark</label>
          <select id="report-task" @change=${set("task")}>
            <option value="">choose one</option>
            ${info.groups.map(({ task_type: type, tasks }) => html`<optgroup label=${type}>${tasks.map(option)}</optgroup>`)} ${benchmarks.map(({ id }) => (grouped.has(id) ? nothing : option(id)))}
          </select>
        </div>
        ${field("score", benchmark?.range ? `Score, ${benchmark.range.low} to ${benchmark.range.high}` : "Score", "0.71")} ${field("source", "Where it was published", "https://")} ${field("date", "Date, if it is known", "2026-01-31")}
      </div>
      ${isBegun ? html`<p class="mistake" role="alert">${mistake}</p>` : nothing}
      ${benchmark && mistake === ""
        ? html`<textarea readonly rows="9" spellcheck="false" aria-label="The text of the issue" .value=${issueOf(typed, benchmark, known)} @focus=${({ target }: Event) => { (target as HTMLTextAreaElement).select(); }}></textarea>
            <p class="onward">
              <button type="button" @click=${() => void this.#copy(issueOf(typed, benchmark, known))}>Copy the text</button>
              <a class="button" download="score.json" href=${`data:application/json;charset=utf-8,${encodeURIComponent(snapshotOf(typed, benchmark))}`}>Download as a file</a>
              <span class="help" role="status">${this.#news}</span>
            </p>`
        : nothing}
    </details>`;
  }

  async #copy(text: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      this.#news = "Copied.";
    } catch {
      this.#news = "This browser does not let the page copy; select the text instead.";
    }
    this.requestUpdate();
  }
}

customElements.define("eyas-report", Report);
