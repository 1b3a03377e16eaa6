// What is kept of a training while it runs: its curve, and how long it may still take.

import type { Progress } from "../pkg/index.js";

/** Points that a curve keeps at most; beyond that every second one goes. */
const CAPACITY = 600;

export interface Point {
  epoch: number;
  loss: number;
  validation: number | null;
}

export class Tracker {
  points: Point[] = [];
  last: Progress | undefined;
  readonly #begun = performance.now();
  #stride = 1;

  add(epochs: Progress[]): void {
    for (const progress of epochs) {
      const { epoch, loss, validation } = progress;
      if (epoch % this.#stride === 0) this.points.push({ epoch, loss, validation });
      if (this.points.length > CAPACITY) {
        this.#stride *= 2;
        this.points = this.points.filter((point) => point.epoch % this.#stride === 0);
      }
      this.last = progress;
    }
  }

  get elapsed(): number {
    return (performance.now() - this.#begun) / 1000;
  }

  /** Seconds until the last epoch; early stopping mostly ends before. */
  get left(): number {
    if (!this.last || this.last.epoch === 0) return Infinity;
    return (this.elapsed / this.last.epoch) * (this.last.maxEpochs - this.last.epoch);
  }
}
