// The drawing of scores on a rail: bands and dots of forecasts, squares of measured scores, ticks of other models.

import { html, nothing, svg, type TemplateResult } from "lit";
import { axis as labels, pieces, type Mark, type Piece, type Tick } from "../pkg/drawing.js";
import type { Range } from "../pkg/index.js";
import { about } from "./address.ts";
import { position } from "./figures.ts";
import type { RankedColumn } from "./worker.ts";

export type { Mark } from "../pkg/drawing.js";

/** The score of another model, which may be one of the data. */
type Other = Tick & { id?: string };

export function track(marks: readonly Mark[], ticks: readonly Other[], strip: string | undefined): TemplateResult {
  const lanes = Math.max(0, ...marks.map(({ lane = 0 }) => lane)) + 1;
  return html`
    <div class=${ticks.length > 0 ? "track lettered" : "track"} style=${`--lanes: ${lanes}`} aria-hidden="true">
      ${strip ? svg`<svg class="strip" viewBox="0 0 1000 1" preserveAspectRatio="none"><path d=${strip} /></svg>` : nothing}
      ${Array.from({ length: lanes }, (_, lane) => html`<span class="rail" style=${`--lane: ${lane}`}></span>`)}
      ${pieces(marks, ticks).map(drawn)}
    </div>
  `;
}

/** Letters lead to the page of their model; the legend has the same links for keyboards and screen readers. */
function drawn(one: Piece<Other>): TemplateResult {
  switch (one.piece) {
    case "band":
      return html`<span class=${`band ${one.mark.known ? "sampled" : ""} ${one.mark.kind ?? ""}`} style=${`--lane: ${one.mark.lane ?? 0}; left: ${position(one.from)}; right: ${position(1 - one.to)}`}></span>`;
    case "point":
    case "square":
      return html`<span class=${`mean ${one.piece} ${one.mark.kind ?? ""}`} style=${`--lane: ${one.mark.lane ?? 0}; left: ${position(one.at)}`}></span>`;
    case "letter":
      return one.id === undefined
        ? html`<span class="letter" style=${`left: ${position(one.at)}`}>${one.letter}</span>`
        : html`<a class="letter" tabindex="-1" href=${about(one.id)} title=${one.id} style=${`left: ${position(one.at)}`}>${one.letter}</a>`;
    default:
      return html`<span class="tick" style=${`left: ${position(one.at)}`}></span>`;
  }
}

/** The measured scores of all models as fine lines, as the path of an SVG. */
export function stripOf({ scores, predicted }: RankedColumn): string {
  const lines: string[] = [];
  scores.forEach((part, at) => {
    if (predicted[at] === 0 && part >= 0 && part <= 1) lines.push(`M${Math.round(part * 1000)} 0V1`);
  });
  return [...new Set(lines)].join("");
}

/** The labels of the axis. */
export function axis(ranges: readonly Range[]): TemplateResult {
  const { labels: found, digits } = labels(ranges);
  const form = new Intl.NumberFormat("en", { maximumFractionDigits: digits });
  const drawn = found.map(({ at, value, percent }) => html`<span style=${`left: ${position(at)}`}>${form.format(value)}${percent ? " %" : nothing}</span>`);
  return html`<div class="axis" aria-hidden="true">${drawn}</div>`;
}
