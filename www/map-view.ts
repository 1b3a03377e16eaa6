// The map of all models: a score against size, date or any column, with the frontier, the lineage, and a plan of one's own.

import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import type { Factor, ModelFacts, PredictRequest } from "../pkg/index.js";
import { about, type Address, type Mapped, type Planned } from "./address.ts";
import { label } from "./benchmarks.ts";
import { count, counted } from "./figures.ts";
import { dot, dotsOf, factTitle, frontierOf, lineageOf, mapData, numericFacts, sideOf, type MapData, type PlanValues, type Side } from "./map-data.ts";
import { factsOf } from "./model-facts.ts";
import { parts } from "./parts.ts";
import { filterOf } from "./ranking-filter.ts";
import "./scatter.ts";
import type { Dot, Plot } from "./plot.ts";
import { message, type Session, type Trained } from "./session.ts";
import "./style/trust.css";
import "./style/key.css";
import "./style/map.css";

const BLANK: Planned = { parents: [], params: "", type: "", scores: "" };

class MapView extends LitElement {
  static override properties = {
    session: { attribute: false, hasChanged: () => true },
    address: { attribute: false },
    go: { attribute: false, hasChanged: () => false },
  };
  declare session: Session;
  declare address: Address & { view: "map" };
  declare go: (address: Address, how?: { replace: boolean }) => void;

  #facts: ReadonlyMap<string, ModelFacts> = new Map();
  #factsOf: Trained | undefined;
  #mistake = "";
  /** What the plan was forecast for, and its values. */
  #asked = "";
  #plan: PlanValues | undefined;
  #planMistake = "";
  #unfolded = false;
  #made: { of: unknown[]; data: MapData } | undefined;

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  get #mapped(): Mapped {
    return this.address.mapped;
  }

  get #x(): string {
    return this.#mapped.x || "~size";
  }

  get #y(): string {
    return this.#mapped.y || "~mean";
  }

  /** The benchmarks that the axes need. */
  get #tasks(): readonly string[] {
    const known = new Set(this.session.current?.benchmarks.map(({ id }) => id));
    const named = [this.#x, this.#y].filter((name) => known.has(name));
    const isMean = [this.#x, this.#y].includes("~mean");
    return [...new Set([...(isMean ? this.session.ranked : []), ...named])];
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const { current } = this.session;
    if (!current) return;
    if (this.#factsOf !== current) void this.#askFacts(current);
    const missing = this.#tasks.filter((task) => !current.columns.has(task));
    if (missing.length > 0 && (changed.has("address") || changed.has("session"))) this.session.alsoRankBy(missing);
    void this.#askPlan(current);
  }

  async #askFacts(current: Trained): Promise<void> {
    this.#factsOf = current;
    try {
      this.#facts = await factsOf(this.session);
    } catch (error) {
      this.#mistake = message(error);
    }
    this.requestUpdate();
  }

  async #askPlan(current: Trained): Promise<void> {
    const { plan } = this.#mapped;
    const tasks = this.#tasks;
    const key = plan && tasks.length > 0 ? JSON.stringify([plan, tasks, current.dataSource.name]) : "";
    if (key === this.#asked) return;
    this.#asked = key;
    this.#plan = undefined;
    this.#planMistake = "";
    if (!plan || key === "") return;
    try {
      const factors: Record<string, Factor> = { ...(plan.params ? { params: plan.params } : {}), ...(plan.type ? { type: plan.type } : {}) };
      const request: PredictRequest = { lineage: { parents: plan.parents }, factors, tasks: [...tasks] };
      const prediction = await this.session.ask((model) => model.predict(plan.scores ? { ...request, scores: plan.scores } : request));
      const facts = await factsOf(this.session);
      if (this.#asked !== key) return;
      const [first] = plan.parents;
      const size = plan.params ? Number(plan.params) : (facts.get(prediction.lineage.parents[0]?.id ?? first?.id ?? "")?.size ?? null);
      this.#plan = { size: size !== null && size > 0 ? size : null, date: Date.now(), prediction };
      const { unknown } = prediction.lineage;
      if (unknown.length > 0) this.#planMistake = `not in the data, so left out: ${unknown.join(", ")}`;
    } catch (error) {
      if (this.#asked !== key) return;
      this.#planMistake = message(error);
    }
    this.requestUpdate();
  }

  readonly #change = (change: Partial<Mapped>, replace = false): void => {
    this.go({ view: "map", mapped: { ...this.#mapped, ...change } }, { replace });
  };

  protected override render(): TemplateResult {
    const { current } = this.session;
    return html`
      <section class="map" aria-labelledby="map-title">
        ${parts([["#map", "Scores", true], ["#atlas", "Atlas", false]])}
        <h2 id="map-title">All models on a map</h2>
        ${current ? this.#controls(current) : nothing}
        <p class="mistake" role="alert">${this.#mistake}</p>
        ${current ? this.#content(current) : html`<p class="waiting">The map appears once the model is there.</p>`}
      </section>
    `;
  }

  #controls({ benchmarks, info }: Trained): TemplateResult {
    const { names, lineage, measured, plan = BLANK } = this.#mapped;
    const datasets = new Map(benchmarks.map(({ id, dataset }) => [id, dataset]));
    const option = (id: string, chosen: string): TemplateResult => html`<option value=${id} ?selected=${id === chosen}>${label({ task: id, dataset: datasets.get(id) ?? "" })}</option>`;
    const grouped = new Set(info.groups.flatMap(({ tasks }) => tasks));
    const axis = (name: "x" | "y", words: string, chosen: string, facts: readonly [string, string][]): TemplateResult => html`<div>
      <label for=${`map-${name}`}>${words}</label>
      <select id=${`map-${name}`} @change=${({ target }: Event) => { this.#change({ [name]: (target as HTMLSelectElement).value }); }}>
        ${facts.map(([id, title]) => html`<option value=${id} ?selected=${id === chosen}>${title}</option>`)}
        ${info.groups.map(({ task_type: type, tasks }) => html`<optgroup label=${type}>${tasks.map((id) => option(id, chosen))}</optgroup>`)}
        ${benchmarks.map(({ id }) => (grouped.has(id) ? nothing : option(id, chosen)))}
      </select>
    </div>`;
    const facts: [string, string][] = [["~size", "Size"], ["~date", "Date"], ...numericFacts(this.#facts.values()).map((name): [string, string] => [`~${name}`, factTitle(name)])];
    const mean: [string, string] = ["~mean", "Mean of the forecast’s benchmarks"];
    const mistake = filterOf({ names }).mistakes.names;
    const planned = (change: Partial<Planned>): void => {
      const next = { ...plan, ...change };
      this.#change({ plan: next.parents.length > 0 || next.params ? next : undefined }, true);
    };
    return html`<div class="fields">
        ${axis("y", "Upwards", this.#y, [mean, ...facts])} ${axis("x", "Across", this.#x, [...facts, mean])}
        <div>
          <label for="map-names">Find, in words or as /regular expression/</label>
          <input id="map-names" type="search" autocomplete="off" spellcheck="false" .value=${names} aria-invalid=${mistake ? "true" : "false"} aria-describedby="map-names-mistake"
            @input=${({ target }: InputEvent) => { this.#change({ names: (target as HTMLInputElement).value }, true); }} />
          <p class="mistake" id="map-names-mistake" role="alert">${mistake}</p>
        </div>
        <div>
          <label for="plan-parents">A plan of yours: its parents</label>
          <input id="plan-parents" autocomplete="off" spellcheck="false" placeholder="org/a, org/b" .value=${plan.parents.map(({ id }) => id).join(", ")} list="map-models"
            @change=${({ target }: Event) => { planned({ parents: (target as HTMLInputElement).value.split(",").map((id) => id.trim()).filter(Boolean).map((id) => ({ id, weight: 1 })) }); }} />
          <datalist id="map-models">${[...this.#facts.keys()].map((id) => html`<option value=${id}></option>`)}</datalist>
        </div>
        <div>
          <label for="plan-params">Its size, in billions</label>
          <input id="plan-params" type="number" min="0" step="any" inputmode="decimal" placeholder="as its parent" .value=${plan.params} @change=${({ target }: Event) => { planned({ params: (target as HTMLInputElement).value }); }} />
          <p class="mistake" role="alert">${this.#planMistake}</p>
        </div>
      </div>
      <p class="check">
        <span><input type="checkbox" id="map-measured" .checked=${measured} @change=${({ target }: Event) => { this.#change({ measured: (target as HTMLInputElement).checked }); }} /> <label for="map-measured">Only measured scores</label></span>
        <span><input type="checkbox" id="map-lineage" .checked=${lineage} @change=${({ target }: Event) => { this.#change({ lineage: (target as HTMLInputElement).checked }); }} /> <label for="map-lineage">Lines from parents to children</label></span>
      </p>`;
  }

  #content(current: Trained): TemplateResult {
    const of = [current, this.#facts, ...this.#tasks.map((task) => current.columns.get(task))];
    if (!this.#made || of.length !== this.#made.of.length || of.some((one, at) => one !== this.#made?.of[at])) this.#made = { of, data: mapData(current, this.#tasks, this.#facts) };
    const { data } = this.#made;
    const [x, y] = [sideOf(this.#x, data), sideOf(this.#y, data)];
    const left = this.#tasks.filter((task) => !current.columns.has(task)).length;
    if (!x || !y) return left > 0 || this.#facts.size === 0 ? html`<p class="waiting">The scores of all models are being computed…</p>` : html`<p class="mistake" role="alert">These data have no ${x ? this.#y.replace(/^~/, "") : this.#x.replace(/^~/, "")} to draw.</p>`;
    const { names, lineage, measured } = this.#mapped;
    const dots = dotsOf(data, x, y, measured);
    const { accepts, mistakes } = filterOf({ names });
    const found = names && !mistakes.names ? new Set(dots.flatMap(({ id }) => (this.#facts.get(id) && accepts(this.#facts.get(id)!) ? [id] : []))) : undefined;
    const best = frontierOf(dots, x, y);
    const lines = [...(lineage ? lineageOf(dots, data, found) : []), ...(best.length > 1 ? [{ kind: "frontier" as const, points: best.map(({ x, y }) => [x, y] as const) }] : [])];
    const plan = this.#planned(x, y);
    const plot: Plot = { dots, lines, x: x.axis, y: y.axis, found, ...(plan ? { plan } : {}) };
    const missing = data.table.ids.length - dots.length;
    return html`
      <p class="key-line">
        <span class="key-square" aria-hidden="true"></span> measured <span class="key-ring" aria-hidden="true"></span> predicted ${best.length > 1 ? html`<span class="key-frontier" aria-hidden="true"></span> frontier: the best up to there` : nothing}
        · ${counted(dots.length, "model")}${missing > 0 ? `; ${count(missing)} more lack ${measured ? "a measured score or " : ""}one of the two` : nothing}${found ? `; ${counted(found.size, "model")} found` : nothing}${left > 0 ? `; ${counted(left, "benchmark")} still to come…` : nothing}
      </p>
      ${plan ? html`<p class="verdict" id="plan-words">Your plan: ${y.axis.title} <b>${y.axis.say(plan.y)}</b>${plan.lower !== undefined && plan.upper !== undefined ? ` (${y.axis.say(plan.lower)} to ${y.axis.say(plan.upper)})` : nothing}, ${against(plan, best, y)}.</p>` : nothing}
      <eyas-scatter .plot=${plot} .label=${`${y.axis.title} against ${x.axis.title} of ${dots.length} models`}></eyas-scatter>
      ${best.length > 1 ? table("frontier", "The frontier", best, x, y) : nothing}
      <details @toggle=${({ target }: Event) => { this.#unfolded = (target as HTMLDetailsElement).open; this.requestUpdate(); }}>
        <summary>All ${counted(dots.length, "model")} as a table</summary>
        ${this.#unfolded ? table("points", "All models", dots.toSorted((a, b) => (y.less ? a.y - b.y : b.y - a.y)), x, y) : nothing}
      </details>
    `;
  }

  #planned(x: Side, y: Side): Dot | undefined {
    if (!this.#plan) return undefined;
    const [across, up] = [x.planned(this.#plan), y.planned(this.#plan)];
    return across && up ? dot("your plan", across, up) : undefined;
  }
}

/** Where a plan stands beside the frontier. */
function against(plan: Dot, best: readonly Dot[], y: Side): string {
  const below = best.findLast(({ x }) => x <= plan.x);
  if (!below) return best.length > 1 ? "before the frontier begins" : "without a frontier to compare with";
  const gap = y.less ? below.y - plan.y : plan.y - below.y;
  return `${y.axis.say(Math.abs(gap))} ${gap > 0 ? "above" : "below"} the frontier, where ${below.id} is`;
}

function table(id: string, title: string, dots: readonly Dot[], x: Side, y: Side): TemplateResult {
  return html`<div class="wide-table" tabindex="0" role="region" aria-label=${title}>
    <table class="plain" id=${id}>
      <caption>${title}</caption>
      <thead><tr><th scope="col">Model</th><th scope="col">${x.axis.title}</th><th scope="col">${y.axis.title}</th><th scope="col">90 % interval</th></tr></thead>
      <tbody>
        ${dots.map((one) => html`<tr><th scope="row"><a href=${about(one.id)}>${one.id}</a></th><td>${x.axis.say(one.x)}</td><td>${y.axis.say(one.y)} <small>${one.predicted ? "predicted" : "measured"}</small></td><td>${one.lower !== undefined && one.upper !== undefined && one.lower < one.upper ? `${y.axis.say(one.lower)} to ${y.axis.say(one.upper)}` : nothing}</td></tr>`)}
      </tbody>
    </table>
  </div>`;
}

customElements.define("eyas-map", MapView);
