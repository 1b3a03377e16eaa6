// What was understood of the files: the role of each column, which can be changed, and what was merged or left out. It is open before a
// training that waits for the visitor, and otherwise closed.

import { html, LitElement, nothing, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import type { Column, GivenRole, Role, Unit } from "../pkg/index.js";
import { amount, doubts, type Columns } from "./doubts.ts";
import { count, counted } from "./figures.ts";
import type { Understood } from "./session.ts";
import "./style/preview.css";
import type { Actions } from "./data-panel.ts";
import { besides, byFile, kindOf, meaning, partsOf, roleOf, ROLES, size, UNITS, withoutEffect, type FileColumns } from "./understood.ts";

/** Most rows of collapsed columns, most lines of a list, and most files whose columns are listed. */
const [MOST_ROWS, MOST_LINES, MOST_FILES] = [200, 20, 10];

/** What rows need beside their column. */
interface Given {
  columns: Columns;
  mistakes: Readonly<Record<string, string>>;
  idle: ReadonlySet<string>;
}

class Preview extends LitElement {
  static override properties = {
    // The session makes a new object each time; during a training its parts stay the same.
    understood: { attribute: false, hasChanged: differs },
    actions: { attribute: false, hasChanged: () => false },
  };
  declare understood: Understood | undefined;
  declare actions: Actions;

  /** Whether it is open, and the groups of columns that are. Closed ones have no content. */
  #open = false;
  readonly #opened = new Set<string>();
  #waited = false;
  /** The select that was used last. */
  #last: string | undefined;

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override willUpdate(): void {
    if (this.#waits && !this.#waited) this.#open = true;
    if (!this.#waits && this.#waited) this.#open = false;
  }

  protected override updated(): void {
    const begins = this.#waits && !this.#waited;
    this.#waited = this.#waits;
    if (this.understood?.changed === undefined) this.#last = undefined;
    // A row with a new role may have moved from a group to the others.
    const isLost = document.activeElement === document.body || document.activeElement === null;
    if (this.#last !== undefined && isLost) this.querySelector<HTMLElement>(`#${this.#last}`)?.focus();
    else if (begins && this.understood?.changed === undefined) this.querySelector<HTMLElement>(".decide button")?.focus();
  }

  protected override render(): TemplateResult | typeof nothing {
    const { understood } = this;
    if (!understood) return nothing;
    const toggled = ({ target }: Event): void => {
      this.#open = (target as HTMLDetailsElement).open;
      this.requestUpdate();
    };
    return html`
      <details class="understood" .open=${live(this.#open)} @toggle=${toggled}>
        <summary>What was understood of ${understood.dataSource.name}</summary>
        ${this.#open ? this.#content(understood) : nothing}
      </details>
    `;
  }

  /** Whether the training waits, or the files are read again with other roles. */
  get #waits(): boolean {
    const stage = this.understood?.stage;
    return stage === "waiting" || stage === "reading";
  }

  #content({ dataSource, info, report, stage, mistakes, isReady }: Understood): TemplateResult {
    const { columns = {} } = dataSource;
    const broken = stage === "waiting" && !isReady;
    const idle = !isReady && stage ? new Set<string>() : withoutEffect(report, columns);
    const kept = new Set([...Object.keys(columns), ...Object.keys(mistakes)]);
    const files = byFile(report, kept);
    const listed = files.filter(({ columns }, at) => at < MOST_FILES || columns.some(({ name }) => kept.has(name)));
    const hidden = files.length - listed.length;
    const known = new Set(report.columns.map(({ name }) => name.toLowerCase()));
    const others = Object.entries(mistakes).filter(([name]) => !known.has(name.toLowerCase()));
    const doubtful = this.#waits && !broken ? doubts(report) : [];
    const { merged, apart, dropped } = report;
    return html`
      <div class="decide">
        <p class="size" role="status">${broken ? "Not readable in this way" : size(info)}</p>
        ${this.#waits
          ? html`<button type="button" class="primary" ?disabled=${!isReady} @click=${() => { this.actions.train(); }}>Train</button>`
          : nothing}
      </div>
      ${others.map(([, text]) => html`<p class="mistake" role="alert">${text}</p>`)}
      ${doubtful.length > 0 ? html`<ul class="doubts">${doubtful.map((line) => html`<li>${line}</li>`)}</ul>` : nothing}
      ${listed.map((file) => this.#file(file, { columns, mistakes, idle }))}
      ${hidden > 0 ? html`<p class="help more-files">and ${counted(hidden, "more file")}</p>` : nothing}
      ${list("Merged into one model", merged.map((names) => names.join(" = ")))}
      ${list("Look alike and stay apart", apart.map(([a, b, why]) => `${a} and ${b}: ${why}`))}
      ${list("Left out", dropped.map(({ what, why, count: times }) => `${amount(times, what)}: ${why}`))}
    `;
  }

  // The roles of the table stay what they are where narrow pages arrange its cells in another way.
  #file({ file, isTable, columns, collapsed }: FileColumns, given: Given): TemplateResult {
    const table = (columns: Column[], caption: TemplateResult): TemplateResult => html`
      <table role="table">
        ${caption}
        <thead role="rowgroup">
          <tr role="row">
            ${["Column", "Read as", "Meaning"].map((name) => html`<th scope="col" role="columnheader">${name}</th>`)}
          </tr>
        </thead>
        <tbody role="rowgroup">
          ${columns.map((column) => this.#row(column, isTable, given))}
        </tbody>
      </table>
    `;
    return html`
      ${table(columns, html`<caption>${file}</caption>`)}
      ${collapsed.map(({ kind, columns }) => {
        const key = `${kind} of ${file}`;
        const toggled = (event: Event): void => {
          if ((event.target as HTMLDetailsElement).open) this.#opened.add(key);
          else this.#opened.delete(key);
          this.requestUpdate();
        };
        const hidden = columns.length - MOST_ROWS;
        return html`
          <details class="more" @toggle=${toggled}>
            <summary>${count(columns.length)} more ${kind}</summary>
            ${this.#opened.has(key) ? table(columns.slice(0, MOST_ROWS), html`<caption class="unseen">More ${key}</caption>`) : nothing}
            ${hidden > 0 ? html`<p class="help">and ${count(hidden)} more</p>` : nothing}
          </details>
        `;
      })}
    `;
  }

  #row(column: Column, isTable: boolean, { columns, mistakes, idle }: Given): TemplateResult {
    const { file, name, why } = column;
    const mistake = Object.hasOwn(mistakes, name) ? mistakes[name] : undefined;
    const id = `column-${this.understood?.report.columns.indexOf(column) ?? 0}`;
    const means = meaning(column);
    return html`
      <tr role="row">
        <th scope="row" role="rowheader">${name}</th>
        <td role="cell" class=${isTable ? nothing : "plain"}>
          ${isTable ? this.#selects(column, partsOf((Object.hasOwn(columns, name) ? columns[name] : undefined) ?? roleOf(column)), id, mistake !== undefined) : kindOf(column)}
          ${mistake ? html`<p class="mistake" role="alert" id=${`${id}-mistake`}>${besides(mistake, { file, name })}</p>` : nothing}
        </td>
        <td role="cell">
          ${means ? html`<span class="means">${means}</span>` : nothing}
          <small>${idle.has(name) ? "another role has no effect in a table of this form" : why}</small>
        </td>
      </tr>
    `;
  }

  #selects({ name, unit: found }: Column, { role, unit = found ?? undefined }: { role: Role; unit: Unit | undefined }, id: string, isWrong: boolean): TemplateResult {
    const change = (used: string, given: GivenRole): void => {
      this.#last = used;
      this.actions.revise({ ...this.understood?.dataSource.columns, [name]: given }, name);
    };
    const select = (own: string, label: string, options: readonly (readonly [string, string])[], chosen: string, given: (value: string) => GivenRole): TemplateResult => html`
      <select
        id=${own}
        aria-label=${label}
        aria-invalid=${isWrong ? "true" : "false"}
        aria-describedby=${isWrong ? `${id}-mistake` : nothing}
        @change=${({ target }: Event) => { change(own, given((target as HTMLSelectElement).value)); }}
      >
        ${options.map(([value, text]) => html`<option value=${value} .selected=${live(value === chosen)}>${text}</option>`)}
      </select>
    `;
    const units = unit ? UNITS : [["", "by its values"] as const, ...UNITS];
    return html`
      ${select(id, `What ${name} holds`, ROLES, role, (value) => value as Role)}
      ${role === "score"
        ? select(`${id}-unit`, `Unit of ${name}`, units, unit ?? "", (value) => (value ? `score:${value as Unit}` : "score"))
        : nothing}
    `;
  }
}

customElements.define("eyas-preview", Preview);

function list(title: string, lines: string[]): TemplateResult | typeof nothing {
  if (lines.length === 0) return nothing;
  const more = lines.length - MOST_LINES;
  return html`
    <h3>${title}</h3>
    <ul class="things">
      ${lines.slice(0, MOST_LINES).map((line) => html`<li>${line}</li>`)}
      ${more > 0 ? html`<li>and ${count(more)} more</li>` : nothing}
    </ul>
  `;
}

/** Whether two of them show different things. */
function differs(now?: Understood, before?: Understood): boolean {
  if (!now || !before) return now !== before;
  return Object.entries(now).some(([name, part]) => part !== before[name as keyof Understood]);
}
