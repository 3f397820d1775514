/** The rule that is being made and what came of trying it; kept while one looks at another page. */
import { computed, signal } from "@preact/signals";
import { type Trial, tryRules } from "../../src/api/rules.ts";
import { shownAt, status } from "../../src/live.ts";
import { present } from "../../src/plant.ts";
import { type Draft, empty, tomlOf } from "./draft.ts";

export const day_ms = 86_400_000;

export const draft = signal<Draft>(empty);
/** The text that somebody wrote in place of the form's. */
export const byHand = signal<string | null>(null);
export const toml = computed(() => byHand.value ?? tomlOf(draft.value));
/** Limits that somebody has typed are not replaced by suggested ones. */
export const isTyped = signal(false);
export const days = signal(30);

export interface Tried {
  toml: string;
  days: number;
  /** Its end is the present. */
  isLast: boolean;
  trial: Trial;
}

export const isBusy = signal(false);
export const refusal = signal<string | null>(null);
export const tried = signal<Tried | null>(null);

export function change(part: Partial<Draft>): void {
  draft.value = { ...draft.peek(), ...part };
  byHand.value = null;
}

/** Of a series of its own: from that series' page. */
export function begin(series: string): void {
  draft.value = { ...empty, series };
  byHand.value = null;
  isTyped.value = false;
  tried.value = null;
  refusal.value = null;
}

export function spanNow(): { from: number; to: number } {
  const to = shownAt.peek() ?? present();
  return { from: to - days.peek() * day_ms, to };
}

export async function tryIt(): Promise<void> {
  if (isBusy.peek()) return;
  const asked = { toml: toml.peek(), days: days.peek() };
  const { from, to } = spanNow();
  isBusy.value = true;
  try {
    // What is of this very moment counts, too: the end is not part of the span.
    const trial = await tryRules(asked.toml, from, to + 1);
    const isLast = shownAt.peek() === null && !status.peek()?.ended && !trial.cut;
    tried.value = { ...asked, isLast, trial };
    refusal.value = null;
  } catch (cause) {
    tried.value = null;
    refusal.value = (cause as Error).message;
  } finally {
    isBusy.value = false;
  }
}
