// The lineage as a picture: the model, below it its parents with their shares and scores, below each stage its own parents.

import { html, nothing, type TemplateResult } from "lit";
import { styleMap } from "lit/directives/style-map.js";
import type { Benchmark, LineageParent, Prediction, Understood } from "../pkg/index.js";
import { about } from "./address.ts";
import { position, score } from "./figures.ts";
import { mean } from "./verdict.ts";

/** Largest number of branches that are shown on one level. */
const MOST = 40;

interface Branch {
  id: string;
  weight?: number;
  relation?: string;
}

type Replace = (from: string, to: string) => void;

/** The mean score of a model on the benchmarks that are shown, as a share of their ranges. */
export interface Reading {
  mean: number;
  /** The number of benchmarks that it is of. */
  of: number;
}

/** What the picture shows beside the names. */
export interface Readings {
  /** The name of the model that is asked about, and its mean. */
  root: { name: string; isMeasured: boolean } & Reading;
  /** By id of a parent. */
  parents: ReadonlyMap<string, Reading>;
}

/** The means of a forecast and of its parents. Scores where less is better count from the other end. */
export function readingsOf({ forecasts, subject }: Prediction): Readings {
  const turned = (part: number, less: boolean): number => (less ? 1 - part : part);
  const found = new Map<string, number[]>();
  for (const { parents, lower_is_better: less } of forecasts) {
    for (const [id, part] of Object.entries(parents)) found.set(id, [...(found.get(id) ?? []), turned(part, less)]);
  }
  const all = forecasts.map(({ mean, lower_is_better: less }) => turned(mean, less));
  return {
    root: { name: subject.id ?? "this model", isMeasured: forecasts.every(({ known }) => known), mean: mean(all), of: all.length },
    parents: new Map([...found].map(([id, parts]) => [id, { mean: mean(parts), of: parts.length }])),
  };
}

/**
 * @param itself Whether the text is the name of the model itself, and not of a parent.
 * @param benchmarks Benchmarks of the model in use, for the units of scores.
 * @param readings Means of scores; undefined if the text has not been asked about.
 */
export function lineageTree(
  understood: Understood | undefined,
  itself: boolean,
  benchmarks: Benchmark[],
  replace: Replace,
  readings?: Readings,
): TemplateResult {
  return html`
    <section class="tree" id="tree" aria-live="polite">
      <h2>Lineage</h2>
      ${understood ? tree(understood, itself, benchmarks, replace, readings) : nothing}
    </section>
  `;
}

function tree(understood: Understood, itself: boolean, benchmarks: Benchmark[], replace: Replace, readings: Readings | undefined): TemplateResult {
  const { kind, name, parents, stages, scores, warnings } = understood;
  const last = stages.at(-1);
  const shown = new Set<string | null>([last?.name ?? null]);
  const named = new Map<string, LineageParent>();
  for (const parent of parents) for (const id of [parent.id, parent.given]) if (id) named.set(id.toLowerCase(), parent);
  const level = (branches: Branch[]): TemplateResult => {
    const total = branches.reduce((sum, { weight }) => sum + (weight ?? 1), 0);
    const share = ({ weight }: Branch): string => (branches.length > 1 ? `${Math.round((100 * (weight ?? 1)) / total)} % ` : "");
    return html`<ul>
      ${branches.slice(0, MOST).map((branch) => {
        const stage = stages.find((stage) => stage.name === branch.id);
        const below = stage && !shown.has(stage.name) ? stage.parents : undefined;
        if (stage) shown.add(stage.name);
        const parent = named.get(branch.id.toLowerCase());
        const name = parent?.id ?? branch.id;
        return html`<li>
          <div class=${parent?.evaluated ? "node measured" : "node"}>
            <span class="who"><b>${share(branch)}</b>${parent?.evaluated ? html`<a href=${about(name)}><bdi>${name}</bdi></a>` : html`<bdi>${name}</bdi>`} ${stage ? html`<small>a stage</small>` : remarks(parent, itself, understood, replace)}</span>
            ${reading(readings?.parents.get(name), readings?.root.of)}
          </div>
          ${below ? level(below) : nothing}
        </li>`;
      })}
      ${branches.length > MOST ? html`<li>and ${branches.length - MOST} more</li>` : nothing}
    </ul>`;
  };
  return html`
    <p class="tree-kind">Read as ${itself ? "the model itself" : kind === "name" ? "its parent" : html`a ${kind}${name ? html` of <b>${name}</b>` : nothing}`}:</p>
    ${readings
      ? html`<div class=${readings.root.isMeasured ? "node measured" : "node root"}><span class="who"><bdi>${readings.root.name}</bdi> <small>mean of ${readings.root.of}</small></span>${reading(readings.root, readings.root.of)}</div>`
      : nothing}
    ${parents.length > 0 ? level(last?.parents ?? parents) : html`<p class="help">${itself ? "no parent is known" : "no parent is named"}</p>`}
    ${scores.length > 0
      ? html`<p class="help">with ${scores.map((score) => known(score, benchmarks)).join(", ")}</p>`
      : nothing}
    ${warnings.map((warning) => html`<p class="repair">${warning}</p>`)}
  `;
}

/** A mean with its meter. That of fewer benchmarks says so. */
function reading(found: Reading | undefined, of = 0): TemplateResult | typeof nothing {
  if (!found) return nothing;
  return html`<span class="reading">${(100 * found.mean).toFixed(1)}${found.of < of ? html` <small>on ${found.of}</small>` : nothing}</span>
    <span class="meter" aria-hidden="true"><i style=${styleMap({ width: position(found.mean) })}></i></span>`;
}

/** A known score in the units of its benchmark; in per cent of the range if the range is not declared. */
function known([task, share]: [string, number], benchmarks: Benchmark[]): string {
  const range = benchmarks.find(({ id }) => id === task)?.range;
  return `${task} ${range ? score(share, range) : `${(100 * share).toFixed(1)} %`}`;
}

/** The relation of a parent, its other name and whether it is measured, with suggestions for an unknown name. */
function remarks(
  parent: LineageParent | undefined,
  itself: boolean,
  { nearest }: Understood,
  replace: Replace,
): TemplateResult | typeof nothing {
  if (!parent) return nothing;
  const { id, given, relation, known, evaluated } = parent;
  const words = [itself || relation === "unstated" ? "" : relation.replaceAll("_", " "), given ? `given as ${given}` : "", evaluated ? "" : known ? "not measured" : "not known here"];
  const near = known ? [] : (nearest[id] ?? []);
  return html`<small>${words.filter(Boolean).join(", ")}</small>
    ${near.length > 0
      ? html`<small class="near">Is it ${near.map(
          (name, at) =>
            html`${at > 0 ? " or " : ""}<button type="button" class="link" @click=${() => { replace(id, name); }}>${name}</button>`,
        )}?</small>`
      : nothing}`;
}
