// The panel with the data in use, the progress of the training, and buttons to choose other data.

import { html, nothing, type TemplateResult } from "lit";
import { styleMap } from "lit/directives/style-map.js";
import { bundledTable, type LocalFile } from "./data-sources.ts";
import type { Columns } from "./doubts.ts";
import { count, counted, duration, significant } from "./figures.ts";
import { chosen } from "./folders.ts";
import { hubName, leaderboard } from "./hub.ts";
import { lossCurve } from "./loss-curve.ts";
import type { Candidate, Session, DataSource, Trained } from "./session.ts";

export interface Actions {
  choose: (files: LocalFile[]) => void;
  cancel: () => void;
  retry: (dataSource: DataSource) => void;
  /** Reads the files again with other roles of columns, of which the named one has changed. */
  revise: (columns: Columns, changed: string) => void;
  /** Begins the training that waits. */
  train: () => void;
}

export function trainingPanel(session: Session, actions: Actions): TemplateResult {
  const { current, candidate, notice, understood } = session;
  const waits = candidate?.stage === "waiting";
  // The list is for files of the visitor; that of the page's own data may come after the first forecast.
  if (understood && (!candidate || understood.dataSource !== bundledTable)) void import("./preview.ts").catch(() => { session.refuse("What was understood of the files cannot be shown: the page's code cannot be loaded"); });
  const tracker = candidate?.tracker ?? current?.tracker;
  const choose = ({ target }: Event): void => { choice(target, actions); };
  return html`
    <section class=${waits ? "training waits" : "training"} aria-labelledby="training-title" aria-busy=${candidate && !waits ? "true" : "false"}>
      <div class="data">
        <h2 id="training-title">The data</h2>
        ${dataInUse(current, candidate)}
        <div class="choose">
          <input class="unseen" type="file" id="file" multiple aria-describedby="file-news file-help" @change=${choose} />
          <label class="button" for="file">Choose other results…</label>
          <span class="help" id="file-help">
            or
            ${"webkitdirectory" in HTMLInputElement.prototype
              ? html`<input class="unseen" type="file" id="folder" webkitdirectory aria-label="Choose a folder of results" aria-describedby="file-news" @change=${choose} /><label for="folder">a folder</label>, or`
              : nothing}
            drop them anywhere: CSV, JSON or Parquet
          </span>
        </div>
        <div class="choose">
          <button type="button" aria-describedby="board-help" @click=${() => { actions.retry(leaderboard); }}>
            Load the Open LLM Leaderboard
          </button>
          <span class="help" id="board-help">4,500 models; fetches about 1 MB from ${hubName}, once</span>
        </div>
      </div>
      <div class="progress">
        ${waits ? waiting(candidate, actions) : candidate ? running(candidate, actions) : resting(session, actions)}
        <p class=${notice?.kind === "error" ? "mistake" : "news"} id="file-news" role=${notice?.kind === "error" ? "alert" : nothing}>
          ${candidate && !waits ? nothing : notice?.text}
        </p>
        ${waits && candidate.opened
          ? warnings(candidate.opened.warnings, candidate.dataSource)
          : current && !candidate
            ? warnings(current.warnings, current.dataSource)
            : nothing}
      </div>
      ${waits || (current && !candidate && !current.report) ? nothing : lossCurve(tracker?.points ?? [], tracker?.last?.metric)}
      <details class="boards" @toggle=${() => void import("./boards.ts").catch(() => { session.refuse("The list of boards cannot be loaded"); })}>
        <summary>Public boards</summary>
        <eyas-boards .session=${session} .actions=${actions}></eyas-boards>
      </details>
      <eyas-preview .understood=${understood} .actions=${actions}></eyas-preview>
    </section>
  `;
}

function dataInUse(current: Trained | undefined, candidate: Candidate | undefined): TemplateResult {
  const info = current?.info ?? candidate?.opened?.info;
  if (!info) return html`<p class="counts">Reading ${candidate?.dataSource.name ?? "nothing"}…</p>`;
  return html`
    <p class="counts">
      <b>${counted(info.models, "model")}</b>, ${counted(info.tasks, info.kind === "outcome" ? "item" : "benchmark")},
      ${count(info.cells)} results, ${counted(info.edges, "parent link")}
    </p>
    <p class="source">${info.source}. Licence: ${info.license}.</p>
  `;
}

function waiting({ dataSource }: Candidate, { cancel }: Actions): TemplateResult {
  return html`
    <div class="progress-head">
      <p class="doing">${dataSource.name} is not trained on yet</p>
      <button type="button" @click=${cancel}>Cancel</button>
    </div>
    <p class="help">Below is what was understood of it. Correct it where it is wrong, then train.</p>
  `;
}

function running({ stage, dataSource, tracker }: Candidate, { cancel }: Actions): TemplateResult {
  const { last, left, pass } = tracker;
  const part = last ? last.epoch / last.maxEpochs : 0;
  return html`
    <div class="progress-head">
      <p class="doing">${stage === "training" ? "Training on" : "Reading"} ${dataSource.name}</p>
      <button type="button" @click=${cancel}>Cancel</button>
    </div>
    <div
      class="progress-bar"
      role="progressbar"
      aria-label="Training"
      aria-valuemin="0"
      aria-valuemax="100"
      aria-valuenow=${Math.round(part * 100)}
    >
      <span style=${styleMap({ transform: `scaleX(${part})` })}></span>
    </div>
    <p class="numbers">
      ${last
        ? html`${pass > 1 ? `pass ${pass}, ` : ""}epoch ${count(last.epoch)} of at most ${count(last.maxEpochs)} · loss ${significant(last.loss)}
            ${Number.isFinite(left) ? html`· at most ${duration(left)} left` : nothing}`
        : "getting ready…"}
    </p>
  `;
}

function resting({ current, unfinished }: Session, { retry }: Actions): TemplateResult {
  const tracker = current?.tracker;
  const isLoaded = current !== undefined && !current.report;
  const validation = tracker?.points.findLast((point) => point.validation !== null)?.validation;
  return html`
    <div class="progress-head">
      <p class="doing">${current ? (isLoaded ? "Trained before" : "Trained") : "Not trained"}</p>
      ${unfinished
        ? html`<button type="button" @click=${() => { retry(unfinished); }}>Train again</button>`
        : isLoaded
          ? html`<button type="button" @click=${() => { retry(bundledTable); }}>Train it here</button>`
          : nothing}
    </div>
    <div class="progress-bar" aria-hidden="true"><span style=${styleMap({ transform: `scaleX(${current ? 1 : 0})` })}></span></div>
    <p class="numbers">
      ${tracker?.last
        ? html`${counted(tracker.epochs, "epoch")} · loss ${significant(tracker.last.loss)}
          ${validation == null ? nothing : html`· ${tracker.last.metric} ${significant(validation)} on cells set aside`}`
        : nothing}
    </p>
    ${current && !isLoaded ? html`<p class="device">Trained on the ${current.ran.device.toUpperCase()}: ${current.ran.name}; ${current.ran.why}.</p>` : nothing}
  `;
}

function warnings(warnings: string[], dataSource: DataSource): TemplateResult | typeof nothing {
  if (warnings.length === 0) return nothing;
  return html`
    <details class="repairs">
      <summary>${counted(warnings.length, "repair")} while reading ${dataSource.name}</summary>
      <ul>
        ${warnings.slice(0, 50).map((warning) => html`<li>${warning}</li>`)}
        ${warnings.length > 50 ? html`<li>and ${count(warnings.length - 50)} more</li>` : nothing}
      </ul>
    </details>
  `;
}

function choice(input: EventTarget | null, { choose }: Actions): void {
  if (!(input instanceof HTMLInputElement) || !input.files?.length) return;
  choose(chosen(input.files));
  // Without this, choosing the same file again after a correction would cause no event.
  input.value = "";
}
