// The progress of a training: its curve and the remaining time.

import type { Progress } from "../pkg/index.js";

/** Largest number of points of a curve; beyond it every second point is dropped. */
const CAPACITY = 600;

export interface Point {
  /** Number of the epoch, counted over all passes. */
  epoch: number;
  /** Number of the pass. A method may train more than once, for example to find when to stop and then on all cells. */
  pass: number;
  loss: number;
  validation: number | null;
}

export class Tracker {
  points: Point[] = [];
  last: Progress | undefined;
  epochs = 0;
  pass = 1;
  readonly #begun = performance.now();
  #passBegun = this.#begun;
  #stride = 1;

  add(progresses: Progress[]): void {
    for (const progress of progresses) {
      if (this.last && progress.epoch <= this.last.epoch) {
        this.pass += 1;
        this.#passBegun = performance.now();
      }
      this.last = progress;
      this.epochs += 1;
      this.#keep({ epoch: this.epochs, pass: this.pass, loss: progress.loss, validation: progress.validation });
    }
  }

  /** Seconds since training began. */
  get elapsed(): number {
    return (performance.now() - this.#begun) / 1000;
  }

  /** Seconds until the last epoch of this pass; early stopping usually ends it before. */
  get left(): number {
    if (!this.last) return Infinity;
    const { epoch, maxEpochs } = this.last;
    return ((performance.now() - this.#passBegun) / 1000 / epoch) * (maxEpochs - epoch);
  }

  #keep(point: Point): void {
    if (point.epoch % this.#stride === 0) this.points.push(point);
    if (this.points.length <= CAPACITY) return;
    this.#stride *= 2;
    this.points = this.points.filter(({ epoch }) => epoch % this.#stride === 0);
  }
}
