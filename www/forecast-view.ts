// The answer: its subject, a verdict in words, a grid with a row for each benchmark, and what follows from it.

import { html, nothing, type TemplateResult } from "lit";
import { lettered, ordered, origin } from "../pkg/drawing.js";
import type { Forecast, LineageParent, Prediction } from "../pkg/index.js";
import { about } from "./address.ts";
import { named, short } from "./benchmarks.ts";
import { count, counted, score } from "./figures.ts";
import { failed, noForecast, outdated, subject, waiting, type ShownForecast, type ForecastState, type Unseen, type ForecastActions } from "./forecast-state.ts";
import { axis, stripOf, track, type Mark } from "./track.ts";
import { ordinal, verdict } from "./verdict.ts";
import type { RankedColumn } from "./worker.ts";

/** Of more benchmarks than this, each type has a heading. */
const FEW = 12;
/** Most measured scores of parents that a row lists. */
const MOST_LISTED = 3;

interface Lettered extends LineageParent {
  letter: string;
}

export function forecastView(state: ForecastState, actions: ForecastActions): TemplateResult {
  const { shown, stale, mistake, session } = state;
  return html`
    <section class="forecast" aria-label="The forecast" id="forecast">
      ${session.failure ? failed(session, session.failure, actions) : nothing}
      ${shown ? (stale ? outdated(shown, mistake, actions) : nothing) : mistake ? noForecast(mistake, session, actions) : waiting(session, actions)}
      ${shown ? html`<div class=${stale ? "stale" : "fresh"}>${answer(shown, state, actions)}</div>` : nothing}
    </section>
  `;
}

function answer(shown: ShownForecast, state: ForecastState, actions: ForecastActions): TemplateResult {
  const { glosses, after } = state;
  const { question, prediction, trained } = shown;
  const { lineage, warnings, measured } = prediction;
  const { parents } = lettered(prediction.forecasts, lineage.parents);
  const nothingKnown = prediction.subject.next_to_nothing;
  const lines = html`${grid(shown, parents, glosses)} ${rest(shown, actions)}`;
  return html`
    ${heading(shown, actions)}
    ${measured ? measuredNote(prediction, shown.unseen, actions) : nothing}
    ${nothingKnown ? nothing : sentence(prediction, trained.columns)}
    ${lineage.unknown.length > 0 ? unknown(lineage.unknown, trained.dataSource.name) : nothing}
    ${nothingKnown ? nextToNothing(lines) : nothing}
    ${warnings.filter((warning) => !(nothingKnown && warning.startsWith("next to nothing"))).map((warning) => repair(warning, actions))}
    ${nothingKnown
      ? nothing
      : html`${legend(parents, prediction, trained.columns.size > 0)}
          ${!lineage.parents.some(({ evaluated }) => evaluated) && !measured && lineage.unknown.length === 0 && !question.sole
            ? html`<p class="help">None of its parents is measured here.</p>`
            : nothing}
          ${lines}`}
    ${after?.(shown, state, actions)}
  `;
}

/** The model that the forecast is for. A single name may be the model or its parent; a button changes that. */
function heading({ prediction, question }: ShownForecast, actions: ForecastActions): TemplateResult {
  const { sole, asParent } = question;
  return html`
    <div class="subject">
      <h2>${subject(prediction, question, "A")}</h2>
      ${sole
        ? html`<p>
            ${asParent ? "A new model." : "The model itself."}
            <button type="button" class="link" @click=${actions.swap}>${asParent ? "The model itself instead" : "A model made from it instead"}</button>
          </p>`
        : nothing}
    </div>
  `;
}

/** The verdict. Its neighbours follow once the scores of all models have arrived. */
function sentence({ forecasts, measured, subject: { id }, method }: Prediction, columns: ReadonlyMap<string, RankedColumn>): TemplateResult {
  const { rank, of, benchmarks, above, below, areRelatives, off } = verdict(forecasts, columns, id);
  const name = (id: string): TemplateResult => html`<a href=${about(id)} title=${id}><bdi>${short(id)}</bdi></a>`;
  const place = [below ? html`above ${name(below)}` : undefined, above ? html`below ${name(above)}` : undefined].filter((part) => part !== undefined);
  const calibrated = method === "eyas" ? ", which are calibrated on models left out of the training" : "";
  return html`
    <p class=${off === undefined ? "verdict" : "verdict unsure"} id="verdict">
      ${measured ? "It ranks" : "It would rank"} about <b>${ordinal(rank)} of ${count(of)}</b> models
      ${benchmarks > 1 ? `(the middle of its ranks on these ${benchmarks} benchmarks)` : "on this benchmark"}${place.length > 0
        ? html`, ${place[0]}${place[1] ? html` and ${place[1]}` : nothing} among ${areRelatives ? "its relatives" : "models measured on all of them"}`
        : nothing}.
      ${off === undefined ? nothing : html`The forecasts are usually off by about <b>${points(off)}</b>.
            <br /><small>Half of such forecasts are closer than that. It follows from the 90 % intervals${calibrated}.</small>`}
    </p>
  `;
}

/** A share of a range in words. */
function points(part: number): string {
  const value = 100 * part;
  return `${value < 9.5 ? Number(value.toPrecision(1)) : Math.round(value)} points of 100`;
}

/** How many benchmarks are not shown, and a button for them. */
function rest({ prediction: { forecasts, measured }, trained: { benchmarks } }: ShownForecast, actions: ForecastActions): TemplateResult | typeof nothing {
  if (forecasts.length >= benchmarks.length) return nothing;
  const shown = new Set(forecasts.map(({ task }) => task));
  const hidden = Object.keys(measured ?? {}).filter((task) => !shown.has(task)).length;
  return html`<p class="help">
    ${hidden > 0
      ? html`${forecasts.length} of ${count(benchmarks.length)} benchmarks; <b>${counted(hidden, "more measured score")}</b> among the others.`
      : html`The ${forecasts.length} of ${count(benchmarks.length)} benchmarks on which its relatives and models like it have the most results.`}
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

/** A remark on the question. Names that may be meant are buttons. */
function repair(warning: string, actions: ForecastActions): TemplateResult {
  const text = warning.replaceAll("the snapshot", "the data");
  const [, said = text, names] = /^(.*?); is it (.*)\?$/.exec(text) ?? [];
  const near = names?.split(" or ") ?? [];
  return html`<p class="repair">
    ${said}${near.length > 0
      ? html`. Is it ${near.map((name, at) => html`${at > 0 ? " or " : ""}<button type="button" class="link" @click=${() => { actions.instead(name); }}>${name}</button>`)}?`
      : nothing}
  </p>`;
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

/** What the marks mean, and which parent has which letter. */
export function legend(parents: Lettered[], { forecasts }: Prediction, strip: boolean): TemplateResult {
  const total = parents.reduce((sum, { weight }) => sum + weight, 0);
  const uneven = new Set(parents.map(({ weight }) => weight)).size > 1;
  return html`
    <ul class="legend" aria-label="Marks">
      ${parents.map(
        ({ letter, id, weight }) => html`
          <li>
            <span class="letter">${letter}</span> <a href=${about(id)}><bdi>${id}</bdi></a>${uneven ? html` <small>${Math.round((weight / total) * 100)} %</small>` : nothing}
          </li>
        `,
      )}
      ${forecasts.some(({ known }) => !known) ? html`<li><i class="key-dot"></i> forecast</li>` : nothing}
      ${forecasts.some(({ lower, unseen }) => lower !== null || unseen) ? html`<li><i class=${forecasts.every(({ known }) => known) ? "key-band sampled" : "key-band"}></i> 90 % interval</li>` : nothing}
      ${forecasts.some(({ known }) => known) ? html`<li><i class="key-square"></i> measured or given</li>` : nothing}
      ${strip ? html`<li><i class="key-strip"></i> all measured models</li>` : nothing}
    </ul>
  `;
}

function unknown(ids: string[], name: string): TemplateResult {
  return html`<p class="unknown">
    <b>Not in ${name}, so left out:</b> ${ids.map((id, at) => html`${at > 0 ? ", " : ""}<code>${id}</code>`)}
  </p>`;
}

/** The forecasts as they are shown: measured scores first, then by type of benchmark. */
export function arranged({ prediction: { forecasts }, trained: { benchmarks, info } }: Pick<ShownForecast, "prediction" | "trained">): { type: string; forecasts: Forecast[] }[] {
  const types = new Map(benchmarks.map(({ id, task_type: type }) => [id, type ?? ""]));
  const order = [...info.groups.map(({ task_type: type }) => type), ""];
  if (forecasts.length <= FEW) return [{ type: "", forecasts: ordered(forecasts) }];
  const groups = order.map((type) => ({ type, forecasts: forecasts.filter(({ task }) => types.get(task) === type) }));
  return groups.filter(({ forecasts }) => forecasts.length > 0);
}

export function grid(shown: Pick<ShownForecast, "prediction" | "trained">, parents: Lettered[], glosses: Readonly<Record<string, string>>): TemplateResult {
  const { prediction, trained } = shown;
  const groups = arranged(shown);
  const withParents = parents.length > 0;
  const of = Math.max(...prediction.forecasts.map(({ of }) => of));
  return html`
    <table class=${withParents ? "grid lines with-parents" : "grid lines"} role="table">
      <caption class="unseen">${prediction.measured ? "Scores" : "Forecasts"} by benchmark, with 90 % intervals</caption>
      <thead role="rowgroup">
        <tr role="row">
          <th scope="col" role="columnheader" class="name">Benchmark</th>
          <td role="cell" class="scale">${axis(prediction.forecasts.map(({ range }) => range))}</td>
          <th scope="col" role="columnheader" class="value">Score<br /><span>and 90 %</span></th>
          <th scope="col" role="columnheader" class="rank">Rank of<br />${count(of)}</th>
          ${withParents ? html`<th scope="col" role="columnheader" class="of">Parents,<br />measured</th>` : nothing}
        </tr>
      </thead>
      ${groups.map(
        ({ type, forecasts }) => html`
          <tbody role="rowgroup">
            ${groups.length > 1 ? html`<tr role="row" class="group"><th scope="rowgroup" role="rowheader">${type || "other"} <small>${forecasts.length}</small></th></tr>` : nothing}
            ${forecasts.map((forecast) => line(forecast, parents, prediction, trained.columns.get(forecast.task), glosses[forecast.task]))}
          </tbody>
        `,
      )}
    </table>
  `;
}

/** One benchmark. Measured scores are a square, forecasts a dot with an interval; a word repeats the difference. */
function line(forecast: Forecast, parents: Lettered[], prediction: Prediction, column: RankedColumn | undefined, gloss: string | undefined): TemplateResult {
  const { task, mean, lower, upper, rank, range, known, unseen, remark, rank_lower: best, rank_upper: worst } = forecast;
  const measured = parents.flatMap(({ id, letter }) => {
    const part = forecast.parents[id];
    return part === undefined ? [] : [{ id, letter, part }];
  });
  const word = origin(forecast, prediction);
  const interval = (lower: number | null, upper: number | null): TemplateResult | typeof nothing =>
    lower !== null && upper !== null ? html`<small class="interval">${score(lower, range)} to ${score(upper, range)}</small>` : nothing;
  const marks: Mark[] = [{ mean, lower, upper, known }];
  if (unseen) marks.unshift({ ...unseen, known: false, kind: "would" });
  const { name, detail } = named(forecast);
  return html`
    <tr role="row" class=${known ? "line known" : "line"} data-task=${task}>
      <th scope="row" role="rowheader" class="name" title=${task}>
        <h3>${breakable(name)}${detail ? html` <span>${breakable(detail)}</span>` : nothing}${forecast.lower_is_better ? html` <small>less is better</small>` : nothing}</h3>
        ${gloss ? html`<p class="gloss" title=${gloss}>${gloss}</p>` : nothing}
      </th>
      <td role="cell" class="scale">
        ${track(marks, measured, column && stripOf(column))}
        ${unseen
          ? html`<p class="would-word">would have been forecast ${score(unseen.mean, range)}${unseen.lower !== null && unseen.upper !== null
              ? ` (${score(unseen.lower, range)} to ${score(unseen.upper, range)})`
              : nothing}</p>`
          : nothing}
        ${remark ? html`<p class="remark">${remark}</p>` : nothing}
      </td>
      <td role="cell" class="value">
        <strong>${score(mean, range)}</strong> ${word ? html`<small class="word">${word}</small>` : nothing} ${interval(lower, upper)}
      </td>
      <td role="cell" class="rank">
        ${count(rank)} ${best !== null && worst !== null && best < worst ? html`<small>${count(Math.min(best, rank))} to ${count(Math.max(worst, rank))}</small>` : nothing}
      </td>
      ${parents.length > 0 ? html`<td role="cell" class="of">${listed(measured, forecast)}</td>` : nothing}
    </tr>
  `;
}

/** The measured scores of the parents; of many only their range. */
function listed(measured: readonly { id: string; letter: string; part: number }[], { range }: Forecast): TemplateResult | readonly TemplateResult[] {
  if (measured.length === 0) return html`<small>none</small>`;
  if (measured.length > MOST_LISTED) {
    const parts = measured.map(({ part }) => part);
    return html`<small title=${measured.map(({ letter, part }) => `${letter} ${score(part, range)}`).join(", ")}>${measured.length}: ${score(Math.min(...parts), range)} to ${score(Math.max(...parts), range)}</small>`;
  }
  return measured.map(({ id, letter, part }) => html`<small title=${id}><span class="letter">${letter}</span>${score(part, range)}</small>`);
}

/** A name that may be broken after an underscore. */
function breakable(id: string): TemplateResult[] {
  return id.split(/(?<=_)/).map((part, at) => html`${at > 0 ? html`<wbr />` : nothing}${part}`);
}
