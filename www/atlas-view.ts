// The atlas: models and datasets on a map by what the ranker learned, beside one by names and descriptions alone.

import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import type { Atlas, AtlasPoint } from "../pkg/index.js";
import { about, write, type Address, type Charted } from "./address.ts";
import { AnalysisRun } from "./analysis-run.ts";
import { byKind, byValue, keyOf, nearOf, plotOf, qualityOf, RAMP, wordsOf, type Colours } from "./atlas-data.ts";
import { label } from "./benchmarks.ts";
import { counted, score, sizeText } from "./figures.ts";
import { parts } from "./parts.ts";
import { names } from "./ranking-filter.ts";
import "./scatter.ts";
import { message, type Session, type Trained } from "./session.ts";
import "./style/trust.css";
import "./style/key.css";
import "./style/map.css";
import "./style/atlas.css";

const MAPS = [["", "what the ranker learned"], ["texts", "names and descriptions alone"], ["both", "both, side by side"]] as const;
const TITLES = { learned: "By what the ranker learned", texts: "By names and descriptions alone" } as const;

class AtlasView extends LitElement {
  static override properties = {
    session: { attribute: false, hasChanged: () => true },
    address: { attribute: false },
    go: { attribute: false, hasChanged: () => false },
  };
  declare session: Session;
  declare address: Address & { view: "atlas" };
  declare go: (address: Address, how?: { replace: boolean }) => void;

  readonly #run = new AnalysisRun(() => { this.requestUpdate(); });
  #unfolded = false;

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#run.cancel();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const { by } = this.address.charted;
    const { current } = this.session;
    if (by && !by.startsWith("~") && current && !current.columns.has(by) && (changed.has("address") || changed.has("session")) && current.benchmarks.some(({ id }) => id === by)) this.session.alsoRankBy([by]);
  }

  readonly #change = (change: Partial<Charted>, replace = false): void => {
    this.go({ view: "atlas", charted: { ...this.address.charted, ...change } }, { replace });
  };

  protected override render(): TemplateResult {
    const { current } = this.session;
    const atlas = AnalysisRun.found<Atlas>(current, "atlas");
    return html`
      <section class="map atlas" aria-labelledby="atlas-title">
        ${parts([["#map", "Scores", false], ["#atlas", "Atlas", true]])}
        <h2 id="atlas-title">An atlas of models and datasets</h2>
        <p class="lead">
          Models lie together if the ranker expects them to do well on the same tasks, datasets if it ranks models alike on them, and a model lies near the datasets that suit it. It trains on
          ${current ? current.dataSource.name : "the data"} in this browser: some seconds for small data, one to three minutes for the bundled ones. The rest of the page goes on answering.
        </p>
        <div class="start">
          ${atlas ? nothing : html`<button type="button" class="primary" id="draw" ?disabled=${!current || this.#run.progress !== undefined} @click=${() => { if (current) void this.#run.start(current, "atlas", "atlas", { trainings: 1, seed: 0 }); }}>Draw the atlas</button>`}
          ${this.#run.status("The atlas", "Drawing the maps")}
        </div>
        ${atlas && current ? this.#atlas(atlas, current) : nothing}
      </section>
    `;
  }

  #atlas(atlas: Atlas, current: Trained): TemplateResult {
    const { map, at, by } = this.address.charted;
    const { found, mistake } = this.#found(atlas);
    const colours = coloursOf(atlas, by, current);
    const point = atlas.points.find((one) => keyOf(one) === at);
    const shown = map === "both" ? (["learned", "texts"] as const) : map === "texts" ? (["texts"] as const) : (["learned"] as const);
    return html`
      ${this.#controls(atlas, current, mistake)}
      ${keyLine(colours, by, found)}
      <div class=${shown.length > 1 ? "maps two" : "maps"}>
        ${shown.map((one) => html`<div>
          <h3>${TITLES[one]}</h3>
          <eyas-scatter .plot=${plotOf(atlas, one, colours, found, at)} .label=${`${TITLES[one]}: ${atlas.points.length} models and datasets`} .choose=${({ id }: { id: string }) => { this.#change({ at: id === at ? "" : id }); }}></eyas-scatter>
        </div>`)}
      </div>
      ${point ? this.#neighbours(atlas, point, colours) : html`<p class="help" id="near">Choose a model or a dataset to see its neighbours on both maps.</p>`}
      <details @toggle=${({ target }: Event) => { this.#unfolded = (target as HTMLDetailsElement).open; this.requestUpdate(); }}>
        <summary>All ${counted(found?.size ?? atlas.points.length, "point")}${found ? " found" : nothing} as a table</summary>
        ${this.#unfolded ? this.#table(atlas.points.filter((one) => !found || found.has(keyOf(one)))) : nothing}
      </details>
      <div class="lead" id="quality">${qualityOf(atlas).map((sentence) => html`<p>${sentence}</p>`)}</div>
    `;
  }

  #found({ points }: Atlas): { found?: ReadonlySet<string>; mistake: string } {
    const text = this.address.charted.names;
    if (!text) return { mistake: "" };
    try {
      const accepts = names(text);
      return { found: new Set(points.filter(({ id }) => accepts({ id, names: [] })).map(keyOf)), mistake: "" };
    } catch (error) {
      return { mistake: message(error) };
    }
  }

  #controls({ points }: Atlas, { benchmarks }: Trained, mistake: string): TemplateResult {
    const { map, by, names } = this.address.charted;
    const value = ({ target }: Event): string => (target as HTMLInputElement).value;
    const option = (id: string, words: string, chosen: string): TemplateResult => html`<option value=${id} ?selected=${id === chosen}>${words}</option>`;
    const hasTypes = points.some(({ task_type: type }) => type);
    return html`<div class="fields">
      <div>
        <label for="atlas-map">Near by</label>
        <select id="atlas-map" @change=${(event: Event) => { this.#change({ map: value(event) }); }}>${MAPS.map(([id, words]) => option(id, words, map))}</select>
      </div>
      <div>
        <label for="atlas-by">Colours</label>
        <select id="atlas-by" @change=${(event: Event) => { this.#change({ by: value(event) }); }}>
          ${option("", "family of models", by)} ${option("~size", "size of models", by)} ${hasTypes ? option("~type", "type of the datasets’ tasks", by) : nothing}
          <optgroup label="Score of models on">${benchmarks.map(({ id, dataset }) => option(id, label({ task: id, dataset }), by))}</optgroup>
        </select>
      </div>
      <div>
        <label for="atlas-names">Find, in words or as /regular expression/</label>
        <input id="atlas-names" type="search" autocomplete="off" spellcheck="false" .value=${names} aria-invalid=${mistake ? "true" : "false"} aria-describedby="atlas-names-mistake" @input=${(event: Event) => { this.#change({ names: value(event) }, true); }} />
        <p class="mistake" id="atlas-names-mistake" role="alert">${mistake}</p>
      </div>
      <div>
        <label for="atlas-at">Neighbours of</label>
        <select id="atlas-at" @change=${(event: Event) => { this.#change({ at: value(event) }); }}>
          ${option("", "nothing chosen", this.address.charted.at)}
          ${(["dataset", "model"] as const).map((kind) => html`<optgroup label=${kind === "dataset" ? "Datasets" : "Models"}>${points.filter((point) => point.kind === kind).map((point) => option(keyOf(point), point.id, this.address.charted.at))}</optgroup>`)}
        </select>
      </div>
    </div>`;
  }

  #neighbours(atlas: Atlas, point: AtlasPoint, colours: Colours): TemplateResult {
    const list = (map: "learned" | "texts", kind: AtlasPoint["kind"], title: string): TemplateResult => html`<div>
      <h4>${title}</h4>
      <ol>${nearOf(atlas, point, map).filter((near) => near.kind === kind).map((near) => html`<li>${this.#link(near)}</li>`)}</ol>
    </div>`;
    const isDataset = point.kind === "dataset";
    return html`<section class="near" id="near" aria-labelledby="near-title">
      <h3 id="near-title">${isDataset ? point.id : html`<a href=${about(point.id)}>${point.id}</a>`} <small>${wordsOf(point, colours)}</small></h3>
      <div class="columns">
        ${list("learned", "model", isDataset ? "Models that the ranker expects most of" : "Nearest models, as learned")} ${list("learned", "dataset", isDataset ? "Nearest datasets, as learned" : "Datasets that suit it, as learned")}
        ${list("texts", "model", "Models with the nearest texts")} ${list("texts", "dataset", "Datasets with the nearest texts")}
      </div>
    </section>`;
  }

  #link(point: AtlasPoint): TemplateResult {
    return html`<a href=${write({ view: "atlas", charted: { ...this.address.charted, at: keyOf(point) } })}>${point.id}</a>`;
  }

  #table(points: readonly AtlasPoint[]): TemplateResult {
    return html`<div class="wide-table" tabindex="0" role="region" aria-label="All models and datasets">
      <table class="plain" id="points">
        <caption>Models and datasets, with the first of their neighbours by what was learned</caption>
        <thead><tr><th scope="col">Name</th><th scope="col">Kind</th><th scope="col">Family, or type of task</th><th scope="col">Size</th><th scope="col">Scores</th><th scope="col">Model</th><th scope="col">Dataset</th></tr></thead>
        <tbody>
          ${points.map((point) => html`<tr><th scope="row">${this.#link(point)}</th><td>${point.kind}</td><td>${point.family ?? point.task_type ?? "–"}</td><td>${point.size === null ? "–" : sizeText(point.size)}</td><td>${point.results}</td><td>${point.models[0] ?? "–"}</td><td>${point.datasets[0] ?? "–"}</td></tr>`)}
        </tbody>
      </table>
    </div>`;
  }
}

function coloursOf({ points }: Atlas, by: string, current: Trained): Colours {
  if (by === "~type") return byKind(points, "task_type");
  if (by === "~size") return byValue(points, ({ size }) => size ?? undefined, sizeText, true);
  const column = current.columns.get(by);
  if (!column) return byKind(points, "family");
  const scores = new Map(column.ids.map((id, at) => [id, column.scores[at]!]));
  return byValue(points, ({ id }) => scores.get(id), (value) => score(value, column.range));
}

function keyLine({ key, ends }: Colours, by: string, found: ReadonlySet<string> | undefined): TemplateResult {
  const isWaiting = by !== "" && !by.startsWith("~") && !ends;
  return html`<p class="key-line" id="atlas-key">
    ${ends ? html`<span class="ramp" aria-hidden="true" style=${`background: linear-gradient(to right, ${RAMP.join(", ")})`}></span> ${ends[0]} to ${ends[1]}` : nothing}
    ${key.map(({ colour, name }) => html`<span class="spot" aria-hidden="true" style=${`background: ${colour}`}></span> ${name} `)}
    <span aria-hidden="true">★</span> datasets${found ? `; ${counted(found.size, "point")} found` : nothing}${isWaiting ? "; the scores of all models are being computed…" : nothing}
  </p>`;
}

customElements.define("eyas-atlas", AtlasView);
