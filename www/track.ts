// The drawing of scores on a rail: bands and dots of forecasts, squares of measured scores, ticks of other models.

import { html, nothing, svg, type TemplateResult } from "lit";
import type { Range } from "../pkg/index.js";
import { position } from "./figures.ts";
import type { RankedColumn } from "./worker.ts";

/** Smallest distance of two letters above a track, as a share of its length. */
const LETTER_WIDTH = 0.045;

/** A score with its interval, in a lane of its own. */
export interface Mark {
  mean: number;
  lower: number | null;
  upper: number | null;
  known: boolean;
  /** The number of its lane, from 0. */
  lane?: number;
  /** A class of its own, such as `would`. */
  kind?: string;
}

/** The measured score of another model. */
export interface Tick {
  letter: string;
  part: number;
}

export function track(marks: readonly Mark[], ticks: readonly Tick[], strip: string | undefined): TemplateResult {
  const lanes = Math.max(0, ...marks.map(({ lane = 0 }) => lane)) + 1;
  return html`
    <div class=${ticks.length > 0 ? "track lettered" : "track"} style=${`--lanes: ${lanes}`} aria-hidden="true">
      ${strip ? svg`<svg class="strip" viewBox="0 0 1000 1" preserveAspectRatio="none"><path d=${strip} /></svg>` : nothing}
      ${Array.from({ length: lanes }, (_, lane) => html`<span class="rail" style=${`--lane: ${lane}`}></span>`)}
      ${ticks.map(({ part }) => html`<span class="tick" style=${`left: ${position(part)}`}></span>`)}
      ${marks.map(mark)}
      ${spread(ticks).map(({ letter, at }) => html`<span class="letter" style=${`left: ${position(at)}`}>${letter}</span>`)}
    </div>
  `;
}

function mark({ mean, lower, upper, known, lane = 0, kind = "" }: Mark): TemplateResult {
  return html`
    ${lower !== null && upper !== null
      ? html`<span class=${`band ${known ? "sampled" : ""} ${kind}`} style=${`--lane: ${lane}; left: ${position(lower)}; right: ${position(1 - upper)}`}></span>`
      : nothing}
    <span class=${`mean ${known ? "square" : "dot"} ${kind}`} style=${`--lane: ${lane}; left: ${position(mean)}`}></span>
  `;
}

/** The measured scores of all models as fine lines, as the path of an SVG. */
export function stripOf({ scores, predicted }: RankedColumn): string {
  const lines: string[] = [];
  scores.forEach((part, at) => {
    if (predicted[at] === 0 && part >= 0 && part <= 1) lines.push(`M${Math.round(part * 1000)} 0V1`);
  });
  return [...new Set(lines)].join("");
}

/** The labels of the axis: in the units of the benchmarks if they share a range, else in per cent of each range. */
export function axis(ranges: readonly Range[]): TemplateResult {
  const [first, ...others] = ranges;
  const same = first && others.every(({ low, high }) => low === first.low && high === first.high);
  const { low, high } = same ? first : { low: 0, high: 100 };
  const form = new Intl.NumberFormat("en", { maximumFractionDigits: high - low <= 2 ? 2 : 0 });
  const labels = [0, 0.25, 0.5, 0.75, 1].map((part) => html`<span style=${`left: ${position(part)}`}>${form.format(low + part * (high - low))}${same ? nothing : part === 1 ? " %" : nothing}</span>`);
  return html`<div class="axis" aria-hidden="true">${labels}</div>`;
}

/** Moves letters apart that would overlap; the ticks below them stay exact. */
function spread<T extends { part: number }>(marks: readonly T[]): (T & { at: number })[] {
  let free = 0;
  return marks
    .toSorted((a, b) => a.part - b.part)
    .map((one) => {
      const at = Math.max(one.part, free);
      free = at + LETTER_WIDTH;
      return { ...one, at };
    });
}
