// The panel with the data: what is loaded, from where and under which licence, other data to choose, and how they were read.

import { html, nothing, type TemplateResult } from "lit";
import { bundled, bundledTable } from "./data-sources.ts";
import type { Columns } from "./doubts.ts";
import { count, counted, significant } from "./figures.ts";
import { chosen } from "./folders.ts";
import { hubName, leaderboard } from "./hub.ts";
import type { LocalFile } from "./intake.ts";
import { kept } from "./keep.ts";
import { lossCurve } from "./loss-curve.ts";
import type { Session, DataSource, Trained } from "./session.ts";
import "./style/data.css";

export interface Actions {
  choose: (files: LocalFile[]) => void;
  retry: (dataSource: DataSource) => void;
  /** Reads the files again with other roles of columns, of which the named one has changed. */
  revise: (columns: Columns, changed: string) => void;
  /** Begins the training that waits. */
  train: () => void;
  /** Keeps the question and the data in this browser, or forgets them. */
  keep: (on: boolean) => void;
}

export function dataPanel(session: Session, actions: Actions): TemplateResult {
  const { current, candidate, understood } = session;
  const waits = candidate?.stage === "waiting";
  // The list is for files of the visitor; that of the page's own data comes after the training.
  if (understood && (!candidate || understood.dataSource !== bundledTable)) void import("./preview.ts").catch(() => { session.refuse("How the files were read cannot be shown: the page's code cannot be loaded"); });
  const tracker = candidate?.tracker ?? current?.tracker;
  const choose = ({ target }: Event): void => { choice(target, actions); };
  return html`
    <section class=${waits ? "training waits" : "training"} aria-labelledby="training-title">
      <div class="data">
        <h2 id="training-title">The data in use</h2>
        ${current ? inUse(current) : html`<p class="counts">Nothing is loaded yet.</p>`}
        ${current && !candidate ? warnings(current.warnings, current.dataSource) : nothing}
        ${waits && candidate.opened ? warnings(candidate.opened.warnings, candidate.dataSource) : nothing}
      </div>
      <div class="others">
        <h3>Other data</h3>
        <div class="choose">
          <input class="unseen" type="file" id="file" multiple aria-describedby="file-news file-help" @change=${choose} />
          <label class="button" for="file">Choose other results…</label>
          <span class="help" id="file-help">
            or
            ${"webkitdirectory" in HTMLInputElement.prototype
              ? html`<input class="unseen" type="file" id="folder" webkitdirectory aria-label="Choose a folder of results" aria-describedby="file-news" @change=${choose} /><label for="folder">a folder</label>, or`
              : nothing}
            drop them anywhere: CSV, JSON or Parquet. They stay in this browser.
          </span>
        </div>
        <div class="choose">
          <button type="button" aria-describedby="board-help" @click=${() => { actions.retry(leaderboard); }}>
            Load the Open LLM Leaderboard
          </button>
          <span class="help" id="board-help">4,500 models; fetches about 1 MB from ${hubName}, once</span>
        </div>
        ${current && ![bundled, bundledTable].includes(current.dataSource)
          ? html`<button type="button" id="bundled" @click=${() => { actions.retry(bundled); }}>Return to the bundled data</button>`
          : nothing}
        <label class="keep">
          <input type="checkbox" id="keep" .checked=${kept("question") !== null} @change=${({ target }: Event) => { actions.keep((target as HTMLInputElement).checked); }} />
          Keep my last question and my data in this browser
        </label>
      </div>
      <div class="trained">
        <h3>The training</h3>
        ${candidate ? nothing : resting(session, actions)}
        ${waits || (current && !candidate && !current.report) ? nothing : lossCurve(tracker?.points ?? [], tracker?.last?.metric)}
      </div>
      <details class="boards" @toggle=${() => void import("./boards.ts").catch(() => { session.refuse("The list of boards cannot be loaded"); })}>
        <summary>Public boards</summary>
        <eyas-boards .session=${session} .actions=${actions}></eyas-boards>
      </details>
      <eyas-preview .understood=${understood} .actions=${actions}></eyas-preview>
    </section>
  `;
}

function inUse({ info, dataSource }: Trained): TemplateResult {
  const sources = info.sources.filter(({ url }) => url !== null);
  return html`
    <p class="counts">
      <b>${counted(info.models, "model")}</b>, ${counted(info.tasks, info.kind === "outcome" ? "item" : "benchmark")},
      ${count(info.cells)} results, ${counted(info.edges, "parent link")}
    </p>
    <p class="source">${info.source}. Licence: ${info.license}.</p>
    ${sources.length > 1
      ? html`<details class="sources">
          <summary>${counted(sources.length, "source")} of ${dataSource.name}</summary>
          <ul>
            ${sources.map(({ name, url, license, date }) => html`<li><a href=${url ?? ""}>${name}</a> <small>${[license, date].filter(Boolean).join(", ")}</small></li>`)}
          </ul>
        </details>`
      : nothing}
  `;
}

function resting({ current }: Session, { retry }: Actions): TemplateResult {
  if (!current) return html`<p>Not trained</p>`;
  const { tracker, ran, report } = current;
  if (!report) {
    const { dataSource } = current;
    return html`<p>Trained before, ${dataSource.model?.when ?? "when this page was built"}</p>
      ${dataSource === bundled ? html`<button type="button" @click=${() => { retry(bundledTable); }}>Train it here</button>` : nothing}`;
  }
  const validation = tracker.points.findLast((point) => point.validation !== null)?.validation;
  return html`
    <p class="help">
      ${counted(tracker.epochs, "epoch")}${tracker.last ? html` · loss ${significant(tracker.last.loss)}` : nothing}
      ${validation == null || !tracker.last ? nothing : html`· ${tracker.last.metric} ${significant(validation)} on cells set aside`}
    </p>
    <p class="device">Trained on the ${ran.device.toUpperCase()}: ${ran.name}; ${ran.why}.</p>
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
