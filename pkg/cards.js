// Draws the card of a forecast, for `Recommender.card`: what only programs that draw cards load.

/**
 * `named` are the benchmarks that the request names; `run` runs a function in the module `card`, which gets the JSON that the
 * command line would print.
 */
export async function draw(model, { format = "svg", theme, made, ...request }, named, run) {
  await run(({ checkCard }) => checkCard(format, named, theme, made));
  const ask = (tasks) => JSON.stringify(model.predict({ ...request, tasks, unseen: false, compare: [] }));
  const info = JSON.stringify(model.info);
  let answer = ask(named);
  const first = named.length > 0 ? [] : await run(({ measuredFirst }) => measuredFirst(answer, info));
  if (first.length > 0) answer = ask(first);
  return run(({ drawCard }) => drawCard(answer, info, format, theme, made));
}
