// The view of all models: a leaderboard by the mean of chosen columns. Its whole state is in the address. Only the visible rows are in
// the document, unless all are asked for.

import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { guard } from "lit/directives/guard.js";
import { repeat } from "lit/directives/repeat.js";
import { styleMap } from "lit/directives/style-map.js";
import type { ModelFacts } from "../pkg/index.js";
import { write, type Address, type Ranked } from "./address.ts";
import { named } from "./benchmarks.ts";
import { count, counted } from "./figures.ts";
import { factsOf } from "./model-facts.ts";
import { chips, columnPanel, conditionsSet, filterPanel, legend, nameField, type ControlState } from "./ranking-controls.ts";
import { row, type RowState } from "./ranking-rows.ts";
import { arrange, FACTS, isFact, meanOf, tabulate, type Board, type Line, type Mean, type Table } from "./ranking.ts";
import { message, type Session, type Trained } from "./session.ts";
import "./style/key.css";
import "./style/ranking.css";

/** Number of additional rows above and below the visible ones, so that scrolling shows no gaps. */
const MARGIN = 16;
/** Rows by which the drawn part moves, so that most events of scrolling draw nothing. */
const STEP = 8;
/**
 * Rows that are drawn at once where all are asked for; the others follow, a block a frame. Each block makes the browser lay the whole
 * table out again, so that smaller ones take longer in all.
 */
const BLOCK = 600;
/** Windows in which the sorted column comes first, and rows are higher, as in the style sheet. */
const NARROW = matchMedia("(max-width: 54rem)");
const USUAL_FACTS = ["size"];
/** Most pinned rows that stay in sight while the others scroll. */
const MOST_STICKY = 5;

class RankingTable extends LitElement {
  static override properties = {
    // The session is changed in place.
    session: { attribute: false, hasChanged: () => true },
    address: { attribute: false },
    go: { attribute: false, hasChanged: () => false },
  };
  declare session: Session;
  declare address: Address & { view: "rankings" };
  declare go: (address: Address, how?: { replace: boolean }) => void;

  #table: Table = { ids: [], columns: [] };
  #mean: Mean = { scale: "points", weights: [], standings: [] };
  #board: Board | undefined;
  #facts: ReadonlyMap<string, ModelFacts> = new Map();
  /** The model whose facts have arrived or are asked for, and what the board was made of. */
  #factsOf: Trained | undefined;
  #madeOf: unknown[] = [];
  #mistake = "";
  #open: "" | "filter" | "columns" = "";
  #top = 0;
  #height = 600;
  /** The board for which the height of the head was last asked. */
  #measured: Board | undefined;
  /** The number of rows drawn so far where all are asked for. */
  #filled = BLOCK;
  /** Whether the page is being printed, which needs all rows. */
  #prints = false;

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    NARROW.addEventListener("change", this.#resized);
    window.addEventListener("beforeprint", this.#printing);
    window.addEventListener("afterprint", this.#printing);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    NARROW.removeEventListener("change", this.#resized);
    window.removeEventListener("beforeprint", this.#printing);
    window.removeEventListener("afterprint", this.#printing);
  }

  get #ranked(): Ranked {
    return this.address.ranked;
  }

  /** The benchmarks of the columns: those of the address that are known, else those of the forecast. */
  get #wanted(): readonly string[] {
    const known = new Set(this.session.current?.benchmarks.map(({ id }) => id));
    const named = this.#ranked.columns.map(({ id }) => id).filter((id) => known.has(id));
    return named.length > 0 ? named : this.session.ranked;
  }

  get #shownFacts(): readonly string[] {
    return this.#ranked.facts ?? USUAL_FACTS;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const { current } = this.session;
    if (!current) return;
    if (this.#factsOf !== current) void this.#askFacts(current);
    const wanted = this.#wanted;
    if (changed.has("address") || changed.has("session")) {
      const missing = wanted.filter((task) => !current.columns.has(task));
      if (missing.length > 0 && this.#ranked.columns.length > 0) this.session.alsoRankBy(missing);
    }
    const columns = wanted.flatMap((task) => current.columns.get(task) ?? []);
    // The old ranking remains until the first column of the new model arrives.
    if (columns.length === 0) return;
    const made = [current, this.#facts, write(this.address), ...columns];
    if (made.length === this.#madeOf.length && made.every((one, at) => one === this.#madeOf[at])) return;
    if (made.length !== this.#madeOf.length || columns.some((one, at) => one !== this.#madeOf[at + 3])) this.#table = tabulate(columns);
    this.#madeOf = made;
    this.#filled = BLOCK;
    this.#mean = meanOf(this.#table, this.#ranked);
    this.#board = arrange(this.#table, this.#mean, this.#facts, this.#ranked);
  }

  async #askFacts(current: Trained): Promise<void> {
    this.#factsOf = current;
    try {
      const facts = await factsOf(this.session);
      if (this.#factsOf !== current) return;
      this.#facts = facts;
      this.#mistake = "";
    } catch (error) {
      this.#mistake = `What is known of the models is missing: ${message(error)}`;
    }
    this.requestUpdate();
  }

  protected override updated(): void {
    // The pinned rows stick below the head, whose height depends on the names of the benchmarks.
    const [scroller, head] = [this.querySelector<HTMLElement>(".scroller"), this.querySelector<HTMLElement>(".scroller thead")];
    // A question for a height makes the browser lay the table out, which scrolling must not wait for.
    if (scroller && head && this.#measured !== this.#board) {
      this.#measured = this.#board;
      scroller.style.setProperty("--head", `${head.offsetHeight}px`);
    }
    if (!this.#isFull || this.#prints || this.#filled >= (this.#board?.lines.length ?? 0)) return;
    requestAnimationFrame(() => {
      this.#filled += BLOCK;
      this.requestUpdate();
    });
  }

  readonly #change = (change: Partial<Ranked>, replace = false): void => {
    this.go({ view: "rankings", ranked: { ...this.#ranked, ...change } }, { replace });
    this.#toTop();
  };

  protected override render(): TemplateResult {
    const [board, trained] = [this.#board, this.session.current];
    const state = board && trained ? { ranked: this.#ranked, board, table: this.#table, mean: this.#mean, trained, facts: this.#facts, shownFacts: this.#shownFacts, wanted: this.#wanted } : undefined;
    return html`
      <section class="ranking" aria-labelledby="ranking-title">
        <div class="ranking-head">
          <h2 id="ranking-title">All models</h2>
          ${nameField(this.#ranked, board?.mistakes.names, this.#change)}
          <div class="tools-line">
            ${this.#toggle("filter", "Filter", conditionsSet(this.#ranked.conditions))} ${this.#toggle("columns", "Columns and weights", 0)}
            <button type="button" ?disabled=${!state} @click=${() => { this.#download("csv"); }}>CSV</button>
            <button type="button" ?disabled=${!state} @click=${() => { this.#download("json"); }}>JSON</button>
            <button type="button" aria-pressed=${this.#ranked.full ? "true" : "false"} title="For the browser’s search, and for printing" @click=${() => { this.#change({ full: !this.#ranked.full }, true); }}>All rows</button>
          </div>
        </div>
        ${state ? html`${this.#open === "filter" ? filterPanel(state, this.#change) : this.#open === "columns" ? columnPanel(state, this.#change) : nothing} ${chips(state, this.#change)} ${legend(state)}` : nothing}
        ${this.#mistakes()}
        <div class=${this.#isFull ? "scroller full" : "scroller"} tabindex="0" role="region" aria-label="Scores of all models" @scroll=${this.#scrolled}>
          ${state ? this.#grid(state) : html`<p class="waiting">The ranking appears once the model is there.</p>`}
        </div>
        <p class="help" role="status">${state ? this.#counts(state) : nothing}</p>
      </section>
    `;
  }

  #toggle(panel: "filter" | "columns", words: string, set: number): TemplateResult {
    const isOpen = this.#open === panel;
    return html`<button type="button" id=${`open-${panel}`} aria-expanded=${isOpen ? "true" : "false"} ?disabled=${!this.#board}
      @click=${() => { this.#open = isOpen ? "" : panel; this.requestUpdate(); }}>${words}${set > 0 ? ` (${set})` : ""} <span aria-hidden="true">${isOpen ? "▴" : "▾"}</span></button>`;
  }

  /** What of the address does not fit the data. */
  #mistakes(): TemplateResult | typeof nothing {
    const { current } = this.session;
    const known = new Set(current?.benchmarks.map(({ id }) => id));
    const unknown = current ? this.#ranked.columns.filter(({ id }) => !known.has(id)).map(({ id }) => id) : [];
    const texts = [unknown.length > 0 ? `These data have no benchmark ${unknown.join(", ")}` : "", this.#mistake].filter(Boolean);
    return texts.length > 0 ? html`<p class="mistake" role="alert">${texts.join(". ")}.</p>` : nothing;
  }

  #counts({ board, table, trained, wanted }: ControlState): string {
    const { models, ranks } = board;
    const of = models < table.ids.length ? `${count(models)} of ${counted(table.ids.length, "model")}` : counted(models, "model");
    const folded = ranks < models ? `, ${count(models - ranks)} of them folded as settings of another` : "";
    const left = wanted.filter((task) => !trained.columns.has(task)).length;
    return `${of}${folded}.${left > 0 ? ` ${counted(left, "column")} still to come…` : ""}`;
  }

  get #isFull(): boolean {
    return this.#ranked.full || this.#prints;
  }

  #grid(state: ControlState): TemplateResult {
    const { board, table, mean, facts, shownFacts } = state;
    const { lines, pinned } = board;
    const height = NARROW.matches ? 60 : 38;
    const first = this.#firstSeen();
    const from = Math.max(0, first - MARGIN);
    const until = Math.min(lines.length, first + Math.ceil(this.#height / height) + STEP + MARGIN);
    const spacer = (rows: number): TemplateResult | typeof nothing =>
      rows > 0 ? html`<tr aria-hidden="true"><td class="spacer" style=${styleMap({ height: `${rows * height}px` })}></td></tr>` : nothing;
    const sorted = typeof board.by === "number" ? table.columns[board.by] : undefined;
    // On a phone there is room for one column beside the names.
    const drawn = sorted && NARROW.matches ? [sorted, ...table.columns.filter((column) => column !== sorted)] : table.columns;
    const rows: RowState = { table, board, mean, facts, drawn, shownFacts, pinned: this.#ranked.pinned, unfolded: this.#ranked.unfolded };
    const actions = { pin: this.#pin, unfold: this.#unfold };
    const draw = (line: Line, at: number, before: Line | undefined): TemplateResult => row(line, at, before, rows, actions);
    // Rows keep their elements while the drawn part moves.
    const part = (from: number, until: number): unknown =>
      repeat(lines.slice(from, until), ({ row }) => row, (line, at) => draw(line, from + at + pinned.length + 2, this.#above(lines, from + at)));
    return html`
      <table aria-rowcount=${lines.length + pinned.length + 1}>
        <caption class="unseen">Scores of models, with their ranks</caption>
        <thead>
          <tr aria-rowindex="1">
            <td class="pin"></td>
            <th scope="col" class="place">#</th>
            <th scope="col" class="name" aria-sort=${this.#direction("model")}>${this.#header("Model", "", "~model", "model")}</th>
            ${mean.standings.length > 0 ? html`<th scope="col" class="mean-cell" aria-sort=${this.#direction(-1)}>${this.#header("Mean", "", "~mean", -1)}</th>` : nothing}
            ${drawn.map((column) => this.#columnHead(column.task, state))}
            ${shownFacts.filter(isFact).map((name) => html`<th scope="col" class=${name === "size" || name === "results" ? "fact number" : "fact"} aria-sort=${this.#direction(name)}>${this.#header(FACTS[name].title, "", `~${name}`, name)}</th>`)}
          </tr>
        </thead>
        ${pinned.length > 0
          ? html`<tbody class="pins">${pinned.map((line, at) => html`${draw(line, at + 2, undefined)}`)}</tbody>`
          : nothing}
        ${this.#isFull
          ? blocks(this.#prints ? lines.length : Math.min(this.#filled, lines.length)).map((start) => html`<tbody class="block">${guard([board, facts, NARROW.matches], () => part(start, Math.min(start + BLOCK, lines.length)))}</tbody>`)
          : html`<tbody class=${pinned.length > MOST_STICKY ? "loose" : nothing}>${spacer(from)} ${part(from, until)} ${spacer(lines.length - until)}</tbody>`}
      </table>
      ${lines.length + pinned.length === 0 ? html`<p class="waiting">No model meets these conditions.</p>` : nothing}
    `;
  }

  /** The first row that is seen, in steps. */
  #firstSeen(): number {
    const row = Math.floor(this.#top / (NARROW.matches ? 60 : 38));
    return row - (row % STEP);
  }

  /** The line of a model above a line. */
  #above(lines: readonly Line[], at: number): Line | undefined {
    let above = at - 1;
    while (lines[above]?.isSetting) above -= 1;
    return lines[above];
  }

  #columnHead(task: string, { table, trained, mean }: ControlState): TemplateResult {
    const at = table.columns.findIndex((column) => column.task === task);
    const dataset = trained.benchmarks.find(({ id }) => id === task)?.dataset ?? "";
    const { name, detail } = named({ task, dataset });
    const weight = mean.weights[at] ?? 1;
    const words = [detail, table.columns[at]?.lowerIsBetter ? "less is better" : "", weight === 1 || mean.standings.length === 0 ? "" : `weight ${Number(weight.toPrecision(3))}`];
    return html`<th scope="col" title=${task} aria-sort=${this.#direction(at)}>${this.#header(name, words.filter(Boolean).join(", "), task, at)}</th>`;
  }

  #header(name: string, detail: string, by: string, column: Board["by"]): TemplateResult {
    const isSorted = this.#board?.by === column;
    return html`
      <button type="button" @click=${() => { this.#change({ by, reversed: isSorted && !this.#ranked.reversed }); }}>
        <span class="arrow" aria-hidden="true">${isSorted ? (this.#board?.descends ? "↓" : "↑") : ""}</span>${name}${detail ? html` <small>${detail}</small>` : nothing}
      </button>
    `;
  }

  #direction(column: Board["by"]): "ascending" | "descending" | "none" {
    if (this.#board?.by !== column) return "none";
    return this.#board.descends ? "descending" : "ascending";
  }

  readonly #pin = (id: string): void => {
    const { pinned } = this.#ranked;
    this.#change({ pinned: pinned.includes(id) ? pinned.filter((other) => other !== id) : [...pinned, id] });
  };

  readonly #unfold = (id: string): void => {
    const { unfolded } = this.#ranked;
    const top = this.#top;
    this.#change({ unfolded: unfolded.includes(id) ? unfolded.filter((other) => other !== id) : [...unfolded, id] });
    this.#toTop(top);
  };

  #download(kind: "csv" | "json"): void {
    const [board, trained] = [this.#board, this.session.current];
    if (!board || !trained) return;
    const { info, dataSource } = trained;
    const data = { name: dataSource.name, source: info.source, license: info.license };
    const shown = { table: this.#table, mean: this.#mean, board, facts: this.#facts, ranked: this.#ranked, shownFacts: this.#shownFacts, data, address: location.href };
    void import("./ranking-export.ts").then(
      ({ toCsv, toJson }) => {
        const [text, type] = kind === "csv" ? [toCsv(shown), "text/csv"] : [toJson(shown), "application/json"];
        const link = document.createElement("a");
        link.href = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
        link.download = `eyas-rankings.${kind}`;
        link.click();
        setTimeout(() => { URL.revokeObjectURL(link.href); }, 10_000);
      },
      () => { this.#mistake = "The code that writes files cannot be loaded; check the connection"; this.requestUpdate(); },
    );
  }

  readonly #scrolled = ({ target }: Event): void => {
    if (!(target instanceof HTMLElement) || this.#isFull) return;
    const before = [this.#firstSeen(), this.#height];
    this.#top = target.scrollTop;
    this.#height = target.clientHeight;
    if (before[0] !== this.#firstSeen() || before[1] !== this.#height) this.requestUpdate();
  };

  readonly #resized = (): void => {
    this.requestUpdate();
  };

  readonly #printing = ({ type }: Event): void => {
    this.#prints = type === "beforeprint";
    this.requestUpdate();
    this.performUpdate();
  };

  #toTop(top = 0): void {
    this.#top = top;
    const scroller = this.querySelector(".scroller");
    if (scroller) scroller.scrollTop = top;
  }
}

/** Where the blocks of so many rows begin. */
function blocks(rows: number): number[] {
  return Array.from({ length: Math.ceil(rows / BLOCK) }, (_, at) => at * BLOCK);
}

customElements.define("eyas-ranking", RankingTable);
