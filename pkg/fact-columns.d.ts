import type { ModelFacts } from "./index.js";

export type FactName = "size" | "date" | "type" | "family" | "organisation" | "license" | "weights" | "results";

export function organisation(facts: ModelFacts): string | null;
export function hasOpenWeights(facts: ModelFacts): boolean | undefined;
export const FACTS: Readonly<Record<FactName, { title: string; value(facts: ModelFacts): string | number | null }>>;
export function sizeText(billions: number): string;
