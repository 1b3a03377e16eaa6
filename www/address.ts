// The address of the page: a view and its whole question, in the fragment, which browsers never send to a server.
//
//   #ask?model=org/a%0Aorg/b&params=8&type=merge&scores=ifeval=0.7&as=parent&all=1
//   #plans?1.parents=org/a:3,org/b:1&1.params=8&2.parents=org/c&against=org/d
//   #rankings?col=bbh&col=math:2&by=~mean&names=qwen&max=8&license=apache-2.0&pin=org/a
//   #model?id=org/a
//   #map?x=~date&y=bbh&names=qwen&1.parents=org/a&1.params=8
//   #atlas?map=both&by=~size&names=qwen&at=dataset:MATH
//   #trust
//   #analyses

/** The question of the view `ask`. */
export interface Asked {
  text: string;
  params: string;
  type: string;
  scores: string;
  /** Whether a single name in the text is a parent of the model, and not the model itself. */
  asParent: boolean;
  /** Whether all benchmarks are asked for, and not only those that matter most to the model. */
  all: boolean;
}

/** A model that somebody may make. */
export interface Planned {
  parents: { id: string; weight: number }[];
  params: string;
  type: string;
  scores: string;
}

/** Conditions on the models of the rankings, as they are typed; empty ones do not count. */
export interface Conditions {
  /** Words of the name, or a regular expression between slashes. */
  names: string;
  /** The smallest and the largest size, in billions. */
  min: string;
  max: string;
  type: string;
  family: string;
  organisation: string;
  license: string;
  /** `open` or `closed`. */
  weights: string;
  /** The first and the last day, or year. */
  since: string;
  until: string;
  /** `1` if all columns must be measured. */
  complete: string;
}

export interface Ranked {
  /** The benchmarks, with their weights in the mean; none for those of the forecast. */
  columns: { id: string; weight: number }[];
  /** What to sort by: a benchmark, or with `~` before it the mean, the name (`~model`) or a fact; empty for the mean. */
  by: string;
  reversed: boolean;
  conditions: Conditions;
  /** The facts that are shown as columns; `undefined` for the usual ones. */
  facts: string[] | undefined;
  /** What the mean is of: `points` or `deviations`; empty for what fits the columns. */
  scale: string;
  pinned: string[];
  /** The models whose settings are shown, `*` for all. */
  unfolded: string[];
  /** Whether all rows are in the document. */
  full: boolean;
}

/** What the map shows. */
export interface Mapped {
  /** `~size`, `~date`, `~mean` or another fact with `~` before it, or a benchmark; empty for the size and the mean. */
  x: string;
  y: string;
  /** Models that stand out: words of the name, or a regular expression between slashes. */
  names: string;
  /** Whether parents and children are joined. */
  lineage: boolean;
  /** Whether predicted scores are left out. */
  measured: boolean;
  plan: Planned | undefined;
}

/** What the atlas shows. */
export interface Charted {
  /** `texts`, or `both` maps side by side; empty for the map of what was learned. */
  map: string;
  /** What the colours say: `~size`, `~type` of tasks, or a benchmark; empty for the families. */
  by: string;
  /** Models and datasets that stand out, as on the map. */
  names: string;
  /** The one whose neighbours are shown: `model:org/a` or `dataset:MATH`. */
  at: string;
}

export type Address =
  | { view: "ask"; asked: Asked | undefined }
  | { view: "plans"; plans: Planned[]; against: string }
  | { view: "rankings"; ranked: Ranked }
  | { view: "model"; id: string }
  | { view: "map"; mapped: Mapped }
  | { view: "atlas"; charted: Charted }
  | { view: "trust" }
  | { view: "analyses" };

export type View = Address["view"];

const CONDITIONS: readonly (keyof Conditions)[] = ["names", "min", "max", "type", "family", "organisation", "license", "weights", "since", "until", "complete"];

/** Most plans side by side. */
export const MOST_PLANS = 4;

/** Reads a fragment. Parts that are not understood are left out, since people edit addresses. */
export function read(fragment: string): Address {
  const [view, query = ""] = split(fragment.replace(/^#/, ""), "?");
  const given = new URLSearchParams(query);
  const text = (name: string): string => given.get(name)?.trim() ?? "";
  if (view === "plans") return { view, plans: plansIn(given), against: text("against") };
  if (view === "rankings") return { view, ranked: rankedIn(given, text) };
  if (view === "model" && text("id")) return { view, id: text("id") };
  if (view === "trust" || view === "analyses") return { view };
  if (view === "atlas") return { view, charted: { map: text("map"), by: text("by"), names: text("names"), at: text("at") } };
  if (view === "map") {
    const [plan] = plansIn(given);
    return { view, mapped: { x: text("x"), y: text("y"), names: text("names"), lineage: given.has("lineage"), measured: given.has("measured"), plan } };
  }
  const names = ["model", "params", "type", "scores"];
  if (!names.some((name) => text(name))) return { view: "ask", asked: undefined };
  const facts = { params: text("params"), type: text("type"), scores: text("scores") };
  return { view: "ask", asked: { text: given.get("model") ?? "", ...facts, asParent: given.get("as") === "parent", all: given.has("all") } };
}

/** Writes a fragment, with its `#`. */
export function write(address: Address): string {
  const given: [string, string][] = [];
  const add = (name: string, value: string | boolean): void => {
    if (value) given.push([name, value === true ? "1" : value]);
  };
  if (address.view === "ask" && address.asked) {
    const { text, params, type, scores, asParent, all } = address.asked;
    add("model", text);
    for (const [name, value] of Object.entries({ params, type, scores })) add(name, value);
    add("as", asParent ? "parent" : "");
    add("all", all);
  }
  const addPlan = ({ parents, params, type, scores }: Planned, at: number): void => {
    const even = parents.every(({ weight }) => weight === 1);
    const listed = parents.map(({ id, weight }) => (even ? id : `${id}:${Number(weight.toPrecision(4))}`));
    given.push([`${at + 1}.parents`, listed.join(",")]);
    for (const [name, value] of Object.entries({ params, type, scores })) add(`${at + 1}.${name}`, value);
  };
  if (address.view === "plans") {
    address.plans.forEach(addPlan);
    add("against", address.against);
  }
  if (address.view === "map") {
    const { plan, ...shown } = address.mapped;
    for (const [name, value] of Object.entries(shown)) add(name, value);
    if (plan) addPlan(plan, 0);
  }
  if (address.view === "atlas") for (const [name, value] of Object.entries(address.charted)) add(name, value);
  if (address.view === "rankings") {
    const { columns, by, reversed, conditions, facts, scale, pinned, unfolded, full } = address.ranked;
    for (const { id, weight } of columns) add("col", weight === 1 && !WEIGHTED.test(id) ? id : `${id}:${weight}`);
    add("by", by);
    add("reversed", reversed);
    for (const [name, value] of Object.entries(conditions)) add(name, value);
    if (facts) given.push(["facts", facts.join(",")]);
    add("scale", scale);
    for (const id of pinned) add("pin", id);
    for (const id of unfolded) add("settings", id);
    add("full", full);
  }
  if (address.view === "model") add("id", address.id);
  const query = new URLSearchParams(given).toString().replace(/%(2F|3A|2C|40|7E)/g, decodeURIComponent);
  return `#${address.view}${query && `?${query}`}`;
}

/** The fragment of the page of a model. */
export function about(id: string): string {
  return write({ view: "model", id });
}

function rankedIn(given: URLSearchParams, text: (name: string) => string): Ranked {
  const conditions = Object.fromEntries(CONDITIONS.map((name) => [name, text(name)])) as unknown as Conditions;
  const facts = given.get("facts")?.split(",").filter(Boolean);
  const columns = given.getAll("col").map(weighted);
  const shown = { pinned: given.getAll("pin"), unfolded: given.getAll("settings"), full: given.has("full") };
  return { columns, by: text("by"), reversed: given.has("reversed"), conditions, facts, scale: text("scale"), ...shown };
}

function plansIn(given: URLSearchParams): Planned[] {
  return Array.from({ length: MOST_PLANS }, (_, at) => at + 1)
    .filter((number) => [...given.keys()].some((name) => name.startsWith(`${number}.`)))
    .map((number) => {
      const text = (name: string): string => given.get(`${number}.${name}`)?.trim() ?? "";
      const parents = text("parents").split(",").filter(Boolean).map(weighted);
      return { parents, params: text("params"), type: text("type"), scores: text("scores") };
    });
}

/** `org/a:3` is a parent, or a column, with its weight. */
function weighted(text: string): { id: string; weight: number } {
  const [, id = text.trim(), weight] = WEIGHTED.exec(text.trim()) ?? [];
  return { id, weight: weight === undefined ? 1 : Number(weight) };
}

const WEIGHTED = /^(.+):(\d+(?:\.\d+)?)$/;

function split(text: string, sign: string): [string, string?] {
  const at = text.indexOf(sign);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
