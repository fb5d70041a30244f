/** Choices of this browser. Storage may be forbidden or full: then a choice lasts as long as the page. */
const unsaved = new Map<string, string>();

export function readChoice(key: string): string | null {
  try {
    return localStorage.getItem(`hs.${key}`) ?? unsaved.get(key) ?? null;
  } catch {
    return unsaved.get(key) ?? null;
  }
}

export function keepChoice(key: string, value: string): void {
  unsaved.set(key, value);
  try {
    localStorage.setItem(`hs.${key}`, value);
  } catch {
    // kept in `unsaved` only
  }
}
