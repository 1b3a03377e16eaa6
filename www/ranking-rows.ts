// The rows of the leaderboard.

import { html, nothing, type TemplateResult } from "lit";
import { styleMap } from "lit/directives/style-map.js";
import type { ModelFacts } from "../pkg/index.js";
import { about } from "./address.ts";
import { short } from "./benchmarks.ts";
import { count, counted, score, sizeText } from "./figures.ts";
import { FACTS, isFact, meanText, type Board, type Column, type Line, type Mean, type Table } from "./ranking.ts";
import { HALF_WIDTH, interval, type Standing } from "../pkg/standing.js";

export interface RowState {
  table: Table;
  board: Board;
  mean: Mean;
  facts: ReadonlyMap<string, ModelFacts>;
  /** The columns in the order in which they are drawn, and the facts. */
  drawn: readonly Column[];
  shownFacts: readonly string[];
  pinned: readonly string[];
  unfolded: readonly string[];
}

export interface RowActions {
  pin: (id: string) => void;
  unfold: (id: string) => void;
}

/** @param before The line above it that is no setting, whose tier may be another one. */
export function row(line: Line, at: number, before: Line | undefined, state: RowState, actions: RowActions): TemplateResult {
  const { table, drawn, shownFacts, facts, mean, pinned } = state;
  const id = table.ids[line.row] ?? "";
  const known = facts.get(id);
  const isPinned = pinned.includes(id);
  const tier = line.place?.tier ?? 0;
  const begins = tier > 0 && !isPinned && before?.place?.tier !== tier;
  return html`
    <tr aria-rowindex=${at} class=${[begins ? "tier-start" : "", line.isSetting ? "setting" : "", isPinned ? "pinned" : ""].filter(Boolean).join(" ") || nothing}>
      <td class="pin"><button type="button" aria-pressed=${isPinned ? "true" : "false"} aria-label=${`Pin ${id}`} title=${isPinned ? "Unpin" : "Keep at the top"} @click=${() => { actions.pin(id); }}></button></td>
      ${place(line)}
      <th scope="row" class="name" title=${id}><span class="who"><a href=${about(id)}>${owner(id)}<b>${short(id)}</b></a></span>${fold(line, id, state, actions)}</th>
      ${mean.standings.length > 0 ? meanCell(mean, line.row) : nothing} ${drawn.map((column) => cell(column, line.row))}
      ${shownFacts.filter(isFact).map((name) => factCell(known && FACTS[name].value(known), name, known))}
    </tr>
  `;
}

function owner(id: string): TemplateResult | typeof nothing {
  const name = short(id);
  return id === name ? nothing : html`<small>${id.slice(0, id.length - name.length)}</small>`;
}

/** The button for the other settings of a model. */
function fold({ settings }: Line, id: string, { unfolded }: RowState, actions: RowActions): TemplateResult | typeof nothing {
  if (settings === 0) return nothing;
  const isOpen = unfolded.includes(id);
  return html` <button type="button" class="link fold" aria-expanded=${isOpen ? "true" : "false"} title=${counted(settings, "other setting")} @click=${() => { actions.unfold(id); }}><span aria-hidden="true">${isOpen ? "−" : "+"}${settings}</span><span class="unseen">${isOpen ? "hide" : "show"} ${counted(settings, "other setting")}</span></button>`;
}

/** The rank with its range, the tie and the tier. */
function place({ place, isSetting }: Line): TemplateResult {
  if (!place) return html`<td class="place"><span class="unseen">${isSetting ? "a setting of the model above" : "not among the models that meet the conditions"}</span></td>`;
  const { rank, best, worst, tier, tied } = place;
  const isWide = best < worst;
  return html`
    <td class="place" title=${isWide ? `90 % range of its rank: ${best} to ${worst}` : nothing}>
      ${tied ? html`<span class="tie" aria-hidden="true">=</span>` : nothing}${count(rank)}<span class="unseen"
        >${isWide ? `, between ${best} and ${worst}` : ""}${tied ? ", not distinguishable from the next better one" : ""}${tier > 0 ? `, tier ${tier}` : ""}</span
      >${isWide ? html`<small class="place-range" aria-hidden="true">${best}–${worst}</small>` : nothing}${tier > 0 ? html`<span class="tier-word" aria-hidden="true">tier ${tier}</span>` : nothing}
    </td>
  `;
}

function meanCell({ scale, standings }: Mean, row: number): TemplateResult {
  const one = standings[row];
  if (!one || Number.isNaN(one.median)) return html`<td class="none mean-cell"><span class="unseen">no mean</span></td>`;
  const predicted = one.measured < one.of;
  const [lower, upper] = interval(one);
  const text = (value: number): string => meanText(value, scale);
  return html`
    <td class=${predicted ? "predicted-cell mean-cell" : "measured-cell mean-cell"} title=${Number.isNaN(lower) ? nothing : `90 % interval: ${text(lower)} to ${text(upper)}`}>
      ${text(one.median)}${predicted ? html` <small>${one.measured}/${one.of}<span class="unseen"> measured, the others predicted</span></small>` : nothing}
      ${scale === "points" ? bar(one.median) : nothing}
    </td>
  `;
}

function cell({ measures, standings, range }: Column, row: number): TemplateResult {
  const measure = measures[row];
  if (!measure || Number.isNaN(measure.score)) return html`<td class="none"><span class="unseen">no score</span></td>`;
  const { score: part, predicted, error } = measure;
  return html`
    <td class=${predicted ? "predicted-cell" : "measured-cell"} title=${predicted ? around(measure.lower, measure.upper, range) : error > 0 ? sampled(error, range, standings[row]) : nothing}>
      ${score(part, range)}<span class="unseen">${predicted ? " predicted" : ""}</span> ${bar(part)}
    </td>
  `;
}

const around = (lower: number, upper: number, range: Column["range"]): string | typeof nothing =>
  Number.isNaN(lower) ? nothing : `predicted; 90 % interval ${score(lower, range)} to ${score(upper, range)}`;

const sampled = (error: number, { low, high }: Column["range"], one: Standing | undefined): string | typeof nothing =>
  one ? `measured; 90 % of its sampling error: ± ${(HALF_WIDTH * error * (high - low)).toPrecision(2)}` : nothing;

function bar(part: number): TemplateResult {
  return html`<i style=${styleMap({ "--part": String(Math.min(Math.max(part, 0), 1)) })}></i>`;
}

function factCell(value: string | number | null | undefined, name: string, facts: ModelFacts | undefined): TemplateResult {
  if (value === null || value === undefined) return html`<td class="none fact"><span class="unseen">not known</span></td>`;
  const isNamed = name === "size" && facts?.size_in_name === true;
  const text = name === "size" ? sizeText(Number(value)) : typeof value === "number" ? count(value) : value;
  return html`<td class=${typeof value === "number" ? "fact number" : "fact"} title=${isNamed ? "read from its name" : nothing}>${text}${isNamed ? html`<small>*</small>` : nothing}</td>`;
}
