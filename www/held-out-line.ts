// What the last trust check says, for a place beside forecasts.

import { html, nothing, type TemplateResult } from "lit";
import { count } from "./figures.ts";
import { checked } from "./held-out.ts";
import type { Trained } from "./session.ts";
import "./style/held-out.css";

/** The held-out error on the data of this model, or the way to measure it. */
export function heldOutLine(trained: Trained): TemplateResult {
  const errors = checked.get(trained);
  if (!errors) return html`<p class="checked"><a href="#trust">How far off are such forecasts on these data?</a> A check holds models out and forecasts them.</p>`;
  const { median, coverage, count: scores } = errors;
  return html`<p class="checked">
    <a href="#trust">Held-out error on these data</a>: half of ${count(scores)} forecasts were closer than ${(100 * median).toFixed(1)} points of 100${coverage === null ? nothing : `; ${Math.round(100 * coverage)} % of the scores lie in their 90 % interval`}.
  </p>`;
}
