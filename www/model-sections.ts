// The parts of the page of a model, each from plain data.

import { html, nothing, type TemplateResult } from "lit";
import type { Factor, MeasuredResult, ModelFacts, Prediction, SnapshotInfo } from "../pkg/index.js";
import { about, read, write, type Address } from "./address.ts";
import { label } from "./benchmarks.ts";
import { count, counted, score, sizeText } from "./figures.ts";
import { errorsOf, heldOutOf } from "./held-out.ts";
import { childrenOf, settingsOf } from "./model-facts.ts";
import { hasOpenWeights, organisation } from "../pkg/fact-columns.js";
import type { Trained } from "./session.ts";
import { HALF_WIDTH } from "../pkg/standing.js";

/** Names of facts that are shown by a word of their own. */
const OWN = new Set(["params", "type", "family", "developer", "organisation", "organization", "open_weights"]);

/** What it is, in one sentence. */
export function lead(facts: ModelFacts, settings: number): TemplateResult {
  const { model_type: type, size, date, description, configuration_of: original } = facts;
  const by = organisation(facts);
  const [sized, kind] = [size === null ? "" : ` of ${sizeText(size)} parameters`, type ? `${type} model` : "model"];
  return html`<p class="lead">
    ${original ? html`A setting of ${link(original)}: a ` : "A "}${kind}${sized}${by ? ` by ${by}` : nothing}${date ? `, of ${date}` : nothing}, with ${counted(facts.results, "measured result")}${settings > 0
      ? ` and ${counted(settings, "other setting")}`
      : nothing}.
    ${description}
  </p>`;
}

export function link(id: string): TemplateResult {
  return html`<a href=${about(id)} title=${id}><bdi>${id}</bdi></a>`;
}

/** Where to go from here. */
export function onward(id: string): TemplateResult {
  const blank = { params: "", type: "", scores: "" };
  const ask = (asParent: boolean): Address => ({ view: "ask", asked: { text: id, ...blank, asParent, all: false } });
  const plan = (...ids: string[]): { parents: { id: string; weight: number }[] } & typeof blank => ({ parents: ids.map((id) => ({ id, weight: 1 })), ...blank });
  const rankings = read("#rankings");
  const pinned: Address = rankings.view === "rankings" ? { ...rankings, ranked: { ...rankings.ranked, pinned: [id] } } : rankings;
  return html`<p class="onward">
    <a class="button" href=${write(ask(false))}>Ask about it</a> <a class="button" href=${write(ask(true))}>A model made from it</a>
    <a class="button" href=${write({ view: "plans", plans: [plan(id), plan(id)], against: id })}>Compare as a plan</a> <a class="button" href=${write(pinned)}>Pin it in the rankings</a>
  </p>`;
}

/** All facts that the data state, and how each is known. */
export function factTable(facts: ModelFacts): TemplateResult {
  const { size, size_in_name: named, model_type: type, family, date, license, url, names, factors } = facts;
  const weights = hasOpenWeights(facts);
  const by = organisation(facts);
  const isStated = (...names: string[]): boolean => names.some((name) => factors[name] !== undefined);
  const rows: [string, TemplateResult | string | null, string][] = [
    ["Organisation", by, isStated("developer", "organisation", "organization") ? "" : "from its name"],
    ["Family", family, isStated("family") ? "" : "from its name"],
    ["Type", type, ""],
    ["Size", size === null ? null : `${sizeText(size)} parameters`, named ? "from its name" : ""],
    ["Date", date, ""],
    ["Weights", weights === undefined ? null : weights ? "open" : "closed", ""],
    ["Licence", license, ""],
    ["Page", url === null ? null : html`<a href=${url} rel="noreferrer">${url.replace(/^https?:\/\//, "")}</a>`, ""],
    ["Other names", names.length > 0 ? names.join(", ") : null, ""],
    // The size may have any name in a table.
    ...Object.entries(factors).filter(([name, value]) => !OWN.has(name) && (value !== size || name === "active_params")).map(([name, value]): [string, string, string] => [name.replaceAll("_", " "), factText(name, value), ""]),
  ];
  return html`<section class="facts-of" aria-labelledby="facts-title">
    <h3 id="facts-title">Facts</h3>
    <dl>
      ${rows.map(([name, value, from]) => (value === null ? nothing : html`<div><dt>${name}</dt><dd>${value}${from ? html` <small>${from}</small>` : nothing}</dd></div>`))}
    </dl>
    <p class="help">As the data state them; what they do not state is missing here.</p>
  </section>`;
}

/** A fact in words. Amounts are in billions. */
function factText(name: string, value: Factor): string {
  if (typeof value !== "number") return String(value);
  return name === "active_params" || name === "tokens" ? sizeText(value) : String(value);
}

/** Its settings and its children. */
export function relatives(id: string, facts: ReadonlyMap<string, ModelFacts>): TemplateResult {
  const [settings, children] = [settingsOf(id, facts), childrenOf(id, facts)];
  const list = (title: string, models: readonly { facts: ModelFacts; relation: string }[]): TemplateResult | typeof nothing =>
    models.length === 0
      ? nothing
      : html`<section class="kin"><h3>${title}</h3><ul>${models.map(({ facts, relation }) => html`<li>${link(facts.id)} <small>${[relation, counted(facts.results, "result")].filter(Boolean).join(", ")}</small></li>`)}</ul></section>`;
  return html`${list("Other settings", settings.map((facts) => ({ facts, relation: "" })))} ${list("Made from it", children)}`;
}

/** The models whose scores a forecast of a model with its parents and facts leans on. */
export function likeIt(sources: readonly { id: string; share: number }[]): TemplateResult | typeof nothing {
  if (sources.length === 0) return nothing;
  return html`<section class="kin"><h3>Models like it</h3>
    <ul>${sources.map(({ id, share }) => html`<li>${link(id)} <small>${Math.max(1, Math.round(100 * share))} %</small></li>`)}</ul>
    <p class="help">A forecast of a model with its parents and facts would lean on them, by these shares.</p>
  </section>`;
}

/** The shares of other models in these forecasts, on average, the largest first. */
export function sourcesOf({ forecasts }: Prediction, without: ReadonlySet<string>, most: number): { id: string; share: number }[] {
  const sums = new Map<string, number>();
  const open = forecasts.filter(({ sources }) => sources.length > 0);
  for (const { sources } of open) for (const { id, share } of sources) if (!without.has(id)) sums.set(id, (sums.get(id) ?? 0) + share / open.length);
  return [...sums].map(([id, share]) => ({ id, share })).sort((a, b) => b.share - a.share).slice(0, most);
}

/** How the forecasts did that were made without its scores. */
export function heldOutSentence({ forecasts }: Prediction): TemplateResult | typeof nothing {
  const errors = errorsOf(heldOutOf(forecasts));
  if (!errors) return nothing;
  const { count: all, median, coverage } = errors;
  return html`<p class="held-out">
    Forecasts made without its scores were half of the time closer than <b>${(100 * median).toFixed(1)} points of 100</b>${coverage === null
      ? nothing
      : html`; <b>${Math.round(coverage * all)} of ${all}</b> scores lie in their 90 % interval`}.
  </p>`;
}

/** Where each score comes from. */
export function provenance(results: readonly MeasuredResult[], { benchmarks }: Trained, { sources }: SnapshotInfo): TemplateResult {
  const known = new Map(benchmarks.map((benchmark) => [benchmark.id, benchmark]));
  const from = new Map(sources.map((source) => [source.id, source]));
  const row = ({ task, score: part, error, items, date, source }: MeasuredResult): TemplateResult => {
    const { dataset = task, range = null, metric = null } = known.get(task) ?? {};
    const span = range ?? { low: 0, high: 1 };
    const { name = source, url = null, license = "" } = from.get(source) ?? {};
    return html`<tr>
      <th scope="row">${label({ task, dataset })}${metric ? html` <small>${metric}</small>` : nothing}</th>
      <td>${range ? score(part, range) : `${(100 * part).toFixed(1)} % of the scores’ range`}${error === null ? nothing : html` <small>± ${(HALF_WIDTH * error * (span.high - span.low)).toPrecision(2)}</small>`}</td>
      <td>${items === null ? nothing : count(items)}</td>
      <td>${url ? html`<a href=${url} rel="noreferrer" title=${license}>${name}</a>` : name}${date ? html` <small>${date}</small>` : nothing}</td>
    </tr>`;
  };
  return html`<details class="origin">
    <summary>Where the ${counted(results.length, "score")} ${results.length === 1 ? "comes" : "come"} from</summary>
    <div class="wide-table" tabindex="0" role="region" aria-label="Sources of the scores">
      <table>
        <thead><tr><th scope="col">Benchmark</th><th scope="col">Score, 90 % of its error</th><th scope="col">Items</th><th scope="col">Source</th></tr></thead>
        <tbody>${results.map(row)}</tbody>
      </table>
    </div>
  </details>`;
}

