// The scores of a model that a forecast is compared with. Rankings are kept, since several elements may compare on one benchmark.

/** By model: its rankings by benchmark. */
const rankings = new WeakMap();

/** The measured or predicted scores of a known model on the benchmarks of a forecast. */
export function comparison(model, id, tasks) {
  const ranked = rankings.get(model) ?? new Map();
  rankings.set(model, ranked);
  const lowerCase = id.toLowerCase();
  const scores = {};
  let spelling;
  for (const task of tasks) {
    if (!ranked.has(task)) ranked.set(task, model.rank({ task }).models);
    const found = ranked.get(task).find((other) => other.id.toLowerCase() === lowerCase);
    if (!found) continue;
    spelling = found.id;
    scores[task] = { score: found.score, predicted: found.predicted, rank: found.rank };
  }
  return { id: spelling ?? id, known: spelling !== undefined, scores };
}
