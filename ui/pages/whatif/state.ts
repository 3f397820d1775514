/** What was asked and what came of it; kept while one looks at another page. */
import { signal } from "@preact/signals";
import { askWhatIf, type WhatIf, type WhatIfQuestion } from "../../src/api/whatif.ts";

export const hours = signal(24);
export const isBusy = signal(false);
export const refusal = signal<string | null>(null);
export const told = signal<WhatIf | null>(null);
/** The names of the series whose futures are drawn. */
export const drawn = signal<readonly string[]>([]);

const most_drawn = 4;
const first_drawn = 2;

export function toggle(name: string): void {
  const now = drawn.peek();
  drawn.value = now.includes(name)
    ? now.filter((one) => one !== name)
    : [...now, name].slice(-most_drawn);
}

/** Those that a curve says most of: switches and states jump, and their table row tells it all. */
export function worthDrawing(of: WhatIf): string[] {
  return of.differences
    .filter(({ unit, deviation }) => !unit.startsWith("0/1") && deviation > 0)
    .slice(0, first_drawn)
    .map(({ name }) => name);
}

export async function askIt(question: WhatIfQuestion): Promise<void> {
  if (isBusy.peek()) return;
  isBusy.value = true;
  try {
    const found = await askWhatIf(question);
    const names = new Set(found.courses.map(({ name }) => name));
    const kept = drawn.peek().filter((name) => names.has(name));
    drawn.value = kept.length > 0 && told.peek() ? kept : worthDrawing(found);
    told.value = found;
    refusal.value = null;
  } catch (cause) {
    told.value = null;
    refusal.value = (cause as Error).message;
  } finally {
    isBusy.value = false;
  }
}
