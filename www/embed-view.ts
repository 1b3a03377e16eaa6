// Ways to take a forecast along: the tags of the element for a page, and, where no script runs, a picture, a table or a badge.

import { html, LitElement, type TemplateResult } from "lit";
import type { CardRequest } from "../pkg/index.js";
import { label } from "./benchmarks.ts";
import type { ShownForecast } from "./forecast-state.ts";
import { message, type Session } from "./session.ts";
import { tags, type Host } from "./tags.ts";
import elements from "virtual:elements";

/** Pixels of a copied picture for each of its units. */
const SHARPNESS = 2;

class Embed extends LitElement {
  static override properties = { shown: { attribute: false }, session: { attribute: false }, said: { state: true }, host: { state: true } };
  declare shown: ShownForecast;
  declare session: Session;
  /** What the last button did. */
  declare said: string;
  /** Where the script of the tags is loaded from. */
  declare host: Host;

  constructor() {
    super();
    this.host = "network";
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override render(): TemplateResult {
    const { forecasts, subject } = this.shown.prediction;
    return html`
      <p class="copies">
        <span class="badge-of"><label>Script from <select id="host" @change=${({ target }: Event) => { this.host = (target as HTMLSelectElement).value as Host; }}>
          <option value="network">a content network</option>
          <option value="own">your own site, with its hash</option>
        </select></label></span>
      </p>
      ${this.host === "own" ? html`<p class="help">Unpack <a href=${elements.file} download>${elements.file}</a> there and name its folder <code>eyas</code>. A browser refuses a script that has another hash.</p>` : ""}
      <textarea readonly rows="9" spellcheck="false" aria-label="Tags to copy" .value=${tags(this.shown, this.host)} @focus=${select}></textarea>
      <p class="help">For places where no script runs, such as a README or a model card:</p>
      <p class="copies">
        <button type="button" @click=${() => void this.#do("The picture was copied.", () => this.#copyImage())}>Copy as image</button>
        <button type="button" @click=${() => void this.#do("The picture was saved.", () => this.#save())}>Save as SVG</button>
        <button type="button" @click=${() => void this.#do("The table was copied.", () => this.#copy({ format: "markdown" }))}>Copy as Markdown</button>
        ${subject.next_to_nothing
          ? ""
          : html`<span class="badge-of">
              <button type="button" @click=${() => void this.#do("The badge was copied, as SVG.", () => this.#copy({ format: "badge-svg", tasks: [this.#chosen()] }))}>Copy as badge</button>
              <label>of <select id="badge">${forecasts.map((forecast) => html`<option value=${forecast.task}>${label(forecast)}</option>`)}</select></label>
            </span>`}
      </p>
      <p class="help" role="status">${this.said}</p>
    `;
  }

  #chosen(): string {
    return this.querySelector<HTMLSelectElement>("#badge")?.value ?? "";
  }

  /** Does the work of a button, and says how it went. */
  async #do(done: string, work: () => Promise<void>): Promise<void> {
    this.said = "";
    try {
      await work();
      this.said = done;
    } catch (error) {
      this.said = `This did not work: ${message(error)}.`;
    }
  }

  /** The card of the forecast that is shown. With all benchmarks shown, a card has its own choice of them. */
  #card(options: Pick<CardRequest, "format" | "theme" | "tasks">): Promise<string> {
    const { request, all } = this.shown;
    const { tasks, ...about } = request;
    const chosen = all || tasks === undefined ? {} : { tasks };
    return this.session.ask((model) => model.card({ ...about, ...chosen, ...options }));
  }

  async #copy(options: Pick<CardRequest, "format" | "tasks">): Promise<void> {
    // A promise keeps the permission that the click gave.
    const text = this.#card(options).then((card) => new Blob([card], { type: "text/plain" }));
    await navigator.clipboard.write([new ClipboardItem({ "text/plain": text })]);
  }

  async #copyImage(): Promise<void> {
    const { theme } = document.documentElement.dataset;
    const isDark = theme === "dark" || (theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
    const picture = this.#card({ format: "svg", theme: isDark ? "dark" : "light" }).then(pixels);
    await navigator.clipboard.write([new ClipboardItem({ "image/png": picture })]);
  }

  async #save(): Promise<void> {
    const address = addressOf(await this.#card({ format: "svg" }));
    const link = Object.assign(document.createElement("a"), { href: address, download: "forecast.svg" });
    link.click();
    setTimeout(() => { URL.revokeObjectURL(address); }, 10_000);
  }
}

customElements.define("eyas-embed", Embed);

function select({ target }: Event): void {
  (target as HTMLTextAreaElement).select();
}

function addressOf(svg: string): string {
  return URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
}

/** A picture as PNG, which every program takes from the clipboard. */
async function pixels(svg: string): Promise<Blob> {
  const address = addressOf(svg);
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = Object.assign(document.createElement("canvas"), { width: image.width * SHARPNESS, height: image.height * SHARPNESS });
    canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve, reject) => {
      canvas.toBlob((blob) => { if (blob) resolve(blob); else reject(new Error("the browser could not draw the picture")); }, "image/png");
    });
  } finally {
    URL.revokeObjectURL(address);
  }
}
