import type { Priority, Words } from "./plant.ts";

/** id, value (null: none), quality (0 good, 1 uncertain, 2 bad), time (null: nothing ever came). */
export type LiveValue = [id: number, value: number | null, quality: number, t: number | null];

export interface ValuesEvent {
  t: number;
  v: LiveValue[];
}

export interface StatusEvent {
  now_ms: number;
  data_ms: number | null;
  wall_ms: number;
  live: boolean;
  /** A recording of which there is no more. */
  ended: boolean;
  simulated: boolean;
  speed: number;
  weather: string;
  learning: boolean | number;
  catching_up: boolean;
  alarms: Record<Priority, [unacknowledged: number, acknowledged: number]>;
  newest: { id: number; priority: Priority; message: Words; raised_ms: number } | null;
  open_findings: number;
  versions: {
    alarms: number;
    findings: number;
    simulator: number;
    received: number;
    series: number;
  };
  health: string;
}
