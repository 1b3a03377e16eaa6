// The answer: a line a benchmark, with the parents' measured scores on the same track.

import { html, nothing, type TemplateResult } from "lit";
import { styleMap } from "lit/directives/style-map.js";
import type { Forecast, LineageParent, Plan, Prediction, SnapshotInfo } from "../pkg/index.js";
import { along, count, counted, score } from "./figures.ts";
import { whyView, type Why } from "./why-view.ts";

/** A forecast, with the data behind it at the time when it was made. */
export interface Shown {
  prediction: Prediction;
  name: string;
  address: string | undefined;
  info: SnapshotInfo;
  plan: Plan | undefined;
  why: Why;
}

/** Where other people's pages load the elements from. */
const WIDGET = "https://cdn.jsdelivr.net/npm/eyas@0.1/eyas-widget";

/** Parents get a letter as long as there are letters. */
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
/** Smallest distance of two letters above a track, as a part of it. */
const LETTER_WIDTH = 0.045;

interface Lettered extends LineageParent {
  letter: string;
}

export function forecastView(shown: Shown | undefined, training: boolean, explain: () => void): TemplateResult {
  return html`
    <section class="forecast" aria-labelledby="forecast-title" id="forecast">
      <h2 id="forecast-title">The forecast</h2>
      ${shown ? answer(shown, explain) : waiting(training)}
    </section>
  `;
}

function waiting(training: boolean): TemplateResult {
  return html`<p class="waiting">${training ? "A model is being trained for it…" : "It needs a trained model first."}</p>`;
}

function answer({ prediction, name, address, info, plan, why }: Shown, explain: () => void): TemplateResult {
  const { lineage, forecasts, method, device, warnings } = prediction;
  const parents = lettered(lineage.parents);
  return html`
    ${parents.length > 0 ? legend(parents) : html`<p class="legend">None of its parents has been measured here.</p>`}
    ${lineage.unknown.length > 0 ? unknown(lineage.unknown, name) : nothing}
    ${warnings.map((warning) => html`<p class="repair">${warning}</p>`)}
    <ul class="lines">
      ${forecasts.map((forecast) => line(forecast, parents))}
    </ul>
    ${plan ? nextLine(plan) : nothing} ${whyView(why, explain)}
    <p class="provenance">
      Method <b>${method}</b>, computed on ${device}, from ${counted(info.models, "model")} and
      ${count(info.cells)} measured results. Source: ${info.source}. Licence: ${info.license}.
    </p>
    <details class="embed">
      <summary>Put this forecast into a page of yours</summary>
      <textarea
        readonly
        rows="7"
        spellcheck="false"
        aria-label="Tags to copy"
        .value=${tags(lineage.parents, address)}
        @focus=${({ target }: Event) => {
          (target as HTMLTextAreaElement).select();
        }}
      ></textarea>
    </details>
  `;
}

/** What to evaluate next, where something would tell. */
function nextLine({ width, evaluations }: Plan): TemplateResult | typeof nothing {
  const [first, ...others] = evaluations;
  if (!first || !(width > 0)) return nothing;
  const narrower = Math.round((1 - first.width / width) * 100);
  if (narrower < 1) return nothing;
  return html`<p class="next">
    Evaluate <b>${first.task}</b> next: that narrows the intervals by ${narrower} % on
    average${others.length > 0 ? html`, then ${others.map(({ task }, at) => html`${at > 0 ? ", " : ""}<b>${task}</b>`)}` : nothing}.
  </p>`;
}

/** The widget's tags for this question; results that only this reader has get a name to put in. */
function tags(parents: LineageParent[], address: string | undefined): string {
  const uneven = new Set(parents.map(({ weight }) => weight)).size > 1;
  const named = parents.map(({ id, weight }) => (uneven ? `${id}:${Number(weight.toFixed(4))}` : id)).join(", ");
  const attribute = (text: string): string => text.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
  const snapshot = address === undefined ? "YOUR-RESULTS.csv" : new URL(address, document.baseURI).href;
  return `<link rel="stylesheet" href="${WIDGET}.css" />
<script type="module" src="${WIDGET}.js"></script>
<eyas-forecast
  snapshot="${attribute(snapshot)}"
  parents="${attribute(named)}"
></eyas-forecast>`;
}

function lettered(parents: LineageParent[]): Lettered[] {
  return parents.filter(({ evaluated }) => evaluated).map((parent, at) => ({ ...parent, letter: LETTERS[at] ?? "·" }));
}

function legend(parents: Lettered[]): TemplateResult {
  const total = parents.reduce((sum, { weight }) => sum + weight, 0);
  const uneven = new Set(parents.map(({ weight }) => weight)).size > 1;
  return html`
    <ul class="legend" aria-label="Parents">
      ${parents.map(
        ({ letter, id, weight }) => html`
          <li>
            <span class="letter">${letter}</span> ${id}${uneven
              ? html` <small>${Math.round((weight / total) * 100)} %</small>`
              : nothing}
          </li>
        `,
      )}
    </ul>
  `;
}

function unknown(ids: string[], name: string): TemplateResult {
  return html`<p class="unknown">
    <b>Not in ${name}, so left out:</b> ${ids.map((id, at) => html`${at > 0 ? ", " : ""}<code>${id}</code>`)}
  </p>`;
}

function line(forecast: Forecast, parents: Lettered[]): TemplateResult {
  const { task, mean, lower, upper, rank, of, range, rank_lower: best, rank_upper: worst } = forecast;
  const measured = parents.flatMap(({ id, letter }) => {
    const part = forecast.parents[id];
    return part === undefined ? [] : [{ id, letter, part }];
  });
  return html`
    <li class="line" data-task=${task}>
      <h3>${task}</h3>
      <p class="value">
        <strong>${score(mean, range)}</strong>
        ${lower !== null && upper !== null
          ? html`<small class="interval">${score(lower, range)} to ${score(upper, range)}</small>`
          : nothing}
      </p>
      <p class="rank"><span class="unseen">rank </span>${count(rank)} <small>of ${count(of)}</small>
        ${best !== null && worst !== null && best < worst
          ? html`<small class="interval">${count(best)} to ${count(worst)}</small>`
          : nothing}</p>
      <div class="track" aria-hidden="true">
        <span class="bar" style=${styleMap({ width: along(mean) })}></span>
        ${lower !== null && upper !== null
          ? html`<span class="band" style=${styleMap({ left: along(lower), right: along(1 - upper) })}></span>`
          : nothing}
        <span class="mean" style=${styleMap({ left: along(mean) })}></span>
        ${spread(measured).map(
          ({ letter, part, at }) => html`
            <span class="tick" style=${styleMap({ left: along(part) })}></span>
            <span class="letter" style=${styleMap({ left: along(at) })}>${letter}</span>
          `,
        )}
      </div>
      <p class="measured">
        ${measured.length > 0 ? html`<span class="measured-word">measured</span>` : "no parent measured"}
        ${measured.map(
          ({ id, letter, part }) =>
            html` <span title=${id}><span class="letter">${letter}</span> ${score(part, range)}</span>`,
        )}
      </p>
    </li>
  `;
}

/** Moves letters apart where they would cover each other; the ticks below them stay exact. */
function spread<T extends { part: number }>(marks: T[]): (T & { at: number })[] {
  let free = 0;
  return marks
    .toSorted((a, b) => a.part - b.part)
    .map((mark) => {
      const at = Math.max(mark.part, free);
      free = at + LETTER_WIDTH;
      return { ...mark, at };
    });
}
