/** Rules that are not in force, tried on what is stored. */
import { ask, query } from "./ask.ts";
import type { Words } from "./plant.ts";

export interface TriedEpisode {
  subject: string;
  series: number;
  onset_ms: number;
  detected_ms: number;
  /** null: it goes on. */
  closed_ms: number | null;
  value: number;
  sentence: Words;
}

export interface TriedRule {
  name: string;
  kind: string;
  episodes: number;
  open: number;
  lasting_s: number;
  subjects_total: number;
  /** The first 50, the most often first. */
  subjects: { name: string; episodes: number }[];
  /** The last 100, the newest first. */
  listed: TriedEpisode[];
}

export interface Trial {
  from_ms: number;
  /** Earlier than asked for where it is `cut`. */
  to_ms: number;
  cut: boolean;
  series: number;
  readings: number;
  rules: TriedRule[];
}

/** `toml`: the rules as they would stand in a scenario. */
export function tryRules(toml: string, from: number, to: number): Promise<Trial> {
  const span = query({ from: Math.round(from), to: Math.round(to) });
  return ask<Trial>("POST", `rules/try${span}`, toml);
}
