// The HTML that embeds the shown forecast in another page.

import elements from "virtual:elements";
import type { Forecast } from "../pkg/index.js";
import type { ShownForecast } from "./forecast-state.ts";
import type { DataSource } from "./session.ts";

/** Where the elements' script and style sheet are: in a content network, or in a folder of the page that embeds them. */
export type Host = "network" | "own";

const FOLDERS: Record<Host, string> = { network: "https://cdn.jsdelivr.net/npm/eyas@0.1/", own: "eyas/" };

/** The attributes of a tag that loads a file. Only of an own copy are the bytes known: the network has the latest one of a version. */
function loads(host: Host, file: string, hash: string): string {
  return `"${FOLDERS[host]}${file}"${host === "own" ? ` integrity="${hash}"` : ""}`;
}

/** A known score as a text that the element reads as the same score, in whatever unit its task has. */
function written({ task, mean, range: { low, high } }: Forecast): string {
  const short = (value: number): number => Number(value.toPrecision(6));
  if (low === 0 && high === 100) return `${task}=${short(100 * mean)}%`;
  return `${task}=${short(low + mean * (high - low))}`;
}

/** The attribute that names the data: a saved model if there is one. Local results have no address, so a placeholder stands for it. */
function data({ address = "YOUR-RESULTS.csv", model }: DataSource): Record<string, string> {
  if (model?.address) return { "model-file": new URL(model.address, document.baseURI).href };
  return { snapshot: address === "YOUR-RESULTS.csv" ? address : new URL(address, document.baseURI).href };
}

/** The tags of the elements for a forecast. */
export function tags({ question, prediction: { lineage, subject, measured, forecasts }, trained: { dataSource } }: ShownForecast, host: Host): string {
  const { parents } = lineage;
  const uneven = new Set(parents.map(({ weight }) => weight)).size > 1;
  const listed = parents.map(({ id, weight }) => (uneven ? `${id}:${Number(weight.toPrecision(6))}` : id));
  const name = question.asParent ? undefined : (question.sole ?? subject.given ?? subject.id);
  // Facts in the form, then those in the text. Some data mark chat models with the fact `instruct`.
  const { params, type, instruct, ...others } = subject.facts.used;
  const known = { params: question.params || params, ...(question.type ? { type: question.type } : { type, instruct }), ...others };
  const facts = Object.entries(known).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]));
  const given = forecasts.filter(({ task, known }) => known && measured?.[task] === undefined);
  const attributes = {
    ...data(dataSource),
    model: name,
    parents: listed.join(", "),
    facts: facts.filter((fact) => /^[^=,;\n]+=[^=,;\n]+$/.test(fact)).join(","),
    scores: given.map(written).join(","),
  };
  const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
  const lines = Object.entries(attributes).flatMap(([name, text]) => (text ? [`  ${name}="${escaped(text)}"`] : []));
  return `<link rel="stylesheet" href=${loads(host, "eyas-widget.css", elements.style)} />
<script type="module" src=${loads(host, "eyas-widget.js", elements.script)}></script>
<eyas-forecast
${lines.join("\n")}
></eyas-forecast>`;
}
