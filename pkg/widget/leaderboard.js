// The view of <eyas-leaderboard>: the models of a snapshot sorted by their scores, with a filter by name. Ranks have their intervals,
// and a line separates models that can be told apart.

import { foot } from "./foot.js";
import style from "./leaderboard-style.js";
import { View } from "./view.js";

/** Number of rows that the button adds. */
const MORE = 50;

let adopted;

export { LeaderboardView as View };

class LeaderboardView extends View {
  event = "eyas-forecast";
  #columns = [];
  #sorted = 0;
  /** Whether the last model comes first. */
  #turned = false;
  #limit = 10;
  #info;
  #filter;
  #more;

  constructor(element, live, page) {
    super(element, live, page, (adopted ??= page.sheet(style)));
  }

  async ask(lease) {
    const { element } = this;
    return lease.ask("rank", { tasks: this.list(element.tasks), where: element.where ?? undefined });
  }

  empty() {
    const { tag } = this.page;
    return [tag("p", { class: "tools" }), tag("div", { class: "scroller" })];
  }

  draw({ columns, info, models, ...data }) {
    const { tag } = this.page;
    // Data in the page are a single ranking.
    this.#columns = (columns ?? [{ ...data, models }]).map((column) => ({
      ...column,
      of: new Map(column.models.map((model) => [model.id, model])),
    }));
    this.#info = { ...this.element.data, ...info };
    this.#sorted = Math.min(this.#sorted, this.#columns.length - 1);
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
    const head = tag("tr", {}, tag("th", { class: "place", scope: "col" }, "Rank"), tag("th", { class: "name", scope: "col" }, "Model"));
    head.append(...this.#columns.map((column, at) => tag("th", { scope: "col" }, this.#sorter(column, at))));
    this.live.replaceChildren(
      tag("p", { class: "tools" }, this.#filter, tag("bdi", { class: "matches", role: "status", dir: "ltr" }), this.#save(), this.#more),
      tag(
        "div",
        { class: "scroller", part: "list", tabindex: "0", role: "region", "aria-label": "Ranked models" },
        tag("table", { part: "table" }, tag("thead", {}, head), tag("tbody")),
      ),
      ...(this.#hasIntervals() ? [tag("p", { class: "key", part: "legend" }, "Small: the 90 % interval of the rank. A line separates models that can be told apart.")] : []),
      foot(tag, this.page.formats(this.element), this.#columns[0]?.method ?? data.method, this.#info),
    );
    this.#rows();
  }

  #sorter({ task, lower_is_better: lower }, at) {
    const { tag } = this.page;
    const button = tag("button", { type: "button" }, task ?? "Score", ...(lower ? [tag("small", {}, " less is better")] : []));
    button.addEventListener("click", () => {
      this.#turned = this.#sorted === at && !this.#turned;
      this.#sorted = at;
      this.#rows();
    });
    return button;
  }

  #rows() {
    const { tag } = this.page;
    const format = this.page.formats(this.element);
    const needle = this.#filter.value.trim().toLowerCase();
    const best = this.#columns[this.#sorted]?.models ?? [];
    const order = this.#turned ? [...best].reverse() : best;
    const found = needle ? order.filter(({ id }) => id.toLowerCase().includes(needle)) : order;
    const named = new Set(this.list(this.element.compare).map((id) => id.toLowerCase()));
    // What the data say of neighbours holds in the whole order alone.
    const parts = (at) => !needle && at > 0 && found[this.#turned ? at - 1 : at].tied_with_above === false;
    const rows = found.slice(0, this.#limit).map(({ id, rank, rank_lower: upper, rank_upper: lower }, at) =>
      tag(
        "tr",
        { "aria-current": named.has(id.toLowerCase()) || null, part: "row", class: parts(at) ? "apart" : null },
        tag("td", { class: "place" }, tag("span", {}, format(rank)), ...(upper != null && upper < lower ? [tag("small", {}, tag("bdi", {}, `${format(upper)} – ${format(lower)}`))] : [])),
        tag("th", { class: "name", scope: "row", title: id }, tag("bdi", {}, ...this.#name(id))),
        ...this.#columns.map(({ of, range }) => this.#cell(of.get(id), range, format)),
      ),
    );
    this.live.querySelector("tbody").replaceChildren(...rows);
    this.#more.hidden = found.length <= this.#limit;
    this.live.querySelectorAll("thead button").forEach((button, at) => {
      const heading = button.parentElement;
      const isAscending = Boolean(this.#columns[at].lower_is_better) !== this.#turned;
      if (at === this.#sorted) heading.setAttribute("aria-sort", isAscending ? "ascending" : "descending");
      else heading.removeAttribute("aria-sort");
    });
    const matches = needle ? `${format(found.length)} of ${format(order.length)}` : `${format(order.length)} models`;
    this.live.querySelector(".matches").textContent = matches;
  }

  #hasIntervals() {
    return this.#columns.some(({ models }) => models.some(({ rank_lower: rank }) => rank != null));
  }

  /** A button that saves all rows as CSV, in the units of the benchmarks. */
  #save() {
    const { tag } = this.page;
    const button = tag("button", { type: "button", class: "save", part: "save" }, "Save as CSV");
    button.addEventListener("click", () => {
      const address = URL.createObjectURL(new Blob([this.#table()], { type: "text/csv" }));
      tag("a", { href: address, download: "leaderboard.csv" }).click();
      setTimeout(() => URL.revokeObjectURL(address), 10_000);
    });
    return button;
  }

  #table() {
    // A spreadsheet must not take a name for a formula.
    const cell = (value) => (typeof value === "number" ? value : `"${String(value ?? "").replace(/^[=+\-@\t\r]/, "'$&").replaceAll('"', '""')}"`);
    const columns = this.#columns;
    const head = ["rank", "best rank", "worst rank", "model", ...columns.flatMap(({ task }) => [task ?? "score", `${task ?? "score"}: predicted`])];
    const rows = (columns[this.#sorted]?.models ?? []).map(({ id, rank, rank_lower: upper, rank_upper: lower }) => {
      const scores = columns.flatMap(({ of, range: { low, high } }) => {
        const found = of.get(id);
        return found ? [Number((low + found.score * (high - low)).toPrecision(6)), found.predicted ? "yes" : "no"] : ["", ""];
      });
      return [rank, upper, lower, id, ...scores];
    });
    return [head, ...rows].map((row) => `${row.map(cell).join(",")}\r\n`).join("");
  }

  /** The owner is a small line above the name, so that the name is not cut off. */
  #name(id) {
    const { tag } = this.page;
    const end = id.lastIndexOf("/") + 1;
    return end > 0 ? [tag("small", {}, id.slice(0, end)), tag("span", {}, id.slice(end))] : [tag("span", {}, id)];
  }

  #cell(model, range, format) {
    const { tag } = this.page;
    if (!model) return tag("td");
    const bar = tag("i");
    bar.style.setProperty("--x", `${(Math.min(Math.max(model.score, 0), 1) * 100).toFixed(1)}%`);
    const text = model.predicted ? [tag("span", { class: "unseen" }, "predicted "), "≈ "] : [];
    return tag("td", { class: model.predicted ? "score predicted" : "score" }, ...text, format(model.score, range), bar);
  }
}
