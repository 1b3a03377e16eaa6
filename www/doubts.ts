// What of files is in doubt, and the column that an error is about.

import type { GivenRole, Report } from "../pkg/index.js";
import { count, counted } from "./figures.ts";

/** Roles that a visitor gave to columns, by name. */
export type Columns = Readonly<Record<string, GivenRole>>;

/** Reasons to look at what was understood before a training, a sentence each. */
export function doubts({ columns, apart, dropped }: Report): string[] {
  const unclear = columns.filter(({ why }) => /^values .*(; the file|no range is stated)/.test(why)).map(({ name }) => name);
  const left = dropped.filter(({ why, expected }) => !expected && !why.startsWith("averages"));
  return [
    ...left.map(({ what, why, count: times }) => `${amount(times, what)} left out: ${why}.`),
    ...(unclear.length > 0 ? [`The unit is not sure: ${listed(unclear)}.`] : []),
    ...(apart.length > 0 ? [`${counted(apart.length, "pair")} of names ${apart.length === 1 ? "looks" : "look"} alike and stay${apart.length === 1 ? "s" : ""} apart.`] : []),
  ];
}

/** How many of what was left out: `2 rows`, `1 cell of MMLU`. */
export function amount(times: number, what: string): string {
  return `${count(times)} ${times === 1 ? what.replace(/^(\w+)s\b/, "$1") : what}`;
}

/** At most three names, and how many more there are. */
function listed(names: string[]): string {
  const more = names.length > 3 ? ` and ${count(names.length - 3)} more` : "";
  return names.slice(0, 3).join(", ") + more;
}

/** The column that an error names; undefined if it names none. */
export function columnIn(message: string): string | undefined {
  const place = /^.*? column "(.*?)": /.exec(message) ?? /^columns: "(.*?)" /.exec(message);
  return place?.[1];
}
