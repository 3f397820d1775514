import type { Words } from "./plant.ts";

export interface KindScore {
  kind: string;
  kind_name: Words;
  labels: number;
  found: number;
  named_right: number;
  findings: number;
  recall: number | null;
  precision: number | null;
  median_delay_s: number | null;
}

export interface Scoreboard {
  known: boolean;
  from_ms: number;
  to_ms: number;
  labels: number;
  findings: number;
  true_findings: number;
  recall: number | null;
  precision: number | null;
  false_per_day: number | null;
  median_delay_s: number | null;
  kind_accuracy: number | null;
  row_accuracy: number | null;
  kinds: KindScore[];
  floors: {
    name: string;
    recall: number | null;
    precision: number | null;
    row_accuracy: number | null;
  }[];
}

export interface Ai {
  trained: boolean;
  learning_progress: number;
  model: {
    version: number;
    trained_ms: number;
    from_ms: number;
    to_ms: number;
    frames: number;
    seed: number;
    detectors: string[];
    false_alarms: {
      allowed_per_day: number;
      least_chance: number;
      held_out_found: number;
      held_out_told: number;
      held_out_episodes: number;
      held_out_days: number;
      per_day: number;
      low: number;
      high: number;
    } | null;
  } | null;
  predictions: number;
  findings: number;
  latency: {
    buckets_s: number[];
    counts: number[];
    p50_s: number | null;
    p95_s: number | null;
    p99_s: number | null;
    sum_s: number;
  };
  throughput_per_s: number | null;
  threshold: number;
  confidence: number;
  shap: { count: number; p95_s: number | null } | null;
}
