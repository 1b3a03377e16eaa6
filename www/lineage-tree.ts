// What was understood of the pasted text, before anything is forecast: the parents with their shares, stages below stages.

import { html, nothing, type TemplateResult } from "lit";
import type { LineageParent, Understood } from "../pkg/index.js";

/** More branches are counted only. */
const MOST = 40;

interface Branch {
  id: string;
  weight?: number;
  relation?: string;
}

/** `itself`: the one id that is there is the model, and no parent of it. */
export function lineageTree(understood: Understood | undefined, itself: boolean, replace: (from: string, to: string) => void): TemplateResult {
  return html`
    <div class="tree" id="tree" aria-live="polite">
      ${understood ? tree(understood, itself, replace) : nothing}
    </div>
  `;
}

function tree(understood: Understood, itself: boolean, replace: (from: string, to: string) => void): TemplateResult {
  const { kind, name, parents, stages, scores, warnings } = understood;
  const last = stages.at(-1);
  const told = new Set<string | null>([last?.name ?? null]);
  const named = new Map<string, LineageParent>();
  for (const parent of parents) for (const id of [parent.id, parent.given]) if (id) named.set(id.toLowerCase(), parent);
  const level = (branches: Branch[]): TemplateResult => {
    const total = branches.reduce((sum, { weight }) => sum + (weight ?? 1), 0);
    const share = ({ weight }: Branch): string => (branches.length > 1 ? `${Math.round((100 * (weight ?? 1)) / total)} % ` : "");
    return html`<ul>
      ${branches.slice(0, MOST).map((branch) => {
        const stage = stages.find((stage) => stage.name === branch.id);
        const below = stage && !told.has(stage.name) ? stage.parents : undefined;
        if (stage) told.add(stage.name);
        const known = named.get(branch.id.toLowerCase());
        return html`<li>
          <b>${share(branch)}</b>${known?.id ?? branch.id} ${stage ? html`<small>a stage</small>` : standing(known, itself, understood, replace)}
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
      ? html`<p class="help">with ${scores.map(([task, score]) => `${task} ${(100 * score).toFixed(1)} %`).join(", ")}</p>`
      : nothing}
    ${warnings.map((warning) => html`<p class="repair">${warning}</p>`)}
  `;
}

function standing(
  parent: LineageParent | undefined,
  itself: boolean,
  { nearest }: Understood,
  replace: (from: string, to: string) => void,
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
