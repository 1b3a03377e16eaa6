// The controls above the leaderboard: conditions on the models, columns with their weights, and the legend.

import { html, nothing, type TemplateResult } from "lit";
import { organisation } from "../pkg/fact-columns.js";
import type { ModelFacts } from "../pkg/index.js";
import type { Conditions, Ranked } from "./address.ts";
import { label, named } from "./benchmarks.ts";
import { count, counted } from "./figures.ts";
import { FACTS, type Board, type FactName, type Mean, type Table } from "./ranking.ts";
import { choices } from "./ranking-filter.ts";
import { FEW, type Trained } from "./session.ts";

export interface ControlState {
  ranked: Ranked;
  board: Board;
  table: Table;
  mean: Mean;
  trained: Trained;
  facts: ReadonlyMap<string, ModelFacts>;
  shownFacts: readonly string[];
  /** The benchmarks that are columns, arrived or not. */
  wanted: readonly string[];
}

/** Changes the address. A change while typing replaces the last one. */
export type Change = (change: Partial<Ranked>, replace?: boolean) => void;

/** What a condition says, for the list of those that count. */
const SAID: Record<keyof Conditions, (text: string) => string> = {
  names: (text) => `name: ${text}`,
  min: (text) => `from ${text} billion`,
  max: (text) => `up to ${text} billion`,
  type: (text) => text,
  family: (text) => `family ${text}`,
  organisation: (text) => `by ${text}`,
  license: (text) => `licence ${text}`,
  weights: (text) => `${text} weights`,
  since: (text) => `since ${text}`,
  until: (text) => `until ${text}`,
  complete: () => "all columns measured",
};

const NAMES = Object.keys(SAID) as (keyof Conditions)[];

/** The number of conditions that are set. */
export function conditionsSet(conditions: Conditions): number {
  return NAMES.filter((name) => conditions[name]).length;
}

/** The conditions that are set, each with a button that removes it. */
export function chips({ ranked: { conditions }, board: { mistakes } }: ControlState, change: Change): TemplateResult | typeof nothing {
  const set = NAMES.filter((name) => conditions[name]);
  if (set.length === 0) return nothing;
  const without = (...names: (keyof Conditions)[]): void => {
    change({ conditions: { ...conditions, ...Object.fromEntries(names.map((name) => [name, ""])) } });
  };
  return html`<p class="chips">
    ${set.map((name) => html`<button type="button" class=${mistakes[name] ? "chip wrong" : "chip"} @click=${() => { without(name); }}>${SAID[name](conditions[name])}<span class="unseen">: remove this condition</span> <span aria-hidden="true">×</span></button>`)}
    ${set.length > 1 ? html`<button type="button" class="link" @click=${() => { without(...set); }}>Remove all</button>` : nothing}
  </p>`;
}

/** The search by name, which is always there. */
export function nameField({ conditions }: Ranked, mistake: string | undefined, change: Change): TemplateResult {
  return html`<div class="filter">
    <label for="filter">Filter by name, in words or as /regular expression/</label>
    <input id="filter" type="search" autocomplete="off" spellcheck="false" .value=${conditions.names} aria-invalid=${mistake ? "true" : "false"} aria-describedby="filter-mistake"
      @input=${({ target }: InputEvent) => { change({ conditions: { ...conditions, names: (target as HTMLInputElement).value } }, true); }} />
    <p class="mistake" id="filter-mistake" role="alert">${mistake}</p>
  </div>`;
}

export function filterPanel({ ranked: { conditions }, board: { mistakes }, facts }: ControlState, change: Change): TemplateResult {
  const set = (name: keyof Conditions, value: string, replace = false): void => {
    change({ conditions: { ...conditions, [name]: value } }, replace);
  };
  const typed = (name: keyof Conditions, words: string, example: string): TemplateResult => html`<div>
    <label for=${`only-${name}`}>${words}</label>
    <input id=${`only-${name}`} autocomplete="off" spellcheck="false" placeholder=${example} .value=${conditions[name]} aria-invalid=${mistakes[name] ? "true" : "false"} aria-describedby=${`wrong-${name}`}
      @input=${({ target }: InputEvent) => { set(name, (target as HTMLInputElement).value, true); }} />
    <p class="mistake" id=${`wrong-${name}`} role="alert">${mistakes[name]}</p>
  </div>`;
  const chosen = (name: keyof Conditions, words: string, value: (facts: ModelFacts) => string | null): TemplateResult => {
    const all = choices(facts.values(), value);
    const wanted = conditions[name].toLowerCase();
    const isKnown = wanted === "" || all.some(([one]) => one.toLowerCase() === wanted);
    return html`<div>
      <label for=${`only-${name}`}>${words}</label>
      <select id=${`only-${name}`} ?disabled=${all.length === 0 && wanted === ""} @change=${({ target }: Event) => { set(name, (target as HTMLSelectElement).value); }}>
        <option value="" ?selected=${wanted === ""}>${all.length === 0 ? "not stated in these data" : "any"}</option>
        ${isKnown ? nothing : html`<option value=${conditions[name]} selected>${conditions[name]} (no model)</option>`}
        ${all.map(([one, models]) => html`<option value=${one} ?selected=${one.toLowerCase() === wanted}>${one} (${count(models)})</option>`)}
      </select>
    </div>`;
  };
  return html`<div class="panel" id="filter-panel" role="group" aria-label="Conditions on the models">
    <div class="fields">
      ${typed("min", "Size from, in billions", "0")} ${typed("max", "Size up to, in billions", "8")}
      ${chosen("type", "Type", ({ model_type: type }) => type)} ${chosen("family", "Family", ({ family }) => family)}
      ${chosen("organisation", "Organisation", organisation)} ${chosen("license", "Licence", ({ license }) => license)}
      ${chosen("weights", "Weights", (facts) => FACTS.weights.value(facts) as string | null)} ${typed("since", "Date from", "2025-01")} ${typed("until", "Date up to", "2026")}
    </div>
    <p class="check">
      <input type="checkbox" id="only-complete" .checked=${conditions.complete !== ""} @change=${({ target }: Event) => { set("complete", (target as HTMLInputElement).checked ? "1" : ""); }} />
      <label for="only-complete">Only models that are measured on all columns</label>
    </p>
    <p class="help">A model of which a fact is not known does not meet a condition on it.</p>
  </div>`;
}

export function columnPanel(state: ControlState, change: Change): TemplateResult {
  const { ranked, mean, table, trained, shownFacts, wanted } = state;
  const { benchmarks, info } = trained;
  const known = new Map(benchmarks.map((benchmark) => [benchmark.id, benchmark]));
  const name = (task: string): string => label({ task, dataset: known.get(task)?.dataset ?? "" });
  const weightOf = (task: string): number => ranked.columns.find(({ id }) => id === task)?.weight ?? 1;
  const columns = wanted.map((id) => ({ id, weight: weightOf(id) }));
  const add = (tasks: readonly string[]): void => {
    const fresh = tasks.filter((task) => !wanted.includes(task));
    if (fresh.length > 0) change({ columns: [...columns, ...fresh.map((id) => ({ id, weight: 1 }))] });
  };
  const pick = (act: (value: string) => void) => ({ target }: Event): void => {
    const select = target as HTMLSelectElement;
    const { value } = select;
    select.value = "";
    if (value) act(value);
  };
  const rest = benchmarks.filter(({ id }) => !wanted.includes(id));
  const option = (id: string): TemplateResult | typeof nothing =>
    wanted.includes(id) ? nothing : html`<option value=${id}>${name(id)} (${counted(known.get(id)?.cells ?? 0, "score")})</option>`;
  const toggled = (fact: string, on: boolean): string[] => (on ? [...shownFacts, fact] : shownFacts.filter((other) => other !== fact));
  return html`<div class="panel" id="column-panel" role="group" aria-label="Columns and weights">
    <ul class="weights">
      ${columns.map(({ id, weight }) => html`<li>
        <label for=${`weight-${id}`} title=${id}>${name(id)}</label>
        <input id=${`weight-${id}`} type="number" min="0" step="any" inputmode="decimal" aria-label=${`Weight of ${name(id)} in the mean`} .value=${String(weight)}
          @change=${({ target }: Event) => { change({ columns: columns.map((one) => (one.id === id ? { id, weight: Math.max(0, Number((target as HTMLInputElement).value) || 0) } : one)) }); }} />
        <button type="button" class="small" ?disabled=${columns.length === 1} @click=${() => { change({ columns: columns.filter((one) => one.id !== id) }); }}><span aria-hidden="true">×</span><span class="unseen">Remove the column ${name(id)}</span></button>
      </li>`)}
    </ul>
    <div class="fields">
      ${rest.length > 0
        ? html`<div>
            <label for="benchmark">Add a benchmark</label>
            <select id="benchmark" @change=${pick((task) => { add([task]); })}>
              <option value="">${counted(rest.length, "more", "more")}</option>
              ${info.groups.map(({ task_type: type, tasks }) => html`<optgroup label=${type}>${tasks.map(option)}</optgroup>`)}
              ${benchmarks.map(({ id, task_type: type }) => (type === null ? option(id) : nothing))}
            </select>
          </div>`
        : nothing}
      ${info.groups.length > 1
        ? html`<div>
            <label for="group">Show a group of benchmarks instead</label>
            <select id="group" @change=${pick((type) => { change({ columns: (info.groups.find((group) => group.task_type === type)?.tasks ?? []).slice(0, FEW).map((id) => ({ id, weight: 1 })), by: "", reversed: false }); })}>
              <option value="">${counted(info.groups.length, "group")}</option>
              ${info.groups.map(({ task_type: type, tasks }) => html`<option value=${type}>${type} (${tasks.length > FEW ? `${FEW} with the most scores of ${count(tasks.length)}` : count(tasks.length)})</option>`)}
            </select>
          </div>`
        : nothing}
      <div>
        <label for="scale">The mean is of</label>
        <select id="scale" ?disabled=${mean.standings.length === 0} @change=${({ target }: Event) => { change({ scale: (target as HTMLSelectElement).value }); }}>
          <option value="points" ?selected=${mean.scale === "points"}>points of 100 of each range</option>
          <option value="deviations" ?selected=${mean.scale === "deviations"}>standard deviations among all models</option>
        </select>
      </div>
    </div>
    <p class="check" role="group" aria-label="Facts as columns">
      ${(Object.keys(FACTS) as FactName[]).map((fact) => html`<span><input type="checkbox" id=${`fact-${fact}`} .checked=${shownFacts.includes(fact)} @change=${({ target }: Event) => { change({ facts: toggled(fact, (target as HTMLInputElement).checked) }); }} /> <label for=${`fact-${fact}`}>${FACTS[fact].title}</label></span>`)}
    </p>
    ${ranked.columns.length > 0
      ? html`<p><button type="button" class="link" @click=${() => { change({ columns: [], by: "", reversed: false }); }}>${benchmarks.length > FEW ? "Back to the benchmarks of the forecast, with equal weights" : "All benchmarks, with equal weights"}</button></p>`
      : nothing}
    ${table.columns.length < wanted.length ? html`<p class="help">${counted(wanted.length - table.columns.length, "column")} of ${wanted.length} still to come…</p>` : nothing}
  </div>`;
}

/** What the marks mean, and once in full how ranks, ties and tiers are found. */
export function legend({ board, mean, table, trained }: ControlState): TemplateResult {
  const column = table.columns[board.key];
  const by = board.key < 0 ? "the mean" : named({ task: column?.task ?? "", dataset: trained.benchmarks.find(({ id }) => id === column?.task)?.dataset ?? "" }).name;
  return html`<div class="key-line">
    <span class="sample measured-cell">0.612</span> measured <span class="sample predicted-cell">0.587</span> predicted
    <span class="sample"><span class="place-range">3–17</span></span> 90 % range of the rank
    <span class="sample tie">=</span> can’t tell from the next better one <span class="sample tier-key"></span> tier
    <details class="about-ranks">
      <summary>How ranks, ties and tiers are found</summary>
      <p>
        Ranks are by ${by}, among the ${counted(board.ranks, "model")} that meet the conditions. A predicted score has its 90 % interval. A measured score has the error that its source
        states; without one, an accuracy p over n items has the sampling error √(p (1 − p) / n), and any other counts as exact. The range of a rank and “=” follow from both: two models are told apart if
        one is better with a chance of 90 % or more. A tier begins with the best model that is left, and ends before the first that can be told from it.
      </p>
      ${mean.standings.length > 0
        ? html`<p>
            The mean is of ${mean.scale === "points" ? "points of 100 of each benchmark’s range" : "standard deviations of each benchmark among all models"}, with the weights of the columns; where less is
            better it is turned. Forecasts stand in for what is not measured: “3/8” says that three of eight columns are. The forecasts of one model are taken to err together, and sampling errors independently.
          </p>`
        : nothing}
      <p>Settings of a model, such as its effort or a quantisation, are folded under one of them: of those with the most measured scores the best.</p>
    </details>
  </div>`;
}
