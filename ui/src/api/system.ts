export interface SystemStatus {
  version: string;
  started_ms: number;
  uptime_s: number;
  start_to_serving_s: number;
  memory_bytes: number;
  cpu_s: number;
  readings: { taken: number; refused: number; per_s: number };
  queues: { name: string; size: number; capacity: number }[];
  store: {
    file: string;
    bytes: number;
    oldest_ms: number | null;
    newest_ms: number | null;
    commits: number;
    last_commit_ms: number | null;
    error: string;
  };
  sources: {
    name: string;
    kind: string;
    state: string;
    readings: number;
    refused: number;
    /** Messages at its broker that were not read yet; only where the source knows. */
    lag?: number;
    dead_letters?: number;
    /** Times it could not go on and tried again. */
    troubles: number;
    contested: number;
    error: string;
  }[];
  notifiers: { name: string; lag: number; error: string }[];
  sinks: {
    name: string;
    kind: string;
    state: "starting" | "running" | "behind" | "waiting" | "off";
    lag: number;
    sent: number;
    refused: number;
    last_success_ms: number | null;
    error: string;
  }[];
  pages_open: number;
}

export interface Quarantine {
  total: number;
  rows: { t: number; source: string; where: string; reason: string; sample: string }[];
}
