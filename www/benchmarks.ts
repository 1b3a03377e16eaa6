// Names of benchmarks for people.

import { named } from "../pkg/drawing.js";

export { named, type Named } from "../pkg/drawing.js";

/** The same in one line. */
export function label(benchmark: { task: string; dataset: string }): string {
  const { name, detail } = named(benchmark);
  return detail ? `${name} ${detail}` : name;
}

/** The name of a model without its organisation. */
export function short(id: string): string {
  return id.slice(id.lastIndexOf("/") + 1);
}
