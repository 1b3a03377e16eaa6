// The ranking of all models by any benchmark. Only the visible rows are in the document.

import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { styleMap } from "lit/directives/style-map.js";
import { about, type Address, type Ranked } from "./address.ts";
import { label, named, type Named } from "./benchmarks.ts";
import { count, counted, score } from "./figures.ts";
import { arrange, descends, tabulate, type Column, type Order, type Table } from "./ranking.ts";
import { FEW, type Trained } from "./session.ts";
import "./style/ranking.css";
import type { RankedColumn } from "./worker.ts";

/** Height of a row in pixels, as in the style sheet. */
const ROW = 38;
/** Number of additional rows above and below the visible ones, so that scrolling shows no gaps. */
const MARGIN = 12;

class RankingTable extends LitElement {
  static override properties = {
    trained: { attribute: false },
    columns: { attribute: false },
    address: { attribute: false },
    go: { attribute: false, hasChanged: () => false },
  };
  declare trained: Trained | undefined;
  declare columns: RankedColumn[];
  declare address: Address & { view: "rankings" };
  declare go: (address: Address, how?: { replace: boolean }) => void;

  #table: Table = { ids: [], columns: [] };
  #rows: { row: number; place: number }[] = [];
  #top = 0;
  #height = 600;

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const { also } = this.#ranked;
    // A link may name benchmarks beside those of the forecast.
    const known = new Set(this.trained?.benchmarks.map(({ id }) => id));
    const there = new Set(this.columns.map(({ task }) => task));
    if (changed.has("trained") || changed.has("address")) {
      for (const task of also) if (known.has(task) && !there.has(task)) this.#add(task);
    }
    // The old ranking remains until the first column of the new model arrives.
    if (changed.has("columns") && this.columns.length > 0) this.#table = tabulate(this.columns);
    this.#rows = arrange(this.#table, this.#order, this.#ranked.filter);
  }

  protected override firstUpdated(): void {
    const filter = this.querySelector<HTMLInputElement>("#filter");
    if (filter) filter.value = this.#ranked.filter;
  }

  get #ranked(): Ranked {
    return this.address.ranked;
  }

  /** The sorted column: the first one if the address names none that is there. */
  get #order(): Order {
    const { by, reversed } = this.#ranked;
    const at = this.#table.columns.findIndex(({ task }) => task === by);
    return { by: by === "model" ? -1 : Math.max(at, 0), reversed };
  }

  #change(change: Partial<Ranked>, replace = false): void {
    this.go({ view: "rankings", ranked: { ...this.#ranked, ...change } }, { replace });
    this.#toTop();
  }

  #add(task: string): void {
    this.dispatchEvent(new CustomEvent("add-benchmark", { detail: task }));
  }

  protected override render(): TemplateResult {
    const { ids, columns } = this.#table;
    return html`
      <section class="ranking" aria-labelledby="ranking-title">
        <div class="ranking-head">
          <h2 id="ranking-title">All models</h2>
          <p class="key-line">
            <span class="sample measured-cell">0.612</span> measured
            <span class="sample predicted-cell">0.587</span> predicted
            <span class="sample tie">=</span> can’t tell from the one above
          </p>
          <div class="filter">
            <label for="filter">Filter by name</label>
            <input id="filter" type="search" autocomplete="off" spellcheck="false" @input=${this.#filtered} />
          </div>
          ${this.#more()}
        </div>
        <div class="scroller" tabindex="0" role="region" aria-label="Scores of all models" @scroll=${this.#scrolled}>
          ${columns.length > 0 ? this.#grid() : html`<p class="waiting">The ranking appears once the model is there.</p>`}
        </div>
        <p class="help">
          ${this.#ranked.filter
            ? `${count(this.#rows.length)} of ${counted(ids.length, "model")}`
            : ids.length > 0
              ? counted(ids.length, "model")
              : nothing}
        </p>
      </section>
    `;
  }

  /** A choice of the benchmarks that have no column yet, by type of task; shown if not all benchmarks have one by themselves. */
  #more(): TemplateResult | typeof nothing {
    const { benchmarks = [], info } = this.trained ?? {};
    if (!info || benchmarks.length <= FEW) return nothing;
    const there = new Set(this.columns.map(({ task }) => task));
    const cells = new Map(benchmarks.map(({ id, cells }) => [id, cells]));
    const datasets = new Map(benchmarks.map(({ id, dataset }) => [id, dataset]));
    const option = (id: string): TemplateResult | typeof nothing =>
      there.has(id) ? nothing : html`<option value=${id}>${label({ task: id, dataset: datasets.get(id) ?? "" })} (${counted(cells.get(id) ?? 0, "score")})</option>`;
    return html`
      <div class="filter">
        <label for="benchmark">Rank by another</label>
        <select id="benchmark" @change=${this.#chosen}>
          <option value="">${count(benchmarks.length)} benchmarks</option>
          ${info.groups.map(({ task_type: type, tasks }) => html`<optgroup label=${type}>${tasks.map(option)}</optgroup>`)}
          ${benchmarks.map(({ id, task_type: type }) => (type === null ? option(id) : nothing))}
        </select>
      </div>
    `;
  }

  readonly #chosen = ({ target }: Event): void => {
    if (!(target instanceof HTMLSelectElement) || !target.value) return;
    const task = target.value;
    target.value = "";
    this.#add(task);
    this.#change({ by: task, reversed: false, also: [...this.#ranked.also.filter((other) => other !== task), task] });
  };

  #grid(): TemplateResult {
    const { columns } = this.#table;
    const datasets = new Map(this.trained?.benchmarks.map(({ id, dataset }) => [id, dataset]));
    const from = Math.max(0, Math.floor(this.#top / ROW) - MARGIN);
    const until = Math.min(this.#rows.length, Math.ceil((this.#top + this.#height) / ROW) + MARGIN);
    const spacer = (rows: number): TemplateResult | typeof nothing =>
      rows > 0 ? html`<tr aria-hidden="true"><td class="spacer" style=${styleMap({ height: `${rows * ROW}px` })}></td></tr>` : nothing;
    return html`
      <table aria-rowcount=${this.#rows.length + 1}>
        <thead>
          <tr aria-rowindex="1">
            <th scope="col" class="place">#</th>
            <th scope="col" class="name" aria-sort=${this.#direction(-1)}>${this.#header({ name: "model", detail: "" }, "model", -1)}</th>
            ${columns.map(
              ({ task, lowerIsBetter }, at) =>
                html`<th scope="col" title=${task} aria-sort=${this.#direction(at)}>${this.#header(named({ task, dataset: datasets.get(task) ?? "" }), task, at, lowerIsBetter)}</th>`,
            )}
          </tr>
        </thead>
        <tbody>
          ${spacer(from)} ${this.#rows.slice(from, until).map((entry, at) => this.#row(entry, from + at))}
          ${spacer(this.#rows.length - until)}
        </tbody>
      </table>
      ${this.#rows.length === 0 ? html`<p class="waiting">No model has “${this.#ranked.filter}” in its name.</p>` : nothing}
    `;
  }

  #header({ name, detail }: Named, by: string, at: number, lowerIsBetter = false): TemplateResult {
    const sorted = this.#order.by === at;
    const arrow = sorted ? (descends(this.#table, this.#order) ? "↓" : "↑") : "";
    return html`
      <button type="button" @click=${() => { this.#change({ by, reversed: this.#order.by === at && !this.#order.reversed }); }}>
        <span class="arrow" aria-hidden="true">${arrow}</span>${name}${detail ? html` <small>${detail}</small>` : nothing}${lowerIsBetter ? html` <small>less is better</small>` : nothing}
      </button>
    `;
  }

  #row({ row, place }: { row: number; place: number }, at: number): TemplateResult {
    const { ids, columns } = this.#table;
    return html`
      <tr aria-rowindex=${at + 2}>
        ${this.#place(row, place)}
        <th scope="row" class="name" title=${ids[row] ?? ""}><a href=${about(ids[row] ?? "")}>${ids[row]}</a></th>
        ${columns.map((column) => this.#cell(column, row))}
      </tr>
    `;
  }

  /** The place by the selected column, with the 90 % interval of the rank. */
  #place(row: number, place: number): TemplateResult {
    const column = this.#order.reversed ? undefined : this.#table.columns[this.#order.by];
    const [best, worst] = [column?.best[row] ?? 0, column?.worst[row] ?? 0];
    const tied = column?.tied[row] === 1 && this.#ranked.filter === "";
    return html`
      <td class="place" title=${best < worst ? `90 % interval of its rank: ${best} to ${worst}` : nothing}>
        ${tied ? html`<span class="tie" aria-hidden="true">=</span>` : nothing}${count(place)}<span class="unseen"
          >${best < worst ? `, between ${best} and ${worst}` : ""}${tied ? ", not distinguishable from the one above" : ""}</span
        >${best + 1 < worst && column?.predicted[row] ? html`<small aria-hidden="true">${best}–${worst}</small>` : nothing}
      </td>
    `;
  }

  #cell({ scores, predicted, range }: Column, row: number): TemplateResult {
    const part = scores[row] ?? NaN;
    if (Number.isNaN(part)) return html`<td class="none"><span class="unseen">no score</span></td>`;
    return html`
      <td class=${predicted[row] ? "predicted-cell" : "measured-cell"}>
        ${score(part, range)}<span class="unseen">${predicted[row] ? " predicted" : ""}</span>
        <i style=${styleMap({ "--part": String(Math.min(Math.max(part, 0), 1)) })}></i>
      </td>
    `;
  }

  #direction(at: number): "ascending" | "descending" | "none" {
    if (this.#order.by !== at) return "none";
    return descends(this.#table, this.#order) ? "descending" : "ascending";
  }

  readonly #filtered = ({ target }: InputEvent): void => {
    if (!(target instanceof HTMLInputElement)) return;
    this.#change({ filter: target.value.trim() }, true);
  };

  readonly #scrolled = ({ target }: Event): void => {
    if (!(target instanceof HTMLElement)) return;
    this.#top = target.scrollTop;
    this.#height = target.clientHeight;
    this.requestUpdate();
  };

  #toTop(): void {
    this.#top = 0;
    const scroller = this.querySelector(".scroller");
    if (scroller) scroller.scrollTop = 0;
  }
}

customElements.define("eyas-ranking", RankingTable);
