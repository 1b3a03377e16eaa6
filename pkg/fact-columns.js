// Facts about models that a leaderboard may show as columns, on the page and in <eyas-leaderboard>.

/** The developer as stated, else the part of the id before the slash. */
export function organisation({ id, factors }) {
  const stated = factors.developer ?? factors.organisation ?? factors.organization;
  return stated === undefined ? (id.includes("/") ? id.slice(0, id.indexOf("/")) : null) : String(stated);
}

/** Whether the weights can be downloaded, if the data say so. */
export function hasOpenWeights({ factors }) {
  const stated = factors.open_weights;
  return typeof stated === "boolean" ? stated : undefined;
}

/** The columns by name, with their values of a model. */
export const FACTS = {
  size: { title: "Size", value: ({ size }) => size },
  date: { title: "Date", value: ({ date }) => date },
  type: { title: "Type", value: ({ model_type: type }) => type },
  family: { title: "Family", value: ({ family }) => family },
  organisation: { title: "Organisation", value: organisation },
  license: { title: "Licence", value: ({ license }) => license },
  weights: { title: "Weights", value: (facts) => ({ true: "open", false: "closed" })[hasOpenWeights(facts)] ?? null },
  results: { title: "Results", value: ({ results }) => results },
};

/** A number of parameters: `7.6B`, `500M`. */
export function sizeText(billions) {
  const [value, unit] = billions < 1 ? [billions * 1000, "M"] : billions >= 1000 ? [billions / 1000, "T"] : [billions, "B"];
  return `${Number(value.toPrecision(3))}${unit}`;
}
