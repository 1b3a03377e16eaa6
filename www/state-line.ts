// The line below the bar: a training with its progress, results that wait for the visitor, or news.

import { html, nothing, type TemplateResult } from "lit";
import { count, duration, significant } from "./figures.ts";
import type { Candidate, DataSource, Session } from "./session.ts";

export interface LineActions {
  /** Whether the line is shown; if not, it is only read out. */
  show: boolean;
  cancel: () => void;
  retry: (dataSource: DataSource) => void;
}

export function stateLine(session: Session, actions: LineActions): TemplateResult {
  const { candidate, notice, unfinished } = session;
  const waits = candidate?.stage === "waiting";
  return html`
    <div class=${actions.show ? "state" : "unseen"} aria-busy=${candidate && !waits ? "true" : "false"}>
      ${candidate ? (waits ? waiting(candidate) : running(candidate)) : nothing}
      <p class=${notice?.kind === "error" ? "mistake" : "news"} id="file-news" role=${notice?.kind === "error" ? "alert" : nothing}>
        ${candidate && !waits ? nothing : notice?.text}
      </p>
      ${candidate
        ? html`<button type="button" @click=${actions.cancel}>Cancel</button>`
        : unfinished
          ? html`<button type="button" @click=${() => { actions.retry(unfinished); }}>Train again</button>`
          : nothing}
    </div>
  `;
}

function waiting({ dataSource }: Candidate): TemplateResult {
  return html`<p class="doing">${dataSource.name} is not trained on yet</p>
    <p class="help">Check below how it was read, then train.</p>`;
}

function running({ stage, dataSource, tracker }: Candidate): TemplateResult {
  const { last, left, pass } = tracker;
  const part = last ? last.epoch / last.maxEpochs : 0;
  return html`
    <p class="doing">${stage === "training" ? "Training on" : "Reading"} ${dataSource.name}</p>
    <div class="progress-bar" role="progressbar" aria-label="Training" aria-valuemin="0" aria-valuemax="100" aria-valuenow=${Math.round(part * 100)}>
      <span style=${`transform: scaleX(${part})`}></span>
    </div>
    <p class="numbers">
      ${last
        ? html`${pass > 1 ? `pass ${pass}, ` : ""}epoch ${count(last.epoch)} of at most ${count(last.maxEpochs)}
            ${Number.isFinite(last.loss) ? html`· loss ${significant(last.loss)}` : nothing}
            ${Number.isFinite(left) ? html`· ${left < 1 ? "" : "at most "}${duration(left)} left` : nothing}`
        : "getting ready…"}
    </p>
  `;
}
