// The view of <eyas-leaderboard>: models by their scores or the mean of them, with ranges of ranks, ties, tiers and facts, and a filter
// by name. `board.js` computes in the worker what is shown; data of the page are a single ranking.

import { sizeText } from "../fact-columns.js";
import { foot } from "./foot.js";
import style from "./leaderboard-style.js";
import { View } from "./view.js";

/** Number of rows that the button adds. */
const MORE = 50;

let adopted;

export { LeaderboardView as View };

class LeaderboardView extends View {
  event = "eyas-forecast";
  /** The answer, the lines in order, and what they are sorted by: a benchmark, -1 for the mean, or the name of a fact. */
  #answer;
  #lines = [];
  #by = 0;
  /** Whether the last model comes first. */
  #turned = false;
  #limit = 10;
  #filter;
  #more;
  /** Models whose other settings are shown. */
  #open = new Set();
  /** Asks for the order by a benchmark. */
  #order;

  constructor(element, live, page) {
    super(element, live, page, (adopted ??= page.sheet(style)));
  }

  async ask(lease) {
    const { tasks, where, mean, columns, settings } = this.element;
    const request = {
      tasks: this.list(tasks),
      where: where ?? undefined,
      mean: mean == null ? undefined : this.list(mean),
      columns: this.list(columns),
      settings: settings || "folded",
    };
    const answer = await lease.ask("rank", request);
    this.#order = (by) => lease.ask("rank", { ...request, by });
    return answer;
  }

  empty() {
    const { tag } = this.page;
    return [tag("p", { class: "tools" }), tag("div", { class: "scroller" })];
  }

  draw(answer) {
    const { tag } = this.page;
    const { columns, facts, mean, lines, by, info } = (this.#answer = answer.columns ? answer : single(answer));
    this.#lines = lines;
    this.#by = by;
    this.#turned = false;
    for (const column of columns) column.of = new Map(column.models.map((model) => [model.id, model]));
    this.#limit = Math.max(Number(this.element.top) || 10, 1);
    const text = this.#filter?.value ?? "";
    this.#filter = tag("input", { type: "search", autocomplete: "off", spellcheck: "false", placeholder: "Filter by name", "aria-label": "Filter by name", part: "filter" });
    this.#filter.value = text;
    this.#filter.addEventListener("input", () => this.#rows());
    this.#more = tag("button", { type: "button", class: "more", part: "more" }, "Show more");
    this.#more.addEventListener("click", () => {
      this.#limit += MORE;
      this.#rows();
      if (this.#more.hidden) this.live.querySelector(".scroller").focus();
    });
    const save = tag("button", { type: "button", class: "save", part: "save" }, "Save as CSV");
    save.addEventListener("click", () => void this.#save());
    const heading = (by, name, notes = [], id = null) =>
      tag("th", { scope: "col", title: id }, this.#sorter(by, name, notes.filter(Boolean).map((note) => tag("small", {}, ` ${note}`))));
    const head = tag("tr", {}, tag("th", { class: "place", scope: "col" }, "Rank"), tag("th", { class: "name", scope: "col" }, "Model"));
    if (mean) head.append(heading(-1, "Mean"));
    const ofTask = ({ task, name, detail, lower_is_better: lower }, at) => heading(at, name ?? task ?? "Score", [detail, lower && "less is better"], task);
    head.append(...columns.map(ofTask));
    head.append(...facts.map(({ name, title }) => heading(name, title)));
    this.live.replaceChildren(
      tag("p", { class: "tools" }, this.#filter, tag("bdi", { class: "matches", role: "status", dir: "ltr" }), save, this.#more),
      tag(
        "div",
        { class: "scroller", part: "list", tabindex: "0", role: "region", "aria-label": "Ranked models" },
        tag("table", { part: "table" }, tag("thead", {}, head), tag("tbody")),
      ),
      ...this.#legend(),
      foot(tag, this.page.formats(this.element), columns[0]?.method ?? answer.method, { ...this.element.data, ...info }),
    );
    this.#rows();
  }

  #sorter(by, name, notes) {
    const button = this.page.tag("button", { type: "button", "data-by": by }, name, ...notes);
    button.addEventListener("click", () => void this.#sort(by));
    return button;
  }

  async #sort(by) {
    const answer = this.#answer;
    if (by === this.#by) this.#turned = !this.#turned;
    else {
      const isFact = typeof by === "string";
      // Ranks beside a fact are those of the mean or of the first benchmark.
      const lines = this.#order ? await this.#order(isFact ? answer.by : by).catch(() => undefined) : answer.lines;
      if (!lines || answer !== this.#answer) return;
      this.#lines = isFact ? byFact(lines, ({ id }) => answer.known[id]?.[by]) : lines;
      this.#by = by;
      this.#turned = false;
    }
    this.#rows();
  }

  /** What the marks in the table mean, each said once. */
  #legend() {
    const { columns, mean } = this.#answer;
    const lines = this.#lines;
    const all = columns.flatMap(({ models }) => models);
    const parts = [
      lines.some(({ best, worst }) => best < worst) && "Small: 90 % range of the rank.",
      lines.some(({ tied }) => tied) && "= tied with the next better one.",
      lines.some(({ tier }) => tier > 1) && "A line begins a tier.",
      lines.some(({ apart }) => apart) && "A line separates models that can be told apart.",
      all.some(({ predicted }) => predicted) && "≈ is predicted.",
      mean && `The mean is one of ${mean.scale === "points" ? "points of 100" : "standard deviations"}${mean.weights.some((weight) => weight !== 1) ? `, with weights ${mean.weights.join(" : ")}` : ""}; 3/8: three of eight are measured.`,
      lines.some(({ settings }) => settings?.length > 0) && "+2: two other settings of the model.",
    ];
    const said = parts.filter(Boolean).join(" ");
    return said ? [this.page.tag("p", { class: "key", part: "legend" }, said)] : [];
  }

  #rows() {
    const { tag } = this.page;
    const format = this.page.formats(this.element);
    const needle = this.#filter.value.trim().toLowerCase();
    const order = this.#turned ? this.#lines.toReversed() : this.#lines;
    const isFound = (id) => id.toLowerCase().includes(needle);
    const found = needle ? order.filter(({ id, settings = [] }) => isFound(id) || settings.some(isFound)) : order;
    const rows = found.slice(0, this.#limit).flatMap((line, at) => {
      const isOpen = this.#open.has(line.id);
      const begins = !needle && typeof this.#by === "number" && at > 0 && this.#begins(line, found[at - 1]);
      return [this.#row(line, begins, isOpen, format), ...(isOpen ? line.settings.map((id) => this.#row({ id }, false, false, format)) : [])];
    });
    const span = 2 + Number(Boolean(this.#answer.mean)) + this.#answer.columns.length + this.#answer.facts.length;
    const none = this.element.where && order.length === 0 ? `No model meets ${this.element.where}.` : "No model has this name.";
    this.live.querySelector("tbody").replaceChildren(...(rows.length > 0 ? rows : [tag("tr", {}, tag("td", { class: "none", colspan: span }, none))]));
    this.#more.hidden = found.length <= this.#limit;
    for (const button of this.live.querySelectorAll("thead button")) {
      const heading = button.parentElement;
      const { by } = button.dataset;
      const ascends = Boolean(this.#answer.columns[by]?.lower_is_better) || /^[a-z]/.test(by);
      if (by === String(this.#by)) heading.setAttribute("aria-sort", ascends !== this.#turned ? "ascending" : "descending");
      else heading.removeAttribute("aria-sort");
    }
    const matches = needle ? `${format(found.length)} of ${format(order.length)}` : `${format(order.length)} models`;
    this.live.querySelector(".matches").textContent = matches;
  }

  /** Whether a line separates a model from the one before it in the order that is shown. */
  #begins(line, before) {
    const [worse, better] = this.#turned ? [before, line] : [line, before];
    return worse.tier > 0 ? worse.tier !== better.tier : Boolean(worse.apart);
  }

  #row({ id, rank, best, worst, tied, tier, settings }, begins, isOpen, format) {
    const { tag } = this.page;
    const { columns, facts, mean, known } = this.#answer;
    const named = this.list(this.element.compare).map((one) => one.toLowerCase());
    const range = best > 0 && best < worst;
    const place = rank
      ? [
          tag("span", {}, ...(tied ? [tag("i", { "aria-hidden": "true" }, "= ")] : []), format(rank)),
          tag("span", { class: "unseen" }, (tied ? ", not distinguishable from the next better one" : "") + (tier > 0 ? `, tier ${tier}` : "")),
          ...(range ? [tag("small", {}, tag("bdi", {}, `${format(best)} – ${format(worst)}`))] : []),
        ]
      : [tag("span", { class: "unseen" }, "a setting of the model above")];
    return tag(
      "tr",
      { "aria-current": named.includes(id.toLowerCase()) || null, part: "row", class: begins ? "apart" : rank ? null : "setting" },
      tag("td", { class: "place" }, ...place),
      tag("th", { class: "name", scope: "row", title: id }, ...this.#name(id, settings, isOpen)),
      ...(mean ? [this.#mean(mean, id, format)] : []),
      ...columns.map(({ of, range }) => this.#cell(of.get(id), range, format)),
      ...facts.map(({ name }) => tag("td", { class: "fact" }, factText(name, known[id]?.[name], format))),
    );
  }

  /** The owner is a small line above the name, so that the name is not cut off. */
  #name(id, settings = [], isOpen) {
    const { tag } = this.page;
    const end = id.lastIndexOf("/") + 1;
    const name = tag("bdi", {}, ...(end > 0 ? [tag("small", {}, id.slice(0, end))] : []), tag("span", {}, id.slice(end)));
    if (settings.length === 0) return [name];
    const label = `${isOpen ? "Hide" : "Show"} ${settings.length} other setting${settings.length > 1 ? "s" : ""} of ${id}`;
    const fold = tag("button", { type: "button", class: "fold", "aria-expanded": String(isOpen), "aria-label": label, title: label }, `${isOpen ? "−" : "+"}${settings.length}`);
    fold.addEventListener("click", () => {
      if (!this.#open.delete(id)) this.#open.add(id);
      this.#rows();
      [...this.live.querySelectorAll("tbody th")].find(({ title }) => title === id)?.querySelector(".fold").focus();
    });
    return [fold, name];
  }

  #mean({ scale, models }, id, format) {
    const { tag } = this.page;
    const one = models[id];
    if (!one) return tag("td");
    const range = scale === "points" ? { low: 0, high: 100 } : { low: 0, high: 1 };
    const written = (value) => format(value, range);
    const title = one.lower == null ? null : `90 % interval: ${written(one.lower)} – ${written(one.upper)}`;
    const share = one.measured < one.of ? [" ", tag("small", {}, `${one.measured}/${one.of}`)] : [];
    return tag("td", { class: "mean", title }, written(one.score), ...share);
  }

  #cell(model, range, format) {
    const { tag } = this.page;
    if (!model) return tag("td");
    const bar = tag("i");
    bar.style.setProperty("--x", `${(Math.min(Math.max(model.score, 0), 1) * 100).toFixed(1)}%`);
    const text = model.predicted ? [tag("span", { class: "unseen" }, "predicted "), "≈ "] : [];
    return tag("td", { class: model.predicted ? "score predicted" : "score" }, ...text, format(model.score, range), bar);
  }

  async #save() {
    const { tag } = this.page;
    const { saved } = await import("./leaderboard-csv.js");
    const address = URL.createObjectURL(new Blob([saved(this.#answer, this.#lines)], { type: "text/csv" }));
    tag("a", { href: address, download: "leaderboard.csv" }).click();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
  }
}

/** The data of a page, one ranking, as an answer. */
function single({ models, ...data }) {
  const lines = models.map(({ id, rank, rank_lower: best, rank_upper: worst, tied_with_above: tied }, at) => ({ id, rank, best: best ?? 0, worst: worst ?? 0, tied: tied ?? false, apart: at > 0 && tied === false, tier: 0 }));
  return { ...data, columns: [{ ...data, models }], facts: [], mean: null, known: {}, lines, by: 0 };
}

/** Lines by a fact, from A to Z or the smallest first; those without it are last. */
function byFact(lines, value) {
  const known = lines.filter((line) => value(line) != null);
  const { compare } = new Intl.Collator("en", { numeric: true });
  const order = (a, b) => (typeof a === "number" ? a - b : compare(a, b));
  return [...known.sort((a, b) => order(value(a), value(b))), ...lines.filter((line) => value(line) == null)];
}

function factText(name, value, format) {
  if (typeof value !== "number") return value ?? "";
  return name === "size" ? sizeText(value) : format(value);
}
