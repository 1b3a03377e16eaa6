// The view of plans: up to four models that somebody may make, side by side, and the chances that one beats another. Each change is
// answered without a button.

import { html, LitElement, nothing, type TemplateResult } from "lit";
import { guard } from "lit/directives/guard.js";
import { styleMap } from "lit/directives/style-map.js";
import type { Factor, Forecast, PredictRequest, Prediction } from "../pkg/index.js";
import { MOST_PLANS, type Address, type Planned } from "./address.ts";
import { named, short } from "./benchmarks.ts";
import { bundled } from "./data-sources.ts";
import { EXAMPLE } from "./example.ts";
import { count, score } from "./figures.ts";
import { heldOutLine } from "./held-out-line.ts";
import { message, type Session, type Trained } from "./session.ts";
import "./style/plans.css";
import { axis, stripOf, track, type Mark } from "./track.ts";
import { TYPES } from "./types.ts";
import { beats, mean, usuallyOff } from "./verdict.ts";

/** Milliseconds after the last change before its address becomes a step of its own. */
const STEP = 1000;

const BLANK = { params: "", type: "", scores: "" };

/** The plans of the page's own example; with other data the best models take their places. */
const FIRST: readonly Planned[] = [
  { ...BLANK, parents: EXAMPLE.lineage.parents.map(({ id }) => ({ id, weight: 1 })) },
  { ...BLANK, parents: [{ id: "Qwen/Qwen3-14B", weight: 1 }] },
];

/** The answer to a plan. */
interface Answer {
  /** The plan and the benchmarks that it answers. */
  key: string;
  prediction?: Prediction;
  mistake?: string;
}

class Plans extends LitElement {
  static override properties = {
    session: { attribute: false, hasChanged: () => true },
    address: { attribute: false },
    go: { attribute: false, hasChanged: () => false },
  };
  declare session: Session;
  declare address: Address & { view: "plans" };
  declare go: (address: Address, how?: { replace: boolean }) => void;

  #answers: (Answer | undefined)[] = [];
  /** Number of the latest change; answers to earlier ones are dropped. */
  #turn = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** What was asked last, and of which model. */
  #question = "";
  #model: Trained | undefined;
  /** When the last change was made, in milliseconds. */
  #last = -Infinity;

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#timer);
  }

  get #plans(): readonly Planned[] {
    if (this.address.plans.length > 0) return this.address.plans;
    const { current, columns } = this.session;
    const [first, second] = columns[0]?.ids ?? [];
    if (!current || current.dataSource.address === bundled.address || !first || !second) return FIRST;
    const plan = (...ids: string[]): Planned => ({ ...BLANK, parents: ids.map((id) => ({ id, weight: 1 })) });
    return [plan(first, second), plan(first)];
  }

  protected override updated(): void {
    const { current } = this.session;
    const question = JSON.stringify([this.#plans, this.address.against]);
    if (!current || (this.#question === question && this.#model === current)) return;
    if (this.#model !== current) this.#answers = [];
    this.#question = question;
    this.#model = current;
    // Changes of the same moment are one question.
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#ask());
  }

  /** Asks about the plans that have changed. All are asked for the benchmarks of the first one, so that they can be compared. */
  async #ask(): Promise<void> {
    const turn = ++this.#turn;
    const plans = this.#plans;
    const { against } = this.address;
    let tasks: string[] | undefined;
    for (const [at, plan] of plans.entries()) {
      const key = JSON.stringify([plan, against, tasks]);
      let answer = this.#answers[at];
      if (answer?.key !== key) {
        answer = await this.#answer(key, plan, tasks, against);
        if (turn !== this.#turn) return;
        this.#answers[at] = answer;
        this.requestUpdate();
      }
      tasks ??= answer.prediction?.forecasts.map(({ task }) => task);
    }
    this.#answers.length = plans.length;
    if (tasks) this.session.rankBy(tasks);
    this.requestUpdate();
  }

  async #answer(key: string, plan: Planned, tasks: string[] | undefined, against: string): Promise<Answer> {
    try {
      const request = requestOf(plan, tasks, against);
      return { key, prediction: await this.session.ask((model) => model.predict(request)) };
    } catch (error) {
      return { key, mistake: message(error) };
    }
  }

  protected override render(): TemplateResult {
    const plans = this.#plans;
    const ids = this.session.columns[0]?.ids ?? [];
    return html`
      <section class="plans" aria-labelledby="plans-title">
        <h2 id="plans-title">Plans side by side</h2>
        <ol class="cards" style=${styleMap({ "--plans": String(plans.length) })}>
          ${plans.map((plan, at) => this.#card(plan, at))}
        </ol>
        <div class="below">
          ${plans.length < MOST_PLANS ? html`<button type="button" id="add" @click=${this.#add}>Add a plan</button>` : nothing}
          <label class="against">
            Compare with a measured model
            <input list="models" id="against" spellcheck="false" autocomplete="off" placeholder="org/name" .value=${this.address.against} @change=${this.#againstChanged} />
          </label>
        </div>
        <datalist id="models">${guard([ids], () => ids.map((id) => html`<option value=${id}></option>`))}</datalist>
        ${this.#comparison()}
      </section>
    `;
  }

  #card(plan: Planned, at: number): TemplateResult {
    const answer = this.#answers[at];
    const number = at + 1;
    const change = (part: Partial<Planned>): void => { this.#change(at, { ...plan, ...part }); };
    const value = ({ target }: Event): string => (target as HTMLInputElement | HTMLSelectElement).value.trim();
    // A number that is half typed, such as "7.", stays as it is.
    const typed = (event: Event): void => { if (!(event.target as HTMLInputElement).validity.badInput) change({ params: value(event) }); };
    return html`
      <li class="card" data-plan=${number} style=${markOf(at)} aria-label=${`Plan ${number}`}>
        <div class="card-head">
          <h3><i class="key-dot"></i> Plan ${number}</h3>
          ${answer?.prediction ? reading(answer.prediction) : nothing}
        </div>
        <p class="mistake" role="alert">${answer?.mistake ?? notes(answer?.prediction)}</p>
        ${plan.parents.map(({ id, weight }, which) => {
          const set = (part: Partial<{ id: string; weight: number }>): void => { change({ parents: plan.parents.with(which, { id, weight, ...part }) }); };
          return html`
            <div class="parent">
              <input
                list="models"
                aria-label=${`Parent ${which + 1} of plan ${number}`}
                spellcheck="false"
                autocomplete="off"
                placeholder="org/name"
                .value=${id}
                @change=${(event: Event) => { set({ id: value(event) }); }}
              />
              ${plan.parents.length > 1
                ? html`<input
                      type="range"
                      min="0"
                      max="1"
                      step="0.05"
                      aria-label=${`Weight of parent ${which + 1} of plan ${number}`}
                      aria-valuetext=${share(plan, which)}
                      .value=${String(weight / total(plan))}
                      @input=${(event: Event) => { change({ parents: weighted(plan, which, Number(value(event))) }); }}
                    />
                    <output>${share(plan, which)}</output>
                    <button type="button" class="link" aria-label=${`Remove parent ${which + 1} of plan ${number}`} @click=${() => { change({ parents: plan.parents.toSpliced(which, 1) }); }}>×</button>`
                : nothing}
            </div>
          `;
        })}
        <div class="facts">
          <label>Size, in billions<input type="number" min="0" step="any" inputmode="decimal" .value=${plan.params} @input=${typed} /></label>
          <label>Type<select @change=${(event: Event) => { change({ type: value(event) }); }}>
              ${TYPES.map(([type, name]) => html`<option value=${type} .selected=${type === plan.type}>${name}</option>`)}
            </select></label>
          <label class="scores">Known scores<input spellcheck="false" autocomplete="off" placeholder="bbh=45%" .value=${plan.scores} @change=${(event: Event) => { change({ scores: value(event) }); }} /></label>
        </div>
        <div class="card-foot">
          <button type="button" class="link" @click=${() => { change({ parents: [...plan.parents, { id: "", weight: total(plan) / Math.max(plan.parents.length, 1) || 1 }] }); }}>Add a parent</button>
          ${this.#plans.length < MOST_PLANS ? html`<button type="button" class="link" @click=${() => { this.#set([...this.#plans, plan], false); }}>Copy plan ${number}</button>` : nothing}
          ${this.#plans.length > 1 ? html`<button type="button" class="link" @click=${() => { this.#remove(at); }}>Remove plan ${number}</button>` : nothing}
        </div>
      </li>
    `;
  }

  /** The forecasts of all plans in one grid, and what they say in words. */
  #comparison(): TemplateResult | typeof nothing {
    const found = this.#answers.slice(0, this.#plans.length).flatMap((answer, at) => (answer?.prediction ? [{ at, prediction: answer.prediction }] : []));
    const [first, ...others] = found;
    if (!first) return html`<p class="waiting">${this.session.current ? "" : "The forecasts appear once the model is there."}</p>`;
    const { against } = this.address;
    const columns = this.session.current?.columns;
    const rows = first.prediction.forecasts.map((forecast) => ({
      forecast,
      plans: [{ at: first.at, forecast }, ...others.flatMap(({ at, prediction }) => prediction.forecasts.filter(({ task }) => task === forecast.task).map((forecast) => ({ at, forecast })))],
    }));
    const knows = against !== "" && first.prediction.forecasts.some(({ beats }) => beats?.[against] != null);
    return html`
      <div class="words" id="words" aria-live="polite">
        ${sentences(rows)} ${against ? (knows ? againstSentences(found, against) : html`<p class="mistake">${against} has no results on these benchmarks here.</p>`) : nothing}
      </div>
      <table class="grid compared" role="table" style=${styleMap({ "--plans": String(this.#plans.length) })}>
        <caption class="unseen">Forecasts of the plans by benchmark, with 90 % intervals, and the chances that one beats another</caption>
        <thead role="rowgroup">
          <tr role="row">
            <th scope="col" role="columnheader" class="name">Benchmark</th>
            <td role="cell" class="scale">${axis(first.prediction.forecasts.map(({ range }) => range))}</td>
            ${found.map(({ at }) => html`<th scope="col" role="columnheader" class="value" style=${markOf(at)}><i class="key-dot"></i> Plan ${at + 1}</th>`)}
            <th scope="col" role="columnheader" class="chance">${others.length > 0 ? "Best, and its chance" : "Rank"}</th>
          </tr>
        </thead>
        <tbody role="rowgroup">
          ${rows.map(({ forecast, plans }) => {
            const { name, detail } = named(forecast);
            const column = columns?.get(forecast.task);
            const marks: Mark[] = plans.map(({ at, forecast: { mean, lower, upper, known } }) => ({ mean, lower, upper, known, lane: at, kind: `plan-${at + 1}` }));
            return html`
              <tr role="row" class="line" data-task=${forecast.task}>
                <th scope="row" role="rowheader" class="name" title=${forecast.task}><h3>${name}${detail ? html` <span>${detail}</span>` : nothing}</h3></th>
                <td role="cell" class="scale">${track(marks, [], column && stripOf(column))}</td>
                ${found.map(({ at }) => value(at, plans.find((one) => one.at === at)?.forecast))}
                <td role="cell" class="chance">${others.length > 0 ? best(plans) : html`${count(forecast.rank)} <small>of ${count(forecast.of)}</small>`}</td>
              </tr>
            `;
          })}
        </tbody>
      </table>
      ${others.length > 0
        ? html`<p class="help">
            The last column has the plan with the best forecast and the smallest chance that it beats another one; below 60 % that is a tie. Chances
            between plans follow from the forecasts and their 90 % intervals as if errors were independent. Plans that share parents share errors, so
            the true chances are further from 50 %.
          </p>`
        : nothing}
      ${this.session.current ? heldOutLine(this.session.current) : nothing}
    `;
  }

  #change(at: number, plan: Planned): void {
    this.#set(this.#plans.with(at, plan), true);
  }

  #remove(at: number): void {
    this.#answers.splice(at, 1);
    this.#set(this.#plans.toSpliced(at, 1), false);
  }

  readonly #add = (): void => {
    const last = this.#plans.at(-1);
    this.#set([...this.#plans, last ?? { ...BLANK, parents: [{ id: "", weight: 1 }] }], false);
  };

  readonly #againstChanged = ({ target }: Event): void => {
    this.go({ ...this.address, plans: [...this.#plans], against: (target as HTMLInputElement).value.trim() });
  };

  /** @param continues Whether changes in quick succession, such as of a slider, are one step of the history. */
  #set(plans: readonly Planned[], continues: boolean): void {
    const now = performance.now();
    const replace = continues && now - this.#last < STEP;
    this.#last = now;
    this.go({ ...this.address, plans: [...plans] }, { replace });
  }
}

customElements.define("eyas-plans", Plans);

interface Row {
  forecast: Forecast;
  plans: { at: number; forecast: Forecast }[];
}

function requestOf({ parents, params, type, scores }: Planned, tasks: string[] | undefined, against: string): PredictRequest {
  const factors: Record<string, Factor> = {};
  if (params) factors["params"] = params;
  if (type) factors["type"] = type;
  const listed = parents.filter(({ id, weight }) => id && weight > 0);
  const relation = listed.length > 1 ? { relation: "merge" } : {};
  return {
    lineage: { parents: listed.map((parent) => ({ ...parent, ...relation })) },
    factors,
    ...(scores ? { scores } : {}),
    ...(tasks ? { tasks } : {}),
    ...(against ? { compare: [against] } : {}),
  };
}

function total({ parents }: Planned): number {
  return parents.reduce((sum, { weight }) => sum + weight, 0) || 1;
}

function share(plan: Planned, which: number): string {
  return `${Math.round((100 * (plan.parents[which]?.weight ?? 0)) / total(plan))} %`;
}

/** The parents with one share changed; the others keep their proportions. */
function weighted(plan: Planned, which: number, part: number): Planned["parents"] {
  const others = total(plan) - (plan.parents[which]?.weight ?? 0);
  const round = (weight: number): number => Number(weight.toFixed(3));
  return plan.parents.map((parent, at) => {
    if (at === which) return { ...parent, weight: round(part) };
    const proportion = others > 0 ? parent.weight / others : 1 / (plan.parents.length - 1);
    return { ...parent, weight: round((1 - part) * proportion) };
  });
}

/** The mean of a plan's forecasts with the error that is usual for one of them. */
function reading({ forecasts }: Prediction): TemplateResult {
  const all = forecasts.map(({ mean, lower_is_better: less }) => (less ? 1 - mean : mean));
  const off = usuallyOff(forecasts);
  return html`<p class="reading" title="Mean over the benchmarks, in points of 100">
    <b>${(100 * mean(all)).toFixed(1)}</b> <small>mean of ${all.length}${off === undefined ? nothing : `, each usually off by ${(100 * off).toFixed(0)}`}</small>
  </p>`;
}

/** What of a plan was not understood. */
function notes(prediction: Prediction | undefined): string {
  if (!prediction) return "";
  const { lineage, warnings, subject } = prediction;
  const near = lineage.unknown.map((id) => (lineage.nearest[id]?.[0] ? `${id} is not in the data; is it ${lineage.nearest[id][0]}?` : `${id} is not in the data.`));
  return [...near, ...(subject.next_to_nothing ? ["Next to nothing is known of it."] : []), ...warnings.filter((warning) => !warning.startsWith("next to nothing"))].join(" ");
}

function value(at: number, forecast: Forecast | undefined): TemplateResult {
  if (!forecast) return html`<td role="cell" class="value"></td>`;
  const { mean, lower, upper, known, range } = forecast;
  return html`<td role="cell" class="value" style=${markOf(at)}>
    <strong>${score(mean, range)}</strong>
    ${known ? html`<small>as given</small>` : lower !== null && upper !== null ? html`<small>${score(lower, range)} to ${score(upper, range)}</small>` : nothing}
  </td>`;
}

/** The plan with the best mean, and the smallest chance that it beats another one. */
function best(plans: Row["plans"]): TemplateResult {
  const [first, ...others] = plans.toSorted((a, b) => {
    const gap = b.forecast.mean - a.forecast.mean;
    return a.forecast.lower_is_better ? -gap : gap;
  });
  if (!first || others.length === 0) return html``;
  const chances = others.map(({ forecast }) => beats(first.forecast, forecast));
  if (chances.some((chance) => chance === null)) return html`Plan ${first.at + 1}`;
  const chance = Math.min(...chances.map((chance) => chance ?? 1));
  // Nobody can tell them apart.
  const isTie = chance < 0.6;
  return html`${isTie ? html`<span class="tie">a tie</span>` : html`Plan ${first.at + 1}`} <small>${percent(chance)}</small>`;
}

/** A sentence for each pair of plans, the better one first. */
function sentences(rows: readonly Row[]): TemplateResult[] {
  const numbers = [...new Set(rows.flatMap(({ plans }) => plans.map(({ at }) => at)))].toSorted((a, b) => a - b);
  const pairs = numbers.flatMap((one, at) => numbers.slice(at + 1).map((other) => [one, other] as const));
  return pairs.flatMap(([one, other]) => {
    const chances = rows.flatMap(({ plans }) => {
      const [a, b] = [one, other].map((number) => plans.find(({ at }) => at === number)?.forecast);
      const chance = a && b ? beats(a, b) : null;
      return chance === null ? [] : [chance];
    });
    if (chances.length === 0) return [];
    const average = mean(chances);
    const [better, worse, chance] = average >= 0.5 ? [one, other, average] : [other, one, 1 - average];
    if (chance < 0.505) return [html`<p><b>Plans ${one + 1} and ${other + 1}</b> have the same chances.</p>`];
    const wins = chances.filter((chance) => (average >= 0.5 ? chance > 0.5 : chance < 0.5)).length;
    return [
      html`<p>
        <b>Plan ${better + 1} beats plan ${worse + 1}</b> with a chance of <b>${percent(chance)}</b> on average over ${chances.length} benchmarks, and is ahead
        on ${wins} of them.
      </p>`,
    ];
  });
}

/** How each plan stands to a measured model. */
function againstSentences(found: readonly { at: number; prediction: Prediction }[], against: string): TemplateResult[] {
  return found.flatMap(({ at, prediction }) => {
    const chances = prediction.forecasts.flatMap(({ beats }) => beats?.[against] ?? []);
    if (chances.length === 0) return [];
    return [html`<p>Plan ${at + 1} beats <b title=${against}><bdi>${short(against)}</bdi></b> with a chance of <b>${percent(mean(chances))}</b> on average over ${chances.length} benchmarks.</p>`];
  });
}

/** A chance in per cent; no chance is certain. */
function percent(part: number): string {
  if (part < 0.005) return "under 1 %";
  return part >= 0.995 ? "over 99 %" : `${Math.round(100 * part)} %`;
}

function markOf(at: number): ReturnType<typeof styleMap> {
  return styleMap({ "--mark": `var(--plan-${at + 1})` });
}
