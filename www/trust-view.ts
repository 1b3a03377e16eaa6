// The view of trust: forecasts of held-out models of these data, made here, beside what was measured.

import { html, LitElement, nothing, type TemplateResult } from "lit";
import type { Method } from "../pkg/index.js";
import { Remote, started } from "../pkg/rpc.js";
import { about } from "./address.ts";
import { label } from "./benchmarks.ts";
import { count, counted, duration } from "./figures.ts";
import { checked, type Errors } from "./held-out.ts";
import { parts } from "./parts.ts";
import "./scatter.ts";
import type { Dot, Plot } from "./plot.ts";
import { message, type Session, type Trained } from "./session.ts";
import "./style/trust.css";
import { doubtsOf, reportOf, type Known, type Report, type Row } from "./trust.ts";
import type { TrustCalls } from "./trust-worker.ts";

/** What the method of the page is compared with: the mean of each benchmark, that of the parents, and a factorisation with the lineage. */
const BASELINES: readonly Method[] = ["mean", "parents", "lrmf"];
const PARTS = 5;
/** Rows of the table of benchmarks that are shown at first. */
const FIRST = 15;

const METHODS: Partial<Record<Method, string>> = { mean: "the mean of each benchmark", parents: "the mean of the parents", lrmf: "matrix factorisation with lineage" };
const KNOWN: Record<Known, string> = { parent: "a measured parent", size: "no measured parent, but the size", name: "only a name and other facts" };

interface Check {
  method: Method;
  rounds: number;
  report: Report;
  rows: Row[];
  seconds: number;
}

/** Finished checks, by the model that they are about. */
const checks = new WeakMap<Trained, Check>();

class Trust extends LitElement {
  static override properties = { session: { attribute: false, hasChanged: () => true } };
  declare session: Session;

  #worker: Remote<TrustCalls> | undefined;
  #progress: { part: number; what: string } | undefined;
  #news = "";
  #mistake = "";
  #rounds = 1;
  #all = false;

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#cancel();
  }

  async #run(current: Trained): Promise<void> {
    this.#mistake = "";
    this.#news = "";
    this.#progress = { part: 0, what: "Reading the data" };
    this.requestUpdate();
    const worker = new Remote<TrustCalls>(started(() => new Worker(new URL("./trust-worker.ts", import.meta.url), { type: "module" })), () => true);
    this.#worker = worker;
    const begun = performance.now();
    try {
      const { method } = await this.session.ask((model) => model.rank({ task: current.benchmarks[0]?.id ?? "", top: 0 }));
      const own = method as Method;
      const methods = [own, ...BASELINES.filter((other) => other !== own)];
      const sources = await current.dataSource.read();
      const rows = await worker.calls.check(sources, {
        parts: PARTS,
        rounds: this.#rounds,
        methods,
        columns: current.dataSource.columns,
        onProgress: (progress) => {
          if (this.#worker !== worker) return;
          this.#progress = progress;
          this.requestUpdate();
        },
      });
      if (this.#worker !== worker) return;
      const report = reportOf(rows, methods);
      if (!report) throw new Error("no held-out model has a measured score that could be forecast; the data are too few for this check");
      checks.set(current, { method: own, rounds: this.#rounds, report, rows, seconds: (performance.now() - begun) / 1000 });
      checked.set(current, report.errors);
      this.#news = "The check is done.";
    } catch (error) {
      if (this.#worker === worker) this.#mistake = message(error);
    } finally {
      worker.end();
      if (this.#worker === worker) {
        this.#worker = undefined;
        this.#progress = undefined;
      }
      this.requestUpdate();
    }
  }

  readonly #cancel = (): void => {
    if (!this.#worker) return;
    const worker = this.#worker;
    this.#worker = undefined;
    this.#progress = undefined;
    this.#news = "The check was cancelled.";
    worker.end();
    this.requestUpdate();
  };

  protected override render(): TemplateResult {
    const { current } = this.session;
    const check = current && checks.get(current);
    return html`
      <section class="trust" aria-labelledby="trust-title">
        ${parts([["#trust", "Check", true], ["#analyses", "Analyses", false]])}
        <h2 id="trust-title">How far to trust the forecasts</h2>
        <p class="lead">
          The check trains on ${current ? current.dataSource.name : "the data"} without one in ${PARTS} models, forecasts these from what is known of them but their scores, and compares the forecasts with the scores. It
          runs in this browser; settings of a model are held out together.
        </p>
        <div class="start">
          <button type="button" class="primary" id="check" ?disabled=${!current || this.#progress !== undefined} @click=${() => { if (current) void this.#run(current); }}>${check ? "Check again" : "Check"}</button>
          <label for="rounds" class="unseen">How many models are held out</label>
          <select id="rounds" @change=${({ target }: Event) => { this.#rounds = Number((target as HTMLSelectElement).value); }}>
            <option value="1">1 in ${PARTS} models, once: the quickest</option>
            <option value=${PARTS}>every model once, in ${PARTS} rounds</option>
          </select>
          ${this.#progress ? this.#running(this.#progress) : nothing}
        </div>
        <p class="mistake" role="alert">${this.#mistake}</p>
        <p class="news" role="status">${this.#news}</p>
        ${check && current ? this.#report(check, current) : nothing}
      </section>
    `;
  }

  #running({ part, what }: { part: number; what: string }): TemplateResult {
    const percent = Math.round(100 * part);
    return html`<div class="progress-bar" role="progressbar" aria-label="The check" aria-valuemin="0" aria-valuemax="100" aria-valuenow=${percent}><span style=${`transform: scaleX(${part})`}></span></div>
      <p class="help">${what}…</p>
      <button type="button" @click=${this.#cancel}>Cancel</button>`;
  }

  #report({ method, report, rows, rounds, seconds }: Check, trained: Trained): TemplateResult {
    const { errors, models } = report;
    const names = new Map(trained.benchmarks.map(({ id, dataset }) => [id, label({ task: id, dataset })]));
    return html`
      <p class="verdict" id="trust-verdict">
        Half of the ${count(errors.count)} forecasts for ${counted(models, "held-out model")} were closer than <b>${points(errors.median)}</b> to what was measured; the mean error is ${points(errors.mean)}.
        ${errors.coverage === null ? `The method ${method} gives no intervals.` : html`<b>${percent(errors.coverage)}</b> of the scores lie in their 90 % interval.`}
        <br /><small>Points of 100 of a benchmark’s range. ${rounds === 1 ? `One in ${PARTS} models` : "Every model once"}, in ${duration(seconds)}.</small>
      </p>
      ${this.#doubts(report, rows, names)}
      <div class="columns">
        ${table("Methods", ["Method", "Half closer than", "Mean error", "In 90 %"], report.methods.map(({ method: one, errors }) => [one === method ? html`<b>${one}</b>` : html`${METHODS[one] ?? one}`, ...figures(errors)]))}
        ${report.calibration.length > 0
          ? table("Calibration", ["Interval", "Holds"], report.calibration.map(({ nominal, share }) => [html`${percent(nominal)}`, html`${percent(share)}`]))
          : nothing}
        ${table("By what was known of the model", ["Known", "Scores", "Half closer than", "Mean error", "In 90 %"], report.known.map(({ known, errors }) => [html`${KNOWN[known]}`, html`${count(errors.count)}`, ...figures(errors)]))}
      </div>
      <section aria-labelledby="trust-plot">
        <h3 id="trust-plot">Forecast and measured</h3>
        <eyas-scatter .plot=${plotOf(report.rows, names)} .label=${"Forecasts and measured scores of the held-out models"}></eyas-scatter>
      </section>
      ${table("By benchmark", ["Benchmark", "Scores", "Half closer than", "Mean error", "In 90 %"], report.benchmarks.slice(0, this.#all ? undefined : FIRST).map(({ task, errors }) => [html`${names.get(task) ?? task}`, html`${count(errors.count)}`, ...figures(errors)]))}
      ${report.benchmarks.length > FIRST && !this.#all
        ? html`<p><button type="button" class="link" @click=${() => { this.#all = true; this.requestUpdate(); }}>All ${count(report.benchmarks.length)} benchmarks</button></p>`
        : nothing}
      ${worst(report.rows, names)}
    `;
  }

  /** Where not to trust the forecasts, in words. */
  #doubts(report: Report, rows: readonly Row[], names: ReadonlyMap<string, string>): TemplateResult {
    const { useless, narrow, unknown } = doubtsOf(report, rows);
    const list = (tasks: readonly string[]): string => tasks.slice(0, 6).map((task) => names.get(task) ?? task).join(", ") + (tasks.length > 6 ? ` and ${tasks.length - 6} more` : "");
    const [best, ...others] = report.known;
    const vague = best && others.filter(({ errors }) => errors.count >= 10 && errors.mean > 1.25 * best.errors.mean);
    const said = [
      useless.length > 0 ? html`On ${list(useless)} the forecasts were no better than the mean of the benchmark.` : undefined,
      narrow.length > 0 ? html`On ${list(narrow)} the 90 % intervals held clearly fewer of the scores than that: take them as too narrow there.` : undefined,
      ...(vague ?? []).map(({ known, errors }) => html`For models with ${KNOWN[known]}, the mean error is ${points(errors.mean)} in place of ${points(best!.errors.mean)}.`),
      unknown > 0 ? html`For ${counted(unknown, "benchmark")} there are fewer than ten held-out scores, too few to tell.` : undefined,
    ].filter((one) => one !== undefined);
    return html`<section class="doubtful" aria-labelledby="doubts-title">
      <h3 id="doubts-title">Where not to trust them</h3>
      ${said.length > 0 ? html`<ul>${said.map((one) => html`<li>${one}</li>`)}</ul>` : html`<p>No benchmark and no kind of model stands out.</p>`}
    </section>`;
  }
}

const points = (part: number): string => `${(100 * part).toFixed(1)} points`;
const percent = (part: number): string => `${Number((100 * part).toFixed(1))} %`;

function figures({ median, mean, coverage }: Errors): TemplateResult[] {
  return [html`${(100 * median).toFixed(1)}`, html`${(100 * mean).toFixed(1)}`, html`${coverage === null ? "–" : percent(coverage)}`];
}

function table(title: string, head: readonly string[], rows: readonly (readonly TemplateResult[])[]): TemplateResult {
  return html`<div class="wide-table" tabindex="0" role="region" aria-label=${title}>
    <table class="plain">
      <caption>${title}</caption>
      <thead><tr>${head.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
      <tbody>${rows.map(([first, ...others]) => html`<tr><th scope="row">${first}</th>${others.map((cell) => html`<td>${cell}</td>`)}</tr>`)}</tbody>
    </table>
  </div>`;
}

/** The forecasts that were furthest off, as the words behind the plot. */
function worst(rows: readonly Row[], names: ReadonlyMap<string, string>): TemplateResult {
  const furthest = rows.toSorted((a, b) => Math.abs(b.truth - b.mean) - Math.abs(a.truth - a.mean)).slice(0, 10);
  return table("Furthest off", ["Model and benchmark", "Forecast", "Measured"], furthest.map(({ model, task, mean, truth }) => [html`<a href=${about(model)}>${model}</a> on ${names.get(task) ?? task}`, html`${(100 * mean).toFixed(1)}`, html`${(100 * truth).toFixed(1)}`]));
}

function plotOf(rows: readonly Row[], names: ReadonlyMap<string, string>): Plot {
  const say = (value: number): string => value.toFixed(1);
  const dots = rows.map(({ model, task, mean, truth, lower, upper }): Dot => {
    const ends = lower !== null && upper !== null ? ` (${say(100 * lower)} to ${say(100 * upper)})` : "";
    return { id: model, x: 100 * mean, y: 100 * truth, predicted: true, words: `on ${names.get(task) ?? task}: forecast ${say(100 * mean)}${ends}, measured ${say(100 * truth)}` };
  });
  const axis = (title: string): Plot["x"] => ({ title, kind: "linear", say, domain: [0, 100] });
  return { dots, lines: [{ kind: "diagonal", points: [[0, 0], [100, 100]] }], x: axis("Forecast, % of the range"), y: axis("Measured, % of the range"), found: undefined };
}

customElements.define("eyas-trust", Trust);
