import type { Benchmark, Prediction } from "./index.js";

export function measuredFirst(prediction: Prediction, benchmarks: readonly Benchmark[]): string[];
