import type { Priority, Words } from "./plant.ts";

export interface Alarm {
  id: number;
  condition: string;
  series: number | null;
  name: string;
  stage: string;
  finding: number;
  priority: Priority;
  active: boolean;
  acknowledged: boolean;
  message: Words;
  raised_ms: number;
  cleared_ms: number | null;
  acknowledged_ms: number | null;
  acknowledged_by: string;
  comment: string;
  shelved_until_ms: number | null;
}

export interface AlarmEvent {
  what:
    | "raised"
    | "cleared"
    | "acknowledged"
    | "shelved"
    | "unshelved"
    | "changed"
    | "taken_over"
    | "given_up";
  at_ms: number;
  who: string;
  comment: string;
  alarm: Alarm;
}
