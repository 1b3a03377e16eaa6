// Derived numbers of the leaderboard: scores as distributions, weighted means, ranks with their 90 % ranges, ties, tiers and the
// frontier. All views of the page and <eyas-leaderboard> take them from here.
//
// A score is a logistic distribution on each side of its median, as in the library (`src/decide/belief.rs`), and ranks come from the
// same sums, so that a rank on one benchmark is the library's own. More is better: scores where less is better are turned.

/** Half a 90 % interval of a normal distribution, in standard deviations. */
export const HALF_WIDTH = 1.6449;
/** The logit of 0.95: from the median of a logistic distribution to the end of its 90 % interval, in scales. */
const TO_THE_END = 2.944439;
/** The least chance at which one model counts as better than another. */
export const SURE = 0.9;
/** The chance of a rank outside the range, on each side. */
const TAIL = 0.05;
/** Points at which the distributions of all models are summed. */
const GRID = 256;
/** Equally likely points of a logistic distribution, in scales, and of a standard normal one. */
const QUANTILES = Array.from({ length: 32 }, (_, at) => Math.log((at + 0.5) / (31.5 - at)));
const NORMAL = [-1.2816, -0.5244, 0, 0.5244, 1.2816];

/** A score as a distribution. A measured score without a known error counts as exact. */
export function standing({ score, predicted, lower, upper, error }, lowerIsBetter, bounded) {
  let [low, high] = [lower, upper];
  if (!predicted) {
    const half = error > 0 ? HALF_WIDTH * error : 0;
    [low, high] = bounded ? [Math.max(score - half, 0), Math.min(score + half, 1)] : [score - half, score + half];
  }
  const reach = [score - low, high - score].map((reach) => Math.max(reach, 0) / TO_THE_END);
  const [below, above] = lowerIsBetter ? [reach[1], reach[0]] : reach;
  return { median: lowerIsBetter ? 1 - score : score, below, above, measured: predicted ? 0 : 1, of: 1 };
}

/** The ends of the 90 % interval. */
export function interval({ median, below, above }) {
  return [median - TO_THE_END * below, median + TO_THE_END * above];
}

export const POINTS = { centre: 0, size: 1 };

/** The mean and the standard deviation of a column; of equal scores the deviation is 1, so that they all count as 0. */
export function deviations(column) {
  const centre = column.reduce((sum, { median }) => sum + median, 0) / Math.max(column.length, 1);
  const size = Math.sqrt(column.reduce((sum, { median }) => sum + (median - centre) ** 2, 0) / Math.max(column.length, 1));
  return { centre, size: size > 0 ? size : 1 };
}

/**
 * The weighted mean of a model's scores; undefined without weight. Its forecasts are taken to err together, since they rest on the same
 * facts; sampling errors of measured scores are independent.
 */
export function weightedMean(parts) {
  const counted = parts.filter(({ weight }) => weight > 0);
  const total = counted.reduce((sum, { weight }) => sum + weight, 0);
  if (!(total > 0)) return undefined;
  const median = counted.reduce((sum, { standing, weight, unit }) => sum + (weight * (standing.median - unit.centre)) / unit.size, 0) / total;
  const spread = (side) => {
    let [together, squares] = [0, 0];
    for (const { standing, weight, unit } of counted) {
      const part = (weight * standing[side]) / unit.size / total;
      if (standing.measured < standing.of) together += part;
      else squares += part ** 2;
    }
    return Math.hypot(together, Math.sqrt(squares));
  };
  const measured = counted.reduce((sum, { standing }) => sum + standing.measured, 0);
  return { median, below: spread("below"), above: spread("above"), measured, of: counted.length };
}

/**
 * The weighted mean of columns, by row. `scale` is `points` of ranges or standard `deviations`; any other value stands for points if
 * all ranges are declared, else for deviations. There is none of fewer than two columns with a weight.
 */
export function meanOf(columns, weights, scale) {
  const counted = columns.filter((_, at) => weights[at] > 0);
  const used = ["points", "deviations"].includes(scale) ? scale : counted.every(({ bounded }) => bounded) ? "points" : "deviations";
  if (counted.length < 2) return { scale: used, weights, standings: [] };
  const units = columns.map(({ standings }) => (used === "points" ? POINTS : deviations(standings)));
  const parts = (row) => columns.map(({ standings }, at) => ({ standing: standings[row], weight: weights[at], unit: units[at] }));
  return { scale: used, weights, standings: columns[0].standings.map((_, row) => weightedMean(parts(row))) };
}

/**
 * Settings of one model together, as groups of rows: of those with the most measured scores the best first. `configurationOf` returns
 * the model that a row is a setting of, if any.
 */
export function folded(rows, ids, configurationOf, standings) {
  const groups = new Map();
  for (const row of rows) {
    let root = ids[row];
    // A setting of a setting; the number of steps is bounded in case that two name each other.
    for (let steps = 0; steps < 4; steps += 1) root = configurationOf(root) ?? root;
    const group = groups.get(root);
    if (group) group.push(row);
    else groups.set(root, [row]);
  }
  const better = (a, b) => standings[b].measured - standings[a].measured || standings[b].median - standings[a].median;
  return [...groups.values()].map((group) => group.sort(better));
}

/** The chance that a score is above `x`; a score equal to `x` counts as half. */
function chanceAbove({ median, below, above }, x) {
  const steps = (median - x) / (x > median ? above : below);
  return Number.isNaN(steps) ? 0.5 : 1 / (1 + Math.exp(-steps));
}

/** The chance that a score is below `x`; a score equal to `x` counts as half. */
export function chanceBelow(one, x) {
  return 1 - chanceAbove(one, x);
}

const isExact = ({ below, above }) => below === 0 && above === 0;

/** Equally likely scores. */
function scoresOf(one) {
  if (isExact(one)) return [one.median];
  return QUANTILES.map((steps) => one.median + (steps > 0 ? one.above : one.below) * steps);
}

/** The chance that one score is better than another. */
export function beats(one, other) {
  const scores = scoresOf(one);
  return scores.reduce((sum, x) => sum + 1 - chanceAbove(other, x), 0) / scores.length;
}

/**
 * The places of models among each other, in their order. Models are told apart if one is better with a chance of 90 % or more. A tier
 * begins with the best model that is left, and ends before the first that can be told from it.
 */
export function places(models) {
  const order = models.map((_, at) => at).sort((a, b) => models[b].median - models[a].median);
  const open = models.every(({ below, above }) => !Number.isNaN(below) && !Number.isNaN(above));
  const field = open ? new Field(models) : undefined;
  const found = new Array(models.length);
  let [rank, tier] = [0, 0];
  let first;
  order.forEach((at, place) => {
    const own = models[at];
    const next = models[order[place - 1]];
    if (!next || own.median < next.median) rank = place + 1;
    if (!first || beats(first, own) >= SURE) {
      tier += 1;
      first = own;
    }
    const [best, worst] = field?.range(own) ?? [0, 0];
    // The range holds the rank of the scores as they are, which may lie outside of it where many forecasts are wide.
    const range = open ? { best: Math.min(best, rank), worst: Math.max(worst, rank) } : { best: 0, worst: 0 };
    found[at] = { rank, ...range, tier: open ? tier : 0, tied: open && next !== undefined && beats(next, own) < SURE };
  });
  return found;
}

/** All scores: exact ones are counted, the distributions of the others are summed on a grid. */
class Field {
  #exact;
  #from = Infinity;
  #step;
  /** At each point of the grid the expected number of scores above it, and its variance. */
  #above = new Float64Array(GRID);
  #variance = new Float64Array(GRID);

  constructor(models) {
    this.#exact = Float64Array.from(models.filter(isExact), ({ median }) => median).sort();
    const others = models.filter((one) => !isExact(one));
    let to = -Infinity;
    for (const { median, below, above } of others) {
      this.#from = Math.min(this.#from, median - 2 * TO_THE_END * below);
      to = Math.max(to, median + 2 * TO_THE_END * above);
    }
    if (others.length === 0) [this.#from, to] = [0, 1];
    this.#step = (to - this.#from) / (GRID - 1);
    for (let at = 0; at < GRID; at += 1) {
      const x = this.#from + at * this.#step;
      for (const other of others) {
        const chance = chanceAbove(other, x);
        this.#above[at] += chance;
        this.#variance[at] += chance * (1 - chance);
      }
    }
  }

  /** The best and the worst rank of one of the models in its 90 % interval. */
  range(own) {
    const scores = scoresOf(own);
    const ranks = new Float64Array(scores.length * NORMAL.length);
    let [at, ties] = [0, 0];
    for (const x of scores) {
      const over = this.#exact.length - position(this.#exact, x, true);
      const equal = this.#exact.length - position(this.#exact, x, false) - over;
      const part = Math.min(Math.max((x - this.#from) / this.#step, 0), GRID - 1);
      const low = Math.min(Math.floor(part), GRID - 2);
      const between = (sums) => sums[low] + (part - low) * (sums[low + 1] - sums[low]);
      const itself = chanceAbove(own, x);
      const above = over + 0.5 * equal + between(this.#above) - itself;
      const spread = Math.sqrt(Math.max(between(this.#variance) - itself * (1 - itself), 0));
      ties = Math.max(equal - (isExact(own) ? 1 : 0), 0);
      for (const z of NORMAL) ranks[at++] = 1 + above + z * spread;
    }
    ranks.sort();
    const last = Math.max(this.#exact.length + Math.round(this.#above[0]), 1);
    const whole = (rank) => Math.min(Math.max(Math.round(rank), 1), last);
    const end = Math.min(Math.floor(ranks.length * TAIL), ranks.length - 1);
    return [whole(ranks[end] - 0.5 * ties), whole(ranks[ranks.length - 1 - end] + 0.5 * ties)];
  }
}

/** The number of sorted values below `x`, or up to it. */
function position(sorted, x, inclusive) {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < x || (inclusive && sorted[middle] === x)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * The points that none beats at the same or a smaller `x`, by ascending `x`: what the best score was of models up to each size, or by
 * each date. Points without a place are left out.
 */
export function frontier(points) {
  let best = -Infinity;
  return points
    .filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y))
    .toSorted((a, b) => a.x - b.x || b.y - a.y)
    .filter(({ y }) => {
      if (y <= best) return false;
      best = y;
      return true;
    });
}
