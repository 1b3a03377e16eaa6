// What the data state about all models, asked once of each trained model.

import type { ModelFacts } from "../pkg/index.js";
import type { Session, Trained } from "./session.ts";

const known = new WeakMap<Trained, Promise<ReadonlyMap<string, ModelFacts>>>();

/** The facts by id, of the model in use; the session must have one. */
export function factsOf(session: Session): Promise<ReadonlyMap<string, ModelFacts>> {
  const { current } = session;
  if (!current) return Promise.resolve(new Map());
  const asked = known.get(current) ?? session.ask((model) => model.models(), { retrain: false }).then((models) => new Map(models.map((facts) => [facts.id, facts])));
  known.set(current, asked);
  // A failure may pass: the next question asks again.
  asked.catch(() => known.delete(current));
  return asked;
}

/** The settings of the same model, with the model itself, and without this one. */
export function settingsOf(id: string, facts: ReadonlyMap<string, ModelFacts>): ModelFacts[] {
  const root = facts.get(id)?.configuration_of ?? id;
  return [...facts.values()].filter((other) => other.id !== id && (other.id === root || other.configuration_of === root));
}

/** The models that were made from this one, with the relation that is stated. */
export function childrenOf(id: string, facts: ReadonlyMap<string, ModelFacts>): { facts: ModelFacts; relation: string }[] {
  return [...facts.values()].flatMap((facts) => {
    const parent = facts.parents.find((parent) => parent.id === id);
    return parent ? [{ facts, relation: parent.relation === "unstated" ? "" : parent.relation.replaceAll("_", " ") }] : [];
  });
}
