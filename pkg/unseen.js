// The forecast for a measured model without its own results, beside its results: what only such questions load.

/** `ask` returns the forecasts of a model without its results, in the order of the benchmarks, or a promise of them. */
export async function withUnseen(model, request, ask) {
  const prediction = model.predict({ ...request, unseen: false });
  const id = prediction.quantisation_of ?? (prediction.measured && prediction.subject.id);
  if (!id) return prediction;
  const unseen = await ask(id);
  const places = new Map(model.benchmarks.map((benchmark, at) => [benchmark.id, at]));
  const forecasts = prediction.forecasts.map((forecast) => ({ ...forecast, unseen: unseen[places.get(forecast.task)] }));
  return { ...prediction, forecasts };
}
