// A report of a score for whoever keeps the data: a text for an issue, and a file that eyas reads. Nothing is sent.

import type { Benchmark } from "../pkg/index.js";

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

/** The same as a snapshot of one score, which joins others by the benchmark's own id, metric and range. */
export function snapshotOf({ model, task, score, source, date }: Reported, { dataset, metric, range, lower_is_better: less }: Benchmark): string {
  const snapshot = {
    format: "eyas-snapshot/2",
    sources: [{ id: "report", name: new URL(source).host, url: source, license: "not stated" }],
    models: [{ id: model }],
    tasks: [{ id: task, dataset, ...(metric === null ? {} : { metric }), ...(range === null ? {} : { range }), ...(less ? { lower_is_better: true } : {}) }],
    scores: [{ values: [Number(score)], ...(date ? { dates: [date] } : {}) }],
  };
  return `${JSON.stringify(snapshot, null, 1)}\n`;
}
