// The drawing of a scatter plot on a canvas: its scales, axes, lines and dots.

import { scaleLinear, scaleLog, scaleUtc } from "d3-scale";
import { short } from "./benchmarks.ts";

export interface Dot {
  /** The model. */
  id: string;
  /** What it is called, if not by its id. */
  name?: string;
  /** What is said of it in place of its values. */
  words?: string;
  /** Its colour, and whether it is a star; default: by whether it is predicted. */
  colour?: string;
  star?: boolean;
  x: number;
  y: number;
  /** Ends of the 90 % interval of `y`; absent without one. */
  lower?: number;
  upper?: number;
  predicted: boolean;
}

export interface Axis {
  title: string;
  kind: "linear" | "log" | "time";
  /** What a value is called where a dot is described. */
  say: (value: number) => string;
  domain?: [number, number];
}

export interface Line {
  points: readonly (readonly [number, number])[];
  kind: "frontier" | "lineage" | "diagonal" | "near" | "trend";
}

export interface Plot {
  dots: readonly Dot[];
  lines: readonly Line[];
  x: Axis;
  y: Axis;
  /** The dots that a search finds, which stand out; undefined without a search. */
  found: ReadonlySet<string> | undefined;
  /** A model that does not exist yet. */
  plan?: Dot;
  /** The dot that the visitor chose. */
  chosen?: Dot | undefined;
  /** Whether it is a map, whose axes mean nothing and have the same unit. */
  map?: true;
}

/** What a plot needs of a scale, whatever its kind; times are in milliseconds. */
export interface Scale {
  (value: number): number;
  ticks: (most: number) => number[];
  tickFormat: (most: number) => (value: number) => string;
}

const MARGIN = { top: 12, right: 16, bottom: 44, left: 58 };
const ALL_ROUND = { top: 8, right: 8, bottom: 8, left: 8 };
const marginOf = ({ map }: Plot): typeof MARGIN => (map ? ALL_ROUND : MARGIN);

/** Colours and letters. */
export interface Paint {
  font: string;
  ink: string;
  soft: string;
  accent: string;
  edge: string;
}

/** The size of the canvas, and what it is drawn with. */
export interface Sheet {
  width: number;
  height: number;
  paint: Paint;
}

export interface Scales {
  x: Scale;
  y: Scale;
}

/** The scales in pixels, before any zoom. */
export function scalesOf(plot: Plot, width: number, height: number): Scales {
  const { dots, plan, x, y } = plot;
  const { top, right, bottom, left } = marginOf(plot);
  const all = plan ? [...dots, plan] : dots;
  const xs = all.map((dot) => dot.x);
  const ys = all.map((dot) => dot.y);
  const [across, up] = plot.map ? sameUnit(xs, ys, (width - left - right) / (height - top - bottom)) : [x, y];
  return { x: scaleOf(across, xs, [left, width - right]), y: scaleOf(up, ys, [height - bottom, top]) };
}

/** Axes of a map: the narrower one is as wide as the shape of the sheet allows. */
function sameUnit(xs: readonly number[], ys: readonly number[], shape: number): [Axis, Axis] {
  const ends = (values: readonly number[]): [number, number] => [values.reduce((a, b) => Math.min(a, b), Infinity), values.reduce((a, b) => Math.max(a, b), -Infinity)];
  const [x, y] = [ends(xs), ends(ys)];
  const unit = 1.06 * Math.max((x[1] - x[0]) / shape, y[1] - y[0], 1e-9);
  const axis = ([low, high]: [number, number], width: number): Axis => ({ title: "", kind: "linear", say: String, domain: [(low + high - width) / 2, (low + high + width) / 2] });
  return [axis(x, unit * shape), axis(y, unit)];
}

/** Draws a plot. `looked` is the dot that the visitor looks at. */
export function drawPlot(context: CanvasRenderingContext2D, plot: Plot, scales: Scales, { width, height, paint }: Sheet, looked: Dot | undefined): void {
  const { x, y } = scales;
  const { dots, lines, found, plan, chosen } = plot;
  const margin = marginOf(plot);
  const at = (dot: { x: number; y: number }): [number, number] => [x(dot.x), y(dot.y)];
  if (!plot.map) drawAxes(context, plot, scales, { width, height, paint });
  context.save();
  context.beginPath();
  context.rect(margin.left, margin.top, width - margin.left - margin.right, height - margin.top - margin.bottom);
  context.clip();
  drawLines(context, lines, scales, paint);
  const fade = found && found.size > 0;
  for (const dot of dots) {
    context.globalAlpha = fade && !found.has(dot.id) ? 0.15 : 0.8;
    mark(context, at(dot), dot, paint);
  }
  context.globalAlpha = 1;
  if (fade) for (const dot of dots) if (found.has(dot.id)) mark(context, at(dot), dot, paint, 4.5);
  for (const dot of new Set([plan, chosen, looked])) {
    if (!dot) continue;
    const [left, top] = at(dot);
    if (dot.lower !== undefined && dot.upper !== undefined) {
      context.strokeStyle = dot.predicted ? paint.accent : paint.ink;
      context.lineWidth = 2;
      context.beginPath();
      context.moveTo(left, y(dot.lower));
      context.lineTo(left, y(dot.upper));
      context.stroke();
    }
    mark(context, [left, top], dot, paint, 6);
    const name = dot === plan ? "your plan" : (dot.name ?? short(dot.id));
    context.font = `600 13px ${paint.font}`;
    context.fillStyle = paint.ink;
    context.textAlign = left > width / 2 ? "right" : "left";
    context.fillText(name, left + (left > width / 2 ? -10 : 10), top - 8);
  }
  context.restore();
}

function drawLines(context: CanvasRenderingContext2D, lines: readonly Line[], { x, y }: Scales, paint: Paint): void {
  for (const { points, kind } of lines) {
    context.beginPath();
    points.forEach(([px, py], index) => {
      const [left, top] = [x(px), y(py)];
      if (index === 0) return context.moveTo(left, top);
      // A frontier stays at its best until a better one comes.
      if (kind === "frontier") context.lineTo(left, y(points[index - 1]![1]));
      context.lineTo(left, top);
    });
    context.strokeStyle = kind === "frontier" ? paint.ink : kind === "trend" ? paint.accent : paint.soft;
    context.lineWidth = kind === "frontier" ? 2 : 1;
    context.globalAlpha = kind === "lineage" ? 0.45 : kind === "near" ? 0.7 : 1;
    context.setLineDash(kind === "diagonal" ? [4, 4] : []);
    context.stroke();
  }
  context.setLineDash([]);
}

function drawAxes(context: CanvasRenderingContext2D, plot: Plot, { x, y }: Scales, { width, height, paint }: Sheet): void {
  context.font = `13px ${paint.font}`;
  context.lineWidth = 1;
  const [bottom, right] = [height - MARGIN.bottom, width - MARGIN.right];
  const draw = (text: string, left: number, top: number): void => {
    context.fillStyle = paint.soft;
    context.fillText(text, left, top);
  };
  const grid = (from: [number, number], to: [number, number]): void => {
    context.strokeStyle = paint.edge;
    context.beginPath();
    context.moveTo(...from);
    context.lineTo(...to);
    context.stroke();
  };
  context.textAlign = "center";
  for (const [value, text] of ticks(x, plot.x, width / 90)) {
    grid([value, MARGIN.top], [value, bottom]);
    draw(text, value, bottom + 17);
  }
  draw(plot.x.title, (MARGIN.left + right) / 2, height - 8);
  context.textAlign = "right";
  for (const [value, text] of ticks(y, plot.y, height / 60)) {
    grid([MARGIN.left, value], [right, value]);
    draw(text, MARGIN.left - 6, value + 4);
  }
  context.save();
  context.translate(13, (MARGIN.top + bottom) / 2);
  context.rotate(-Math.PI / 2);
  context.textAlign = "center";
  draw(plot.y.title, 0, 0);
  context.restore();
}

/** Measured is a filled square, predicted a ring; what has a colour of its own is a disc or a star. */
function mark(context: CanvasRenderingContext2D, [left, top]: [number, number], { predicted, colour, star }: Dot, paint: Paint, size = 3): void {
  context.beginPath();
  if (colour !== undefined) {
    if (star) {
      for (let point = 0; point < 10; point++) {
        const [angle, reach] = [(point * Math.PI) / 5, (point % 2 === 0 ? 1.9 : 0.85) * size];
        context.lineTo(left + reach * Math.sin(angle), top - reach * Math.cos(angle));
      }
      context.closePath();
    } else context.arc(left, top, size, 0, 2 * Math.PI);
    context.fillStyle = colour || paint.ink;
    context.fill();
    if (size > 5) {
      context.strokeStyle = paint.ink;
      context.lineWidth = 1.5;
      context.stroke();
    }
    return;
  }
  if (predicted) {
    context.arc(left, top, size, 0, 2 * Math.PI);
    context.strokeStyle = paint.accent;
    context.lineWidth = 1.5;
    context.stroke();
  } else {
    context.rect(left - size, top - size, 2 * size, 2 * size);
    context.fillStyle = paint.ink;
    context.fill();
  }
}

/** A scale over these values, with a little room at both ends. */
function scaleOf({ kind, domain }: Axis, values: number[], range: [number, number]): Scale {
  let [low, high] = domain ?? [values.reduce((a, b) => Math.min(a, b), Infinity), values.reduce((a, b) => Math.max(a, b), -Infinity)];
  if (!Number.isFinite(low) || !Number.isFinite(high)) [low, high] = [1, 1];
  if (kind === "log") return scaleLog([low / 1.15, high * 1.15], range) as unknown as Scale;
  const room = domain ? 0 : 0.03 * (high - low) || 0.5;
  const ends = [low - room, high + room];
  return (kind === "time" ? scaleUtc(ends, range) : scaleLinear(ends, range)) as unknown as Scale;
}

/** Positions and texts of ticks. */
function ticks(scale: Scale, { kind, say }: Axis, most: number): [number, string][] {
  const text = scale.tickFormat(most);
  // Of the ticks of a logarithm only those with a text are drawn.
  const shown = scale.ticks(most).filter((value) => kind !== "log" || text(value) !== "");
  return shown.map((value) => [scale(value), kind === "log" ? say(value) : text(value)]);
}
