// Light, dark or as the system says; kept in this browser. `index.html` applies it before the first drawing.

const NAMES = ["auto", "light", "dark"] as const;
const KEY = "eyas-theme";

type Theme = (typeof NAMES)[number];

function current(): Theme {
  return NAMES.find((name) => name === document.documentElement.dataset["theme"]) ?? "auto";
}

/** Its name on the button. */
export function theme(): string {
  return { auto: "Auto", light: "Light", dark: "Dark" }[current()];
}

export function nextTheme(): void {
  const next = NAMES[(NAMES.indexOf(current()) + 1) % NAMES.length] ?? "auto";
  document.documentElement.dataset["theme"] = next;
  try {
    localStorage.setItem(KEY, next);
  } catch {
    // A private window may keep nothing.
  }
}
