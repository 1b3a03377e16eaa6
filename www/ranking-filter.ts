// Conditions on the models of the leaderboard, from what was typed to a test of a model's facts.

import { hasOpenWeights, organisation } from "../pkg/fact-columns.js";
import type { ModelFacts } from "../pkg/index.js";
import type { Conditions } from "./address.ts";

export interface Filter {
  /** Whether a model meets all conditions; a model without the fact of a condition does not. */
  accepts: (facts: ModelFacts) => boolean;
  /** By condition: why it can't be used, so that it does not count. */
  mistakes: Partial<Record<keyof Conditions, string>>;
}

type Test = (facts: ModelFacts) => boolean;

export function filterOf(conditions: Partial<Conditions>): Filter {
  const mistakes: Filter["mistakes"] = {};
  const tests: Test[] = [];
  const add = (name: keyof Conditions, read: (text: string) => Test): void => {
    const text = conditions[name];
    if (!text) return;
    try {
      tests.push(read(text));
    } catch (error) {
      mistakes[name] = (error as Error).message;
    }
  };
  const same = (value: (facts: ModelFacts) => string | null | undefined) => (text: string): Test => {
    const wanted = text.toLowerCase();
    return (facts) => value(facts)?.toLowerCase() === wanted;
  };
  add("names", names);
  add("min", (text) => atLeast(billions(text)));
  add("max", (text) => atMost(billions(text)));
  add("type", same(({ model_type: type }) => type));
  add("family", same(({ family }) => family));
  add("organisation", same(organisation));
  add("license", same(({ license }) => license));
  add("weights", (text) => {
    if (text !== "open" && text !== "closed") throw new Error(`weights are open or closed, not “${text}”`);
    return (facts) => hasOpenWeights(facts) === (text === "open");
  });
  add("since", (text) => ((since) => ({ date }) => date !== null && date >= since)(day(text)));
  add("until", (text) => ((until) => ({ date }) => date !== null && date.slice(0, until.length) <= until)(day(text)));
  return { accepts: (facts) => tests.every((test) => test(facts)), mistakes };
}

/** The different values of a fact with their numbers of models, the most frequent first. */
export function choices(models: Iterable<ModelFacts>, value: (facts: ModelFacts) => string | null): [value: string, models: number][] {
  const found = new Map<string, [string, number]>();
  for (const facts of models) {
    const text = value(facts);
    if (!text) continue;
    const key = text.toLowerCase();
    const [spelling, count] = found.get(key) ?? [text, 0];
    found.set(key, [spelling, count + 1]);
  }
  return [...found.values()].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]));
}

/** Words that must all be in the id or in another name, or a regular expression between slashes. */
export function names(text: string): (facts: Pick<ModelFacts, "id" | "names">) => boolean {
  const [, pattern, flags] = /^\/(.+)\/([a-z]*)$/s.exec(text) ?? [];
  if (pattern !== undefined) {
    let expression: RegExp;
    try {
      expression = new RegExp(pattern, [...new Set(`i${(flags ?? "").replace(/[gy]/g, "")}`)].join(""));
    } catch (error) {
      throw new Error(`${text} is no regular expression: ${(error as Error).message.replace(/^Invalid regular expression: /, "")}`);
    }
    return ({ id, names }) => [id, ...names].some((name) => expression.test(name));
  }
  const words = text.toLowerCase().split(/\s+/);
  return ({ id, names }) => {
    const all = [id, ...names].join("\n").toLowerCase();
    return words.every((word) => all.includes(word));
  };
}

const UNITS = { m: 1e-3, b: 1, t: 1e3 } as const;

/** A size in billions: `8`, `8B`, `500M`, `1T`. */
function billions(text: string): number {
  const [, number, unit = "b"] = /^(\d+(?:\.\d+)?|\.\d+)\s*([mbt])?$/i.exec(text) ?? [];
  if (number === undefined) throw new Error(`a size is a number of billions such as 8 or 0.5, not “${text}”`);
  return Number(number) * UNITS[unit.toLowerCase() as keyof typeof UNITS];
}

const atLeast = (least: number): Test => ({ size }) => size !== null && size >= least;
const atMost = (most: number): Test => ({ size }) => size !== null && size <= most;

/** A year, a month or a day. */
function day(text: string): string {
  if (/^\d{4}(-\d{2}(-\d{2})?)?$/.test(text)) return text;
  throw new Error(`a date is a day, month or year such as 2025-06-01, 2025-06 or 2025, not “${text}”`);
}
