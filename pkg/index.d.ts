// All types of the package are in this one file, because requests and answers refer to each other.

import type { Method, ModuleName } from "./modules.js";

export type { Method, ModuleName };

/**
 * The kind of an error. Every error of this package is an `Error`; those that an input, a training or a question causes have a kind:
 * - `input`: a file, a text or an option is wrong;
 * - `cancelled`: the caller's `AbortSignal` was aborted (the error's `name` is `AbortError`);
 * - `device`: the GPU is missing or failed;
 * - `computation`: memory ran out, or the program has a fault;
 * - `lost`: an earlier error of kind `computation` destroyed the model's WebAssembly instance; train or load the model again.
 */
export type ErrorKind = "input" | "cancelled" | "device" | "computation" | "lost";

/** An error. Its message is one line, which names the place of the error and how to correct it. */
export interface EyasError extends Error {
  readonly kind: ErrorKind;
}

/** A file. */
export interface Source {
  /** File name, with or without a folder, used in messages. For a matrix of outcomes it is also the name of the benchmark. */
  name: string;
  /** Content, possibly compressed with gzip. */
  bytes: Uint8Array;
  /** Whether the file may be left out with a warning if it holds no results, as one of a folder; default `false`. */
  optional?: boolean;
}

export interface ParseOptions {
  /** File name of an input that is given as bytes only; default `snapshot`. */
  name?: string;
  /** CSV with the edges of the lineage, in the columns `parent,child[,relation]`. */
  lineage?: Source;
  /** Table with facts about models. */
  modelFactors?: Source;
  /** Table with facts about tasks. */
  taskFactors?: Source;
  /**
   * Roles of columns by name: `{ "MMLU": "score:percent", "Average": "skip" }`, or as the text `MMLU=score:percent, Average=skip`, in which
   * a name with a comma or `=` stands in double quotes. A name counts in all files, in upper or lower case. Default: none, so that names
   * and contents decide. An unknown role, unit or column is an error of kind `input`.
   */
  columns?: Record<string, GivenRole> | string;
}

/**
 * What a column is read as:
 * - `model`: names of the models; a further such column holds other names of them;
 * - `score`: scores of a task;
 * - `fact`: facts about the models, or about the scores in a table with a row for each score;
 * - `date`: dates of the models, or of the scores;
 * - `error`, `items`: standard errors and numbers of items of a task's scores;
 * - `link`, `licence`: addresses and licences of the models;
 * - `skip`: nothing, the column is left out.
 */
export type Role = "model" | "score" | "fact" | "date" | "error" | "items" | "link" | "licence" | "skip";

/** The unit of scores: `percent` means 0 to 100, `fraction` 0 to 1, `points` another range or none. */
export type Unit = "percent" | "fraction" | "points";

/** A role that is given to a column, for scores possibly with a unit. */
export type GivenRole = Role | `score:${Unit}`;

/** A column of a table, or a task of another kind of file. */
export interface Column {
  /** Name of the file. */
  file: string;
  /** Name of the column; one without a name, or with the name of an earlier one, has its number (`column 3`). */
  name: string;
  role: Role;
  /** Id of the task: of a score, and of its standard errors and numbers of items. */
  task?: string;
  /** Name of the fact. */
  fact?: string;
  /** `null` if the column is no score. */
  unit: Unit | null;
  /** The lowest and the highest possible score; absent for open-ended scores and for columns that are no score. */
  range?: Range;
  /** Whether lower scores are better; default: false. */
  lower_is_better?: boolean;
  /** Reason for the role and the unit, as half a sentence. */
  why: string;
}

/** What was understood of the files, as in `import --json` of the command line. */
export interface Report {
  /** The columns of all files, in order. */
  columns: Column[];
  /** Models that were merged because their names mean the same: the id that counts, then the other names. */
  merged: string[][];
  /** Pairs of names that look alike and stay apart, with the reason. */
  apart: [string, string, string][];
  /** What was left out (`cells of MMLU`, `rows`), why, and how often; `expected` if the rules of the file's form leave it out. */
  dropped: { what: string; why: string; count: number; expected?: boolean }[];
}

export interface SnapshotInfo {
  /** Number of models. */
  models: number;
  /** Number of tasks: of benchmarks, or of items if `kind` is `outcome`. */
  tasks: number;
  /** Number of known results. */
  cells: number;
  /** Share of cells that are known, 0 to 1. */
  density: number;
  /** Number of edges in the lineage. */
  edges: number;
  /** `score`: one score per model and benchmark. `outcome`: right or wrong per model and item. */
  kind: "score" | "outcome";
  /** Names of the sources, joined by semicolons. */
  source: string;
  /** Licences of the sources, joined by semicolons. */
  license: string;
  /** `null` where something is not known. */
  sources: { id: string; name: string; url: string | null; license: string; date: string | null }[];
  /** The types of tasks, the one with the most benchmarks first, each with its benchmarks, the one with the most results first. */
  groups: { task_type: string; tasks: string[] }[];
  /** One entry per score; if `kind` is `outcome`, one per benchmark of items. */
  task_list: Benchmark[];
}

/** The lowest and the highest possible score, in the units of the task. */
export interface Range {
  low: number;
  high: number;
}

export interface Progress {
  /** Number of finished epochs. */
  epoch: number;
  /** Largest number of epochs; early stopping usually ends the training before. */
  maxEpochs: number;
  /** Value of the training objective. */
  loss: number;
  /** Value of `metric` on the validation cells for early stopping; `null` if the method has none. */
  validation: number | null;
  /** Name of the validation metric. */
  metric: string;
}

/**
 * The device to train on. `gpu` means WebGPU, and is an error of kind `device` if WebGPU is missing. `auto` times a few steps on both
 * devices and selects the GPU if they are faster there.
 */
export type Device = "auto" | "cpu" | "gpu";

/** The device that a model was trained on. */
export interface Ran {
  /** `cpu` also if the training started on a GPU, lost it and ended on the CPU. */
  device: "cpu" | "gpu";
  /** Name of the GPU as the browser reports it, or the instruction set of the CPU. */
  name: string;
  /** Reason for the choice, as half a sentence. */
  why: string;
}

export interface TrainOptions {
  /** Default: `snapshot.standard.method`. */
  method?: Method;
  /** Default: `auto`. */
  device?: Device;
  /** A whole number, default 0. The same seed on the same device gives the same result. */
  seed?: number;
  /** Cancels the training, which then rejects with kind `cancelled`. */
  signal?: AbortSignal;
  /**
   * Default: `true`. `false` omits the module that reads texts. Then model cards and other texts are an error, and facts must be given
   * as an object.
   */
  texts?: boolean;
  /** Called after each epoch, or after several epochs that a GPU computed at once, in the thread that trains. */
  onProgress?: (progress: Progress) => void;
}

export interface Parent {
  id: string;
  /** Relative weight, default 1. */
  weight?: number;
  /** Relation of the child to this parent, such as `merge` or `finetune`; default: not stated. */
  relation?: string;
  /** A model that this parent is instead, with weight 1, if the snapshot has it: `Phi 4` may be Phi with weight 4. Default: none. */
  whole?: string;
}

/** A fact about a model, such as its size or its type. */
export type Factor = string | number | boolean;

/** A question about a model. All fields are optional; without any, the forecast is that for an unknown model. */
export interface PredictRequest {
  /**
   * Id of the model. If the snapshot has the model, possibly with another spelling or as a re-upload, the answer contains its measured
   * scores. If the id is a quantisation of a measured model, the answer contains the scores of the original. Any other id is a new
   * model of that name.
   */
  id?: string;
  /** The same as `id`, but without a warning if the name is unknown. */
  name?: string;
  /**
   * Release date of the model, such as `2025-06-01`. It is used if the snapshot has dates. Default: the date among the facts or in the
   * lineage text, else none.
   */
  date?: string;
  /** A model card or another accepted form of lineage, as text, or the parents themselves. Default: no parents. */
  lineage?: string | { parents: (string | Parent)[] };
  /**
   * Tasks or benchmarks of the answer; `"all"` stands for all of them. Default: all of a few; of many, those that matter most to the
   * model (on which its parents and models like it have the most results), at most eight and those with a given score.
   */
  tasks?: string | string[];
  /** Facts about the model: `{ params: "7.6B", type: "chat", date: "2025-06-01" }`, or as text: `params=7.6, type=chat`. */
  factors?: Record<string, Factor> | string;
  /**
   * Known scores of the model by task: an object with shares of each task's range (0 to 1), or a text: `ifeval=0.7, bbh=45%, elo=1205`, a
   * card with a `model-index`, or a file of `.eval_results`. Each score of a text stands by itself. With `%` it is a percentage. Without, it
   * is in the unit of its task; for a task in fractions or percent a value above 1 is a percentage. A value up to 1 of a task in percent is
   * a fraction if the task's other scores suggest so; a warning tells how it was read. A typed score outside of the range is an error; a
   * score in a file that has no task here, or is no accuracy, is left out with a warning. Default: the scores in the lineage text.
   */
  scores?: Record<string, number> | string;
  /** Ids of models in the snapshot. For each, `beats` of a forecast contains the chance to score better. Default: none. */
  compare?: string[];
}

/** A forecast to draw as a card. */
export interface CardRequest extends Omit<PredictRequest, "compare"> {
  /**
   * `svg`, a picture of at most 12 KB with a text alternative; `markdown`, a table; `badge`, the JSON of a shields endpoint, and
   * `badge-svg`, the badge itself, both for the one benchmark in `tasks`; `model-index`, the YAML of a model card, with the forecasts
   * alone and marked as such. Default: `svg`.
   */
  format?: "svg" | "markdown" | "badge" | "badge-svg" | "model-index";
  /** Colours of `svg`; default `auto`, the reader's choice. */
  theme?: "light" | "dark" | "auto";
  /** The day to name in the card, `2026-07-01`. Default: none, so that the card is the same on every day; it has the date of the data. */
  made?: string;
}

/** Forecast for one task. All scores in forecasts and rankings are shares of the task's range, 0 to 1, also where less is better. */
export interface Forecast {
  task: string;
  dataset: string;
  metric: string | null;
  /** The known score, otherwise the expected score. */
  mean: number;
  /** Ends of the 90 % interval; `null` for a known score whose error is not known, or if the method has no intervals. */
  lower: number | null;
  upper: number | null;
  /** Rank among all models of the snapshot; 1 is best. */
  rank: number;
  /** Number of ranked models. */
  of: number;
  /** The range in the units of the task; for open-ended scores the range that the training used. */
  range: Range;
  /** Whether lower scores are better. */
  lower_is_better: boolean;
  /** Whether the score is measured, or given in `scores`. */
  known: boolean;
  /** The reason if the method could not forecast this task and `mean` is only a mean of the data; otherwise `null`. */
  remark: string | null;
  /** Best and worst rank in the 90 % interval; `null` if the method has no intervals. */
  rank_lower: number | null;
  rank_upper: number | null;
  /** By model of `compare`: the chance to score better than it, 0 to 1; `null` if the method has no intervals. */
  beats?: Record<string, number | null>;
  /** Measured scores of the parents, by id. */
  parents: Record<string, number>;
  /** Models with the largest weight in the forecast and their shares, 0 to 1; empty for a known score. */
  sources: { id: string; share: number }[];
  /** The forecast for a measured model without its own results; present only if the request has `unseen: true`. */
  unseen?: { mean: number; lower: number | null; upper: number | null };
}

export interface LineageParent {
  /** The id as spelled in the snapshot, if the snapshot has it. */
  id: string;
  /** The name in the request, if it is another spelling, a quantisation or a re-upload of `id`. */
  given?: string;
  weight: number;
  relation: string;
  /** Whether the snapshot has this model, with results or only in its lineage. */
  known: boolean;
  /** Whether the snapshot has results of this model. */
  evaluated: boolean;
}

export interface Lineage {
  parents: LineageParent[];
  /** Names of parents that the snapshot does not have. */
  unknown: string[];
  /** For each unknown parent the most similar known names, the most similar first. */
  nearest: Record<string, string[]>;
}

/** One stage of a merge in several stages. */
export interface Stage {
  /** `null` if the text gives the stage no name. */
  name: string | null;
  /** Inputs of the stage: models, or other stages by name. The weights sum to 1. */
  parents: Parent[];
}

/** The content of a text, as parsed. */
export interface Understood extends Lineage {
  /** Form of the text: `model card`, `mergekit configuration`, … */
  kind: string;
  /** Id of the model itself, if the text states it. */
  id: string | null;
  /** Name of the model, if the text states it. */
  name: string | null;
  /** Stages of a merge in several stages, the final one last. */
  stages: Stage[];
  factors: Record<string, Factor>;
  /** Pairs of a task of the snapshot and the model's score in the text, as a share of the task's range. */
  scores: [string, number][];
  /** Parts of the text that were repaired, not understood or not used, one line each. */
  warnings: string[];
}

/** The model that a forecast is for. */
export interface Subject {
  /** Its id, as spelled in the snapshot if the snapshot has it; `null` if the request has none. */
  id: string | null;
  /** The name in the request, if it is another spelling or a re-upload of `id`; otherwise `null`. */
  given: string | null;
  /** The facts that were used, including `date`, and the others with the reason why they were ignored. */
  facts: { used: Record<string, Factor>; ignored: { name: string; why: string }[] };
  /** True without a measured relative, a size and a known name: then the forecast is hardly more than the mean of the data. */
  next_to_nothing: boolean;
}

export interface Prediction {
  method: string;
  /** The device that the model was trained on. */
  device: string;
  subject: Subject;
  /** Measured scores of the model by task, as shares of the range; `null` if none is measured. */
  measured: Record<string, number> | null;
  /** Id of the measured model of which this model is a quantisation, and whose scores `measured` contains; otherwise `null`. */
  quantisation_of: string | null;
  lineage: Lineage;
  /** One forecast per benchmark, in the order of `benchmarks`. */
  forecasts: Forecast[];
  /** Parts of the request that were repaired, not understood or not used, and remarks on the whole forecast, one line each. */
  warnings: string[];
}

/** The model whose forecast is explained. For a measured model that is the forecast without its own results. */
export type ExplainRequest = Omit<PredictRequest, "compare">;

/**
 * Options for questions that may train: to explain a measured model, or to forecast it as if it were unseen, the method is trained once
 * more without its results. That is not necessary for `unseen` if the method keeps out-of-fold forecasts, as `eyas` does for tables with
 * gaps.
 */
export interface ExplainOptions {
  /** Cancels that training, which then rejects with kind `cancelled`. */
  signal?: AbortSignal;
  /** Called after each epoch of that training. */
  onProgress?: (progress: Progress) => void;
}

/** The share of one fact, parent or score in a forecast. */
export interface Contribution {
  /** The id of a parent or ancestor, the name of a factor, the task of a score, … */
  what: string;
  /** The value of a factor, the share of a parent, or the score; `null` if there is none. */
  said: string | null;
  kind: "parent" | "ancestor" | "relatives" | "factor" | "name" | "organisation" | "date" | "score";
  /** Shapley value: the change of the forecast, as a share of the range; above 0 is worse where less is better. */
  value: number;
}

/** Explanation of one forecast: `mean = base + the values of the contributions + rest`, all as shares of the range. */
export interface TaskExplanation {
  task: string;
  mean: number;
  /** The forecast for a model of which nothing is known. */
  base: number;
  /** The largest first. Inputs that change no forecast are omitted. */
  contributions: Contribution[];
  /** The remainder that the contributions do not explain. */
  rest: number;
  range: Range;
  /** Whether lower scores are better. */
  lower_is_better: boolean;
}

/** Shapley values of the forecasts with respect to the inputs of the method. */
export interface Explanation {
  method: string;
  id: string | null;
  /** Whether the model has results, which the method was trained without. */
  left_out: boolean;
  tasks: TaskExplanation[];
  /** Models with the largest weight in the forecasts, and their shares, 0 to 1. */
  sources: { id: string; share: number }[];
}

export interface NextRequest extends Omit<PredictRequest, "compare"> {
  /** Costs of evaluations by task, or by benchmark (then of each item), in any unit; default 1 each. */
  costs?: Record<string, number>;
  /** Number of evaluations to plan; default 10. */
  top?: number;
}

/** A plan of evaluations. */
export interface Plan {
  method: string;
  /** Mean width of the benchmarks' 90 % intervals before any evaluation, as a share of the range. */
  width: number;
  /** The best first. Each is chosen as if those before it had been made; its `width` is the expected mean width after it. */
  evaluations: { task: string; cost: number; width: number }[];
}

/** What the snapshot states about one of its models; `null` where something is not known. */
export interface ModelFacts {
  id: string;
  /** Other names that sources give it. */
  names: string[];
  /** The day of its submission or publication, such as `2025-06-01`. */
  date: string | null;
  description: string | null;
  license: string | null;
  /** The address of its page. */
  url: string | null;
  /** Id of the model that this is a packing or setting of: a quantisation, a level of effort, a context length. */
  configuration_of: string | null;
  /** Parameters in billions, as stated or else from its name. */
  size: number | null;
  /** Whether only its name tells the size. */
  size_in_name: boolean;
  model_type: string | null;
  /** Its family, as stated or else from its name. */
  family: string | null;
  /** All stated facts, such as `open_weights`, `developer` or `tokens`. */
  factors: Record<string, Factor>;
  /** Its parents, with results or without. The weight is 1 if it is absent. */
  parents: { id: string; relation: string; weight?: number }[];
  /** The number of its measured results; of items if the snapshot has items. */
  results: number;
}

/** A measured result of a model; `null` where something is not known. */
export interface MeasuredResult {
  /** A task, or a benchmark of items. */
  task: string;
  /** Share of the task's range, 0 to 1. */
  score: number;
  /** Its standard error as a share of the range: as stated, or the sampling error of an accuracy over its items. */
  error: number | null;
  /** The number of items of which it is the mean. */
  items: number | null;
  /** The day of the measurement. */
  date: string | null;
  /** Id of its source, one of `info.sources`. */
  source: string;
}

export interface RankRequest {
  /** A task or a benchmark. */
  task: string;
  /** Number of models to list; default all. */
  top?: number;
  /** Condition on facts, such as `params<=14`; default none. */
  where?: string;
}

export interface RankedModel {
  id: string;
  /** The measured score if there is one, otherwise the predicted score. */
  score: number;
  /** Standard error of a measured score as a share of the range; `null` if it is not known or the score is predicted. */
  error: number | null;
  /** Whether `score` is predicted. */
  predicted: boolean;
  /** Ends of the 90 % interval of a predicted score; otherwise `null`. */
  lower: number | null;
  upper: number | null;
  /** Rank among all models; models with equal scores share the better rank. */
  rank: number;
  /** 1 + the expected number of better models, with one half for each equal score; `null` without intervals. */
  expected_rank: number | null;
  /** Best and worst rank in the 90 % interval; `null` without intervals. */
  rank_lower: number | null;
  rank_upper: number | null;
  /** Whether the chance to be worse than the model above in this list is below 90 %; `null` without intervals. */
  tied_with_above: boolean | null;
}

export interface Ranking {
  task: string;
  method: string;
  range: Range;
  /** Whether lower scores are better. */
  lower_is_better: boolean;
  /** The best first. */
  models: RankedModel[];
}

/** A task, or the description of one: one of the two must be given. */
export interface RecommendRequest {
  /** A task of the snapshot, or a dataset. */
  task?: string;
  /**
   * A task that the snapshot does not have, in words. A task type of the snapshot that stands in the text is the type of the task, if it is
   * the only one.
   */
  description?: string;
  /**
   * Name of the metric, in any spelling. With `task`: the one that is meant if the dataset has several. With `description`: one of the
   * snapshot's; any other is an error of kind `input`. Default: the task's own, or none.
   */
  metric?: string;
  /** Number of models to list; default all. */
  top?: number;
  /** Condition on facts, such as `params<=14,license=apache-2.0`; default none. */
  where?: string;
  /** A pool of models to route among: sizes in billions of parameters, such as `[70, 27, 8]` or `70,27,8`. */
  pool?: number[] | string;
}

export interface RecommendedModel {
  id: string;
  /** The sum of `prior` and `residual`, which ranks; more is better. It is no benchmark score, and not comparable among tasks. */
  score: number;
  /** What size and family of the model say, whatever the task. */
  prior: number;
  /** What the task adds to it. */
  residual: number;
  /** Rank among all models of the snapshot; models with equal scores share the better rank. */
  rank: number;
  /** Best and worst rank in the 90 % interval, widened to `rank` where it lies outside. */
  rank_lower: number;
  rank_upper: number;
  /** Measured score as a share of the task's range; `null` if it is not measured, and for a description. */
  measured: number | null;
}

export interface Recommendation {
  /** Id of the task; `null` for a description. */
  task: string | null;
  /** The description; `null` for a task of the snapshot. */
  description: string | null;
  metric: string | null;
  method: string;
  /** The best first. */
  models: RecommendedModel[];
  /**
   * Each size of `pool` with the best model that costs 0.4 to 1.1 times as much to run, by its active parameters or else its size, and
   * that no size before has; `null` where none does. `null` if no pool was asked for.
   */
  pool: [number, string | null][] | null;
}

export interface RouteRequest {
  /** Benchmarks whose items are assigned to models. */
  tasks: string[];
  /** Number of selected models to list in `models`; default all. `routes` is always complete. */
  top?: number;
}

/**
 * The model with the best predicted score for each item. Scores are the method's predictions, 0 to 1; in the expected means a score counts as
 * 1 - score where less is better.
 */
export interface Routing {
  method: string;
  tasks: string[];
  /** Number of items. */
  items: number;
  /** Expected mean score of the routes. */
  expected: number;
  /** The single model with the highest expected mean score on all items. */
  single: { id: string; expected: number };
  /** Expected mean score if each item is assigned to a random model. */
  random: number;
  /** Selected models, those with the most items first; `tasks` is their number of items in each benchmark. */
  models: { id: string; items: number; share: number; tasks: Record<string, number> }[];
  routes: { item: string; model: string; predicted: number }[];
}

/** A benchmark of a snapshot. */
export interface Benchmark {
  id: string;
  dataset: string;
  /** What kind of task it is, such as mathematics; `null` if it is not stated. */
  task_type: string | null;
  metric: string | null;
  /** The declared range in the units of the benchmark; `null` for open-ended scores. */
  range: Range | null;
  /** The expected score of guessing, in the same units; `null` if it is not known, and for a benchmark of items. */
  chance: number | null;
  /** Whether lower scores are better. */
  lower_is_better: boolean;
  /** Number of items; `null` if it is not known. */
  items: number | null;
  /** Number of known results. */
  cells: number;
}

/** Options of an analysis. Its trainings run on the CPU and block their thread for at most one epoch. */
export interface AnalyseOptions {
  /** Held-out cells, in the notation of the command line's `backtest`; default `cells:0.1`. */
  split?: string;
  /** For `models` and `tasks`: any method but `eyas`, default `mf`. It is trained once per model or task. */
  method?: string;
  /** Number of seeds, counted from 0; default 1. */
  seeds?: number;
  /** For `atlas`: the seed of the training and of the maps; default 0. */
  seed?: number;
  /** For `penalties`: the values of λ_M and λ_X, of which all pairs are evaluated; default 0, 1e-6, 1e-5, 1e-4, 1e-3. */
  strengths?: number[];
  /** For `irt`: one slope for all items; default `false`. */
  sharedSlope?: boolean;
  /** Cancels the trainings; the analysis then rejects with kind `cancelled`. */
  signal?: AbortSignal;
  /** Called after each epoch of each training. */
  onProgress?: (progress: Progress) => void;
}

/** The ranker with some of its losses: listwise (Plackett-Luce), pairwise (BPR), pointwise (squared error). */
export interface LossPoint {
  listwise: boolean;
  pairwise: boolean;
  pointwise: boolean;
  /** As in the command line's `backtest --json`; `null` where a metric is undefined. */
  metrics: Record<string, number | null>;
  spread: Record<string, number | null>;
}

/** What groups of features add to the mean weighted τ of the ranker on held-out cells; the trained ranker is shown each subset of them. */
export interface FeatureShares {
  side: "model" | "task";
  with_all: number;
  with_none: number;
  /**
   * `left_out` is lost without the group; `value`, its Shapley value, sums to `with_all - with_none`; `spread` is its standard deviation
   * over the seeds, `null` of one. Greatest value first.
   */
  features: { name: string; left_out: number; value: number; spread: number | null }[];
}

/** Models and datasets on two maps: by what the ranker learned, and by their names and descriptions alone. */
export interface Atlas {
  learned: MapQuality;
  texts: MapQuality;
  /** Models in the order of the snapshot, then datasets. */
  points: AtlasPoint[];
}

/** How far a map shows its space, and what lies together in the space; `null` where it is undefined. */
export interface MapQuality {
  /** The share of a point's ten nearest neighbours in the space that are among its ten nearest on the map. */
  kept: number | null;
  /** The same on the first two principal components. */
  kept_by_components: number | null;
  /** Shares of a model's ten nearest models of its family, and of a dataset's ten nearest datasets of its task type. */
  same_family: number | null;
  same_task_type: number | null;
}

/** A model or a dataset of the atlas. */
export interface AtlasPoint {
  id: string;
  kind: "model" | "dataset";
  /** Its place on the map of what was learned. */
  x: number;
  y: number;
  /** Its place on the map of the texts. */
  text_x: number;
  text_y: number;
  /** Of models. */
  family: string | null;
  /** Of models, in billions of parameters. */
  size: number | null;
  /** Of datasets. */
  task_type: string | null;
  results: number;
  /**
   * By what was learned, at most five each: of a dataset the models that the ranker expects most of, and the nearest datasets; of a
   * model the nearest models, and the datasets that suit it best beside other models.
   */
  models: string[];
  datasets: string[];
  /** Those with the nearest texts. */
  text_models: string[];
  text_datasets: string[];
}

/** The effects of sizes and families. */
export interface Priors {
  /** Sizes in ascending order, named in billions of parameters, such as `3.728-7.197`. */
  sizes: PriorTable;
  /** Families, the best first. */
  families: PriorTable;
}

/** Groups of at least three models, and how far the prior agrees with the data; `null` where a figure is undefined. */
export interface PriorTable {
  /** `data` is the mean of the models' mean standardised scores, `probe` the prior's output, standardised over the groups. */
  groups: { name: string; models: number; data: number; probe: number }[];
  /** Spearman's ρ of `data`, and of `probe`, with the size or the family's rank. */
  data_rho: number | null;
  probe_rho: number | null;
  /** The slope of `probe` over log10 of the size, or over the family's rank. */
  slope: number | null;
  /** η²: the share of the variance among models that the groups explain. */
  eta_squared: number | null;
}

/** Exact Shapley values of the factors of `ncf-factors`: the reduction of the mean squared error by each factor. */
export interface FactorShares {
  side: "model" | "task";
  /** Mean squared error with all factors. */
  with_all: number;
  /** Mean squared error without factors. */
  with_none: number;
  /** The largest first; the values sum to `with_none - with_all`. */
  factors: { name: string; value: number }[];
}

/** A matrix over all pairs of models or tasks, and a clustering of its rows by average linkage. */
export interface Relations {
  names: string[];
  /** Shape (names, names); `null` if undefined. */
  matrix: (number | null)[][];
  /**
   * Merges of two clusters, the smallest distance first. Clusters with a number below the number of names are single rows; merge `k`
   * makes cluster `names + k`. `size` is its number of rows.
   */
  merges: { first: number; second: number; distance: number; size: number }[];
}

/** Metrics of held-out results by name; `null` if undefined. */
export type Metrics = Record<string, number | null>;

/** Metrics of LRMF with one pair of penalties, λ_M and λ_X. */
export interface PenaltyPoint {
  lambda_m: number;
  lambda_x: number;
  /** Means over the seeds. */
  metrics: Metrics;
  /** Standard deviations over the seeds. */
  spread: Metrics;
}

/** Parameters of item response theory, with their standard errors. */
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
  /** Number of trials that a cell counts as; 1 for outcomes. */
  trials: number;
}

/**
 * Loads WebAssembly modules ahead of time.
 *
 * @param build The build of the modules that train; default: the fastest that the engine supports. A module without that build uses
 * the next slower one. The first call decides for all later ones.
 * @param options `modules`: names of the modules to load; default: those that the default method needs.
 * @throws if a module cannot be fetched or compiled; the next call tries again.
 */
export function start(build?: "relaxed" | "simd" | "plain", options?: { modules?: ModuleName[] }): Promise<void>;

/** Parsed results. */
export class Snapshot {
  private constructor();
  /**
   * Parses a file in any accepted format, or several files that make one snapshot, and decides what each column means; `report` has these
   * decisions, and `columns` of the options corrects them.
   *
   * @throws an error of kind `input` that names file, line and column.
   */
  static parse(input: Uint8Array | Source[], options?: ParseOptions): Promise<Snapshot>;
  readonly info: SnapshotInfo;
  readonly benchmarks: Benchmark[];
  /** Repairs during parsing, one line each. */
  readonly warnings: string[];
  /** What was understood of the files. */
  readonly report: Report;
  /** The default method for this snapshot: `eyas`, or another method if the table is too large for it, with the reason in `why`. */
  readonly standard?: { method: string; why: string | null };
  /** Computes the Shapley values of the factors. */
  analyse(what: "shapley", options?: AnalyseOptions): Promise<FactorShares[]>;
  /** Computes the increase of the errors if one model or task is left out, or the correlation of the scores of tasks. */
  analyse(what: "models" | "tasks" | "correlation", options?: AnalyseOptions): Promise<Relations>;
  /** Evaluates LRMF with each pair of penalties. */
  analyse(what: "penalties", options?: AnalyseOptions): Promise<PenaltyPoint[]>;
  /** Estimates the abilities of models and the parameters of items. */
  analyse(what: "irt", options?: AnalyseOptions): Promise<ItemResponse>;
  /** Trains the ranker with each combination of its losses and compares their rankings of held-out cells. */
  analyse(what: "losses", options?: AnalyseOptions): Promise<LossPoint[]>;
  /** Computes what each group of features adds to the ranker's order of held-out cells. */
  analyse(what: "features", options?: AnalyseOptions): Promise<FeatureShares[]>;
  /** Compares the effects of size and family in the data with what the ranker's prior learned. Uses no `split`. */
  analyse(what: "priors", options?: AnalyseOptions): Promise<Priors>;
  /** Trains the ranker on all results and puts models and datasets on maps. Uses `seed`, and no `split`. */
  analyse(what: "atlas", options?: AnalyseOptions): Promise<Atlas>;
  /** The snapshot as a file in the format `eyas-snapshot/2` (JSON). */
  save(): Promise<Uint8Array>;
  /** Releases the data; later calls with this snapshot are errors. */
  free(): void;
}

/** A trained method, with the snapshot that it was trained on. */
export class Recommender {
  private constructor();
  /**
   * Trains without blocking its thread for longer than an epoch. The snapshot can be used again.
   *
   * @throws errors of any kind but `lost`.
   */
  static train(snapshot: Snapshot, options?: TrainOptions): Promise<Recommender>;
  /**
   * Restores a model from the bytes of `save`, which may be compressed by gzip.
   *
   * @throws an error of kind `input` if the bytes are damaged or from another version.
   */
  static load(bytes: Uint8Array, options?: Pick<TrainOptions, "texts">): Promise<Recommender>;
  /** The reason why another method replaced the default one; `null` if it did not, or if a method was named. */
  readonly chosen: string | null;
  /** The device that the model was trained on. */
  readonly device: Ran;
  /** The figures of the snapshot that the model was trained on. */
  readonly info: SnapshotInfo;
  readonly benchmarks: Benchmark[];
  /** Forecasts a model and adds, for a measured model, `unseen`: the forecast without its own results. May train once more. */
  predict(request: PredictRequest & { unseen: true }, options?: ExplainOptions): Promise<Prediction>;
  /** Returns the measured scores of a model, and forecasts of the others. */
  predict(request: PredictRequest): Prediction;
  /** Explains the forecasts by Shapley values. May train once more. */
  explain(request: ExplainRequest, options?: ExplainOptions): Promise<Explanation>;
  /** Plans the evaluations that narrow a model's intervals most for their costs. Needs a method with intervals. */
  next(request: NextRequest): Plan;
  /** Parses a text about a model without a forecast. */
  understand(text: string): Understood;
  /** Returns what the snapshot states about its models, in its order. */
  models(): ModelFacts[];
  /**
   * Returns the measured results of a model, in the order of `benchmarks`.
   *
   * @throws an error of kind `input` if the snapshot does not have the model.
   */
  results(id: string): MeasuredResult[];
  /** Ranks the models of the snapshot by one task. */
  rank(request: RankRequest): Ranking;
  /**
   * Ranks the models of the snapshot for a task that it has or that is only described. Needs the method `ranker`; other methods raise an
   * error of kind `input`.
   */
  recommend(request: RecommendRequest): Recommendation;
  /**
   * Draws a forecast for places where no script runs, with the bytes of `eyas card` for the same model. Loads the module `card`.
   *
   * @throws (rejects with) an error of kind `input` if a badge is not about one benchmark, or a picture would have more than 12 KB.
   */
  card(request: CardRequest): Promise<string>;
  /** Assigns each item of benchmarks to the model with the best prediction. */
  route(request: RouteRequest): Routing;
  /** Serializes the model; `load` restores it. */
  save(): Uint8Array;
  /** Releases the model's WebAssembly instance with all its memory; later calls are errors. */
  free(): void;
}
