// Names of benchmarks for people.

/** The name of a benchmark: its dataset, and what of its id the dataset does not say. */
export interface Named {
  name: string;
  /** Such as `2024 2025 swallow`; empty if the name is the id. */
  detail: string;
}

export function named({ task, dataset }: { task: string; dataset: string }): Named {
  if (!dataset || plain(dataset) === plain(task) || !/[_\s]/.test(task)) return { name: task, detail: "" };
  const said = plain(dataset);
  const initials = dataset.split(/[\s\-_]+/).map((word) => word[0]?.toLowerCase() ?? "").join("");
  const parts = task.split(/[_\s]+/);
  // The dataset may be several parts of the id, from its beginning on.
  let begun = 0;
  for (let length = 1; length <= parts.length; length += 1) {
    const head = plain(parts.slice(0, length).join(""));
    if (head === said || head === initials) begun = length;
  }
  const rest = parts.slice(begun).filter((part) => begun > 0 || !said.includes(plain(part)));
  return { name: dataset, detail: rest.join(" ") };
}

/** The same in one line. */
export function label(benchmark: { task: string; dataset: string }): string {
  const { name, detail } = named(benchmark);
  return detail ? `${name} ${detail}` : name;
}

/** The name of a model without its organisation. */
export function short(id: string): string {
  return id.slice(id.lastIndexOf("/") + 1);
}

function plain(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
}
