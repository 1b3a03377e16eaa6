// The answer: a line a benchmark, with the parents' measured scores on the same track.

import { html, nothing, type TemplateResult } from "lit";
import { styleMap } from "lit/directives/style-map.js";
import type { Forecast, LineageParent, Plan, Prediction } from "../pkg/index.js";
import { along, count, counted, score } from "./figures.ts";
import { failed, noForecast, outdated, subject, waiting, type Shown, type Standing, type Unseen, type Ways } from "./standing.ts";
import { tags } from "./tags.ts";
import { whyView } from "./why-view.ts";

/** Parents get a letter as long as there are letters. */
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
/** Smallest distance of two letters above a track, as a part of it. */
const LETTER_WIDTH = 0.045;

interface Lettered extends LineageParent {
  letter: string;
}

export function forecastView(standing: Standing, ways: Ways): TemplateResult {
  const { shown, stale, mistake, session } = standing;
  return html`
    <section class="forecast" aria-labelledby="forecast-title" id="forecast">
      <h2 id="forecast-title">The forecast</h2>
      ${session.failure ? failed(session, session.failure, ways) : nothing}
      ${shown ? (stale ? outdated(shown, mistake, ways) : nothing) : mistake ? noForecast(mistake, session, ways) : waiting(session, ways)}
      ${shown ? html`<div class=${stale ? "stale" : "fresh"}>${answer(shown, ways)}</div>` : nothing}
    </section>
  `;
}

function answer(shown: Shown, ways: Ways): TemplateResult {
  const { asked, prediction, trained, plan, why } = shown;
  const { info, supply, chosen } = trained;
  const { lineage, forecasts, method, device, warnings, measured } = prediction;
  const parents = lettered(lineage.parents);
  const nothingKnown = prediction.subject.next_to_nothing;
  const lines = html`
    <ul class="lines">
      ${forecasts.map((forecast) => line(forecast, parents, prediction))}
    </ul>
  `;
  return html`
    ${heading(shown, ways)}
    ${measured ? measuredNote(prediction, shown.unseen, ways) : nothing}
    ${parents.length > 0
      ? legend(parents)
      : measured || nothingKnown || lineage.unknown.length > 0 || asked.sole
        ? nothing
        : html`<p class="legend">No parent of it has been measured here.</p>`}
    ${lineage.unknown.length > 0 ? unknown(lineage.unknown, supply.name) : nothing}
    ${nothingKnown ? nextToNothing(lines) : nothing}
    ${warnings.filter((warning) => !(nothingKnown && warning.startsWith("next to nothing"))).map((warning) => html`<p class="repair">${warning}</p>`)}
    ${nothingKnown ? nothing : lines}
    ${plan && !nothingKnown ? nextLine(plan) : nothing} ${nothingKnown ? nothing : whyView(why, ways.explain)}
    <p class="provenance">
      Method <b>${method}</b>${chosen ? ` (${chosen})` : nothing}, computed on ${device}, from ${counted(info.models, "model")} and
      ${count(info.cells)} measured results. Source: ${info.source}. Licence: ${info.license}.
    </p>
    <details class="embed">
      <summary>Put this forecast into a page of yours</summary>
      <textarea
        readonly
        rows="9"
        spellcheck="false"
        aria-label="Tags to copy"
        .value=${tags(shown)}
        @focus=${({ target }: Event) => {
          (target as HTMLTextAreaElement).select();
        }}
      ></textarea>
    </details>
  `;
}

/** Whom it is of; a single id can be meant in two ways. */
function heading({ prediction, asked }: Shown, ways: Ways): TemplateResult {
  const { sole, asParent } = asked;
  const other = html`<button type="button" class="link" @click=${ways.swap}>
    ${asParent ? "The model itself instead" : "A model made from it instead"}
  </button>`;
  return html`<p class="subject">Of ${subject(prediction, asked)}${sole ? html`${asParent ? nothing : " itself"}. ${other}` : "."}</p>`;
}

/** In place of numbers that would look as sure as others. */
function nextToNothing(lines: TemplateResult): TemplateResult {
  return html`
    <div class="nothing-known">
      <p class="big">Next to nothing is known of this model.</p>
      <p>
        No relative of it has been measured here, and neither its size nor a known name is given. Give its size, its type, a
        parent that is measured or a score that it has: each of them makes a forecast.
      </p>
      <details><summary>What could be said of any model</summary>${lines}</details>
    </div>
  `;
}

/** That the scores are measured, of whom, and the way to what would have been forecast. */
function measuredNote({ forecasts, subject, quantisation_of: original }: Prediction, unseen: Unseen, ways: Ways): TemplateResult {
  const shown = forecasts.some((forecast) => forecast.unseen);
  return html`
    <p class="measured-note">
      <b>Measured.</b>
      ${original
        ? html`The scores are those of <b>${original}</b>, of which ${subject.given ?? subject.id ?? "it"} is a quantisation.`
        : "These scores of it are in the data."}
      ${shown
        ? html`Below each stands what would have been forecast without them.`
        : unseen.asked
          ? (unseen.mistake ?? "Working out what would have been forecast…")
          : html`<button type="button" class="link" @click=${ways.unseen}>What would have been forecast?</button>`}
    </p>
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

/** What is measured stands upright on a solid bar, what is forecast on a barred one with its interval; a word says which. */
function line(forecast: Forecast, parents: Lettered[], { measured: ofIt, quantisation_of: original }: Prediction): TemplateResult {
  const { task, mean, lower, upper, rank, of, range, known, unseen, rank_lower: best, rank_upper: worst } = forecast;
  const measured = parents.flatMap(({ id, letter }) => {
    const part = forecast.parents[id];
    return part === undefined ? [] : [{ id, letter, part }];
  });
  const word = !known ? (ofIt ? "forecast" : "") : ofIt?.[task] === undefined ? "as given" : original ? "measured of the original" : "measured";
  const interval = (lower: number | null, upper: number | null): TemplateResult | typeof nothing =>
    lower !== null && upper !== null ? html`<small class="interval">${score(lower, range)} to ${score(upper, range)}</small>` : nothing;
  const band = (lower: number | null, upper: number | null): TemplateResult | typeof nothing =>
    lower !== null && upper !== null
      ? html`<span class="band" style=${styleMap({ left: along(lower), right: along(1 - upper) })}></span>`
      : nothing;
  return html`
    <li class=${known ? "line known" : "line"} data-task=${task}>
      <h3>${task}</h3>
      <p class="value">
        <strong>${score(mean, range)}</strong>
        ${word ? html`<small class="word">${word}</small>` : nothing} ${known ? nothing : interval(lower, upper)}
      </p>
      <p class="rank"><span class="unseen">rank </span>${count(rank)} <small>of ${count(of)}</small>
        ${best !== null && worst !== null && best < worst
          ? html`<small class="interval">${count(best)} to ${count(worst)}</small>`
          : nothing}</p>
      <div class="track" aria-hidden="true">
        <span class="bar" style=${styleMap({ width: along(mean) })}></span>
        ${unseen ? band(unseen.lower, unseen.upper) : band(lower, upper)}
        <span class="mean" style=${styleMap({ left: along(mean) })}></span>
        ${unseen ? html`<span class="mean would" style=${styleMap({ left: along(unseen.mean) })}></span>` : nothing}
        ${spread(measured).map(
          ({ letter, part, at }) => html`
            <span class="tick" style=${styleMap({ left: along(part) })}></span>
            <span class="letter" style=${styleMap({ left: along(at) })}>${letter}</span>
          `,
        )}
      </div>
      <p class="measured">
        ${unseen
          ? html`<span class="would-word">would have been forecast ${score(unseen.mean, range)}${unseen.lower !== null && unseen.upper !== null
              ? ` (${score(unseen.lower, range)} to ${score(unseen.upper, range)})`
              : nothing}</span>`
          : nothing}
        ${measured.length > 0
          ? html`<span class="measured-word">parents measured</span>`
          : parents.length > 0
            ? "no parent measured"
            : nothing}
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
