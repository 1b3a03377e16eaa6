// <eyas-forecast> and <eyas-leaderboard> as facades. They reserve their height, show the content that the page provides (children, or
// data in a <script type="application/json">) and load the rest once they are visible or touched. Without a DOM this file does nothing.

const Element = globalThis.HTMLElement ?? class {};

/** `sheet` replaces `rem` by the size of the text around the element, since some sites change the text size of their root. */
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
.card.light { color-scheme: light; }
.card.dark { color-scheme: dark; }
@media print { .card.card { color-scheme: light; print-color-adjust: exact; } }
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

/** Attributes of both elements, as property names. */
const BOTH = ["snapshot", "modelFile", "tasks", "compare", "theme"];
const FORECAST = [...BOTH, "model", "parents", "card", "facts", "scores"];
const LEADERBOARD = [...BOTH, "where", "top", "mean", "columns", "settings"];
const dashed = (name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

let style;
let visibility;

class Facade extends Element {
  #view;
  #loading;
  #live;
  #fallback;
  #table;
  #why;
  #again;
  #code;
  #card;
  #toggles;

  connectedCallback() {
    // A property that was set before the upgrade would hide its accessor.
    for (const name of this.constructor.properties) {
      if (!Object.hasOwn(this, name)) continue;
      const value = this[name];
      delete this[name];
      this[name] = value;
    }
    if (!this.shadowRoot) this.#build();
    const follow = () => (this.#card.className = `card ${scheme(this)}`);
    this.#toggles = new MutationObserver(follow);
    for (const node of [this, document.documentElement, document.body]) this.#toggles.observe(node, { attributes: true });
    follow();
    if (this.#view) return void this.#view.update();
    visibility ??= new IntersectionObserver((entries) => {
      for (const { isIntersecting, target } of entries) if (isIntersecting) void target.load();
    });
    visibility.observe(this);
    for (const touch of ["pointerover", "focusin"]) this.addEventListener(touch, this.load);
  }

  disconnectedCallback() {
    visibility.unobserve(this);
    this.#toggles.disconnect();
    // An element that was only moved is connected again in this microtask.
    queueMicrotask(() => {
      if (!this.isConnected) this.#view?.close();
    });
  }

  attributeChangedCallback(_name, before, now) {
    if (before !== now && this.isConnected && this.shadowRoot) {
      this.#reserve();
      this.#view?.update();
    }
  }

  /** Loads the view now, visible or not. Errors are shown and dispatched as `eyas-error`. */
  load() {
    this.#loading ??= this.constructor.view().then(
      (view) => {
        visibility.unobserve(this);
        this.#view = new view.View(this, this.#live, {
          live: () => this.#show(true),
          fail: (error) => this.#fail(error),
          filled: () => this.#filled(),
          tag,
          sheet,
          formats,
          language,
        });
        if (this.isConnected) this.#view.update();
      },
      () => {
        this.#loading = undefined;
        this.#fail(new Error("its program could not be loaded; there may be no network"));
      },
    );
    return this.#loading;
  }

  /** Data of the page to show without a computation, in the format of the command line's `--json`. */
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
    this.#table = tag("div");
    const children = tag("slot");
    // A parser may add the children after the element.
    children.addEventListener("slotchange", () => this.#fill());
    this.#fallback = tag("div", { class: "still", part: "fallback" }, this.#table, children);
    this.#why = tag("p", { class: "why", part: "why", hidden: "" });
    this.#again = tag("button", { class: "again", part: "again", type: "button", hidden: "" }, "Try again");
    this.#again.addEventListener("click", () => (this.#view ? this.#view.update() : this.load()));
    const head = tag("p", { class: "head", part: "heading", id: "head" }, heading);
    this.#card = tag("div", { class: "card", part: "card", role: "group", "aria-labelledby": "head" });
    this.#code = tag("slot", { name: "code", hidden: "" });
    this.#card.append(head, this.#live, this.#fallback, this.#why, this.#again, this.#code);
    this.#reserve();
    root.append(this.#card);
    this.#fill();
  }

  #fill() {
    const { data } = this;
    const table = this.constructor.table(data, this);
    const about = [data?.method, data?.source, data?.license].filter(Boolean).join(" · ");
    this.#table.replaceChildren(...(table ? [table, tag("p", { class: "why" }, about)] : []));
  }

  /** Reserves the height of the answer. */
  #reserve() {
    const [row, rest, narrowRow, narrowRest] = this.constructor.height;
    const narrow = this.clientWidth > 0 && this.clientWidth < 30 * parseFloat(getComputedStyle(this).fontSize);
    this.#setHeight(this.constructor.rows(this), narrow ? narrowRow : row, narrow ? narrowRest : rest);
  }

  #setHeight(rows, row, rest) {
    for (const [name, value] of Object.entries({ rows, row, rest })) this.#card.style.setProperty(`--${name}`, value);
  }

  /** Whether the page provides content to show. */
  #filled() {
    const children = this.#fallback.querySelector("slot").assignedNodes();
    return this.#table.hasChildNodes() || children.some((node) => node.localName !== "script" && node.textContent.trim());
  }

  #show(live) {
    this.#live.hidden = !live;
    this.#fallback.hidden = this.#code.hidden = live;
    if (!live) return;
    this.#why.hidden = this.#again.hidden = true;
    this.#reserve();
  }

  #fail(error) {
    this.#fill();
    this.#show(false);
    // The fallback needs less height.
    this.#setHeight(0, 0, 0);
    this.#why.hidden = this.#again.hidden = false;
    const message = error.message.replace(/\s+/g, " ").replace(/\.$/, "");
    this.#why.replaceChildren(tag("bdi", { dir: "ltr" }, `No live ${this.constructor.noun}: ${message}.`));
    const detail = { message, kind: error.kind ?? "environment" };
    this.dispatchEvent(new CustomEvent("eyas-error", { detail, bubbles: true, composed: true }));
  }
}

class Forecast extends Facade {
  static properties = FORECAST;
  static observedAttributes = [...FORECAST.map(dashed), "lang"];
  static view = () => import("./widget/forecast.js");
  static heading = "Forecast";
  static noun = "forecast";
  /** In rem: a row and the rest, both again for narrow elements. */
  static height = [3.25, 14.75, 5.5, 20];
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
  static view = () => import("./widget/leaderboard.js");
  static heading = "Leaderboard";
  static noun = "leaderboard";
  static height = [2.375, 15.875, 2.375, 23.75];
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

/** Whether the page had the class `dark` before. */
let toggled = false;

/** The scheme that the page chose by a toggle on its root, or by `color-scheme` around the element, if any. */
function scheme(element) {
  // The attribute `theme`, or a rule of the page for the element, comes first.
  if (getComputedStyle(element).colorScheme !== "light dark") return "";
  const { dataset, classList } = document.documentElement;
  const { colorScheme } = getComputedStyle(element.parentElement ?? document.documentElement);
  toggled ||= classList.contains("dark");
  const said = [dataset.theme, ...classList, colorScheme].find((name) => name === "dark" || name === "light");
  // Many pages have the class `dark` and none for light.
  return said ?? (toggled ? "light" : "");
}

/** The language in which numbers are formatted. */
function language(element) {
  const named = element.closest("[lang]")?.lang;
  try {
    return Intl.getCanonicalLocales(named || undefined)[0];
  } catch {
    return undefined;
  }
}

/** Returns a function that formats a share of a range in the units of the range or, without a range, a count. */
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

/** Code blocks marked `eyas` in the HTML of mdBook and MkDocs, of superfences, and of Sphinx and Docusaurus. */
const BLOCKS = "pre > :is(.language-eyas, .lang-eyas), pre:is(.language-eyas, .eyas), :is(.language-eyas, .highlight-eyas) pre";
const WRAPPERS = ".highlight-eyas, div.language-eyas";
const promoted = new WeakSet();

/** Adds an element after each such block and hides the block, which stays in the document for frameworks that manage it. */
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
  let scheduled = false;
  // Some sites change the page without a navigation.
  new MutationObserver(() => {
    if (scheduled) return;
    scheduled = true;
    requestAnimationFrame(() => {
      scheduled = false;
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

// A second copy of this file on a page does nothing.
if (globalThis.customElements && !customElements.get("eyas-forecast")) {
  CSS.registerProperty?.({ name: "--eyas-em", syntax: "<length>", inherits: true, initialValue: "16px" });
  customElements.define("eyas-forecast", Forecast);
  customElements.define("eyas-leaderboard", Leaderboard);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", watchBlocks);
  else watchBlocks();
}
