// The frame of the page: the address, the views, the data in use and the theme.

import { html, LitElement, nothing, render, type TemplateResult } from "lit";
import type { Method } from "../pkg/index.js";
import { read, write, type Address, type Asked, type View } from "./address.ts";
import "./ask.ts";
import type { Ask } from "./ask.ts";
import { bundled } from "./data-sources.ts";
import { count } from "./figures.ts";
import type { LocalFile } from "./intake.ts";
import { keep, kept } from "./keep.ts";
import { keepOffline } from "./offline.ts";
import { message, Session, type DataSource } from "./session.ts";
import type { progressView } from "./progress-view.ts";
import { nextTheme, theme } from "./theme.ts";
import type { Actions, dataPanel } from "./data-panel.ts";
import type { Choice } from "./worker.ts";

/** The views whose code comes when they are first opened. */
const LATER: Partial<Record<View, () => Promise<unknown>>> = {
  plans: () => import("./plans.ts"),
  rankings: () => import("./ranking-table.ts"),
  model: () => import("./model-view.ts"),
  map: () => import("./map-view.ts"),
  atlas: () => import("./atlas-view.ts"),
  trust: () => import("./trust-view.ts"),
  analyses: () => import("./analyses-view.ts"),
};

/** Views below another one in the bar. */
const PART_OF: Partial<Record<View, View>> = { atlas: "map", analyses: "trust" };

class App extends LitElement {
  readonly #session = new Session(() => {
    this.#changed();
  }, choiceInAddress());
  #address: Address = read(location.hash || (kept("question") ?? ""));
  /** The latest address of each view. */
  readonly #latest = new Map<View, string>();
  #news = "";
  #dragging = false;
  #dataOpen = false;
  #panel: typeof dataPanel | undefined;
  #progress: typeof progressView | undefined;
  /** Whether there is something to say beyond the first forecast. */
  #busy = false;
  #missing = "";

  protected override createRenderRoot(): HTMLElement {
    // Without a shadow root, the style sheet of the page applies.
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener("dragover", this.#dragOver);
    window.addEventListener("dragleave", this.#dragLeave);
    window.addEventListener("drop", this.#drop);
    window.addEventListener("popstate", this.#moved);
    window.addEventListener("online", this.#connected);
    window.addEventListener("offline", this.#connected);
    void this.#load(this.#address.view);
    void this.#begin();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener("dragover", this.#dragOver);
    window.removeEventListener("dragleave", this.#dragLeave);
    window.removeEventListener("drop", this.#drop);
    window.removeEventListener("popstate", this.#moved);
    window.removeEventListener("online", this.#connected);
    window.removeEventListener("offline", this.#connected);
    this.#session.cancel();
    this.#session.current?.worker.end();
  }

  protected override render(): TemplateResult {
    const address = this.#address;
    const session = this.#session;
    const go = this.go;
    // The view says so itself, where the forecast would be.
    const isSaid = address.view === "ask" && session.failure !== undefined && !session.candidate;
    return html`
      ${this.#line(this.#busy && !isSaid)}
      ${this.#dataOpen && this.#panel ? this.#panel(session, this.#actions) : nothing}
      ${this.#missing ? html`<p class="mistake" role="alert">${this.#missing}</p>` : nothing}
      <eyas-ask
        ?hidden=${address.view !== "ask"}
        .session=${session}
        .asked=${address.view === "ask" ? address.asked : undefined}
        .go=${(asked: Asked | undefined) => { go({ view: "ask", asked }); }}
        .announce=${this.#announce}
        .train=${this.#retry}
        .look=${this.#openData}
      ></eyas-ask>
      ${address.view === "plans"
        ? html`<eyas-plans .session=${session} .address=${address} .go=${go}></eyas-plans>`
        : nothing}
      ${address.view === "rankings"
        ? html`<eyas-ranking .session=${session} .address=${address} .go=${go}></eyas-ranking>`
        : nothing}
      ${address.view === "map" ? html`<eyas-map .session=${session} .address=${address} .go=${go}></eyas-map>` : nothing}
      ${address.view === "atlas" ? html`<eyas-atlas .session=${session} .address=${address} .go=${go}></eyas-atlas>` : nothing}
      ${address.view === "analyses" ? html`<eyas-analyses .session=${session}></eyas-analyses>` : nothing}
      ${address.view === "trust" ? html`<eyas-trust .session=${session}></eyas-trust>` : nothing}
      ${address.view === "model" ? html`<eyas-model .session=${session} .address=${address}></eyas-model>` : nothing}
      <p class="unseen" role="status" id="news">${this.#news}</p>
      ${this.#dragging ? html`<div class="drop-here" aria-hidden="true">Drop a card, a configuration or results here</div>` : nothing}
    `;
  }

  /** The line below the bar: a training, or news. If it is not shown, it is only read out. */
  #line(isShown: boolean): TemplateResult {
    const { candidate, notice, unfinished } = this.#session;
    const isBusy = candidate !== undefined && candidate.stage !== "waiting";
    const isMistake = notice?.kind === "error";
    return html`
      <div class=${isShown ? "state" : "unseen"} aria-busy=${isBusy ? "true" : "false"}>
        ${candidate ? this.#progress?.(candidate) : nothing}
        <p class=${isMistake ? "mistake" : "news"} id="file-news" role=${isMistake ? "alert" : nothing}>${isBusy ? nothing : notice?.text}</p>
        ${candidate
          ? html`<button type="button" @click=${this.#cancel}>Cancel</button>`
          : unfinished
            ? html`<button type="button" @click=${() => { this.#retry(unfinished); }}>Train again</button>`
            : nothing}
      </div>
    `;
  }

  protected override updated(): void {
    const tools = document.querySelector<HTMLElement>("#tools");
    if (tools) render(this.#tools(), tools);
    for (const link of document.querySelectorAll<HTMLAnchorElement>(".bar nav a")) {
      const view = link.hash.slice(1).split("?")[0] as View;
      if (view === (PART_OF[this.#address.view] ?? this.#address.view)) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
      link.href = this.#latest.get(view) ?? `#${view}`;
    }
  }

  #tools(): TemplateResult {
    const { current, candidate } = this.#session;
    const name = current?.dataSource.name ?? candidate?.dataSource.name;
    return html`
      ${navigator.onLine ? nothing : html`<span class="offline" title="What was loaded goes on working">Offline</span>`}
      <button type="button" id="data" aria-expanded=${this.#dataOpen ? "true" : "false"} @click=${this.#toggleData}>
        Data<span class="wide">: <b>${name ? name.replace(/^the /, "") : "none yet"}</b>${current ? `, ${count(current.info.models)} models` : nothing}</span>
        <span aria-hidden="true">${this.#dataOpen ? "▴" : "▾"}</span>
      </button>
      <button type="button" id="theme" @click=${this.#turnTheme}><span aria-hidden="true">◐ </span><span class="unseen">Theme: </span>${theme()}</button>
    `;
  }

  /** Goes to an address; a change within the same step of the visitor replaces the last one. */
  readonly go = (address: Address, { replace = false } = {}): void => {
    const fragment = write(address);
    const isNew = fragment !== write(this.#address);
    this.#address = address;
    this.#latest.set(address.view, fragment);
    if (isNew) history[replace ? "replaceState" : "pushState"](null, "", fragment);
    keep(fragment);
    void this.#load(address.view);
    this.requestUpdate();
  };

  readonly #moved = (): void => {
    const address = read(location.hash);
    const view = this.#address.view;
    this.#address = address;
    this.#latest.set(address.view, write(address));
    keep(write(address));
    void this.#load(address.view);
    if (address.view === "ask") void this.#ask?.show(address.asked);
    if (view !== address.view) window.scrollTo(0, 0);
    this.requestUpdate();
  };

  get #ask(): Ask | null {
    return this.querySelector<Ask>("eyas-ask");
  }

  async #load(view: View): Promise<void> {
    try {
      await LATER[view]?.();
      this.#missing = "";
    } catch {
      this.#missing = "This view cannot be loaded. Check the connection, then reload the page.";
    }
    this.requestUpdate();
  }

  #changed(): void {
    const { candidate, current, notice, unfinished } = this.#session;
    // The first model says so where its forecast will be.
    if (candidate && (current || candidate.stage === "training" || candidate.stage === "waiting")) this.#busy = true;
    if (notice?.kind === "error" || unfinished) this.#busy = true;
    if (candidate && this.#busy && !this.#progress) {
      void import("./progress-view.ts").then(
        ({ progressView }) => {
          this.#progress = progressView;
          this.requestUpdate();
        },
        () => undefined,
      );
    }
    if (candidate?.stage === "waiting" && !this.#dataOpen) void this.#openData();
    this.requestUpdate();
  }

  async #begin(): Promise<void> {
    const wanted = await this.#wanted().catch(() => {
      this.#missing = "The code that reads other data cannot be loaded, so the bundled data are in use. Check the connection, then reload the page.";
    });
    if (!wanted) return void (await this.#train(bundled));
    if (await this.#train(wanted)) return;
    // Use the bundled data instead, and keep the error visible.
    const { failure, candidate } = this.#session;
    if (!failure || candidate) return;
    if (!(await this.#train(bundled))) return;
    this.#session.failure = failure;
    this.#session.notice = { kind: "error", text: `${failure.text}. The bundled data are in use instead.` };
    this.requestUpdate();
  }

  /** The data in the page's address, or those that the visitor kept; undefined for the page's own. */
  async #wanted(): Promise<DataSource | undefined> {
    const address = new URLSearchParams(location.search).get("snapshot");
    if (address) return (await import("./other-sources.ts")).fromAddress(address);
    const name = kept("data");
    return name === null ? undefined : (await import("./kept-data.ts")).keptData(name);
  }

  async #train(dataSource: DataSource): Promise<boolean> {
    this.#announce(`Reading ${dataSource.name}.`);
    return this.#finish(this.#session.use(dataSource));
  }

  /** Waits until results are trained on or given up. The new model answers the question that was asked before. */
  async #finish(using: Promise<boolean>): Promise<boolean> {
    const done = await using;
    const { notice, candidate } = this.#session;
    if (!candidate && notice?.kind === "news") this.#announce(notice.text);
    if (done) {
      await this.#ask?.renew();
      void keepOffline();
      if (kept("question") !== null) void import("./kept-data.ts").then(({ keepData }) => keepData(this.#session));
    }
    return done;
  }

  readonly #announce = (text: string): void => {
    this.#news = text;
    this.requestUpdate();
  };

  readonly #retry = (dataSource: DataSource): void => void this.#train(dataSource);

  readonly #cancel = (): void => {
    this.#session.cancel();
    this.#announce(this.#session.notice?.text ?? "");
  };

  readonly #actions: Actions = {
    keep: (on) => {
      void import("./kept-data.ts").then(({ setKeeping }) => setKeeping(on, this.#session)).catch(() => { this.#session.refuse("This browser keeps nothing for the page"); });
    },
    choose: (files) => void this.#open(files),
    retry: this.#retry,
    revise: (columns, changed) => void this.#finish(this.#session.revise(columns, changed)),
    train: () => {
      this.#announce(`Training on ${this.#session.candidate?.dataSource.name ?? "it"} has begun.`);
      this.#session.train();
    },
  };

  readonly #toggleData = (): void => {
    if (!this.#dataOpen) return void this.#openData();
    this.#dataOpen = false;
    this.requestUpdate();
  };

  readonly #openData = async (): Promise<void> => {
    this.#dataOpen = true;
    try {
      this.#panel = (await import("./data-panel.ts")).dataPanel;
    } catch {
      this.#session.refuse("The panel with the data cannot be loaded; check the connection");
    }
    this.requestUpdate();
  };

  readonly #turnTheme = (): void => {
    nextTheme();
    this.requestUpdate();
  };

  readonly #connected = (): void => {
    this.requestUpdate();
  };

  readonly #dragOver = (event: DragEvent): void => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    this.#drag(true);
  };

  readonly #dragLeave = (event: DragEvent): void => {
    // `relatedTarget` is null only if the pointer leaves the window.
    if (event.relatedTarget === null) this.#drag(false);
  };

  readonly #drop = (event: DragEvent): void => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    this.#drag(false);
    // The transfer is empty after the event.
    const items = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry());
    const files = [...event.dataTransfer.files];
    void import("./intake.ts")
      .then(({ dropped }) => dropped({ items: items.map((entry) => ({ webkitGetAsEntry: () => entry })), files }))
      .then((files) => this.#open(files))
      .catch((error: unknown) => { this.#session.refuse(message(error)); });
  };

  /** Asks about a card or a configuration, and trains on other files. Of a folder only those that may hold results are read. */
  async #open(files: readonly LocalFile[]): Promise<void> {
    const { fromFiles, mayBeResults, questionIn } = await import("./intake.ts");
    const question = await questionIn(files);
    if (question !== undefined) {
      if (this.#address.view !== "ask") this.go({ view: "ask", asked: undefined });
      await this.#ask?.fill(question);
      return;
    }
    const results = files.filter(({ name }) => !name.includes("/") || mayBeResults(name));
    if (results.length > 0) return void (await this.#train(fromFiles(results)));
    if (files.length > 0) this.#session.refuse("No file of this folder may hold results: it needs CSV, JSON, YAML or Parquet");
  }

  #drag(dragging: boolean): void {
    if (this.#dragging === dragging) return;
    this.#dragging = dragging;
    this.requestUpdate();
  }
}

customElements.define("eyas-app", App);

/** The choice in the page's address: `?device=gpu`, `?device=cpu`, `?method=lrmf`. An unknown method is an error of the training. */
function choiceInAddress(): Choice {
  const search = new URLSearchParams(location.search);
  const [device, method] = [search.get("device"), search.get("method")];
  return { device: device === "gpu" || device === "cpu" ? device : "auto", ...(method ? { method: method as Method } : {}) };
}
