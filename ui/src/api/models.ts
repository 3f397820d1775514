import type { Words } from "./plant.ts";

export interface TrialSide {
  episodes: number;
  wrong: number;
  confirmed: number;
  sensors: number;
}

/** What a shadow and the active model said of the same frames. */
export interface Trial {
  from_ms: number;
  to_ms: number;
  days: number;
  frames: number;
  error_ratio: number | null;
  budget_per_day: number | null;
  active: TrialSide;
  shadow: TrialSide;
}

export interface ModelVersion {
  version: number;
  state: "active" | "shadow" | "retired";
  trained_ms: number;
  from_ms: number;
  to_ms: number;
  frames: number;
  sensors: number;
  left_out: number;
  trigger: "first" | "command" | "people" | "schedule" | "drift" | "unknown";
  why: string;
  trial: Trial | null;
}

export interface ModelStep {
  at_ms: number;
  what: "trained" | "promoted" | "retired" | "rolled_back" | "failed";
  version: number;
  /** Empty: Sosie itself. */
  who: string;
  text: Words;
}

export interface Models {
  in_use: number | null;
  note: string;
  can_learn: boolean;
  training: boolean;
  trouble: string;
  next_training_ms: number | null;
  trial_s: number;
  /** Sensors whose level has moved for good. */
  moved: string[];
  versions: ModelVersion[];
  log: ModelStep[];
}
