// Values as bars in the rows of a table: the table is the plot. A bar has a whisker of one standard deviation to each side.

import { html, nothing, type TemplateResult } from "lit";
import { domainOf, type Bar } from "./analyses-data.ts";

/** A table with the heads of its columns: the name, the bar, its value, and further ones. */
export function barTable(caption: string, head: readonly [name: string, value: string, ...more: string[]], bars: readonly Bar[], say: (value: number) => string): TemplateResult {
  const [low, high] = domainOf(bars);
  const at = (value: number): number => (100 * (value - low)) / (high - low);
  const [name, value, ...more] = head;
  return html`<div class="wide-table" tabindex="0" role="region" aria-label=${caption}>
    <table class="plain bars">
      <caption>${caption}</caption>
      <thead><tr><th scope="col">${name}</th><th scope="col" colspan="2">${value}</th>${more.map((title) => html`<th scope="col">${title}</th>`)}</tr></thead>
      <tbody>${bars.map((bar) => html`<tr><th scope="row">${bar.name}</th><td class="drawn" aria-hidden="true">${drawn(bar, at)}</td><td>${bar.value === null ? "–" : html`${say(bar.value)}${bar.spread === null ? nothing : html` <small>± ${bar.spread.toFixed(3)}</small>`}`}</td>${bar.more.map((text) => html`<td>${text}</td>`)}</tr>`)}</tbody>
    </table>
  </div>`;
}

function drawn({ value, spread, other }: Bar, at: (value: number) => number): TemplateResult {
  const style = (from: number, to: number): string => `left: ${Math.min(from, to).toFixed(2)}%; width: ${Math.abs(to - from).toFixed(2)}%`;
  return html`<span class="rail-of-bar"><span class="zero" style=${`left: ${at(0).toFixed(2)}%`}></span>${value === null
      ? nothing
      : html`<span class="fill" style=${style(at(0), at(value))}></span>${spread ? html`<span class="whisker" style=${style(at(value - spread), at(value + spread))}></span>` : nothing}`}${other === undefined || other === null ? nothing : html`<span class="ring" style=${`left: ${at(other).toFixed(2)}%`}></span>`}</span>`;
}
