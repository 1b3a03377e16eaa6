// The last question, kept in this browser if the visitor asks for it. `kept-data.ts` does the same for data.

/** Where the question and the name of the data are. */
export const KEPT = { question: "eyas-question", data: "eyas-data" } as const;

/** What was kept, `null` if nothing was. */
export function kept(what: keyof typeof KEPT): string | null {
  try {
    return localStorage.getItem(KEPT[what]);
  } catch {
    return null;
  }
}

/** Replaces the kept question, if questions are kept. */
export function keep(fragment: string): void {
  if (kept("question") === null) return;
  try {
    localStorage.setItem(KEPT.question, fragment);
  } catch {
    // The text may be too long for it; the last one stays.
  }
}
