// The code that puts the forecast in sight into another page.

import type { Shown } from "./standing.ts";

/** Where other people's pages load the elements from. */
const WIDGET = "https://cdn.jsdelivr.net/npm/eyas@0.1/eyas-widget";

/** The widget's tags for this question; results that only this reader has get a name to put in. */
export function tags({ asked, prediction: { lineage, subject, measured, forecasts }, trained: { supply } }: Shown): string {
  const { parents } = lineage;
  const uneven = new Set(parents.map(({ weight }) => weight)).size > 1;
  const named = parents.map(({ id, weight }) => (uneven ? `${id}:${Number(weight.toPrecision(6))}` : id));
  const name = asked.asParent ? undefined : (asked.sole ?? subject.given ?? subject.id);
  // As they were typed, and what else the text says. Some data mark chat models by the fact `instruct`.
  const { params, type, instruct, ...others } = subject.facts.used;
  const known = { params: asked.params || params, ...(asked.type ? { type: asked.type } : { type, instruct }), ...others };
  const facts = Object.entries(known).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]));
  const given = forecasts.filter(({ task, known }) => known && measured?.[task] === undefined);
  const attributes = {
    snapshot: supply.address === undefined ? "YOUR-RESULTS.csv" : new URL(supply.address, document.baseURI).href,
    model: name,
    parents: named.join(", "),
    facts: facts.filter((fact) => /^[^=,;\n]+=[^=,;\n]+$/.test(fact)).join(","),
    // Parts of the range, which the element takes as they are.
    scores: given.map(({ task, mean }) => `${task}=${Number(mean.toFixed(4))}`).join(","),
  };
  const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
  const lines = Object.entries(attributes).flatMap(([name, text]) => (text ? [`  ${name}="${escaped(text)}"`] : []));
  return `<link rel="stylesheet" href="${WIDGET}.css" />
<script type="module" src="${WIDGET}.js"></script>
<eyas-forecast
${lines.join("\n")}
></eyas-forecast>`;
}
