/**
 * Two languages. A dictionary is a pair that the compiler holds complete: what `en` says, `fr` must
 * say too. Common texts are in `texts/common.ts`, a page's own in its folder.
 */
import { effect, signal } from "@preact/signals";
import type { Words } from "./api.ts";
import type { Language } from "./format.ts";
import { recall, remember } from "./prefs.ts";

export const languages: readonly Language[] = ["en", "fr"];

function firstChoice(): Language {
  const kept = recall("language");
  if (kept === "en" || kept === "fr") return kept;
  const wanted = typeof navigator === "undefined" ? "en" : navigator.language;
  return wanted.toLowerCase().startsWith("fr") ? "fr" : "en";
}

export const language = signal<Language>(firstChoice());
effect(() => {
  if (typeof document !== "undefined") document.documentElement.lang = language.value;
});

export function chooseLanguage(choice: Language): void {
  remember("language", choice);
  language.value = choice;
}

type Entries = Record<string, string | ((...parts: never[]) => string)>;
/** French has English's keys, and where a text takes parts, the same parts. */
type Same<E extends Entries> = {
  [K in keyof E]: E[K] extends (...parts: infer P) => string ? (...parts: P) => string : string;
};
export interface Dictionary<E extends Entries = Entries> {
  readonly en: E;
  readonly fr: Same<E>;
}

export const dictionaries: Dictionary[] = [];

/** Makes a dictionary; the function it returns gives the entries in the language of the moment. */
export function texts<E extends Entries>(en: E, fr: Same<E>): () => E {
  dictionaries.push({ en, fr } as unknown as Dictionary);
  return () => (language.value === "fr" ? (fr as unknown as E) : en);
}

/** Behind a text and before what it names: French has a blank there that breaks no line. */
export function colon(): string {
  return language.value === "fr" ? "\u00a0:" : ":";
}

/** The server's own words in the language of the moment. */
export function say(words: Words | null | undefined): string {
  if (!words) return "";
  return words[language.value] || words.en || words.fr;
}
