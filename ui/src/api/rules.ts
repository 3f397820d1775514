/** Rules: in force, and tried on what is stored. */
import { ask, query } from "./ask.ts";
import type { Words } from "./plant.ts";

/** null: none on that side. */
export interface RuleLimits {
  high: number | null;
  low: number | null;
}

export interface RuleInForce extends Partial<RuleLimits> {
  name: string;
  kind: string;
  on: string[];
  priority: string;
  /** Of silence. */
  after_s?: number;
  // Of a limit.
  grouped?: boolean;
  unit?: string;
  deadband?: number;
  scenario?: RuleLimits;
  /** In event time; null: nobody moved it. */
  since_ms?: number | null;
}

export interface RuleChange {
  rule: string;
  from: RuleLimits;
  to: RuleLimits;
  reset: boolean;
  since_ms: number;
  at_ms: number;
  who: string;
  comment: string;
}

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

/** The scenario's, and who moved them, the newest change first. */
export function rulesInForce(): Promise<{ rules: RuleInForce[]; log: RuleChange[] }> {
  return ask("GET", "rules");
}

/** A side that is not there stays; null: back to what the scenario says. */
export function moveRule(
  name: string,
  to: Partial<RuleLimits>,
  who: string,
  comment: string,
): Promise<RuleInForce> {
  return ask("PUT", `rules/${encodeURIComponent(name)}`, { ...to, who, comment });
}
