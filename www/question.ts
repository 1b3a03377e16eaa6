// What a question asks of a model.

import type { Factor, PredictRequest } from "../pkg/index.js";
import { EXAMPLE } from "./example.ts";
import type { Question } from "./forecast-state.ts";
import { soleId, soleName } from "./hub-name.ts";

/** The name in a text that is only a name or a link. */
export function sole(text: string): string | undefined {
  return soleId(text) ?? soleName(text);
}

/** The request for a question. A single name is the model itself, unless the visitor declared it a parent. */
export function requestOf({ text, params, type, scores, sole, asParent, named }: Question, all: boolean): PredictRequest {
  const factors: Record<string, Factor> = {};
  if (params) factors["params"] = params;
  if (type) factors["type"] = type;
  const itself = sole !== undefined && !asParent;
  // The example is answered before the module that reads texts has arrived.
  const lineage = text === EXAMPLE.text ? EXAMPLE.lineage : sole === undefined ? text : { parents: [sole] };
  const about = itself ? { id: sole } : { lineage, ...(named === undefined ? {} : { name: named }) };
  const request: PredictRequest = { ...about, factors, ...(all ? { tasks: "all" } : {}) };
  return scores ? { ...request, scores } : request;
}
