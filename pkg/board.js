// A leaderboard of several benchmarks, computed in the worker of the elements: rankings that are joined by model, the mean, settings
// of one model together, ranks with their ranges, ties and tiers, and facts. `standing.js` has the arithmetic.

import { named } from "./drawing.js";
import { FACTS } from "./fact-columns.js";
import { folded, interval, meanOf, places, standing } from "./standing.js";

/** Leaderboards by model and request: a click on a heading needs the same one again. */
const boards = new WeakMap();

/**
 * Answers a request of <eyas-leaderboard>. With `by`, the number of a benchmark or -1 for the mean, the answer is the order by it.
 */
export function rank(model, tasks, { by, ...request }) {
  const known = boards.get(model) ?? new Map();
  boards.set(model, known);
  const key = JSON.stringify([tasks, request]);
  const board = known.get(key) ?? new Board(model, tasks, request);
  known.set(key, board);
  return by === undefined ? board.answer() : board.order(by);
}

class Board {
  constructor(model, tasks, { where, mean, columns: names, settings }) {
    this.facts = factNames(names);
    this.info = model.info;
    const bounded = new Set(model.benchmarks.flatMap(({ id, range }) => (range ? [id] : [])));
    this.titles = new Map(model.benchmarks.map(({ id, dataset }) => [id, named({ task: id, dataset })]));
    this.rankings = [...new Set(tasks)].map((task) => model.rank({ task, where }));
    this.ids = [...new Set(this.rankings.flatMap(({ models }) => models.map(({ id }) => id)))];
    this.columns = this.rankings.map((ranking) => joined(ranking, this.ids, bounded.has(ranking.task)));
    this.mean = meanOf(this.columns, weights(mean, this.columns), "");
    if (mean !== undefined && this.mean.standings.length === 0) throw mistake("a mean needs at least two benchmarks");
    if (!["folded", "apart"].includes(settings)) throw mistake(`settings="${settings}": expected folded or apart`);
    this.models = new Map(model.models().map((facts) => [facts.id, facts]));
    this.configurationOf = (id) => (settings === "apart" ? null : this.models.get(id)?.configuration_of);
  }

  answer() {
    const { rankings, titles, ids, facts, mean, models, info } = this;
    const valueOf = (id) => Object.fromEntries(facts.map((name) => [name, models.has(id) ? FACTS[name].value(models.get(id)) : null]));
    const means = mean.standings.map((one, row) => {
      const [lower, upper] = interval(one).map((value) => (Number.isNaN(value) ? null : value));
      return [ids[row], { score: one.median, lower, upper, measured: one.measured, of: one.of }];
    });
    const by = means.length > 0 ? -1 : 0;
    return {
      info,
      by,
      lines: rankings.length > 0 ? this.order(by) : [],
      columns: rankings.map((ranking) => ({ ...ranking, ...titles.get(ranking.task) })),
      facts: facts.map((name) => ({ name, title: FACTS[name].title })),
      mean: means.length > 0 ? { scale: mean.scale, weights: mean.weights, models: Object.fromEntries(means) } : null,
      known: facts.length > 0 ? Object.fromEntries(ids.map((id) => [id, valueOf(id)])) : {},
    };
  }

  /** The models, the best first, each with its place and its other settings. */
  order(by) {
    const { ids, columns, mean } = this;
    const standings = by < 0 ? mean.standings : columns[by].standings;
    const groups = folded([...ids.keys()], ids, this.configurationOf, standings);
    const found = places(groups.map(([head]) => standings[head]));
    const lines = groups.map(([head, ...others], at) => ({ id: ids[head], ...found[at], settings: others.map((row) => ids[row]), median: standings[head].median }));
    lines.sort((a, b) => b.median - a.median);
    return lines.map(({ median, ...line }) => line);
  }
}

/** A ranking as a column with the rows of `ids`. */
function joined({ task, range, lower_is_better: lowerIsBetter, models }, ids, bounded) {
  const of = new Map(models.map((one) => [one.id, one]));
  const measures = ids.map((id) => {
    const { score = NaN, predicted = true, lower, upper, error } = of.get(id) ?? {};
    return { score, predicted, lower: lower ?? NaN, upper: upper ?? NaN, error: error ?? NaN };
  });
  return { task, range, lowerIsBetter, bounded, measures, standings: measures.map((one) => standing(one, lowerIsBetter, bounded)) };
}

/** The weights of the columns in the mean. Without a name all of them weigh 1; with names the others weigh 0. */
function weights(mean, columns) {
  if (mean === undefined) return columns.map(() => 0);
  const named = new Map();
  for (const part of mean) {
    const [, name, weight = "1"] = /^(.*?)(?:=([^=]*))?$/.exec(part);
    const task = columns.find(({ task }) => task.toLowerCase() === name.trim().toLowerCase())?.task;
    if (!task) throw mistake(`mean: "${name.trim()}" is none of the benchmarks that are shown`);
    if (!(Number(weight) > 0 && Number(weight) < Infinity)) throw mistake(`mean: "${part}": expected a weight above 0, such as ${task}=2`);
    named.set(task, Number(weight));
  }
  return columns.map(({ task }) => (named.size === 0 ? 1 : named.get(task) ?? 0));
}

function factNames(names) {
  const wrong = names.find((name) => !Object.hasOwn(FACTS, name));
  if (wrong !== undefined) throw mistake(`columns: "${wrong}" is no fact; there are ${Object.keys(FACTS).join(", ")}`);
  return names;
}

function mistake(message) {
  return Object.assign(new Error(message), { kind: "input" });
}
