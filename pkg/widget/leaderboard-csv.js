// The table of <eyas-leaderboard> as CSV, loaded by the first click on its button: all models, in the units of the benchmarks.

import { toCsv } from "../csv.js";

const short = (value) => (Number.isFinite(value) ? Number(value.toPrecision(6)) : null);

export function saved({ columns, facts, mean, known }, lines) {
  const unit = (value) => (value == null ? null : short(mean.scale === "points" ? 100 * value : value));
  const head = ["model", "rank", "rank_lower", "rank_upper", "tier", "tied_with_above"];
  if (mean) head.push("mean", "mean_lower", "mean_upper", "mean_measured", "mean_of");
  head.push(...columns.flatMap(({ task }) => [task ?? "score", `${task ?? "score"} predicted`]), ...facts.map(({ name }) => name));
  const row = (id, { rank, best, worst, tier, tied } = {}) => {
    const one = mean?.models[id];
    const scores = columns.flatMap(({ of, range: { low, high } }) => {
      const found = of.get(id);
      return found ? [short(low + found.score * (high - low)), found.predicted] : [null, null];
    });
    const means = mean ? (one ? [unit(one.score), unit(one.lower), unit(one.upper), one.measured, one.of] : Array(5).fill(null)) : [];
    return [id, rank, best || null, worst || null, tier || null, best ? tied : null, ...means, ...scores, ...facts.map(({ name }) => known[id]?.[name])];
  };
  return toCsv([head, ...lines.flatMap((line) => [row(line.id, line), ...(line.settings ?? []).map((id) => row(id))])]);
}
