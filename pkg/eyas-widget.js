// <eyas-forecast> and <eyas-leaderboard> as facades: they keep their place, show what the page itself brings (children, or
// data in a <script type="application/json">) and load the rest when seen or touched. Without a DOM nothing happens here.

const Element = globalThis.HTMLElement ?? class {};

/** `rem` stands for the size of the page's text around the element: some sites make that of their root another one. */
const STYLE = `
:host { display: grid; container-type: inline-size; color-scheme: light dark; text-align: start; }
:host([hidden]) { display: none; }
:host([theme="light"]) { color-scheme: light; }
:host([theme="dark"]) { color-scheme: dark; }
.card {
  --ink: var(--eyas-ink, light-dark(#27211a, #efe7da));
  --ink-soft: var(--eyas-ink-soft, light-dark(#655b4e, #b5aa99));
  --paper: var(--eyas-paper, light-dark(#fdfbf6, #201c18));
  --edge: var(--eyas-edge, light-dark(#ddd3c2, #3f372e));
  --accent: var(--eyas-accent, light-dark(#a3441a, #e8a06a));
  --eyas-em: 1em;
  display: flex; flex-direction: column; box-sizing: border-box; min-inline-size: 0; overflow: hidden;
  min-block-size: calc((var(--rows) * var(--row) + var(--rest)) * 1rem);
  padding: 1.125rem 1.25rem 1rem; border: 1px solid var(--edge); border-radius: var(--eyas-radius, 0.625rem);
  background: var(--paper); color: var(--ink); font-family: var(--eyas-font, inherit); line-height: 1.5; overflow-wrap: anywhere;
}
.head { flex: none; min-block-size: 1.75rem; margin: 0 0 0.5rem; display: flex; align-items: center; gap: 0.625rem; font-weight: 600; }
.head::before {
  content: ""; flex: none; inline-size: 1.75rem; block-size: 0.5625rem; rotate: -14deg; border-radius: 0 100% 0 100%;
  background: repeating-linear-gradient(100deg, var(--accent) 0 0.2rem, color-mix(in srgb, var(--accent) 30%, var(--paper)) 0 0.325rem);
}
.still { overflow: auto; }
[hidden] { display: none !important; }
table { inline-size: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 0.4rem 0; padding-inline-start: 1rem; border-block-end: 1px solid var(--edge); text-align: end; font-weight: 400; overflow-wrap: break-word; }
th.name { padding-inline-start: 0; text-align: start; }
.again { align-self: start; margin: 0.5rem 0 0; padding: 0.25rem 0.75rem; border: 1px solid var(--ink-soft); border-radius: 0.375rem; background: none; color: var(--ink); font: inherit; font-size: 0.8125rem; cursor: pointer; }
.why { margin: 0.75rem 0 0; color: var(--ink-soft); font-size: 0.8125rem; }
`;

/** Attributes that are properties as well, here in their JavaScript spelling. */
const BOTH = ["snapshot", "modelFile", "tasks", "compare", "theme"];
const FORECAST = [...BOTH, "model", "parents", "card", "facts", "scores"];
const LEADERBOARD = [...BOTH, "where", "top"];
const dashed = (name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

let style;
let sight;

class Facade extends Element {
  #half;
  #loading;
  #live;
  #still;
  #given;
  #why;
  #again;
  #code;
  #card;

  connectedCallback() {
    // What was set before the upgrade hides the accessors.
    for (const name of this.constructor.properties) {
      if (!Object.hasOwn(this, name)) continue;
      const value = this[name];
      delete this[name];
      this[name] = value;
    }
    if (!this.shadowRoot) this.#build();
    if (this.#half) return void this.#half.update();
    sight ??= new IntersectionObserver((entries) => {
      for (const { isIntersecting, target } of entries) if (isIntersecting) void target.load();
    });
    sight.observe(this);
    for (const touch of ["pointerover", "focusin"]) this.addEventListener(touch, this.load);
  }

  disconnectedCallback() {
    sight.unobserve(this);
    // An element that is only moved is back by then.
    queueMicrotask(() => {
      if (!this.isConnected) this.#half?.close();
    });
  }

  attributeChangedCallback(_name, before, now) {
    if (before !== now && this.isConnected && this.shadowRoot) {
      this.#reserve();
      this.#half?.update();
    }
  }

  /** Loads the working half now, seen or not. What fails is shown and told as `eyas-error`. */
  load() {
    this.#loading ??= this.constructor.half().then(
      (half) => {
        sight.unobserve(this);
        this.#half = new half.View(this, this.#live, {
          live: () => this.#show(true),
          fail: (error) => this.#fail(error),
          filled: () => this.#filled(),
          tag,
          sheet,
          formats,
          language,
        });
        if (this.isConnected) this.#half.update();
      },
      () => {
        this.#loading = undefined;
        this.#fail(new Error("its program could not be loaded; there may be no network"));
      },
    );
    return this.#loading;
  }

  /** What the page brings for when nothing can be computed, as `--json` of the command line prints it. */
  get data() {
    try {
      return JSON.parse(this.querySelector(':scope > script[type="application/json"]').textContent);
    } catch {
      return undefined;
    }
  }

  #build() {
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [(style ??= sheet(STYLE))];
    const heading = tag("slot", { name: "heading" }, this.constructor.heading);
    this.#live = tag("div", { class: "live", hidden: "" });
    this.#given = tag("div");
    const children = tag("slot");
    // Children may come after the element, as from a parser.
    children.addEventListener("slotchange", () => this.#fill());
    this.#still = tag("div", { class: "still", part: "fallback" }, this.#given, children);
    this.#why = tag("p", { class: "why", part: "why", hidden: "" });
    this.#again = tag("button", { class: "again", part: "again", type: "button", hidden: "" }, "Try again");
    this.#again.addEventListener("click", () => (this.#half ? this.#half.update() : this.load()));
    const head = tag("p", { class: "head", part: "heading", id: "head" }, heading);
    this.#card = tag("div", { class: "card", part: "card", role: "group", "aria-labelledby": "head" });
    this.#code = tag("slot", { name: "code", hidden: "" });
    this.#card.append(head, this.#live, this.#still, this.#why, this.#again, this.#code);
    this.#reserve();
    root.append(this.#card);
    this.#fill();
  }

  #fill() {
    const { data } = this;
    const table = this.constructor.table(data, this);
    const about = [data?.method, data?.source, data?.license].filter(Boolean).join(" · ");
    this.#given.replaceChildren(...(table ? [table, tag("p", { class: "why" }, about)] : []));
  }

  /** The place that the answer will take. */
  #reserve() {
    const [row, rest, narrowRow, narrowRest, chance] = this.constructor.place;
    const narrow = this.clientWidth > 0 && this.clientWidth < 30 * parseFloat(getComputedStyle(this).fontSize);
    this.#place(this.constructor.rows(this), narrow ? narrowRow + (this.compare ? chance : 0) : row, narrow ? narrowRest : rest);
  }

  #place(rows, row, rest) {
    for (const [name, value] of Object.entries({ rows, row, rest })) this.#card.style.setProperty(`--${name}`, value);
  }

  /** Whether the page brings anything to show by itself. */
  #filled() {
    const children = this.#still.querySelector("slot").assignedNodes();
    return this.#given.hasChildNodes() || children.some((node) => node.localName !== "script" && node.textContent.trim());
  }

  #show(live) {
    this.#live.hidden = !live;
    this.#still.hidden = this.#code.hidden = live;
    if (!live) return;
    this.#why.hidden = this.#again.hidden = true;
    this.#reserve();
  }

  #fail(error) {
    this.#fill();
    this.#show(false);
    // What is left is smaller.
    this.#place(0, 0, 0);
    this.#why.hidden = this.#again.hidden = false;
    const message = error.message.replace(/\s+/g, " ").replace(/\.$/, "");
    this.#why.replaceChildren(tag("bdi", { dir: "ltr" }, `No live ${this.constructor.what}: ${message}.`));
    const detail = { message, kind: error.kind ?? "environment" };
    this.dispatchEvent(new CustomEvent("eyas-error", { detail, bubbles: true, composed: true }));
  }
}

class Forecast extends Facade {
  static properties = FORECAST;
  static observedAttributes = [...FORECAST.map(dashed), "lang"];
  static half = () => import("./widget/forecast.js");
  static heading = "Forecast";
  static what = "forecast";
  static place = [3.25, 14.75, 4.25, 20, 1.125];
  static rows = ({ tasks, data }) => count(tasks) || data?.forecasts?.length || 6;

  static table(data, element) {
    if (!Array.isArray(data?.forecasts)) return undefined;
    const format = formats(element);
    const rows = data.forecasts.map(({ task, mean, lower, upper, rank, of, range }) => [
      task,
      format(mean, range) + (lower == null || upper == null ? "" : ` (${format(lower, range)} – ${format(upper, range)})`),
      rank ? `${format(rank)} of ${format(of)}` : "",
    ]);
    return table(["Benchmark", "Forecast", "Rank"], rows);
  }
}

class Leaderboard extends Facade {
  static properties = LEADERBOARD;
  static observedAttributes = [...LEADERBOARD.map(dashed), "lang"];
  static half = () => import("./widget/leaderboard.js");
  static heading = "Leaderboard";
  static what = "leaderboard";
  static place = [2.375, 14.25, 2.375, 21, 0];
  static rows = ({ top, data }) => Number(top) || data?.models?.length || 10;

  static table(data, element) {
    if (!Array.isArray(data?.models)) return undefined;
    const format = formats(element);
    const rows = data.models.map(({ id, score, rank, predicted }) => [
      id,
      (predicted ? "≈ " : "") + format(score, data.range),
      format(rank),
    ]);
    return table(["Model", data.task ?? "Score", "Rank"], rows);
  }
}

/** The language to write numbers in. */
function language(element) {
  const named = element.closest("[lang]")?.lang;
  try {
    return Intl.getCanonicalLocales(named || undefined)[0];
  } catch {
    return undefined;
  }
}

/** Writes a part of a range in its units or, without a range, a count. */
function formats(element) {
  const locale = language(element);
  const whole = new Intl.NumberFormat(locale);
  return (value, range) => {
    if (!range) return whole.format(value);
    const span = range.high - range.low;
    const digits = span <= 1 ? 3 : span <= 200 ? 1 : 0;
    const fixed = { minimumFractionDigits: digits, maximumFractionDigits: digits };
    return new Intl.NumberFormat(locale, fixed).format(range.low + value * span);
  };
}

function sheet(text) {
  const made = new CSSStyleSheet();
  made.replaceSync(text.replace(/(-?[\d.]+)rem/g, "calc($1 * var(--eyas-em))"));
  return made;
}

/** An element with attributes and children. */
function tag(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) if (value != null) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

function table(head, rows) {
  const cells = ([name, ...others], scope, other) =>
    tag("tr", {}, tag("th", { class: "name", scope }, name), ...others.map((text) => tag(other, other === "th" ? { scope } : {}, text)));
  const body = tag("tbody", {}, ...rows.map((row) => cells(row, "row", "td")));
  return tag("table", { part: "table" }, tag("thead", {}, cells(head, "col", "th")), body);
}

const count = (list) => (list ?? "").split(",").filter((part) => part.trim()).length;

/** Code blocks marked `eyas`: mdBook and MkDocs; superfences; Sphinx and Docusaurus. */
const BLOCKS = "pre > :is(.language-eyas, .lang-eyas), pre:is(.language-eyas, .eyas), :is(.language-eyas, .highlight-eyas) pre";
const WRAPPERS = ".highlight-eyas, div.language-eyas";
const promoted = new WeakSet();

/** Puts an element beside each such block and hides it: a framework that owns the block still finds it in its place. */
function promote() {
  for (const found of document.querySelectorAll(BLOCKS)) {
    const pre = found.closest("pre");
    const block = pre.closest(WRAPPERS) ?? pre;
    if (promoted.has(block) || block.closest("eyas-forecast, eyas-leaderboard")) continue;
    promoted.add(block);
    const element = fromBlock(pre);
    element.style.margin = getComputedStyle(block).margin;
    block.after(element);
    block.style.setProperty("display", "none", "important");
  }
}

function fromBlock(pre) {
  const lines = [...pre.querySelectorAll(".token-line")].map((line) => line.textContent);
  const text = lines.length > 0 ? lines.join("\n") : (pre.querySelector("code") ?? pre).textContent;
  const board = /^\s*leaderboard\s*$/m.test(text);
  const element = document.createElement(board ? "eyas-leaderboard" : "eyas-forecast");
  const known = (board ? Leaderboard : Forecast).observedAttributes;
  for (const [, name, value] of text.matchAll(/^\s*([\w-]+)\s*:[ \t]*(.*?)\s*$/gm)) {
    if (known.includes(name)) element.setAttribute(name, value.replace(/^(["'])(.*)\1$/, "$2"));
  }
  element.append(tag("pre", { slot: "code" }, text));
  return element;
}

function watchBlocks() {
  promote();
  let waiting = false;
  // Some sites change pages without loading them.
  new MutationObserver(() => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      promote();
    });
  }).observe(document.documentElement, { childList: true, subtree: true });
}

for (const { prototype, properties } of [Forecast, Leaderboard]) {
  for (const name of properties) {
    const attribute = dashed(name);
    Object.defineProperty(prototype, name, {
      configurable: true,
      enumerable: true,
      get() {
        return this.getAttribute(attribute);
      },
      set(value) {
        if (value == null) this.removeAttribute(attribute);
        else this.setAttribute(attribute, value);
      },
    });
  }
}

// A second copy of this file leaves the work to the first.
if (globalThis.customElements && !customElements.get("eyas-forecast")) {
  CSS.registerProperty?.({ name: "--eyas-em", syntax: "<length>", inherits: true, initialValue: "16px" });
  customElements.define("eyas-forecast", Forecast);
  customElements.define("eyas-leaderboard", Leaderboard);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", watchBlocks);
  else watchBlocks();
}
