// Formatting of numbers.

import { digits } from "../pkg/drawing.js";
export { sizeText } from "../pkg/fact-columns.js";
import type { Range } from "../pkg/index.js";

const whole = new Intl.NumberFormat("en");

export function count(value: number): string {
  return whole.format(value);
}

export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** A share of a range (0 to 1), in the units of the task. */
export function score(part: number, { low, high }: Range): string {
  return (low + part * (high - low)).toFixed(digits({ low, high }));
}

/** The change of a score by a share of a range, in the units of the task, with its sign. */
export function step(part: number, { low, high }: Range): string {
  const text = score(Math.abs(part), { low: 0, high: high - low });
  return /[1-9]/.test(text) ? `${part < 0 ? "−" : "+"}${text}` : text;
}

/** A share of a range as a CSS position on a track. Forecasts slightly outside the range are clamped. */
export function position(part: number): string {
  return `${(Math.min(Math.max(part, 0), 1) * 100).toFixed(2)}%`;
}

export function duration(seconds: number): string {
  if (seconds < 1) return "less than a second";
  if (seconds < 90) return counted(Math.round(seconds), "second");
  return counted(Math.round(seconds / 60), "minute");
}

export function significant(value: number): string {
  return Number.isFinite(value) ? value.toPrecision(3) : "–";
}
