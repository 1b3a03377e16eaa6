// The loss and the validation metric over the epochs, each with its own scale.

import { html, nothing, svg, type TemplateResult } from "lit";
import type { Point } from "./tracker.ts";
import { count, significant } from "./figures.ts";

const WIDTH = 360;
const HEIGHT = 120;
/** Margin for the width of the strokes. */
const EDGE = 4;

export function lossCurve(points: Point[], metric: string | undefined): TemplateResult {
  const losses = points.map(({ epoch, pass, loss }) => ({ x: epoch, y: loss, pass }));
  const validations = points.flatMap(({ epoch, pass, validation }) =>
    validation === null ? [] : [{ x: epoch, y: validation, pass }],
  );
  const first = losses[0];
  const last = losses.at(-1);
  const end = last?.x ?? 1;
  const description =
    first && last
      ? `Loss from ${significant(first.y)} to ${significant(last.y)} over ${count(last.x)} epochs`
      : "No loss yet";
  return html`
    <figure class="curve">
      <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label=${description} preserveAspectRatio="none">
        ${[0.25, 0.5, 0.75].map((part) => svg`<line class="grid" x1="0" x2=${WIDTH} y1=${part * HEIGHT} y2=${part * HEIGHT} />`)}
        ${validations.length > 1 ? svg`<path class="validation" d=${path(validations, end)} />` : nothing}
        ${losses.length > 1 ? svg`<path class="loss" d=${path(losses, end)} />` : nothing}
      </svg>
      <figcaption>
        <span class="key loss">loss</span>
        ${validations.length > 1 ? html`<span class="key validation">${metric ?? "validation"}, set aside</span>` : nothing}
        <span class="epochs">${last ? `${count(last.x)} epochs` : ""}</span>
      </figcaption>
    </figure>
  `;
}

interface Mark {
  x: number;
  y: number;
  pass: number;
}

/** An SVG path with a line for each pass; `end` is the last epoch. */
function path(marks: Mark[], end: number): string {
  const finite = marks.filter(({ y }) => Number.isFinite(y));
  const ys = finite.map(({ y }) => y);
  const low = Math.min(...ys);
  const span = Math.max(...ys) - low || 1;
  const place = ({ x, y, pass }: Mark, at: number): string => {
    const right = EDGE + ((x - 1) / Math.max(end - 1, 1)) * (WIDTH - 2 * EDGE);
    const down = HEIGHT - EDGE - ((y - low) / span) * (HEIGHT - 2 * EDGE);
    return `${finite[at - 1]?.pass === pass ? "L" : "M"}${right.toFixed(1)} ${down.toFixed(1)}`;
  };
  return finite.map(place).join("");
}
