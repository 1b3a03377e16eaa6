// The leaderboard as a file: what is shown, as CSV or JSON.

import { toCsv as write } from "../pkg/csv.js";
import type { ModelFacts } from "../pkg/index.js";
import type { Ranked } from "./address.ts";
import { FACTS, isFact, type Board, type Line, type Mean, type Table } from "./ranking.ts";
import { HALF_WIDTH, interval } from "../pkg/standing.js";

/** What is shown, and where it is from. */
export interface Shown {
  table: Table;
  mean: Mean;
  board: Board;
  facts: ReadonlyMap<string, ModelFacts>;
  ranked: Ranked;
  shownFacts: readonly string[];
  data: { name: string; source: string; license: string };
  address: string;
}

const lines = ({ board }: Shown): Line[] => [...board.pinned, ...board.lines];

/** A number with the digits that a score may have. */
const short = (value: number): number | null => (Number.isFinite(value) ? Number(value.toPrecision(6)) : null);

/** A score of one model, in the units of its benchmark. */
function scoreOf({ range: { low, high }, measures }: Table["columns"][number], row: number) {
  const { score, predicted, lower, upper, error } = measures[row]!;
  const unit = (part: number): number | null => short(low + part * (high - low));
  const half = HALF_WIDTH * error;
  const ends = predicted ? [lower, upper] : [score - half, score + half];
  return { score: unit(score), predicted, lower: unit(ends[0]!), upper: unit(ends[1]!) };
}

function meanOf({ mean }: Shown, row: number) {
  const one = mean.standings[row];
  if (!one) return null;
  const unit = (value: number): number | null => short(mean.scale === "points" ? 100 * value : value);
  const [lower, upper] = interval(one);
  return { score: unit(one.median), lower: unit(lower), upper: unit(upper), measured: one.measured, of: one.of };
}

export function toJson(shown: Shown): string {
  const { table, mean, facts, shownFacts, data, address } = shown;
  const known = (id: string) => Object.fromEntries(shownFacts.filter(isFact).map((name) => [name, valueOf(facts, id, name)]));
  return `${JSON.stringify(
    {
      data,
      address,
      mean: mean.standings.length > 0 ? { of: mean.scale, weights: Object.fromEntries(table.columns.map(({ task }, at) => [task, mean.weights[at]])) } : null,
      benchmarks: table.columns.map(({ task, range, bounded, lowerIsBetter }) => ({ id: task, range: bounded ? range : null, lower_is_better: lowerIsBetter })),
      models: lines(shown).map(({ row, place }) => ({
        id: table.ids[row],
        ...placeOf(place),
        mean: meanOf(shown, row),
        scores: Object.fromEntries(table.columns.map((column) => [column.task, scoreOf(column, row)])),
        facts: known(table.ids[row] ?? ""),
      })),
    },
    null,
    1,
  )}\n`;
}

/** A row for each model, and four columns for each benchmark. */
export function toCsv(shown: Shown): string {
  const { table, facts, shownFacts } = shown;
  const isMeant = shown.mean.standings.length > 0;
  const known = shownFacts.filter(isFact);
  const head = [
    "model", "rank", "rank_lower", "rank_upper", "tier", "tied_with_above",
    ...(isMeant ? ["mean", "mean_lower", "mean_upper", "mean_measured", "mean_of"] : []),
    ...table.columns.flatMap(({ task }) => [task, `${task} predicted`, `${task} lower`, `${task} upper`]),
    ...known,
  ];
  const body = lines(shown).map(({ row, place }) => {
    const id = table.ids[row] ?? "";
    const mean = isMeant ? Object.values(meanOf(shown, row) ?? {}) : [];
    return [id, ...Object.values(placeOf(place)), ...mean, ...table.columns.flatMap((column) => Object.values(scoreOf(column, row))), ...known.map((name) => valueOf(facts, id, name))];
  });
  return write([head, ...body]);
}

function placeOf(place: Line["place"]) {
  const orNull = (value: number | undefined): number | null => value || null;
  return { rank: orNull(place?.rank), rank_lower: orNull(place?.best), rank_upper: orNull(place?.worst), tier: orNull(place?.tier), tied_with_above: place?.tier ? place.tied : null };
}

function valueOf(facts: Shown["facts"], id: string, name: keyof typeof FACTS): string | number | null {
  const known = facts.get(id);
  return known ? FACTS[name].value(known) : null;
}
