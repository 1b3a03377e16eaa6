// What the plots of the analyses show, from their results.

import type { FeatureShares, LossPoint, PriorTable } from "../pkg/index.js";
import { sizeText } from "./figures.ts";
import type { Dot, Plot } from "./plot.ts";

/** A row of a table whose value is a bar. */
export interface Bar {
  name: string;
  value: number | null;
  /** Standard deviation over seeds; `null` where there is none. */
  spread: number | null;
  /** Another value on the same axis, drawn as a ring. */
  other?: number | null;
  /** The texts of further columns. */
  more: string[];
}

/** The ends of an axis that has 0 and all values with their whiskers. */
export function domainOf(bars: readonly Bar[]): [low: number, high: number] {
  const ends = bars.flatMap(({ value, spread, other }) => (value === null ? [] : [value - (spread ?? 0), value + (spread ?? 0), other ?? 0]));
  const [low, high] = [Math.min(0, ...ends), Math.max(0, ...ends)];
  return high > low ? [low, high] : [0, 1];
}

/** With its sign, unless it is rounded to 0. */
export function signed(value: number, digits = 3): string {
  const text = Math.abs(value).toFixed(digits);
  return /[1-9]/.test(text) ? `${value < 0 ? "−" : "+"}${text}` : text;
}

const metric = (of: Record<string, number | null>, name: string): string => of[name]?.toFixed(3) ?? "–";

/** A bar a combination of losses: the weighted τ. The spread is that over the seeds; there is none of one. */
export function lossBars(points: readonly LossPoint[], seeds: number): Bar[] {
  return points.map(({ listwise, pairwise, pointwise, metrics, spread }) => ({
    name: [listwise && "listwise", pairwise && "pairwise", pointwise && "pointwise"].filter(Boolean).join(" + "),
    value: metrics["weighted_tau"] ?? null,
    spread: seeds > 1 ? (spread["weighted_tau"] ?? null) : null,
    more: [metric(metrics, "ndcg_10"), metric(metrics, "mrr"), metric(metrics, "mae")],
  }));
}

/** A bar a group of features: its Shapley value. */
export function featureBars({ features }: FeatureShares): Bar[] {
  return features.map(({ name, value, spread, left_out: lost }) => ({ name, value, spread, more: [signed(lost)] }));
}

/** To mean 0 and deviation 1, as the prior is. */
export function standardised(values: readonly number[]): number[] {
  const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length));
  return values.map((value) => (deviation > 1e-9 ? (value - mean) / deviation : 0));
}

/** A bar a family: the data, with the prior as a ring; both standardised over the families. */
export function familyBars({ groups }: PriorTable): Bar[] {
  const data = standardised(groups.map(({ data }) => data));
  return groups.map(({ name, models, probe, data: advantage }, at) => ({ name, value: data[at]!, spread: null, other: probe, more: [signed(probe), signed(advantage), String(models)] }));
}

/** The sizes as points, the prior joined by a line; both standardised over the sizes. `undefined` with fewer than two sizes. */
export function sizePlot({ groups }: PriorTable): Plot | undefined {
  if (groups.length < 2) return undefined;
  const data = standardised(groups.map(({ data }) => data));
  const middle = (name: string): number => Math.sqrt(name.split("-").reduce((product, end) => product * Number(end), 1));
  const dots = groups.flatMap(({ name, models, probe }, at): Dot[] => {
    const [x, sizes] = [middle(name), name.split("-").map((end) => sizeText(Number(end))).join(" to ")];
    return [
      { id: `data ${name}`, name: sizes, words: `${models} models: data ${signed(data[at]!)}`, x, y: data[at]!, predicted: false },
      { id: `prior ${name}`, name: sizes, words: `${models} models: prior ${signed(probe)}`, x, y: probe, predicted: true },
    ];
  });
  const line = groups.map(({ name, probe }) => [middle(name), probe] as const);
  return { dots, lines: [{ kind: "trend", points: line }], x: { title: "Size, parameters", kind: "log", say: sizeText }, y: { title: "Standard deviations", kind: "linear", say: (value) => signed(value, 2) }, found: undefined };
}

/** How far data and prior agree, in words. `place` is what ρ and the slope are of. */
export function agreement({ data_rho: data, probe_rho: probe, slope, eta_squared: eta }: PriorTable, place: string): string {
  const said = (value: number | null): string => (value === null ? "undefined" : value.toFixed(2).replace("-", "−"));
  return `Spearman’s ρ with ${place}: data ${said(data)}, prior ${said(probe)}. Slope of the prior: ${said(slope)}. η², the share of the variance among models that the groups explain: ${said(eta)}.`;
}
