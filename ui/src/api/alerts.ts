import type { Priority, Words } from "./plant.ts";

/** What somebody sent, folded: one condition, however often it came. */
export interface ReceivedAlert {
  id: number;
  source: "ngsi" | "sosie" | "alertmanager" | "json";
  subscription: string;
  entity: string;
  type: string;
  values: { name: string; value: string }[];
  message: Words;
  priority: Priority;
  at_ms: number | null;
  first_ms: number;
  last_ms: number;
  count: number;
  over: boolean;
  passed_on: { notifier: string; what: string; told_ms: number | null }[];
}

export interface ReceivedAlerts {
  alerts: ReceivedAlert[];
  total: number;
  open: number;
  received: number;
  refused: number;
  version: number;
  fold_s: number;
  notifiers: { name: string; told: number; dropped: number; waiting: number; error: string }[];
}
