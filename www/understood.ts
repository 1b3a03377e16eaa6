// What was understood of files: rows for the preview.

import type { Column, GivenRole, Report, Role, SnapshotInfo, Unit } from "../pkg/index.js";
import type { Columns } from "./doubts.ts";
import { counted } from "./figures.ts";

/** The roles in plain words. */
export const ROLES: readonly (readonly [Role, string])[] = [
  ["model", "model names"],
  ["score", "scores"],
  ["fact", "a fact"],
  ["date", "dates"],
  ["error", "standard errors"],
  ["items", "numbers of items"],
  ["link", "addresses"],
  ["licence", "licences"],
  ["skip", "left out"],
];

export const UNITS: readonly (readonly [Unit, string])[] = [
  ["percent", "percent"],
  ["fraction", "fraction, 0 to 1"],
  ["points", "points"],
];

/** Of more columns of one kind than this, the others are collapsed. */
const SHOWN = 8;

/** The size of a snapshot in one line. */
export function size({ models, tasks, cells, kind }: SnapshotInfo): string {
  const [task, cell] = kind === "outcome" ? ["item", "outcome"] : ["task", "score"];
  return `${counted(models, "model")} × ${counted(tasks, task)}, ${counted(cells, cell)}`;
}

/** A file with its columns. */
export interface FileColumns {
  file: string;
  /** Whether roles can be given: in tables, and not in files that state the meaning of all they hold. */
  isTable: boolean;
  columns: Column[];
  /** Further columns, by their kind in words. */
  collapsed: { kind: string; columns: Column[] }[];
}

/** The columns by file. Columns whose name is in `kept` are never collapsed. */
export function byFile({ columns }: Report, kept: ReadonlySet<string>): FileColumns[] {
  return [...grouped(columns, ({ file }) => file)].map(([file, columns]) => {
    const kinds = [...grouped(columns, kindOf)];
    const few = new Set(kinds.flatMap(([, alike]) => (alike.length > SHOWN + 1 ? alike.slice(0, SHOWN) : alike)));
    const isShown = (column: Column): boolean => few.has(column) || kept.has(column.name);
    const collapsed = kinds.map(([kind, alike]) => ({ kind, columns: alike.filter((column) => !isShown(column)) }));
    return {
      file,
      isTable: columns.some(({ role }) => role !== "score"),
      columns: columns.filter(isShown),
      collapsed: collapsed.filter(({ columns }) => columns.length > 0),
    };
  });
}

function grouped<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group) group.push(item);
    else groups.set(key(item), [item]);
  }
  return groups;
}

/** The kind of a column in words, such as `scores in percent`. */
export function kindOf({ role, unit }: Column): string {
  if (role === "score") return unit ? `scores in ${unit === "fraction" ? "fractions" : unit}` : "scores";
  return role === "fact" ? "facts" : (ROLES.find(([known]) => known === role)?.[1] ?? role);
}

/** What a column means: its task or fact, and the range and direction of a score. */
export function meaning({ role, name, task, fact, range, unit, lower_is_better }: Column): string {
  if (role !== "score") return fact ?? (task ? `of ${task}` : "");
  const parts = [task === name ? "" : task, unit === "points" && range ? `${range.low} to ${range.high}` : "", lower_is_better ? "less is better" : ""];
  return parts.filter(Boolean).join(", ");
}

/** The role of a column as it is given. */
export function roleOf({ role, unit }: Column): GivenRole {
  return role === "score" && unit ? `score:${unit}` : role;
}

/** The role and, of scores, the unit in a given role. */
export function partsOf(given: GivenRole): { role: Role; unit: Unit | undefined } {
  const [role, unit] = given.split(":") as [Role, Unit | undefined];
  return { role, unit };
}

/** An error of a column for the place beside it: without the file, the column, and options of the command line. */
export function besides(message: string, { file, name }: Pick<Column, "file" | "name">): string {
  const [place, ...text] = message.split(": ");
  const isPlace = text.length > 0 && place !== undefined && place.startsWith(file);
  const line = isPlace ? place.slice(file.length).replace(`column "${name}"`, "").replace(/[\s,]+/g, " ").trim() : place;
  const rest = [line, ...text].filter(Boolean).join(": ");
  return rest.replace(/[,;] (?:or say which|correct it) with --columns .*$/, "");
}

/** The columns that were given another role than the one they have, since tables of their form have no such role there. */
export function withoutEffect({ columns }: Report, given: Columns): ReadonlySet<string> {
  const differs = ([name, as]: [string, GivenRole]): boolean => {
    const alike = columns.filter((column) => column.name === name);
    return alike.length > 0 && alike.every(({ role }) => role !== partsOf(as).role);
  };
  return new Set(Object.entries(given).filter(differs).map(([name]) => name));
}
