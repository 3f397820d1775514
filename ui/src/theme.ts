/** Light, dark, or as the system is. */
import { computed, effect, signal } from "@preact/signals";
import { recall, remember } from "./prefs.ts";

export type Theme = "auto" | "light" | "dark";
export const themes: readonly Theme[] = ["auto", "light", "dark"];

const kept = recall("theme");
export const theme = signal<Theme>(kept === "light" || kept === "dark" ? kept : "auto");
const system =
  typeof matchMedia === "undefined" ? null : matchMedia("(prefers-color-scheme: dark)");
const systemDark = signal(system?.matches ?? false);
system?.addEventListener("change", (event) => {
  systemDark.value = event.matches;
});

export const dark = computed(
  () => theme.value === "dark" || (theme.value === "auto" && systemDark.value),
);

effect(() => {
  if (typeof document !== "undefined") {
    document.documentElement.dataset.theme = dark.value ? "dark" : "light";
  }
});

export function chooseTheme(choice: Theme): void {
  remember("theme", choice);
  theme.value = choice;
}

/** A colour of the style sheet, for what is painted on canvas. */
export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}
