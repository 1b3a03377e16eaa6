// A scatter plot on a canvas: up to some thousands of models, with lines, zoom, and one model that is looked at, by pointer or keyboard.
// It is drawn for the eye; the view beside it has the same as a table.

import { html, LitElement, type PropertyValues, type TemplateResult } from "lit";
import { scaleLinear, scaleLog, scaleUtc } from "d3-scale";
import { select } from "d3-selection";
import { zoom, zoomIdentity, type ZoomTransform } from "d3-zoom";
import { about } from "./address.ts";
import { short } from "./benchmarks.ts";
import "./style/scatter.css";

export interface Dot {
  /** The model. */
  id: string;
  /** What is said of it in place of its values. */
  words?: string;
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
  kind: "frontier" | "lineage" | "diagonal";
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
}

/** What the plot needs of a scale, whatever its kind; times are in milliseconds. */
interface Scale {
  (value: number): number;
  ticks: (most: number) => number[];
  tickFormat: (most: number) => (value: number) => string;
}

const MARGIN = { top: 12, right: 16, bottom: 44, left: 58 };
/** The furthest a pointer may be from a dot, in pixels. */
const REACH = 18;

class Scatter extends LitElement {
  static override properties = { plot: { attribute: false }, label: {} };
  declare plot: Plot;
  declare label: string;

  #at: Dot | undefined;
  #transform: ZoomTransform = zoomIdentity;
  #frame = 0;
  readonly #sized = new ResizeObserver(() => { this.#draw(); });
  readonly #zoom = zoom<HTMLCanvasElement, unknown>()
    .scaleExtent([1, 60])
    // The wheel alone scrolls the page, and so does one finger.
    .filter((event: WheelEvent & TouchEvent & MouseEvent) => (event.type === "wheel" ? event.ctrlKey || event.metaKey : event.type === "touchstart" ? event.touches.length > 1 : event.button === 0))
    .on("zoom", ({ transform }: { transform: ZoomTransform }) => {
      this.#transform = transform;
      this.#draw();
    });

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#sized.disconnect();
    cancelAnimationFrame(this.#frame);
    SCHEME.removeEventListener("change", this.#recolour);
  }

  protected override firstUpdated(): void {
    const canvas = this.#canvas;
    if (!canvas) return;
    this.#sized.observe(canvas);
    select(canvas).call(this.#zoom);
    SCHEME.addEventListener("change", this.#recolour);
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has("plot")) {
      const before = changed.get("plot");
      const moved = before && (before.x.title !== this.plot.x.title || before.y.title !== this.plot.y.title);
      if (moved) this.#reset();
      this.#at = this.plot.dots.find(({ id }) => id === this.#at?.id);
    }
    this.#draw();
  }

  protected override render(): TemplateResult {
    const at = this.#at;
    const { x, y } = this.plot;
    return html`
      <div class="plot" tabindex="0" role="group" aria-label=${`${this.label}. Arrow keys go from model to model, Enter opens one.`} @keydown=${this.#keyed}>
        <canvas aria-hidden="true" @pointermove=${this.#pointed} @pointerleave=${this.#left} @click=${this.#clicked}></canvas>
        <p class="plot-at" role="status">${at ? html`<b>${at.id}</b> ${at.words ?? described(at, x, y)}` : "Point at a model, or press an arrow key."}</p>
      </div>
      <p class="plot-tools">
        <button type="button" @click=${() => { this.#by(1.6); }}><span aria-hidden="true">+</span><span class="unseen">Zoom in</span></button>
        <button type="button" @click=${() => { this.#by(1 / 1.6); }}><span aria-hidden="true">−</span><span class="unseen">Zoom out</span></button>
        <button type="button" @click=${() => { this.#reset(); }}>Whole plot</button>
        <span class="help">Drag to move; Ctrl and wheel, or two fingers, to zoom.</span>
      </p>
    `;
  }

  get #canvas(): HTMLCanvasElement | null {
    return this.querySelector("canvas");
  }

  #by(factor: number): void {
    const canvas = this.#canvas;
    if (canvas) select(canvas).call(this.#zoom.scaleBy, factor);
  }

  #reset(): void {
    const canvas = this.#canvas;
    if (canvas) select(canvas).call(this.#zoom.transform, zoomIdentity);
  }

  /** The scales in pixels, zoomed. */
  #scales(width: number, height: number): { x: Scale; y: Scale } {
    const { dots, plan, x, y } = this.plot;
    const all = plan ? [...dots, plan] : dots;
    const across = scaleOf(x, all.map((dot) => dot.x), [MARGIN.left, width - MARGIN.right]);
    const up = scaleOf(y, all.map((dot) => dot.y), [height - MARGIN.bottom, MARGIN.top]);
    return { x: this.#transform.rescaleX(across as never) as Scale, y: this.#transform.rescaleY(up as never) as Scale };
  }

  #draw(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => {
      const canvas = this.#canvas;
      const context = canvas?.getContext("2d");
      if (!canvas || !context || canvas.clientWidth === 0) return;
      const [width, height, density] = [canvas.clientWidth, canvas.clientHeight, devicePixelRatio || 1];
      canvas.width = Math.round(width * density);
      canvas.height = Math.round(height * density);
      context.scale(density, density);
      this.#paint(context, width, height);
    });
  }

  #paint(context: CanvasRenderingContext2D, width: number, height: number): void {
    const style = getComputedStyle(this);
    // A canvas does not know `light-dark()`: a property that takes a colour resolves it.
    const plot = this.querySelector<HTMLElement>(".plot");
    const paint = { ink: style.color, soft: plot ? getComputedStyle(plot).color : style.color, accent: style.caretColor, edge: style.outlineColor };
    const { x, y } = this.#scales(width, height);
    const { dots, lines, found, plan } = this.plot;
    const at = (dot: { x: number; y: number }): [number, number] => [x(dot.x), y(dot.y)];
    this.#axes(context, x, y, width, height, paint);
    context.save();
    context.beginPath();
    context.rect(MARGIN.left, MARGIN.top, width - MARGIN.left - MARGIN.right, height - MARGIN.top - MARGIN.bottom);
    context.clip();
    for (const { points, kind } of lines) {
      context.beginPath();
      points.forEach(([px, py], index) => {
        const [left, top] = [x(px), y(py)];
        if (index === 0) return context.moveTo(left, top);
        // A frontier stays at its best until a better one comes.
        if (kind === "frontier") context.lineTo(left, y(points[index - 1]![1]));
        context.lineTo(left, top);
      });
      context.strokeStyle = kind === "frontier" ? paint.ink : paint.soft;
      context.lineWidth = kind === "frontier" ? 2 : 1;
      context.globalAlpha = kind === "lineage" ? 0.45 : 1;
      context.setLineDash(kind === "diagonal" ? [4, 4] : []);
      context.stroke();
    }
    context.setLineDash([]);
    const fade = found && found.size > 0;
    for (const dot of dots) {
      context.globalAlpha = fade && !found.has(dot.id) ? 0.15 : 0.8;
      mark(context, at(dot), dot.predicted, paint);
    }
    context.globalAlpha = 1;
    if (fade) for (const dot of dots) if (found.has(dot.id)) mark(context, at(dot), dot.predicted, paint, 4.5);
    for (const dot of [plan, this.#at]) {
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
      mark(context, [left, top], dot.predicted, paint, 6);
      const name = dot === plan ? "your plan" : short(dot.id);
      context.font = `600 13px ${style.fontFamily}`;
      context.fillStyle = paint.ink;
      context.textAlign = left > width / 2 ? "right" : "left";
      context.fillText(name, left + (left > width / 2 ? -10 : 10), top - 8);
    }
    context.restore();
  }

  #axes(context: CanvasRenderingContext2D, x: Scale, y: Scale, width: number, height: number, paint: Paint): void {
    context.font = `13px ${getComputedStyle(this).fontFamily}`;
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
    for (const [value, text] of ticks(x, this.plot.x, width / 90)) {
      grid([value, MARGIN.top], [value, bottom]);
      draw(text, value, bottom + 17);
    }
    draw(this.plot.x.title, (MARGIN.left + right) / 2, height - 8);
    context.textAlign = "right";
    for (const [value, text] of ticks(y, this.plot.y, height / 60)) {
      grid([MARGIN.left, value], [right, value]);
      draw(text, MARGIN.left - 6, value + 4);
    }
    context.save();
    context.translate(13, (MARGIN.top + bottom) / 2);
    context.rotate(-Math.PI / 2);
    context.textAlign = "center";
    draw(this.plot.y.title, 0, 0);
    context.restore();
  }

  readonly #pointed = ({ offsetX, offsetY }: PointerEvent): void => {
    const canvas = this.#canvas;
    if (!canvas) return;
    const { x, y } = this.#scales(canvas.clientWidth, canvas.clientHeight);
    let [nearest, least]: [Dot | undefined, number] = [undefined, REACH ** 2];
    for (const dot of this.plot.dots) {
      const distance = (x(dot.x) - offsetX) ** 2 + (y(dot.y) - offsetY) ** 2;
      if (distance < least) [nearest, least] = [dot, distance];
    }
    this.#look(nearest);
  };

  readonly #left = (): void => {
    this.#look(undefined);
  };

  readonly #clicked = (): void => {
    if (this.#at) location.hash = about(this.#at.id);
  };

  readonly #keyed = (event: KeyboardEvent): void => {
    if (event.key === "Enter") return this.#clicked();
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const { dots, found } = this.plot;
    const order = (found && found.size > 0 ? dots.filter(({ id }) => found.has(id)) : [...dots]).sort((a, b) => a.x - b.x || a.y - b.y);
    const now = order.findIndex(({ id }) => id === this.#at?.id);
    this.#look(order[(now + step + order.length) % order.length]);
  };

  readonly #recolour = (): void => {
    this.#draw();
  };

  #look(dot: Dot | undefined): void {
    if (dot === this.#at) return;
    this.#at = dot;
    this.requestUpdate();
  }
}

const SCHEME = matchMedia("(prefers-color-scheme: dark)");

interface Paint {
  ink: string;
  soft: string;
  accent: string;
  edge: string;
}

function described({ x: across, y: up, lower, upper, predicted }: Dot, x: Axis, y: Axis): string {
  const ends = lower !== undefined && upper !== undefined && lower < upper ? ` (${y.say(lower)} to ${y.say(upper)})` : "";
  return `${x.title}: ${x.say(across)} · ${y.title}: ${y.say(up)} ${predicted ? "predicted" : "measured"}${ends}`;
}

/** Measured is a filled square, predicted a ring. */
function mark(context: CanvasRenderingContext2D, [left, top]: [number, number], predicted: boolean, paint: Paint, size = 3): void {
  context.beginPath();
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

customElements.define("eyas-scatter", Scatter);
