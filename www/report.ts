// A report of a score for whoever keeps the data: a text for an issue, and a table that eyas reads. Nothing is sent.

import type { Benchmark } from "../pkg/index.js";
import { cell } from "./ranking-export.ts";

export interface Reported {
  model: string;
  task: string;
  /** As typed, in the units of the benchmark. */
  score: string;
  /** Where it was published. */
  source: string;
  /** The day, if it is known. */
  date: string;
}

/** What keeps a report from being one; empty if nothing does. */
export function mistakeOf({ score, source, date }: Reported, benchmark: Benchmark | undefined): string {
  if (!benchmark) return "Choose the benchmark.";
  const value = Number(score);
  if (score === "" || !Number.isFinite(value)) return `The score is a number${benchmark.range ? ` from ${benchmark.range.low} to ${benchmark.range.high}` : ""}, not “${score}”.`;
  if (benchmark.range && (value < benchmark.range.low || value > benchmark.range.high)) return `${benchmark.id} has scores from ${benchmark.range.low} to ${benchmark.range.high}, not ${score}.`;
  if (!/^https?:\/\/\S+$/.test(source)) return "A report needs the address of the page that has the score.";
  if (date !== "" && (!/^\d{4}-\d{2}-\d{2}$/.test(date) || Number.isNaN(Date.parse(date)))) return `The date is a day such as 2026-01-31, not “${date}”.`;
  return "";
}

/** The text of an issue, in Markdown. */
export function issueOf({ model, task, score, source, date }: Reported, { metric, range }: Benchmark, known: string | undefined): string {
  return [
    `### Score of ${model} on ${task}`,
    "",
    `- Model: \`${model}\``,
    `- Benchmark: \`${task}\`${metric ? ` (${metric})` : ""}${range ? `, from ${range.low} to ${range.high}` : ""}`,
    `- Score: ${score}`,
    `- Source: ${source}`,
    ...(date ? [`- Date: ${date}`] : []),
    known === undefined ? "- The data do not have this score yet." : `- The data have ${known} here.`,
    "",
  ].join("\n");
}

/** The same as a table. */
export function tableOf({ model, task, score, source, date }: Reported): string {
  const head = ["model", task, "source", ...(date ? ["date"] : [])];
  const row = [model, score, source, ...(date ? [date] : [])];
  return [head, row].map((cells) => `${cells.map((text) => (text === score ? text : cell(text))).join(",")}\r\n`).join("");
}
