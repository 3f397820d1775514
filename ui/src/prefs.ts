/** What the browser remembers of a person: language, theme, name. Storage may be forbidden. */

export function recall(key: string): string | null {
  try {
    return localStorage.getItem(`sosie.${key}`);
  } catch {
    return null;
  }
}

export function remember(key: string, value: string): void {
  try {
    localStorage.setItem(`sosie.${key}`, value);
  } catch {
    // Private windows and file: pages refuse; the choice then lasts as long as the page.
  }
}
