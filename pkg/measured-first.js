// Which benchmarks the answer about a measured model shows, for the page and the elements; cards have the same in `src/card/mod.rs`.

/** Benchmarks that an answer shows at most if none are named. */
const MOST = 8;

/**
 * The benchmarks to show of a measured model: those with its scores, types of benchmarks side by side and those with the most results
 * first, then those that were chosen for it. Empty if these already show all that is measured.
 */
export function measuredFirst({ measured, forecasts }, benchmarks) {
  const chosen = forecasts.map(({ task }) => task);
  if (!measured || benchmarks.length <= MOST || Object.keys(measured).every((task) => chosen.includes(task))) return [];
  const seen = new Map();
  const turns = benchmarks
    .filter(({ id }) => measured[id] !== undefined)
    .sort((a, b) => b.cells - a.cells)
    .map(({ id, task_type: type }) => {
      const turn = seen.get(type) ?? 0;
      seen.set(type, turn + 1);
      return { id, turn };
    });
  const first = turns.sort((a, b) => a.turn - b.turn).map(({ id }) => id);
  return [...new Set([...first, ...chosen])].slice(0, MOST);
}
