// What the atlas draws: a dot a model and a star a dataset, in colours that say something, with the neighbours of the chosen one.

import type { Atlas, AtlasPoint } from "../pkg/index.js";
import { short } from "./benchmarks.ts";
import { counted, sizeText } from "./figures.ts";
import type { Axis, Dot, Line, Plot } from "./plot.ts";

/** Colours of kinds, told apart on light and dark sheets. */
export const KINDS = ["#2f7fb8", "#c2581f", "#2e8b67", "#a04fb0", "#a98200", "#c23b5e", "#6c66cf", "#8a6d3b"];
/** What is of no kind, or has no value. */
export const NONE = "#8f877b";
/** From little to much. */
export const RAMP = ["#3f6fb5", "#9a55a6", "#e0762a"] as const;

/** What the colours say. */
export interface Colours {
  /** The colour of a point; `""` for ink. */
  of: (point: AtlasPoint) => string;
  /** A colour and its meaning, or the two ends of the ramp. */
  key: { colour: string; name: string }[];
  ends?: [low: string, high: string];
  /** What a point is, in the terms of the colours; `undefined` where that is not known. */
  say: (point: AtlasPoint) => string | undefined;
}

export const keyOf = ({ kind, id }: AtlasPoint): string => `${kind}:${id}`;

/** The most frequent kinds have colours, datasets are in ink, and by the type of task it is the other way round. */
export function byKind(points: readonly AtlasPoint[], of: "family" | "task_type"): Colours {
  const counts = new Map<string, number>();
  for (const point of points) if (point[of]) counts.set(point[of], (counts.get(point[of]) ?? 0) + 1);
  const most = [...counts].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0])).slice(0, KINDS.length);
  const colours = new Map(most.map(([name], at) => [name, KINDS[at]!]));
  const isMeant = ({ kind }: AtlasPoint): boolean => (kind === "model") === (of === "family");
  return {
    of: (point) => (isMeant(point) ? (colours.get(point[of] ?? "") ?? NONE) : of === "family" ? "" : NONE),
    key: [...most.map(([name], at) => ({ colour: KINDS[at]!, name })), ...(counts.size > most.length || points.some((point) => isMeant(point) && !point[of]) ? [{ colour: NONE, name: "others" }] : [])],
    say: (point) => point[of] ?? undefined,
  };
}

/** Sizes on a logarithmic ramp, or scores on a ramp; what has no value is grey, and datasets are in ink. */
export function byValue(points: readonly AtlasPoint[], value: (point: AtlasPoint) => number | undefined, say: (value: number) => string, isLog = false): Colours {
  const scaled = (point: AtlasPoint): number | undefined => {
    const found = point.kind === "model" ? value(point) : undefined;
    return found === undefined || !(isLog ? found > 0 : Number.isFinite(found)) ? undefined : isLog ? Math.log(found) : found;
  };
  const values = points.flatMap((point) => scaled(point) ?? []);
  const [low, high] = values.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [Infinity, -Infinity]);
  const back = (value: number): string => say(isLog ? Math.exp(value) : value);
  const known = values.length > 0;
  return {
    of: (point) => {
      if (point.kind === "dataset") return "";
      const found = scaled(point);
      return found === undefined ? NONE : ramp(high > low ? (found - low) / (high - low) : 0.5);
    },
    key: points.some((point) => point.kind === "model" && scaled(point) === undefined) ? [{ colour: NONE, name: "not known" }] : [],
    ...(known ? { ends: [back(low), back(high)] } : {}),
    say: (point) => {
      const found = scaled(point);
      return found === undefined ? undefined : back(found);
    },
  };
}

/** A colour of the ramp, for 0 to 1. */
export function ramp(part: number): string {
  const at = Math.min(Math.max(part, 0), 1) * (RAMP.length - 1);
  const first = Math.min(Math.floor(at), RAMP.length - 2);
  const parts = (colour: string): number[] => [1, 3, 5].map((start) => Number.parseInt(colour.slice(start, start + 2), 16));
  const [from, to] = [parts(RAMP[first]!), parts(RAMP[first + 1]!)];
  return `#${from.map((value, channel) => Math.round(value + (at - first) * (to[channel]! - value)).toString(16).padStart(2, "0")).join("")}`;
}

/** The neighbours of a point on one of the maps, as points. */
export function nearOf(atlas: Atlas, point: AtlasPoint, map: "learned" | "texts"): AtlasPoint[] {
  const places = new Map(atlas.points.map((one) => [keyOf(one), one]));
  const [models, datasets] = map === "learned" ? [point.models, point.datasets] : [point.text_models, point.text_datasets];
  return [...models.map((id) => `model:${id}`), ...datasets.map((id) => `dataset:${id}`)].flatMap((key) => places.get(key) ?? []);
}

const AXIS: Axis = { title: "", kind: "linear", say: String };

export function plotOf(atlas: Atlas, map: "learned" | "texts", colours: Colours, found: ReadonlySet<string> | undefined, at: string): Plot {
  const place = ({ x, y, text_x, text_y }: AtlasPoint): [number, number] => (map === "learned" ? [x, y] : [text_x, text_y]);
  const dot = (point: AtlasPoint): Dot => {
    const [x, y] = place(point);
    const name = point.kind === "model" ? short(point.id) : point.id;
    return { id: keyOf(point), name, words: wordsOf(point, colours), x, y, predicted: false, colour: colours.of(point), star: point.kind === "dataset" };
  };
  // Stars lie above.
  const dots = atlas.points.map(dot).sort((a, b) => Number(a.star) - Number(b.star));
  const point = atlas.points.find((one) => keyOf(one) === at);
  const lines = point ? nearOf(atlas, point, map).map((near): Line => ({ kind: "near", points: [place(point), place(near)] })) : [];
  return { dots, lines, x: AXIS, y: AXIS, found, chosen: dots.find(({ id }) => id === at), map: true };
}

/** What is said of a point: what it is, and what its colour says. */
export function wordsOf(point: AtlasPoint, colours: Colours): string {
  const parts = point.kind === "dataset" ? ["a dataset", point.task_type, counted(point.results, "score")] : [point.id.includes("/") ? `of ${point.id.slice(0, point.id.lastIndexOf("/"))}` : undefined, point.family && `family ${point.family}`, point.size === null ? undefined : sizeText(point.size), counted(point.results, "score")];
  const said = colours.say(point);
  return [...parts, said !== undefined && !parts.some((part) => part?.endsWith(said)) ? said : undefined].filter(Boolean).join(" · ");
}

/** How far the maps can be read, in words. */
export function qualityOf({ learned, texts, points }: Atlas): string[] {
  const percent = (part: number | null): string => (part === null ? "an unknown share" : `${Math.round(100 * part)}\u00A0%`);
  const models = points.filter(({ kind }) => kind === "model").length;
  const types = learned.same_task_type !== null && texts.same_task_type !== null ? [`Of a dataset’s ten nearest datasets, ${percent(learned.same_task_type)} are of its type of task by what was learned, and ${percent(texts.same_task_type)} by the texts.`] : [];
  const families = learned.same_family !== null && texts.same_family !== null ? [`Of a model’s ten nearest models, ${percent(learned.same_family)} are of its family by what was learned, and ${percent(texts.same_family)} by the texts, which contain the names.`] : [];
  return [
    `${counted(models, "model")} and ${counted(points.length - models, "dataset")}. Of a point’s ten nearest neighbours, the map of what was learned keeps ${percent(learned.kept)} (two principal components alone: ${percent(learned.kept_by_components)}), that of the texts ${percent(texts.kept)} (${percent(texts.kept_by_components)}): a neighbour on a map need not be one.`,
    ...types,
    ...families,
  ];
}
