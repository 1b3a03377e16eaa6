// Models of the data that a name may mean, while it is typed.

/** The shortest ids that have all words of a text; none for an id itself. */
export function suggestions(text: string, ids: readonly string[], most = 4): string[] {
  const words = text.toLowerCase().match(/[\p{L}\p{N}.]+/gu) ?? [];
  if (words.length === 0 || ids.some((id) => id.toLowerCase() === text.trim().toLowerCase())) return [];
  const fits = (id: string): boolean => words.every((word) => id.toLowerCase().includes(word));
  return ids.filter(fits).toSorted((a, b) => a.length - b.length || (a < b ? -1 : 1)).slice(0, most);
}
