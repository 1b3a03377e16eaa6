// Models that are held out of a snapshot, and the snapshot without their results.

/** The parts of an `eyas-snapshot/2` file that matter here. */
export interface SnapshotFile {
  models: { id: string; configuration_of?: string; date?: string; factors?: Record<string, string | number | boolean>; parents?: { id: string; relation?: string; weight?: number }[] }[];
  relatives?: { id: string; parents?: { id: string }[] }[];
  tasks: { id: string }[];
  scores?: { models?: number[]; values: number[]; errors?: unknown[]; items?: unknown[]; dates?: unknown[]; source?: unknown }[];
  outcomes?: { observed?: string[]; solved: string[] };
}

/** Models in `folds` parts, settings of one model always together, in an order that the seed decides. */
export function folds({ models }: SnapshotFile, count: number, seed = 0): number[][] {
  const roots = models.map(({ id, configuration_of: root }) => root ?? id);
  const groups = [...new Set(roots)].map((root) => ({ root, order: hash(`${seed} ${root}`) })).sort((a, b) => a.order - b.order);
  const fold = new Map(groups.map(({ root }, at) => [root, at % count]));
  const parts: number[][] = Array.from({ length: count }, () => []);
  roots.forEach((root, at) => parts[fold.get(root) ?? 0]?.push(at));
  return parts;
}

/** The snapshot without the results and facts of these models; as parents of others they stay. Tasks that lose all results go with them. */
export function without(file: SnapshotFile, held: readonly number[]): SnapshotFile {
  const isHeld = new Set(held);
  const kept = file.models.flatMap((_, at) => (isHeld.has(at) ? [] : [at]));
  const place = new Map(kept.map((at, place) => [at, place]));
  const { models, relatives = [], tasks, scores, outcomes, ...others } = file;
  const left = held.map((at) => models[at]!).map(({ id, parents = [] }) => ({ id, parents }));
  const reduced = { ...others, models: kept.map((at) => models[at]!), relatives: [...relatives, ...left] };
  if (outcomes) {
    const { observed, solved } = outcomes;
    const rows = (all: string[]): string[] => kept.map((at) => all[at] ?? "");
    return { ...reduced, tasks, outcomes: { ...(observed ? { observed: rows(observed) } : {}), solved: rows(solved) } };
  }
  const columns = (scores ?? []).map(({ models: rows, ...column }) => {
    const at = (rows ?? models.map((_, at) => at)).flatMap((row, at) => (place.has(row) ? [{ at, row: place.get(row)! }] : []));
    const lists = Object.entries(column).map(([name, list]) => [name, Array.isArray(list) ? at.map(({ at }) => list[at] as unknown) : list]);
    return { ...Object.fromEntries(lists), models: at.map(({ row }) => row) } as NonNullable<SnapshotFile["scores"]>[number];
  });
  const filled = columns.flatMap(({ values }, at) => (values.length > 0 ? [at] : []));
  return { ...reduced, tasks: filled.map((at) => tasks[at]!), scores: filled.map((at) => columns[at]!) };
}

/** A number of 32 bits that a text decides (FNV-1a, mixed). */
function hash(text: string): number {
  let state = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) state = Math.imul(state ^ text.charCodeAt(at), 0x01000193);
  state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d);
  return (state ^ (state >>> 13)) >>> 0;
}
