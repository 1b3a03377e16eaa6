// The view of <eyas-forecast>: a row for each benchmark, with a track that shows the forecast, its interval, the parents' measured
// scores and the models to compare with.

import { foot } from "./foot.js";
import style from "./forecast-style.js";
import { View } from "./view.js";

const NOTHING = " A forecast needs its size, its type, a measured relative or a known score.";
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
/** Smallest distance of two letters above a track, as a share of its length. */
const LETTER_WIDTH = 0.04;

let adopted;

export { ForecastView as View };

class ForecastView extends View {
  event = "eyas-forecast";

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
    const parents = lineage.parents.filter(({ evaluated }) => evaluated);
    const marked = parents.map((one, at) => ({ ...one, letter: LETTERS[at] ?? "·" }));
    const others = compared.filter(({ known }) => known);
    const unknown = [...lineage.unknown, ...compared.filter(({ known }) => !known).map(({ id }) => id)];
    const intervals = forecasts.some(({ lower }) => lower != null);
    const nothingKnown = subject.next_to_nothing;
    const rows = forecasts.map((one, at) => this.#row(one, marked, others, at, answer));
    this.live.replaceChildren(
      this.#legend(marked, others, subject.given ?? subject.id, measured || nothingKnown),
      ...(unknown.length > 0 ? [this.#note("Not among the results, so left out: ", unknown.join(", "))] : []),
      ...(answer.quantisation_of ? [this.#note("Measured are the scores of the original, ", answer.quantisation_of)] : []),
      ...warnings.filter((warning) => !(nothingKnown && warning.startsWith("next to"))).map((warning) => this.#note("", warning)),
      ...(nothingKnown
        ? [tag("p", { class: "nothing", part: "note" }, tag("b", {}, "Next to nothing is known of this model."), NOTHING)]
        : [tag("ul", { class: "rows", part: "list", role: "list" }, ...rows), ...this.#axis(forecasts)]),
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
      ...others.map(({ id }) => tag("li", {}, tag("i", { class: "diamond", part: "compare" }), tag("bdi", {}, id))),
      ...(parents.length + others.length === 0 && !hideMissing ? [tag("li", {}, "None of its parents has been measured.")] : []),
    );
  }

  #note(lead, text) {
    const { tag } = this.page;
    return tag("p", { class: "note", part: "note" }, tag("bdi", { dir: "ltr" }, lead, tag("bdi", {}, text)));
  }

  #row(forecast, parents, others, at, { measured, quantisation_of: original }) {
    const { tag } = this.page;
    const { task, mean, lower, upper, rank, of, range, known } = forecast;
    const word = !known ? measured && "forecast" : measured?.[task] == null ? "as given" : original ? "of the original" : "measured";
    const notes = [word, forecast.lower_is_better && "less is better"].filter(Boolean);
    const written = (value) => this.format(value, range);
    const ticks = parents.flatMap(({ id, letter }) => {
      const value = forecast.parents?.[id];
      return value == null ? [] : [{ id, letter, value, description: `${id}, measured: ${written(value)}` }];
    });
    const diamonds = others.flatMap(({ id, scores }) => {
      const found = scores[task];
      if (!found) return [];
      const chance = forecast.beats?.[id];
      const beats = chance == null ? "" : `, beaten with a chance of ${this.#chance(chance)}`;
      return [{ value: found.score, chance, description: `${id}, ${found.predicted ? "predicted" : "measured"}: ${written(found.score)}${beats}` }];
    });
    const chances = diamonds.filter(({ chance }) => chance != null);
    const interval = lower != null && upper != null;
    const row = tag(
      "li",
      { class: known ? "row known" : "row", part: "row", "data-task": task },
      tag("span", { class: "task", part: "task" }, task, ...notes.map((note) => tag("small", {}, note))),
      this.#track(mean, interval ? [lower, upper] : undefined, ticks, diamonds),
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
                tag("i", { class: "diamond" }),
                ...chances.map(({ chance, description }) => tag("bdi", { title: description }, this.#chance(chance))),
              ),
            ]
          : []),
      ),
      tag("span", { class: "unseen" }, [...ticks, ...diamonds].map(({ description }) => description).join("; ")),
    );
    row.style.setProperty("--at", at);
    return row;
  }

  #track(mean, interval, ticks, diamonds) {
    const { tag } = this.page;
    const mark = (name, value, attributes, ...children) => {
      const element = tag("span", { class: name, part: name, ...attributes }, ...children);
      element.style.setProperty("--x", position(value));
      return element;
    };
    const band = interval && mark("interval", interval[0]);
    band?.style.setProperty("--to", position(interval[1]));
    return tag(
      "span",
      { class: "track", part: "track", "aria-hidden": "true" },
      mark("stem", mean),
      ...(band ? [band] : []),
      ...ticks.map(({ value, description }) => mark("parent", value, { title: description })),
      ...spread(ticks).map(({ letter, at }) => mark("letter", at, {}, letter)),
      ...diamonds.map(({ value, description }) => mark("compare", value, { title: description })),
      mark("mean", mean),
    );
  }

  /** A scale below the tracks, if all tracks have the same range. */
  #axis(forecasts) {
    const { tag } = this.page;
    const ranges = new Set(forecasts.map(({ range }) => JSON.stringify(range)));
    const range = forecasts[0]?.range;
    if (ranges.size !== 1 || !range) return [];
    const digits = range.high - range.low <= 1 ? 2 : 0;
    const form = new Intl.NumberFormat(this.page.language(this.element), { maximumFractionDigits: digits });
    const labels = [0, 0.25, 0.5, 0.75, 1].map((part) => {
      const label = tag("span", {}, form.format(range.low + part * (range.high - range.low)));
      label.style.setProperty("--x", position(part));
      return label;
    });
    return [tag("div", { class: "axis", part: "axis", "aria-hidden": "true" }, tag("div", {}, ...labels))];
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

/** A share of a range as a position on a track. Forecasts slightly outside the range are clamped. */
function position(part) {
  return `${(Math.min(Math.max(part, 0), 1) * 100).toFixed(2)}%`;
}

/** Moves letters apart that would overlap; the ticks below them stay exact. */
function spread(ticks) {
  let free = 0;
  return [...ticks]
    .sort((a, b) => a.value - b.value)
    .map((tick) => {
      const at = Math.max(tick.value, free);
      free = at + LETTER_WIDTH;
      return { ...tick, at };
    });
}
