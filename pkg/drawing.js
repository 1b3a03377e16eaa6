// The drawing of a forecast as positioned pieces, for the page and the elements: each face only renders the pieces. Cards, which are
// drawn without a script, have the same in `src/card/drawing.rs`; `tests/fixtures/drawing.json` holds the two together. Pure: no
// DOM, no language of the reader.

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
/** Smallest distance of two letters, as a share of the track. */
const LETTER_WIDTH = 0.045;

/** The parents that have a measured score on one of the benchmarks, with their letters. `others` continue the letters. */
export function lettered(forecasts, parents, others = []) {
  const shown = parents.filter(({ id, evaluated }) => evaluated && forecasts.some((forecast) => forecast.parents?.[id] != null));
  const all = [...shown, ...others].map((one, at) => ({ ...one, letter: LETTERS[at] ?? "·" }));
  return { parents: all.slice(0, shown.length), others: all.slice(shown.length) };
}

/** The pieces on a track, from the back to the front. `gap` is the least distance of two letters. */
export function pieces(marks, ticks, gap = LETTER_WIDTH) {
  const bands = marks
    .filter(({ lower, upper }) => lower != null && upper != null)
    .map((mark) => ({ piece: "band", from: within(mark.lower), to: within(mark.upper), mark }));
  const lines = ticks.map((tick) => ({ ...tick, piece: tick.compared ? "diamond" : "tick", at: within(tick.part) }));
  const points = marks.map((mark) => ({ piece: mark.known ? "square" : "point", at: within(mark.mean), mark }));
  const letters = spread(lines, gap).map((one) => ({ ...one, piece: "letter" }));
  return [...bands, ...lines, ...points, ...letters];
}

/** A position on the track. Forecasts slightly outside the range are clamped. */
function within(part) {
  return Math.min(Math.max(part, 0), 1);
}

/** Moves letters apart that would overlap, inside the track, in the order of their ticks, which stay exact. */
function spread(ticks, widest) {
  const letters = ticks.map((tick) => ({ ...tick })).sort((a, b) => a.at - b.at);
  const gap = Math.min(widest, 1 / Math.max(letters.length, 1));
  let free = 0;
  for (const one of letters) {
    one.at = Math.max(one.at, free);
    free = one.at + gap;
  }
  let end = 1;
  for (const one of [...letters].reverse()) {
    one.at = Math.min(one.at, end);
    end = one.at - gap;
  }
  return letters;
}

/** The labels of the axis: in the units of the benchmarks if they share a range, else in per cent of each range. */
export function axis(ranges) {
  const [first, ...others] = ranges;
  const same = first !== undefined && others.every(({ low, high }) => low === first.low && high === first.high);
  const { low, high } = same ? first : { low: 0, high: 100 };
  const labels = [0, 0.25, 0.5, 0.75, 1].map((at) => ({ at, value: low + at * (high - low), percent: !same && at === 1 }));
  return { labels, digits: high - low <= 2 ? 2 : 0 };
}

/** Known scores first. */
export function ordered(forecasts) {
  return [...forecasts].sort((a, b) => !!b.known - !!a.known);
}

/** Where the number of a forecast comes from; empty for the forecast of a model without known scores. */
export function origin({ task, known }, { measured, quantisation_of: original, forecasts }) {
  if (!known) return forecasts.some((forecast) => forecast.known) ? "forecast" : "";
  if (measured?.[task] == null) return "as given";
  return original ? "measured of the original" : "measured";
}

/** The number of decimal places of scores in a range. */
export function digits({ low, high }) {
  const span = high - low;
  return span <= 1 ? 3 : span <= 200 ? 1 : 0;
}

/** The name of a benchmark for people: its dataset, and what of its id the dataset does not say. */
export function named({ task, dataset }) {
  if (!dataset || plain(dataset) === plain(task) || !/[_\s]/.test(task)) return { name: task, detail: "" };
  const said = plain(dataset);
  const initials = dataset.split(/[\s\-_]+/).map((word) => word[0]?.toLowerCase() ?? "").join("");
  const parts = task.split(/[_\s]+/);
  // The dataset may be several parts of the id, from its beginning on.
  let begun = 0;
  for (let length = 1; length <= parts.length; length += 1) {
    const head = plain(parts.slice(0, length).join(""));
    if (head === said || head === initials) begun = length;
  }
  const rest = parts.slice(begun).filter((part) => begun > 0 || !said.includes(plain(part)));
  return { name: dataset, detail: rest.join(" ") };
}

function plain(text) {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
}
