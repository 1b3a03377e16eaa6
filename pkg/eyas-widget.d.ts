import type { Benchmark, ErrorKind, Prediction, Ranking, SnapshotInfo } from "./index.js";

/** A model of the attribute `compare`. The chance to beat it is in `beats` of each forecast. */
export interface Compared {
  id: string;
  /** Whether the snapshot has this model. */
  known: boolean;
  /** By benchmark: the score as a share of the range (0 to 1), whether it is predicted, and the rank. */
  scores: Record<string, { score: number; predicted: boolean; rank: number }>;
}

/** Detail of `eyas-ready`, which is dispatched once the model is trained or loaded. */
export interface EyasReadyDetail {
  info: SnapshotInfo;
  benchmarks: Benchmark[];
}

/** Detail of `eyas-forecast` of an `<eyas-forecast>`: the answer of `predict` and the models to compare with. */
export interface EyasForecastDetail extends Prediction {
  compared: Compared[];
  info: SnapshotInfo;
  /** The reason why another method replaced the default one; `null` if it did not. */
  chosen: string | null;
}

/** A model in the order of a leaderboard. */
export interface LeaderboardLine {
  id: string;
  /** 1 for the best; equal scores share the better rank. Settings that are folded have none. */
  rank: number;
  /** The best and the worst rank in its 90 % range; 0 if the method gives no intervals. */
  best: number;
  worst: number;
  /** 1 for the best models that cannot be told apart; 0 if the method gives no intervals. */
  tier: number;
  /** Whether it cannot be told from the next better one. */
  tied: boolean;
  /** Other settings of the model. */
  settings: string[];
}

/** Detail of `eyas-forecast` of an `<eyas-leaderboard>`. */
export interface EyasLeaderboardDetail {
  /** One ranking per benchmark. */
  columns: Ranking[];
  /** The models, the best first, by the mean if there is one, else by the first benchmark. */
  lines: LeaderboardLine[];
  /** What `lines` are ordered by: -1 for the mean, or the number of a benchmark. */
  by: number;
  /** The weighted mean by model, in shares of the ranges or in standard deviations; `null` without the attribute `mean`. */
  mean: {
    scale: "points" | "deviations";
    weights: number[];
    models: Record<string, { score: number; lower: number | null; upper: number | null; measured: number; of: number }>;
  } | null;
  /** The facts that are columns, and their values by model and name. */
  facts: { name: string; title: string }[];
  known: Record<string, Record<string, string | number | null>>;
  info: SnapshotInfo;
}

/** Detail of `eyas-error`. */
export interface EyasErrorDetail {
  /** One line, without a full stop. */
  message: string;
  /** `environment` if the page or the network caused the error; otherwise as for errors of the package. */
  kind: ErrorKind | "environment";
}

/** Properties of both elements. Each reflects the attribute of its name and is `null` if the attribute is absent. */
interface EyasElement extends HTMLElement {
  /** Address of published results in any accepted format; the element trains on them. */
  snapshot: string | null;
  /** Attribute `model-file`: address of a saved model, which needs no training; takes precedence over `snapshot`. */
  modelFile: string | null;
  /** Benchmarks in the order to show, separated by commas; default all, of many those that matter most, measured ones first. */
  tasks: string | null;
  /** Models to mark on the tracks by letters, or rows to highlight, separated by commas; default none. */
  compare: string | null;
  /** `light` or `dark`; default: the page's toggle or `color-scheme`, else the reader's system. */
  theme: string | null;
  /** The data in the `<script type="application/json">` inside the element; `undefined` if there are none. */
  readonly data: unknown;
  /** Starts the work before the element is visible. It does not reject: errors are shown and dispatched as `eyas-error`. */
  load(): Promise<void>;
}

export interface EyasForecastElement extends EyasElement {
  /** `org/x`: the model itself. If it is measured, its measured scores are shown and marked as measured. */
  model: string | null;
  /** `params=7.6,type=chat,name=org/x`: facts about the model, as with `--facts` on the command line. */
  facts: string | null;
  /** `org/a, org/b:0.4`: the parents, with their weights if these differ; default weight 1. */
  parents: string | null;
  /** Address of a model card that names the parents; ignored if `parents` is present. */
  card: string | null;
  /** `ifeval=0.7, bbh=45%, elo=1205`: known scores, in percent with `%` and else in the benchmark's unit. */
  scores: string | null;
}

export interface EyasLeaderboardElement extends EyasElement {
  /** Condition on facts, such as `params<=14`; default none. */
  where: string | null;
  /** Number of rows at first; default 10. */
  top: string | null;
  /** A column with the weighted mean of the benchmarks: empty, or `ifeval=2, bbh`; default none. */
  mean: string | null;
  /** Facts as columns: `size`, `date`, `type`, `family`, `organisation`, `license`, `weights`, `results`; default none. */
  columns: string | null;
  /** `folded` (default), so that a model has one row, or `apart`, so that each of its settings has one. */
  settings: string | null;
}

/** The attributes of both elements, as markup has them; those of the properties above. */
interface EyasAttributes {
  snapshot?: string | undefined;
  "model-file"?: string | undefined;
  tasks?: string | undefined;
  compare?: string | undefined;
  theme?: "light" | "dark" | undefined;
}

/** The attributes of `<eyas-forecast>` in a template, for the types of a framework. */
export interface EyasForecastAttributes extends EyasAttributes {
  model?: string | undefined;
  facts?: string | undefined;
  parents?: string | undefined;
  card?: string | undefined;
  scores?: string | undefined;
}

/** The attributes of `<eyas-leaderboard>` in a template, for the types of a framework. */
export interface EyasLeaderboardAttributes extends EyasAttributes {
  where?: string | undefined;
  top?: number | string | undefined;
  mean?: string | undefined;
  columns?: string | undefined;
  settings?: "folded" | "apart" | undefined;
}

/** The events of an element, whose answer is a `Detail`. */
export interface EyasEventsOf<Detail> {
  "eyas-ready": CustomEvent<EyasReadyDetail>;
  "eyas-forecast": CustomEvent<Detail>;
  "eyas-error": CustomEvent<EyasErrorDetail>;
}

/** Listeners to these events in JSX, such as `oneyas-forecast`. */
export type EyasListeners<Detail> = {
  [Name in keyof EyasEventsOf<Detail> as `on${Name}`]?: ((event: EyasEventsOf<Detail>[Name]) => void) | undefined;
};

/** The events of the elements. They bubble, so that a listener of the document or the window hears them, too. */
interface EyasEvents extends EyasEventsOf<EyasForecastDetail | EyasLeaderboardDetail> {}

declare global {
  interface HTMLElementTagNameMap {
    "eyas-forecast": EyasForecastElement;
    "eyas-leaderboard": EyasLeaderboardElement;
  }
  interface HTMLElementEventMap extends EyasEvents {}
  interface DocumentEventMap extends EyasEvents {}
  interface WindowEventMap extends EyasEvents {}
}
