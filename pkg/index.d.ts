// The types of the whole package, in one file, which editors and documentation read as one page: requests and answers refer to each
// other throughout.

import type { Method, ModuleName } from "./modules.js";

export type { Method, ModuleName };

/** What went wrong, for callers that act on it. Every error of this package is an `Error` that has one. */
export type ErrorKind =
  | "input"
  | "cancelled"
  | "device"
  | "computation"
  /** The model went with its instance of WebAssembly, in an earlier failure of kind `computation`: train or load it again. */
  | "lost";

/** An error: its message is one line that names the place and says what to do. */
export interface EyasError extends Error {
  readonly kind: ErrorKind;
}

/** A file: its name appears in messages and, for outcome matrices, names the benchmark. */
export interface Source {
  name: string;
  bytes: Uint8Array;
}

export interface ParseOptions {
  /** Name of the input, when it is bytes alone. */
  name?: string;
  /** Lineage edges, `parent,child[,relation]`. */
  lineage?: Source;
  modelFactors?: Source;
  taskFactors?: Source;
}

export interface SnapshotInfo {
  models: number;
  tasks: number;
  cells: number;
  /** Share of cells that are known, 0 to 1. */
  density: number;
  edges: number;
  kind: "score" | "outcome";
  source: string;
  license: string;
}

/** The values that a score can take, in the task's own units. */
export interface Range {
  low: number;
  high: number;
}

export interface Progress {
  /** Epochs done. */
  epoch: number;
  /** Training stops here at the latest, mostly much earlier. */
  maxEpochs: number;
  loss: number;
  /** The metric on the cells set aside for early stopping. */
  validation: number | null;
  /** What `validation` is. */
  metric: string;
}

/** `gpu` is WebGPU or an error; `auto` takes it where a few timed steps are faster there than on the CPU. */
export type Device = "auto" | "cpu" | "gpu";

/** Where a model was trained. */
export interface Ran {
  /** A training that had to leave the GPU ran on the CPU. */
  device: "cpu" | "gpu";
  /** The GPU as the browser names it, or the CPU's instructions. */
  name: string;
  /** Why there, as half a sentence. */
  why: string;
}

export interface TrainOptions {
  /** The method; else `standard` of the snapshot. */
  method?: Method;
  device?: Device;
  /** Same seed and device: same result. */
  seed?: number;
  signal?: AbortSignal;
  /** `false`: no text will be given to the model, so what reads texts is not loaded. */
  texts?: boolean;
  /** Called after every epoch, or several that a GPU did in one go; in the thread that trains. */
  onProgress?: (progress: Progress) => void;
}

export interface Parent {
  id: string;
  weight?: number;
  relation?: string;
}

export type Factor = string | number | boolean;

export interface PredictRequest {
  /**
   * The model itself. Where the snapshot knows it, maybe by another spelling or as a re-upload, what is measured of it is the
   * answer; a quantisation of a measured model has the scores of its original; any other is a new model of that name.
   */
  id?: string;
  /** As `id`, without a warning where nobody knows it. */
  name?: string;
  /** The day that it was made public, `2025-06-01`, such as the day of the question; it counts where the data have dates. */
  date?: string;
  /** A model card, any other accepted form of lineage as text, or the parents themselves. */
  lineage?: string | { parents: (string | Parent)[] };
  /** What is known of the model: `{ params: "7.6B", type: "chat", date: "2025-06-01" }`, or as text: `params=7.6, type=chat`. */
  factors?: Record<string, Factor> | string;
  /** Scores that it already has, 0 to 1 of each task's range; or as text: `ifeval=0.7, bbh=45%`, a `model-index`, … */
  scores?: Record<string, number> | string;
  /** Models of the snapshot: each forecast then says the chance to beat them. */
  compare?: string[];
}

/** Scores in forecasts and rankings are 0 to 1 of the task's range. */
export interface Forecast {
  task: string;
  dataset: string;
  metric: string | null;
  /** The known score, else the expected one. */
  mean: number;
  /** Ends of the 90 % interval; `null` where the method has none, and of a known score. */
  lower: number | null;
  upper: number | null;
  /** Position among all models of the snapshot, 1 the best. */
  rank: number;
  of: number;
  /** The task's own units; for open-ended scores as training has seen them. */
  range: Range;
  /** Whether a lower score is the better one. */
  lower_is_better: boolean;
  /** Whether the score is measured or was given. */
  known: boolean;
  /** Why the method has nothing of its own to say, where that is so: the mean stands there. */
  remark: string | null;
  /** Best and worst rank of the 90 % interval; `null` where the method has no intervals. */
  rank_lower: number | null;
  rank_upper: number | null;
  /** The chance to beat each model of `compare`. */
  beats?: Record<string, number | null>;
  /** Measured scores of the parents. */
  parents: Record<string, number>;
  /** Models that the forecast stands on, with their share; none of a known score. */
  sources: { id: string; share: number }[];
  /** What would have been forecast without the model's own results, where that was asked for. */
  unseen?: { mean: number; lower: number | null; upper: number | null };
}

export interface LineageParent {
  id: string;
  /** The name that was given, where that is another spelling, a quantisation or a re-upload of it. */
  given?: string;
  weight: number;
  relation: string;
  /** Whether the snapshot knows it, evaluated or as a relative. */
  known: boolean;
  /** Whether the snapshot has results of it. */
  evaluated: boolean;
}

export interface Lineage {
  parents: LineageParent[];
  unknown: string[];
  /** For unknown parents the known names that are nearest, the nearest first. */
  nearest: Record<string, string[]>;
}

/** A stage of a merge: what it was made of, with shares that sum to 1; other stages by their names. */
export interface Stage {
  name: string | null;
  parents: Parent[];
}

/** What a pasted text is understood as. */
export interface Understood extends Lineage {
  /** `model card`, `mergekit configuration`, … */
  kind: string;
  /** The id of the model itself, where the text states it. */
  id: string | null;
  name: string | null;
  /** The stages of a merge in several, the last one last. */
  stages: Stage[];
  factors: Record<string, Factor>;
  /** Scores that it tells and that the snapshot has a task for: task and part of 0 to 1. */
  scores: [string, number][];
  warnings: string[];
}

/** The model that a forecast is of. */
export interface Subject {
  /** Its id, as the snapshot spells it where it is known. */
  id: string | null;
  /** The name that was given, where that is another spelling or a re-upload of it. */
  given: string | null;
  /** What became of the facts that were given, `date` among them. */
  facts: { used: Record<string, Factor>; ignored: { name: string; why: string }[] };
  /** No result of anything near it, no size and no known name: the forecast is hardly more than the mean of the data. */
  next_to_nothing: boolean;
}

export interface Prediction {
  method: string;
  device: string;
  subject: Subject;
  /** What the snapshot has measured of the model by task, 0 to 1 of its range; `null` where nothing is. */
  measured: Record<string, number> | null;
  /** The measured model that it is a quantisation of: the measured scores are that one's. */
  quantisation_of: string | null;
  lineage: Lineage;
  forecasts: Forecast[];
  /** What was repaired, not understood or not used, and what is to be said of the whole forecast; a line each. */
  warnings: string[];
}

/** What to explain: a measured model as if nobody had evaluated it, or one that is asked for. */
export type ExplainRequest = Omit<PredictRequest, "compare">;

export interface ExplainOptions {
  /**
   * A measured model that is explained without its results trains the method anew, without its results. So does one that is forecast
   * without them, unless the method keeps out-of-fold forecasts (`eyas` does of tables with gaps).
   */
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
}

/** What one piece of what is known adds to a forecast. */
export interface Contribution {
  /** The id of a parent or ancestor, the name of a factor, the task of a score, … */
  what: string;
  /** What is known: a factor's value, a parent's share, a score. */
  said: string | null;
  kind: "parent" | "ancestor" | "relatives" | "factor" | "name" | "organisation" | "date" | "score";
  value: number;
}

/** `mean = base + the values of the contributions + rest`; all in 0 to 1 of the range. */
export interface TaskExplanation {
  task: string;
  mean: number;
  /** The forecast for a model of which nothing is known. */
  base: number;
  /** The greatest first; what moves no benchmark is left out. */
  contributions: Contribution[];
  /** What is left unexplained. */
  rest: number;
  range: Range;
}

/** Shapley values of the forecast as a function of what the method is told. */
export interface Explanation {
  method: string;
  id: string | null;
  /** Whether the model has results, and the method was trained without them. */
  left_out: boolean;
  tasks: TaskExplanation[];
  sources: { id: string; share: number }[];
}

export interface NextRequest extends Omit<PredictRequest, "compare"> {
  /** What evaluations cost, by task or benchmark (then of each item); 1 where nothing is said. */
  costs?: Record<string, number>;
  /** How many evaluations to plan; 10 where nothing is said. */
  top?: number;
}

/** Evaluations, best first; each is chosen as if those before it had been made. */
export interface Plan {
  method: string;
  /** Mean width of the benchmarks' 90 % intervals, 0 to 1 of their ranges. */
  width: number;
  /** `width` is what is to be expected after it. */
  evaluations: { task: string; cost: number; width: number }[];
}

export interface RankRequest {
  task: string;
  top?: number;
  /** `params<=14` */
  where?: string;
}

export interface RankedModel {
  id: string;
  /** Measured where that is known, else predicted. */
  score: number;
  predicted: boolean;
  lower: number | null;
  upper: number | null;
  /** Position among all models; equal scores share the better one. */
  rank: number;
  /** One more than the models that are expected to be better; of equal scores half. `null` without intervals, as below. */
  expected_rank: number | null;
  /** Best and worst rank of the 90 % interval. */
  rank_lower: number | null;
  rank_upper: number | null;
  /** Whether the chance that it is worse than the model above it in this list is below 90 %: nobody can tell. */
  tied_with_above: boolean | null;
}

export interface Ranking {
  task: string;
  method: string;
  range: Range;
  models: RankedModel[];
}

export interface RouteRequest {
  /** Benchmarks whose items are to be sent somewhere. */
  tasks: string[];
  /** How many of the chosen models to list. */
  top?: number;
}

/** Which model each item goes to; what is expected is the method's prediction. */
export interface Routing {
  method: string;
  tasks: string[];
  items: number;
  /** Mean score of the routes. */
  expected: number;
  /** The one model that is expected to do best on all items. */
  single: { id: string; expected: number };
  /** Mean score if each item went to a random model. */
  random: number;
  /** Most items first, with their number in each benchmark. */
  models: { id: string; items: number; share: number; tasks: Record<string, number> }[];
  routes: { item: string; model: string; predicted: number }[];
}

/** A benchmark of a snapshot. */
export interface Benchmark {
  id: string;
  /** Its own units, where they are declared; `null` for open-ended scores. */
  range: Range | null;
}

/** What predictions rest on. Whatever trains does so on the CPU, without blocking its thread for longer than an epoch of the method. */
export interface AnalyseOptions {
  /** What is held out, as in the command line's `backtest`: `cells:0.1` where nothing is said. */
  split?: string;
  /** For `models` and `tasks`: any method but `eyas`; `mf` where nothing is said. It is trained once for each of them. */
  method?: string;
  /** How many seeds, from 0; 1 where nothing is said. */
  seeds?: number;
  /** Strengths that `penalties` pairs. */
  strengths?: number[];
  /** For `irt`: one slope for all items. */
  sharedSlope?: boolean;
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
}

/** Exact Shapley values of the factors of `ncf-factors`: by how much each lowers the mean squared error. */
export interface FactorShares {
  side: "model" | "task";
  with_all: number;
  with_none: number;
  /** Greatest first; they sum to `with_none - with_all`. */
  factors: { name: string; value: number }[];
}

/** A square matrix over models or tasks, `null` where undefined, and a clustering of its rows by average linkage. */
export interface Relations {
  names: string[];
  matrix: (number | null)[][];
  /** From the closest to the farthest. Clusters below the number of names are single rows; merge `k` makes cluster `names + k`. */
  merges: { first: number; second: number; distance: number; size: number }[];
}

/** Metrics of held-out results; `null` where undefined. */
export type Metrics = Record<string, number | null>;

/** LRMF with one pair of penalties, λ_M and λ_X. */
export interface PenaltyPoint {
  lambda_m: number;
  lambda_x: number;
  metrics: Metrics;
  /** Standard deviations over seeds. */
  spread: Metrics;
}

/** Item response theory: parameters with their standard errors. */
export interface ItemResponse {
  items: {
    id: string;
    slope: number;
    slope_error: number;
    intercept: number;
    intercept_error: number;
    difficulty: number;
  }[];
  models: { id: string; ability: number; error: number }[];
  /** How many trials a cell counts as: 1 for outcomes. */
  trials: number;
}

/**
 * Starts the WebAssembly modules ahead of time, those of the default method where none are named; `build` overrules the choice of
 * the builds of those that train; one that has no such build comes in the next slower one.
 */
export function start(build?: "relaxed" | "simd" | "plain", options?: { modules?: ModuleName[] }): Promise<void>;

/** Published results, parsed. */
export class Snapshot {
  private constructor();
  /** Parses one file of any accepted format, or several that make one snapshot. */
  static parse(input: Uint8Array | Source[], options?: ParseOptions): Promise<Snapshot>;
  readonly info: SnapshotInfo;
  readonly benchmarks: Benchmark[];
  /** Repairs that were made while parsing, a line each. */
  readonly warnings: string[];
  /** What is trained where no method is named: `eyas`, or another one with the reason where that would be too much. */
  readonly standard?: { method: string; why: string | null };
  /** What each factor is worth. */
  analyse(what: "shapley", options?: AnalyseOptions): Promise<FactorShares[]>;
  /** By how much errors rise where each model or task is left out; or how scores of tasks correlate. */
  analyse(what: "models" | "tasks" | "correlation", options?: AnalyseOptions): Promise<Relations>;
  /** LRMF's penalties, each with each. */
  analyse(what: "penalties", options?: AnalyseOptions): Promise<PenaltyPoint[]>;
  /** Abilities and item parameters. */
  analyse(what: "irt", options?: AnalyseOptions): Promise<ItemResponse>;
  free(): void;
}

/** A trained method with the snapshot that it was trained on. */
export class Recommender {
  private constructor();
  /** Trains without blocking its thread for longer than an epoch; the snapshot stays usable. */
  static train(snapshot: Snapshot, options?: TrainOptions): Promise<Recommender>;
  static load(bytes: Uint8Array, options?: Pick<TrainOptions, "texts">): Promise<Recommender>;
  /** Why it was trained by this method, where none was named and the default would have been too much for the table; else `null`. */
  readonly chosen: string | null;
  /** Where it was trained, and why there. */
  readonly device: Ran;
  /** The figures of the snapshot that it was trained on. */
  readonly info: SnapshotInfo;
  readonly benchmarks: Benchmark[];
  /** Of a measured model also what would have been forecast, by one more training without its results. */
  predict(request: PredictRequest & { unseen: true }, options?: ExplainOptions): Promise<Prediction>;
  /** What is measured of a model, and a forecast of the rest. */
  predict(request: PredictRequest): Prediction;
  /** Says what each thing that is known of a model adds to its forecast. */
  explain(request: ExplainRequest, options?: ExplainOptions): Promise<Explanation>;
  /** Plans the evaluations that narrow a model's forecasts most for their costs; of methods with intervals. */
  next(request: NextRequest): Plan;
  /** What a pasted text is understood as, before anything is forecast. */
  understand(text: string): Understood;
  rank(request: RankRequest): Ranking;
  route(request: RouteRequest): Routing;
  save(): Uint8Array;
  free(): void;
}
