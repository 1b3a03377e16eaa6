// What stands where the forecast is: whom it is of, whether it still answers the question, and what went wrong with a way on.

import { html, nothing, type TemplateResult } from "lit";
import type { Plan, Prediction } from "../pkg/index.js";
import type { Failure, Session, Supply, Trained } from "./session.ts";
import { bundled } from "./supplies.ts";
import type { Why } from "./why-view.ts";

/** What the form holds, and how a single id in it is meant. */
export interface Asked {
  text: string;
  params: string;
  type: string;
  scores: string;
  /** The one id that the text is, if it is one. */
  sole: string | undefined;
  /** Whether that one is a parent, and not the model itself. */
  asParent: boolean;
  /** Whose parents the text is, as a look-up wrote it. */
  named: string | undefined;
}

/** A forecast, with the question and the data behind it. */
export interface Shown {
  asked: Asked;
  prediction: Prediction;
  trained: Trained;
  plan: Plan | undefined;
  why: Why;
  unseen: Unseen;
}

/** What would have been forecast of a measured model is worked out when somebody asks. */
export type Unseen = { asked: false } | { asked: true; mistake?: string };

/** What stands where the forecast is. */
export interface Standing {
  shown: Shown | undefined;
  /** Whether what is shown answers another question than the form asks now. */
  stale: boolean;
  mistake: string;
  session: Session;
}

/** The ways on. */
export interface Ways {
  explain: () => void;
  unseen: () => void;
  ask: () => void;
  back: () => void;
  swap: () => void;
  train: (supply: Supply) => void;
}

export function failed(session: Session, { supply, text }: Failure, ways: Ways): TemplateResult {
  const { current } = session;
  return html`
    <div class="stands">
      <p><b>${supply.name} could not be used:</b> ${text}.</p>
      ${current ? html`<p>What follows is from ${current.supply.name}.</p>` : nothing} ${waysOut(supply, session, ways)}
    </div>
  `;
}

function waysOut(supply: Supply | undefined, { current }: Session, ways: Ways): TemplateResult {
  const back = current?.supply !== bundled && supply !== bundled;
  const address = new URL(location.href);
  const chosen = ["method", "device"].filter((name) => address.searchParams.has(name));
  for (const name of chosen) address.searchParams.delete(name);
  return html`
    <div class="ways">
      ${supply ? html`<button type="button" @click=${() => { ways.train(supply); }}>Try ${supply.name} again</button>` : nothing}
      ${back ? html`<button type="button" @click=${() => { ways.train(bundled); }}>Back to the bundled data</button>` : nothing}
      ${chosen.length > 0 ? html`<a class="button" href=${address.href}>Without ?${chosen.join("&")}=</a>` : nothing}
    </div>
  `;
}

export function noForecast(mistake: string, session: Session, ways: Ways): TemplateResult {
  return html`
    <div class="stands">
      <p><b>No forecast:</b> ${mistake}.</p>
      ${session.current
        ? html`<div class="ways"><button type="button" @click=${ways.ask}>Try again</button></div>`
        : waysOut(session.unfinished, session, ways)}
    </div>
  `;
}

export function outdated({ asked, prediction }: Shown, mistake: string, ways: Ways): TemplateResult {
  const back = html`<button type="button" class="link" @click=${ways.back}>Back to that</button>`;
  return html`
    <div class="stands" id="outdated">
      ${mistake
        ? html`<p><b>No forecast of what is asked now:</b> ${mistake}. Below is still the one of ${subject(prediction, asked)}. ${back}.</p>`
        : html`<p>
            <b>The question has changed.</b> Below is still the forecast of ${subject(prediction, asked)}.
            <button type="button" class="link" @click=${ways.ask}>Update it</button> or ${back}.
          </p>`}
    </div>
  `;
}

export function waiting(session: Session, ways: Ways): TemplateResult {
  if (session.candidate) return html`<p class="waiting">A model is being trained for it…</p>`;
  if (session.current) return html`<p class="waiting">Name a model, or what it is made of.</p>`;
  if (session.failure) return html``;
  return html`<p class="waiting">It needs a trained model first.</p>
    ${session.unfinished ? waysOut(session.unfinished, session, ways) : nothing}`;
}

/** Whom it is about, in few words. */
export function subject({ subject, lineage }: Prediction, { params, type }: Asked): TemplateResult {
  if (subject.id) return html`<b>${subject.id}</b>${subject.given ? ` (given as ${subject.given})` : nothing}`;
  const parents = lineage.parents.map(({ id }) => id);
  const [first, second] = parents;
  if (first && second) {
    const others = parents.length - 2;
    return html`a model made from <b>${first}</b>${others > 0 ? ", " : " and "}<b>${second}</b>${others > 0 ? ` and ${others} more` : nothing}`;
  }
  if (first) return html`a model made from <b>${first}</b>`;
  const facts = [params && `${params} billion parameters`, type].filter(Boolean).join(", ");
  return html`a model ${facts ? html`of which only this is known: <b>${facts}</b>` : "of which nothing is known"}`;
}
