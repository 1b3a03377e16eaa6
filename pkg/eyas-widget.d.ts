import type { Benchmark, ErrorKind, Prediction, Ranking, SnapshotInfo } from "./index.js";

/** A model that a forecast is compared with. */
export interface Compared {
  id: string;
  known: boolean;
  /** By benchmark, 0 to 1 of its range; `beats` of each forecast says the chance to beat it. */
  scores: Record<string, { score: number; predicted: boolean; rank: number }>;
}

export interface EyasReadyDetail {
  info: SnapshotInfo;
  benchmarks: Benchmark[];
}

export interface EyasForecastDetail extends Prediction {
  compared: Compared[];
  info: SnapshotInfo;
  /** Why by this method, where the default would have been too much for the table; else `null`. */
  chosen: string | null;
}

export interface EyasLeaderboardDetail {
  columns: Ranking[];
  info: SnapshotInfo;
}

export interface EyasErrorDetail {
  message: string;
  /** `environment`: something on the page or the network, not the input. */
  kind: ErrorKind | "environment";
}

/** What both elements have. A property is its attribute; `null` where there is none. */
interface EyasElement extends HTMLElement {
  /** Address of published results in any accepted format. */
  snapshot: string | null;
  /** Address of a saved model: nothing is trained. */
  modelFile: string | null;
  /** Benchmarks, separated by commas; all where it is absent. */
  tasks: string | null;
  /** Models to show beside it, separated by commas. */
  compare: string | null;
  /** `light` or `dark`; else as the reader's system has it. */
  theme: string | null;
  /** The data in its `<script type="application/json">`. */
  readonly data: unknown;
  /** Sets to work now instead of when it is seen. */
  load(): Promise<void>;
}

export interface EyasForecastElement extends EyasElement {
  /** `org/x`: the model itself; where it is measured, its scores are shown as such. */
  model: string | null;
  /** `params=7.6,type=chat`: what is known of the model, as on the command line. */
  facts: string | null;
  /** `org/a, org/b:0.4`: the parents with their weights. */
  parents: string | null;
  /** Address of a model card, for models whose parents it names. */
  card: string | null;
  /** `ifeval=0.7`: scores that the model has already. */
  scores: string | null;
}

export interface EyasLeaderboardElement extends EyasElement {
  /** `params<=14` */
  where: string | null;
  /** How many rows there are at first. */
  top: string | null;
}

declare global {
  interface HTMLElementTagNameMap {
    "eyas-forecast": EyasForecastElement;
    "eyas-leaderboard": EyasLeaderboardElement;
  }
  interface HTMLElementEventMap {
    "eyas-ready": CustomEvent<EyasReadyDetail>;
    "eyas-forecast": CustomEvent<EyasForecastDetail | EyasLeaderboardDetail>;
    "eyas-error": CustomEvent<EyasErrorDetail>;
  }
}
