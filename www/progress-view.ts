// The progress of what will replace the model in use: its reading, its wait for the visitor, its training.

import { html, nothing, type TemplateResult } from "lit";
import { count, duration, significant } from "./figures.ts";
import type { Candidate } from "./session.ts";

export function progressView(candidate: Candidate): TemplateResult {
  return candidate.stage === "waiting" ? waiting(candidate) : running(candidate);
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
