// What follows from a forecast: what to measure next, why it is so, its origin, and ways to go on. Its code comes after the forecast.

import { html, nothing, type TemplateResult } from "lit";
import { write, type Planned } from "./address.ts";
import { label } from "./benchmarks.ts";
import { count, counted } from "./figures.ts";
import type { ForecastActions, ForecastState, ShownForecast } from "./forecast-state.ts";
import { heldOutLine } from "./held-out-line.ts";
import "./style/after.css";

export { lineageTree, readingsOf } from "./lineage-tree.ts";
export { renamed } from "./names.ts";
export { suggestions } from "./suggest.ts";

export function afterView(shown: ShownForecast, { reasons, session }: Pick<ForecastState, "reasons" | "session">, actions: ForecastActions): TemplateResult {
  const { prediction, trained, why } = shown;
  const { info, chosen } = trained;
  const { method, device } = prediction;
  return html`
    ${prediction.subject.next_to_nothing
      ? nothing
      : html`${next(shown)}
          <details
            class="why"
            ?open=${why.asked}
            @toggle=${({ target }: Event) => {
              if ((target as HTMLDetailsElement).open && !why.asked) actions.explain();
            }}
          >
            <summary>Why? What each fact, parent and score adds</summary>
            ${why.asked ? (reasons?.(why, trained.benchmarks) ?? html`<p class="help">Computing…</p>`) : nothing}
          </details>`}
    ${prediction.forecasts.every(({ known }) => known) ? nothing : heldOutLine(trained)}
    <p class="onward">
      <a class="button" href=${plansFrom(shown)}>Compare with another plan</a>
      <button type="button" @click=${actions.copy}>${shown.copied ? "Link copied" : "Copy the link"}</button>
    </p>
    <p class="provenance">
      Method <b>${method}</b>${chosen ? ` (${chosen})` : nothing}, computed on ${device}, from ${counted(info.models, "model")} and
      ${count(info.cells)} measured results. Source: ${info.source}. Licence: ${info.license}.
    </p>
    <details class="embed" @toggle=${() => import("./embed-view.ts").catch(() => undefined)}>
      <summary>Put this forecast into a page of yours</summary>
      <eyas-embed .shown=${shown} .session=${session}></eyas-embed>
    </details>
  `;
}

/** The best evaluations to make next, if any would narrow the intervals, with their numbers of items. */
function next({ plan, trained: { benchmarks } }: ShownForecast): TemplateResult | typeof nothing {
  if (!plan) return plan === null ? nothing : html`<p class="next waiting">Which evaluation to run next is being found…</p>`;
  const { width, evaluations } = plan;
  const [first, ...others] = evaluations;
  if (!first || !(width > 0)) return nothing;
  const narrower = Math.round((1 - first.width / width) * 100);
  if (narrower < 1) return nothing;
  const known = new Map(benchmarks.map((benchmark) => [benchmark.id, benchmark]));
  const name = ({ task }: { task: string }): TemplateResult => {
    const { dataset = task, items = null } = known.get(task) ?? {};
    return html`<b data-task=${task}>${label({ task, dataset })}</b>${items === null ? nothing : ` (${counted(items, "item")})`}`;
  };
  return html`<p class="next">
    Evaluate ${name(first)} next: that narrows the intervals by ${narrower} % on
    average${others.length > 0 ? html`, then ${others.map((other, at) => html`${at > 0 ? ", " : ""}${name(other)}`)}` : nothing}.
  </p>`;
}

/** The address of two plans, the shown model and the same once more, so that one of them can be changed. */
function plansFrom({ question: { params, type, scores, sole, asParent }, prediction: { lineage, subject } }: ShownForecast): string {
  const itself = sole !== undefined && !asParent;
  const listed = itself ? [{ id: subject.id ?? sole, weight: 1 }] : lineage.parents.map(({ id, weight }) => ({ id, weight }));
  const smallest = Math.min(...listed.map(({ weight }) => weight));
  const parents = listed.map(({ id, weight }) => ({ id, weight: Number((weight / smallest).toPrecision(3)) }));
  const plan: Planned = { parents, params, type, scores };
  return write({ view: "plans", plans: [plan, plan], against: "" });
}
