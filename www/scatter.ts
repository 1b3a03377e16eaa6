// A scatter plot on a canvas: up to some thousands of models, with lines, zoom, and one model that is looked at, by pointer or keyboard.
// It is drawn for the eye; the view beside it has the same as a table.

import { html, LitElement, type PropertyValues, type TemplateResult } from "lit";
import { select } from "d3-selection";
import { zoom, zoomIdentity, type ZoomTransform } from "d3-zoom";
import { about } from "./address.ts";
import { drawPlot, scalesOf, type Axis, type Dot, type Paint, type Plot, type Scale, type Scales } from "./plot.ts";
import "./style/scatter.css";

/** The furthest a pointer may be from a dot, in pixels. */
const REACH = 18;

class Scatter extends LitElement {
  static override properties = { plot: { attribute: false }, label: {}, choose: { attribute: false, hasChanged: () => false } };
  declare plot: Plot;
  declare label: string;
  /** What a click on a dot does; default: it opens the page of the model. */
  declare choose: ((dot: Dot) => void) | undefined;

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
      <div class="plot" tabindex="0" role="group" aria-label=${`${this.label}. Arrow keys go from one to the next, Enter opens one.`} @keydown=${this.#keyed}>
        <canvas aria-hidden="true" @pointermove=${this.#pointed} @pointerleave=${this.#left} @click=${this.#clicked}></canvas>
        <p class="plot-at" role="status">${at ? html`<b>${at.name ?? at.id}</b> ${at.words ?? described(at, x, y)}` : "Point at one, or press an arrow key."}</p>
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
  #scales(width: number, height: number): Scales {
    const { x, y } = scalesOf(this.plot, width, height);
    return { x: this.#transform.rescaleX(x as never) as Scale, y: this.#transform.rescaleY(y as never) as Scale };
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
      drawPlot(context, this.plot, this.#scales(width, height), { width, height, paint: this.#paint() }, this.#at);
    });
  }

  /** A canvas does not know `light-dark()`; properties that take a colour resolve it. */
  #paint(): Paint {
    const style = getComputedStyle(this);
    const plot = this.querySelector(".plot");
    return { font: style.fontFamily, ink: style.color, soft: plot ? getComputedStyle(plot).color : style.color, accent: style.caretColor, edge: style.outlineColor };
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
    if (!this.#at) return;
    if (this.choose) this.choose(this.#at);
    else location.hash = about(this.#at.id);
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

function described({ x: across, y: up, lower, upper, predicted }: Dot, x: Axis, y: Axis): string {
  const ends = lower !== undefined && upper !== undefined && lower < upper ? ` (${y.say(lower)} to ${y.say(upper)})` : "";
  return `${x.title}: ${x.say(across)} · ${y.title}: ${y.say(up)} ${predicted ? "predicted" : "measured"}${ends}`;
}

customElements.define("eyas-scatter", Scatter);
