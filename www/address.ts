// The address of the page: a view and its whole question, in the fragment, which browsers never send to a server.
//
//   #ask?model=org/a%0Aorg/b&params=8&type=merge&scores=ifeval=0.7&as=parent&all=1
//   #plans?1.parents=org/a:3,org/b:1&1.params=8&2.parents=org/c&against=org/d
//   #rankings?by=bbh&also=math,gpqa&filter=qwen&reversed=1

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

export interface Ranked {
  /** The benchmark to sort by; empty for the first one, `model` for the names. */
  by: string;
  reversed: boolean;
  filter: string;
  /** Benchmarks beside those of the forecast. */
  also: string[];
}

export type Address =
  | { view: "ask"; asked: Asked | undefined }
  | { view: "plans"; plans: Planned[]; against: string }
  | { view: "rankings"; ranked: Ranked };

export type View = Address["view"];

/** Most plans side by side. */
export const MOST_PLANS = 4;

/** Reads a fragment. Parts that are not understood are left out, since people edit addresses. */
export function read(fragment: string): Address {
  const [view, query = ""] = split(fragment.replace(/^#/, ""), "?");
  const given = new URLSearchParams(query);
  const text = (name: string): string => given.get(name)?.trim() ?? "";
  if (view === "plans") return { view, plans: plansIn(given), against: text("against") };
  if (view === "rankings") {
    const also = text("also").split(",").filter(Boolean);
    return { view, ranked: { by: text("by"), reversed: given.has("reversed"), filter: text("filter"), also } };
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
  if (address.view === "plans") {
    address.plans.forEach(({ parents, params, type, scores }, at) => {
      const even = parents.every(({ weight }) => weight === 1);
      const listed = parents.map(({ id, weight }) => (even ? id : `${id}:${Number(weight.toPrecision(4))}`));
      given.push([`${at + 1}.parents`, listed.join(",")]);
      for (const [name, value] of Object.entries({ params, type, scores })) add(`${at + 1}.${name}`, value);
    });
    add("against", address.against);
  }
  if (address.view === "rankings") {
    const { by, reversed, filter, also } = address.ranked;
    add("by", by);
    add("reversed", reversed);
    add("filter", filter);
    add("also", also.join(","));
  }
  const query = new URLSearchParams(given).toString().replace(/%(2F|3A|2C|40)/g, decodeURIComponent);
  return `#${address.view}${query && `?${query}`}`;
}

/** The fragment of the question about a model of the data. */
export function about(id: string): string {
  return write({ view: "ask", asked: { text: id, params: "", type: "", scores: "", asParent: false, all: false } });
}

function plansIn(given: URLSearchParams): Planned[] {
  return Array.from({ length: MOST_PLANS }, (_, at) => at + 1)
    .filter((number) => [...given.keys()].some((name) => name.startsWith(`${number}.`)))
    .map((number) => {
      const text = (name: string): string => given.get(`${number}.${name}`)?.trim() ?? "";
      const parents = text("parents").split(",").filter(Boolean).map(parentIn);
      return { parents, params: text("params"), type: text("type"), scores: text("scores") };
    });
}

/** `org/a:3` is a parent with its weight. */
function parentIn(text: string): { id: string; weight: number } {
  const [, id = text, weight] = /^(.*?)(?::(\d+(?:\.\d+)?))?$/.exec(text.trim()) ?? [];
  return { id, weight: weight === undefined ? 1 : Number(weight) };
}

function split(text: string, sign: string): [string, string?] {
  const at = text.indexOf(sign);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
