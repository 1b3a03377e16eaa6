// The text of the form as it was parsed: the parents with their shares, below each stage its own parents, and known scores.

import { html, nothing, type TemplateResult } from "lit";
import type { Benchmark, LineageParent, Understood } from "../pkg/index.js";
import { score } from "./figures.ts";

/** Largest number of branches that are shown on one level. */
const MOST = 40;

interface Branch {
  id: string;
  weight?: number;
  relation?: string;
}

type Replace = (from: string, to: string) => void;

/**
 * @param itself Whether the text is the id of the model itself, and not of a parent.
 * @param benchmarks Benchmarks of the model in use, for the units of scores.
 */
export function lineageTree(
  understood: Understood | undefined,
  itself: boolean,
  benchmarks: Benchmark[],
  replace: Replace,
): TemplateResult {
  return html`
    <div class="tree" id="tree" aria-live="polite">
      ${understood ? tree(understood, itself, benchmarks, replace) : nothing}
    </div>
  `;
}

function tree(understood: Understood, itself: boolean, benchmarks: Benchmark[], replace: Replace): TemplateResult {
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
        return html`<li>
          <b>${share(branch)}</b>${parent?.id ?? branch.id} ${stage ? html`<small>a stage</small>` : remarks(parent, itself, understood, replace)}
          ${below ? level(below) : nothing}
        </li>`;
      })}
      ${branches.length > MOST ? html`<li>and ${branches.length - MOST} more</li>` : nothing}
    </ul>`;
  };
  return html`
    <p class="tree-kind">Read as ${itself ? "the model itself" : html`a ${kind}${name ? html` of <b>${name}</b>` : nothing}`}:</p>
    ${parents.length > 0 ? level(last?.parents ?? parents) : html`<p class="help">no parent is named</p>`}
    ${scores.length > 0
      ? html`<p class="help">with ${scores.map((score) => known(score, benchmarks)).join(", ")}</p>`
      : nothing}
    ${warnings.map((warning) => html`<p class="repair">${warning}</p>`)}
  `;
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
  const words = [itself ? "" : relation.replaceAll("_", " "), given ? `given as ${given}` : "", evaluated ? "" : known ? "not measured" : "not known here"];
  const near = known ? [] : (nearest[id] ?? []);
  return html`<small>${words.filter(Boolean).join(", ")}</small>
    ${near.length > 0
      ? html`<small class="near">Is it ${near.map(
          (name, at) =>
            html`${at > 0 ? " or " : ""}<button type="button" class="link" @click=${() => { replace(id, name); }}>${name}</button>`,
        )}?</small>`
      : nothing}`;
}
