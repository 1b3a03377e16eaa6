// The forecast: one line per benchmark, with a track that shows the forecast and the parents' measured scores.

import { html, nothing, type TemplateResult } from "lit";
import { styleMap } from "lit/directives/style-map.js";
import type { Forecast, LineageParent, Plan, Prediction } from "../pkg/index.js";
import { position, count, counted, score } from "./figures.ts";
import { failed, noForecast, outdated, subject, waiting, type ShownForecast, type ForecastState, type Unseen, type ForecastActions } from "./forecast-state.ts";
import { tags } from "./tags.ts";
import { whyView } from "./why-view.ts";

/** Marks of the parents; further parents get a dot. */
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
/** Smallest distance of two letters above a track, as a share of its length. */
const LETTER_WIDTH = 0.045;

interface Lettered extends LineageParent {
  letter: string;
}

export function forecastView(state: ForecastState, actions: ForecastActions): TemplateResult {
  const { shown, stale, mistake, session } = state;
  return html`
    <section class="forecast" aria-labelledby="forecast-title" id="forecast">
      <h2 id="forecast-title">The forecast</h2>
      ${session.failure ? failed(session, session.failure, actions) : nothing}
      ${shown ? (stale ? outdated(shown, mistake, actions) : nothing) : mistake ? noForecast(mistake, session, actions) : waiting(session, actions)}
      ${shown ? html`<div class=${stale ? "stale" : "fresh"}>${answer(shown, actions)}</div>` : nothing}
    </section>
  `;
}

function answer(shown: ShownForecast, actions: ForecastActions): TemplateResult {
  const { question, prediction, trained, plan, why } = shown;
  const { info, dataSource, chosen } = trained;
  const { lineage, forecasts, method, device, warnings, measured } = prediction;
  const parents = lettered(lineage.parents);
  const nothingKnown = prediction.subject.next_to_nothing;
  const lines = html`
    <ul class="lines">
      ${forecasts.map((forecast) => line(forecast, parents, prediction))}
    </ul>
    ${rest(shown, actions)}
  `;
  return html`
    ${heading(shown, actions)}
    ${measured ? measuredNote(prediction, shown.unseen, actions) : nothing}
    ${parents.length > 0
      ? legend(parents)
      : measured || nothingKnown || lineage.unknown.length > 0 || question.sole
        ? nothing
        : html`<p class="legend">None of its parents is measured here.</p>`}
    ${lineage.unknown.length > 0 ? unknown(lineage.unknown, dataSource.name) : nothing}
    ${nothingKnown ? nextToNothing(lines) : nothing}
    ${warnings.filter((warning) => !(nothingKnown && warning.startsWith("next to nothing"))).map((warning) => html`<p class="repair">${warning}</p>`)}
    ${nothingKnown ? nothing : lines}
    ${nothingKnown ? nothing : nextLine(plan)} ${nothingKnown ? nothing : whyView(why, actions.explain)}
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

/** The model that the forecast is for. A single id may be the model or its parent; a button changes that. */
function heading({ prediction, question }: ShownForecast, actions: ForecastActions): TemplateResult {
  const { sole, asParent } = question;
  const swap = html`<button type="button" class="link" @click=${actions.swap}>
    ${asParent ? "The model itself instead" : "A model made from it instead"}
  </button>`;
  return html`<p class="subject">Of ${subject(prediction, question)}${sole ? html`${asParent ? nothing : " itself"}. ${swap}` : "."}</p>`;
}

/** How many benchmarks are not shown, and a button for them. */
function rest({ prediction: { forecasts, measured }, trained: { benchmarks } }: ShownForecast, actions: ForecastActions): TemplateResult | typeof nothing {
  if (forecasts.length >= benchmarks.length) return nothing;
  const shown = new Set(forecasts.map(({ task }) => task));
  const hidden = Object.keys(measured ?? {}).filter((task) => !shown.has(task)).length;
  return html`<p class="help">
    The ${forecasts.length} of ${count(benchmarks.length)} benchmarks on which its relatives and models like it have the most
    results${hidden > 0 ? html`; <b>${counted(hidden, "more measured score")}</b> among the others` : nothing}.
    <button type="button" class="link" id="all" @click=${actions.all}>Show all</button>
  </p>`;
}

/** A note in place of forecasts that would look as certain as others. */
function nextToNothing(lines: TemplateResult): TemplateResult {
  return html`
    <div class="nothing-known">
      <p class="big">Next to nothing is known of this model.</p>
      <p>
        None of its relatives is measured here, and neither its size nor a known name is given. A forecast needs its size, its
        type, a measured parent or a known score of it.
      </p>
      <details><summary>The forecast for any unknown model</summary>${lines}</details>
    </div>
  `;
}

/** The note that the scores are measured, with a button for the forecast without them. */
function measuredNote({ forecasts, subject, quantisation_of: original }: Prediction, unseen: Unseen, actions: ForecastActions): TemplateResult {
  const shown = forecasts.some((forecast) => forecast.unseen);
  return html`
    <p class="measured-note">
      <b>Measured.</b>
      ${original
        ? html`The scores are those of <b>${original}</b>, of which ${subject.given ?? subject.id ?? "it"} is a quantisation.`
        : "The data contain these scores."}
      ${shown
        ? html`Below each score is the forecast without the measured scores.`
        : unseen.asked
          ? (unseen.mistake ?? "Computing the forecast without them…")
          : html`<button type="button" class="link" @click=${actions.unseen}>What would have been forecast?</button>`}
    </p>
  `;
}

/** The best evaluations to make next, if any would narrow the intervals. */
function nextLine(plan: Plan | null | undefined): TemplateResult | typeof nothing {
  if (!plan) return plan === null ? nothing : html`<p class="next waiting">Which evaluation to run next is being found…</p>`;
  const { width, evaluations } = plan;
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

/** One benchmark. Measured scores have a solid bar, forecasts a barred one with an interval; a word repeats the difference. */
function line(forecast: Forecast, parents: Lettered[], { measured: own, quantisation_of: original }: Prediction): TemplateResult {
  const { task, mean, lower, upper, rank, of, range, known, unseen, rank_lower: best, rank_upper: worst } = forecast;
  const measured = parents.flatMap(({ id, letter }) => {
    const part = forecast.parents[id];
    return part === undefined ? [] : [{ id, letter, part }];
  });
  const word = !known ? (own ? "forecast" : "") : own?.[task] === undefined ? "as given" : original ? "measured of the original" : "measured";
  const interval = (lower: number | null, upper: number | null): TemplateResult | typeof nothing =>
    lower !== null && upper !== null ? html`<small class="interval">${score(lower, range)} to ${score(upper, range)}</small>` : nothing;
  const band = (lower: number | null, upper: number | null): TemplateResult | typeof nothing =>
    lower !== null && upper !== null
      ? html`<span class="band" style=${styleMap({ left: position(lower), right: position(1 - upper) })}></span>`
      : nothing;
  return html`
    <li class=${known ? "line known" : "line"} data-task=${task}>
      <h3>${breakable(task)}${forecast.lower_is_better ? html` <small>less is better</small>` : nothing}</h3>
      <p class="value">
        <strong>${score(mean, range)}</strong>
        ${word ? html`<small class="word">${word}</small>` : nothing} ${interval(lower, upper)}
      </p>
      <p class="rank"><span class="unseen">rank </span>${count(rank)} <small>of ${count(of)}</small>
        ${best !== null && worst !== null && best < worst
          ? html`<small class="interval">${count(best)} to ${count(worst)}</small>`
          : nothing}</p>
      <div class="track" aria-hidden="true">
        <span class="bar" style=${styleMap({ width: position(mean) })}></span>
        ${unseen ? band(unseen.lower, unseen.upper) : band(lower, upper)}
        <span class="mean" style=${styleMap({ left: position(mean) })}></span>
        ${unseen ? html`<span class="mean would" style=${styleMap({ left: position(unseen.mean) })}></span>` : nothing}
        ${spread(measured).map(
          ({ letter, part, at }) => html`
            <span class="tick" style=${styleMap({ left: position(part) })}></span>
            <span class="letter" style=${styleMap({ left: position(at) })}>${letter}</span>
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

/** An id that may be broken after an underscore. */
function breakable(id: string): TemplateResult[] {
  return id.split(/(?<=_)/).map((part, at) => html`${at > 0 ? html`<wbr />` : nothing}${part}`);
}

/** Moves letters apart that would overlap; the ticks below them stay exact. */
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
