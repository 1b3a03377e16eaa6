// The state of the forecast section: the model it is for, whether it is outdated, errors, and buttons to recover from them.

import { html, nothing, type TemplateResult } from "lit";
import type { Explanation, Plan, Prediction, PredictRequest } from "../pkg/index.js";
import type { Failure, Session, DataSource, Trained } from "./session.ts";
import type { afterView } from "./after-view.ts";
import { bundled, bundledTable } from "./data-sources.ts";
import { axis } from "./track.ts";
import type { reasonsView } from "./why-view.ts";

/** The content of the form, and the meaning of a single id in it. */
export interface Question {
  text: string;
  params: string;
  type: string;
  scores: string;
  /** The id, if the text consists of one id. */
  sole: string | undefined;
  /** Whether that id is a parent, and not the model itself. */
  asParent: boolean;
  /** The model whose parents the text lists, if a look-up wrote the text. */
  named: string | undefined;
}

/** A forecast with its question and the model that computed it. */
export interface ShownForecast {
  question: Question;
  prediction: Prediction;
  trained: Trained;
  /** Whether all benchmarks were asked for, and not the few that matter most to the model. */
  all: boolean;
  /** What was asked, with the benchmarks that are shown. */
  request: PredictRequest;
  /** Undefined until it is made, `null` if there is none. */
  plan: Plan | null | undefined;
  why: Why;
  unseen: Unseen;
  /** Whether its address was just copied. */
  copied: boolean;
}

/** The state of the explanation, which is computed once the visitor opens the list. */
export type Why = { asked: false } | { asked: true; explanation?: Explanation; mistake?: string };

/** The state of the forecast for a measured model without its results, which is computed at the visitor's request. */
export type Unseen = { asked: false } | { asked: true; mistake?: string };

/** The data of the forecast section. */
export interface ForecastState {
  shown: ShownForecast | undefined;
  /** Whether the shown forecast does not answer the question in the form. */
  stale: boolean;
  mistake: string;
  session: Session;
  /** What benchmarks ask, by their ids, as far as it is known. */
  glosses: Readonly<Record<string, string>>;
  /** Parts whose code comes when they are opened. */
  reasons: typeof reasonsView | undefined;
  after: typeof afterView | undefined;
}

/** Callbacks of the buttons in the forecast section. */
export interface ForecastActions {
  explain: () => void;
  all: () => void;
  unseen: () => void;
  ask: () => void;
  back: () => void;
  swap: () => void;
  /** Asks about another name. */
  instead: (name: string) => void;
  copy: () => void;
  train: (dataSource: DataSource) => void;
  /** Opens the panel with the data. */
  look: () => void;
}

export function failed(session: Session, { dataSource, text }: Failure, actions: ForecastActions): TemplateResult {
  const { current } = session;
  return html`
    <div class="stands">
      <p><b>${dataSource.name.replace(/^the /, "The ")} could not be used:</b> ${text}.</p>
      ${current ? html`<p>The forecast below is from ${current.dataSource.name}.</p>` : nothing} ${recovery(dataSource, session, actions)}
    </div>
  `;
}

function recovery(dataSource: DataSource | undefined, { current }: Session, actions: ForecastActions): TemplateResult {
  const back = [current?.dataSource, dataSource].every((source) => source !== bundled && source !== bundledTable);
  const address = new URL(location.href);
  const chosen = ["method", "device"].filter((name) => address.searchParams.has(name));
  for (const name of chosen) address.searchParams.delete(name);
  return html`
    <div class="ways">
      ${dataSource ? html`<button type="button" @click=${() => { actions.train(dataSource); }}>Try ${dataSource.name} again</button>` : nothing}
      ${back ? html`<button type="button" @click=${() => { actions.train(bundled); }}>Back to the bundled data</button>` : nothing}
      ${chosen.length > 0 ? html`<a class="button" href=${address.href}>Without ?${chosen.join("&")}=</a>` : nothing}
      ${back || chosen.length > 0 ? nothing : html`<button type="button" @click=${actions.look}>Choose other data</button>`}
    </div>
  `;
}

export function noForecast(mistake: string, session: Session, actions: ForecastActions): TemplateResult {
  return html`
    <div class="stands">
      <p><b>No forecast:</b> ${mistake}.</p>
      ${session.current
        ? html`<div class="ways"><button type="button" @click=${actions.ask}>Try again</button></div>`
        : recovery(session.unfinished, session, actions)}
    </div>
  `;
}

export function outdated({ question, prediction }: ShownForecast, mistake: string, actions: ForecastActions): TemplateResult {
  const back = html`<button type="button" class="link" @click=${actions.back}>Back to that</button>`;
  return html`
    <div class="stands" id="outdated">
      ${mistake
        ? html`<p><b>No forecast for the current question:</b> ${mistake}. Below is still the forecast of ${subject(prediction, question)}. ${back}.</p>`
        : html`<p>
            <b>The question has changed.</b> Below is still the forecast of ${subject(prediction, question)}.
            <button type="button" class="link" @click=${actions.ask}>Update it</button> or ${back}.
          </p>`}
    </div>
  `;
}

export function waiting(session: Session, actions: ForecastActions): TemplateResult {
  const { candidate, current, failure, unfinished } = session;
  if (candidate?.stage === "waiting") return html`<p class="waiting">Check above how the file was read, then train.</p>`;
  if (candidate) return skeleton(candidate.dataSource.model ? "The model is being loaded…" : "The model is being trained…");
  if (current) return html`<p class="waiting">Name a model, or what it is made of.</p>`;
  if (failure) return html``;
  return html`<p class="waiting">A forecast needs a trained model.</p>
    ${unfinished ? recovery(unfinished, session, actions) : nothing}`;
}

/** The places of eight benchmarks. */
function skeleton(text: string): TemplateResult {
  const row = html`<tr><th class="name"><h3></h3><p class="gloss"></p></th><td class="scale"><div class="track"><span class="rail"></span></div></td><td class="value"></td><td class="rank"></td></tr>`;
  return html`
    <div class="subject"><h2 class="waiting">${text}</h2></div>
    <p class="verdict unsure"></p>
    <table class="grid lines skeleton" aria-hidden="true">
      <thead><tr><th class="name">Benchmark</th><td class="scale">${axis([])}</td><th class="value">Score<br />and 90 %</th><th class="rank">Rank</th></tr></thead>
      <tbody>${Array.from({ length: 8 }, () => row)}</tbody>
    </table>
  `;
}

/** A short description of the model that the forecast is for; `article` is that at its beginning. */
export function subject({ subject, lineage }: Prediction, { params, type }: Question, article: "A" | "a" = "a"): TemplateResult {
  const name = (id: string): TemplateResult => html`<b><bdi>${id}</bdi></b>`;
  if (subject.id) return html`${name(subject.id)}${subject.given ? ` (given as ${subject.given})` : nothing}`;
  const parents = lineage.parents.map(({ id }) => id);
  const [first, second] = parents;
  if (first && second) {
    const others = parents.length - 2;
    return html`${article} model made from ${name(first)}${others > 0 ? ", " : " and "}${name(second)}${others > 0 ? ` and ${others} more` : nothing}`;
  }
  if (first) return html`${article} model made from ${name(first)}`;
  const facts = [params && `${params} billion parameters`, type].filter(Boolean).join(", ");
  return html`${article} model ${facts ? html`of which only this is known: <b>${facts}</b>` : "of which nothing is known"}`;
}
