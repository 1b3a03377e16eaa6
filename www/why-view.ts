// The explanation of a forecast: the contribution of each fact, parent and score.

import { html, nothing, type TemplateResult } from "lit";
import { styleMap } from "lit/directives/style-map.js";
import type { Benchmark, Contribution, Explanation, TaskExplanation } from "../pkg/index.js";
import { named, short } from "./benchmarks.ts";
import { score, step } from "./figures.ts";
import "./style/why.css";

/** Largest number of rows per benchmark; the other contributions are summed in one row. */
const ROWS = 6;

/** A word for kinds of contributions that their names do not show. */
const WORDS: Partial<Record<Contribution["kind"], string>> = { parent: "parent", ancestor: "ancestor", score: "known score" };

export function reasonsView({ explanation, mistake }: { explanation?: Explanation; mistake?: string }, benchmarks: readonly Benchmark[]): TemplateResult {
  if (mistake) return html`<p class="help">${mistake}</p>`;
  if (!explanation) return html`<p class="help">Computing…</p>`;
  const datasets = new Map(benchmarks.map(({ id, dataset }) => [id, dataset]));
  const all = explanation.tasks.map((task) => ({ task, rows: rowsOf(task) }));
  // One scale for all benchmarks, so that bars can be compared.
  const widest = Math.max(...all.flatMap(({ rows }) => rows.map(({ value }) => Math.abs(value))), Number.EPSILON);
  return html`
    <p class="help">Bars to the right raise the score, bars to the left lower it; all have one scale, in shares of each benchmark’s range.</p>
    <div class="reasons">${all.map(({ task, rows }) => reasons(task, rows, widest, datasets.get(task.task) ?? ""))}</div>
    ${explanation.sources.length > 0
      ? html`<p class="help">
          Models with the largest weight in the forecast:
          ${explanation.sources.map(({ id, share }, at) => html`${at > 0 ? ", " : ""}${id} ${Math.round(share * 100)} %`)}.
        </p>`
      : nothing}
  `;
}

interface Row {
  name: string;
  /** Its value and its kind. */
  beside: string;
  value: number;
}

function rowsOf({ contributions, rest, range }: TaskExplanation): Row[] {
  const visible = contributions.filter(({ value }) => /[1-9]/.test(step(value, range)));
  const rows = visible.slice(0, ROWS).map(row);
  const others = visible.slice(ROWS);
  if (others.length > 0) {
    rows.push({ name: `${others.length} others`, beside: "", value: others.reduce((sum, { value }) => sum + value, 0) });
  }
  if (/[1-9]/.test(step(rest, range))) rows.push({ name: "unexplained", beside: "", value: rest });
  return rows;
}

function reasons({ task, mean, base, range, lower_is_better: lowerIsBetter }: TaskExplanation, rows: readonly Row[], widest: number, dataset: string): TemplateResult {
  const { name, detail } = named({ task, dataset });
  return html`
    <section aria-label=${`Why ${task} is forecast at ${score(mean, range)}`}>
      <h3>${name}${detail ? html` <span>${detail}</span>` : nothing}${lowerIsBetter ? html` <small>less is better</small>` : nothing}</h3>
      <p class="from">If nothing were known <span>${score(base, range)}</span></p>
      <ul>
        ${rows.map(
          ({ name, beside, value }) => html`
            <li>
              <span class="what" title=${name}>${short(name)}${beside ? html` <small>${beside}</small>` : nothing}</span>
              <span class="push" aria-hidden="true"
                ><i class=${value < 0 ? "down" : "up"} style=${styleMap({ width: `${(50 * Math.abs(value)) / widest}%` })}></i
              ></span>
              <span class="amount">${step(value, range)}</span>
            </li>
          `,
        )}
      </ul>
      <p class="from total">Forecast <span>${score(mean, range)}</span></p>
    </section>
  `;
}

function row({ kind, what, said, value }: Contribution): Row {
  // The lineage tree already shows the shares of parents.
  const known = kind === "parent" ? null : said;
  return { name: what, beside: [known, WORDS[kind]].filter(Boolean).join(" "), value };
}
