// The last question, kept in this browser if the visitor asks for it.

const KEY = "eyas-question";

/** Whether questions are kept. */
export function keeps(): boolean {
  return stored() !== null;
}

/** The kept question as a fragment; empty without one. */
export function kept(): string {
  return stored() ?? "";
}

export function setKeeping(on: boolean): void {
  try {
    if (on) localStorage.setItem(KEY, location.hash);
    else localStorage.removeItem(KEY);
  } catch {
    // A private window may keep nothing.
  }
}

/** Replaces the kept question, if questions are kept. */
export function keep(fragment: string): void {
  if (keeps()) setKept(fragment);
}

function setKept(fragment: string): void {
  try {
    localStorage.setItem(KEY, fragment);
  } catch {
    // The text may be too long for it; the last one stays.
  }
}

function stored(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}
