// The view of <eyas-forecast>: a row for each benchmark, with a track that shows the forecast, its interval, the parents' measured
// scores and the models to compare with.

import { axis, lettered, named, ordered, origin, pieces } from "../drawing.js";
import { foot } from "./foot.js";
import style from "./forecast-style.js";
import { View } from "./view.js";

const NOTHING = " A forecast needs its size, its type, a measured parent or a known score.";
/** The least distance of two letters on a track of this length, in em; narrower tracks need a larger share. */
const LETTER = 0.75;
let adopted;

export { ForecastView as View };

class ForecastView extends View {
  event = "eyas-forecast";
  /** Width of the column of the ranks, in em: it has the chances to beat other models. */
  #rank = 7;

  constructor(element, live, page) {
    super(element, live, page, (adopted ??= page.sheet(style)));
  }

  ask(lease) {
    const { element } = this;
    const parents = this.list(element.parents).map(parent);
    const { model, facts, card, scores } = element;
    if (parents.length === 0 && ![model, facts, card, scores].some(Boolean)) {
      throw new Error("the element names no model, parents, card, facts or scores");
    }
    return lease.ask("forecast", {
      model: model?.trim(),
      facts,
      parents,
      // The attribute `parents` takes precedence over a card.
      card: card && parents.length === 0 ? this.address(card) : undefined,
      scores,
      tasks: this.list(element.tasks),
      compare: this.list(element.compare),
    });
  }

  empty() {
    const { tag } = this.page;
    const tasks = this.list(this.element.tasks);
    const names = tasks.length > 0 ? tasks : Array.from({ length: 6 }, () => "");
    const row = (name) =>
      tag("li", { class: "row" }, tag("span", { class: "task" }, name || "\u00a0"), tag("span", { class: "track" }));
    return [tag("ul", { class: "legend" }), tag("ul", { class: "rows", "aria-hidden": "true" }, ...names.map(row))];
  }

  draw(answer) {
    const { method, chosen, forecasts, lineage = { parents: [], unknown: [] }, compared = [], info, warnings = [] } = answer;
    const { subject = {}, measured } = answer;
    const { tag } = this.page;
    this.format = this.page.formats(this.element);
    const compare = compared.filter(({ known }) => known);
    const { parents, others } = lettered(forecasts, lineage.parents, compare);
    const unknown = [...lineage.unknown, ...compared.filter(({ known }) => !known).map(({ id }) => id)];
    const intervals = forecasts.some(({ lower }) => lower != null);
    const nothingKnown = subject.next_to_nothing;
    // Benchmarks that the page names keep its order.
    const isNamed = this.list(this.element.tasks).some((task) => task !== "all");
    const sorted = isNamed ? forecasts : ordered(forecasts);
    this.#rank = others.length > 1 ? Math.min(5 + 2 * others.length, 11) : 7;
    const rows = sorted.map((one, at) => this.#row(one, parents, others, at, answer));
    this.live.style.setProperty("--rank", `calc(${this.#rank} * var(--eyas-em))`);
    this.live.replaceChildren(
      this.#legend(parents, others, subject.given ?? subject.id, measured || nothingKnown),
      ...(unknown.length > 0 ? [this.#note("Not among the results, so left out: ", unknown.join(", "))] : []),
      ...(answer.quantisation_of ? [this.#note("Measured are the scores of the original, ", answer.quantisation_of)] : []),
      ...warnings.filter((warning) => !(nothingKnown && warning.startsWith("next to"))).map((warning) => this.#note("", warning)),
      ...(nothingKnown
        ? [tag("p", { class: "nothing", part: "note" }, tag("b", {}, "Next to nothing is known of this model."), NOTHING)]
        : [tag("ul", { class: "rows", part: "list", role: "list" }, ...rows), this.#axis(sorted)]),
      foot(tag, this.format, chosen ? `${method} (${chosen})` : method, { ...this.element.data, ...info }, intervals && !nothingKnown),
    );
  }

  #legend(parents, others, subject, hideMissing) {
    const { tag } = this.page;
    const total = parents.reduce((sum, { weight }) => sum + weight, 0);
    const uneven = new Set(parents.map(({ weight }) => weight)).size > 1;
    const share = (weight) => this.#percent(weight / total);
    return tag(
      "ul",
      { class: "legend", part: "legend", role: "list", "aria-label": "Legend" },
      ...(subject ? [tag("li", {}, tag("b", {}, tag("bdi", {}, subject)))] : []),
      ...parents.map(({ id, letter, weight }) =>
        tag("li", {}, tag("b", { class: "letter" }, letter), tag("bdi", {}, id), ...(uneven ? [tag("small", {}, share(weight))] : [])),
      ),
      ...others.map(({ id, letter }) => tag("li", {}, tag("b", { class: "letter other" }, letter), tag("i", { class: "diamond", part: "compare" }), tag("bdi", {}, id))),
      ...(parents.length + others.length === 0 && !hideMissing ? [tag("li", {}, "None of its parents is measured.")] : []),
    );
  }

  #note(lead, text) {
    const { tag } = this.page;
    return tag("p", { class: "note", part: "note" }, tag("bdi", { dir: "ltr" }, lead, tag("bdi", {}, text)));
  }

  #row(forecast, parents, others, at, answer) {
    const { tag } = this.page;
    const { task, mean, lower, upper, rank, of, range, known, remark } = forecast;
    const { name, detail } = named(forecast);
    const notes = [detail, origin(forecast, answer), forecast.lower_is_better && "less is better", remark].filter(Boolean);
    const written = (value) => this.format(value, range);
    const ticks = parents.flatMap(({ id, letter }) => {
      const part = forecast.parents?.[id];
      return part == null ? [] : [{ letter, part, description: `${letter} ${id}, measured: ${written(part)}` }];
    });
    const diamonds = others.flatMap(({ id, letter, scores }) => {
      const found = scores[task];
      if (!found) return [];
      const chance = forecast.beats?.[id];
      const beats = chance == null ? "" : `, beaten with a chance of ${this.#chance(chance)}`;
      const description = `${letter} ${id}, ${found.predicted ? "predicted" : "measured"}: ${written(found.score)}${beats}`;
      return [{ letter, part: found.score, compared: true, chance, description }];
    });
    const chances = diamonds.filter(({ chance }) => chance != null);
    const interval = lower != null && upper != null;
    const row = tag(
      "li",
      { class: known ? "row known" : "row", part: "row", "data-task": task },
      tag("span", { class: "task", part: "task", title: task }, name, ...(notes.length > 0 ? [tag("small", {}, notes.join(", "))] : [])),
      this.#track(forecast, [...ticks, ...diamonds]),
      tag(
        "span",
        { class: "value", part: "value" },
        tag("b", {}, written(mean)),
        ...(interval ? [tag("small", {}, tag("bdi", {}, `${written(lower)} – ${written(upper)}`))] : []),
      ),
      tag(
        "span",
        { class: "rank", part: "rank" },
        ...(rank
          ? [tag("bdi", {}, tag("span", { class: "unseen" }, "rank "), this.format(rank), tag("small", {}, ` of ${this.format(of)}`))]
          : []),
        ...(chances.length > 0
          ? [
              tag(
                "small",
                { class: "chance", part: "chance", "aria-hidden": "true" },
                "beats",
                ...chances.map(({ letter, chance, description }) =>
                  tag("bdi", { title: description }, tag("b", { class: "letter other" }, letter), ` ${this.#chance(chance)}`),
                ),
              ),
            ]
          : []),
      ),
      tag("span", { class: "unseen" }, [...ticks, ...diamonds].map(({ description }) => description).join("; ")),
    );
    row.style.setProperty("--at", at);
    return row;
  }

  /** The pieces of the drawing, each as an element. */
  #track(forecast, ticks) {
    const { tag } = this.page;
    const length = this.element.clientWidth / parseFloat(getComputedStyle(this.element).fontSize);
    // What the row leaves to the track, beside its other columns if it is wide.
    const gap = LETTER / Math.max(length < 30 ? length - 3.5 : 0.8 * length - 12 - this.#rank, 5);
    const parts = { band: "interval", tick: "parent", diamond: "compare", point: "mean", square: "mean", letter: "letter" };
    const drawn = pieces([forecast], ticks, gap).map(({ piece, at, from, to, mark, letter, compared, description }) => {
      const part = parts[piece];
      const kind = mark?.known ? "measured" : compared ? "other" : "";
      const element = tag("span", { class: `${part} ${kind}`, part, title: description }, part === "letter" ? letter : "");
      element.style.setProperty("--x", position(from ?? at));
      if (to !== undefined) element.style.setProperty("--to", position(to));
      return element;
    });
    return tag("span", { class: "track", part: "track", "aria-hidden": "true" }, ...drawn);
  }

  /** A scale below the tracks. */
  #axis(forecasts) {
    const { tag } = this.page;
    const { labels, digits } = axis(forecasts.map(({ range }) => range));
    const form = new Intl.NumberFormat(this.page.language(this.element), { maximumFractionDigits: digits });
    const drawn = labels.map(({ at, value, percent }) => {
      const label = tag("span", {}, `${form.format(value)}${percent ? " %" : ""}`);
      label.style.setProperty("--x", position(at));
      return label;
    });
    return tag("div", { class: "axis", part: "axis", "aria-hidden": "true" }, tag("div", {}, ...drawn));
  }

  /** A chance in per cent. `<1 %` and `>99 %` replace values that would round to 0 and 100 %, since no chance is certain. */
  #chance(part) {
    if (part < 0.005) return `<${this.#percent(0.01)}`;
    return part >= 0.995 ? `>${this.#percent(0.99)}` : this.#percent(part);
  }

  #percent(part) {
    return new Intl.NumberFormat(this.page.language(this.element), { style: "percent" }).format(part);
  }
}

/** `org/a:0.4` is a parent with its weight. */
function parent(text) {
  const [, id, weight] = /^(.*?)(?:\s*:\s*([\d.]+))?$/.exec(text);
  return weight ? { id, weight: Number(weight) } : { id };
}

/** A share as a position on a track. */
function position(part) {
  return `${(part * 100).toFixed(2)}%`;
}
