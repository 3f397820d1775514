/** The server's words, as docs/api.md has them. Times are milliseconds since the epoch, UTC. */

import type { Alarm, AlarmEvent } from "./api/alarms.ts";
import type { ReceivedAlert, ReceivedAlerts } from "./api/alerts.ts";
import { ask, type Query, query } from "./api/ask.ts";
import type { Compliance, Efficiency } from "./api/compliance.ts";
import type { Answer, Finding, FindingCases, Label } from "./api/findings.ts";
import type { Models } from "./api/models.ts";
import type { Plant } from "./api/plant.ts";
import type { Ai, Scoreboard } from "./api/scores.ts";
import type { Bands, FlagReport, History, Limit, LimitChange, SeriesDetail } from "./api/series.ts";
import type { SimulatorStatus } from "./api/simulator.ts";
import type { Quarantine, SystemStatus } from "./api/system.ts";

export * from "./api/alarms.ts";
export * from "./api/alerts.ts";
export * from "./api/ask.ts";
export * from "./api/compliance.ts";
export * from "./api/findings.ts";
export * from "./api/live.ts";
export * from "./api/models.ts";
export * from "./api/plant.ts";
export * from "./api/scores.ts";
export * from "./api/series.ts";
export * from "./api/simulator.ts";
export * from "./api/system.ts";

export const api = {
  plant: () => ask<Plant>("GET", "plant"),
  series: (id: number | string) => ask<SeriesDetail>("GET", `series/${encodeURIComponent(id)}`),
  bands: (ids: readonly number[]) =>
    ask<{ series: Bands[] }>("GET", `bands?series=${ids.join(",")}`),
  history: (id: number, from: number, to: number, points: number, quality?: true) =>
    ask<History>(
      "GET",
      `series/${id}/history${query({ from: Math.round(from), to: Math.round(to), points, quality })}`,
    ),
  findings: (parts: Query = {}) =>
    ask<{ findings: Finding[]; total: number }>("GET", `findings${query(parts)}`),
  finding: (id: number) => ask<Finding>("GET", `findings/${id}`),
  findingCases: (id: number) => ask<FindingCases>("GET", `findings/${id}/cases`),
  /** `kind` "": they do not say. */
  answer: (id: number, said: { right: boolean; kind: string; who: string; comment: string }) =>
    ask<Answer>("POST", `findings/${id}/answer`, said),
  labels: (parts: Query = {}) => ask<{ labels: Label[] }>("GET", `labels${query(parts)}`),
  alarms: () => ask<{ alarms: Alarm[]; version: number }>("GET", "alarms"),
  alarmLog: (parts: Query = {}) =>
    ask<{ events: AlarmEvent[] }>("GET", `alarms/log${query(parts)}`),
  acknowledge: (id: number, who: string, comment: string) =>
    ask<Alarm>("POST", `alarms/${id}/acknowledge`, { who, comment }),
  shelve: (id: number, who: string, comment: string, minutes: number) =>
    ask<Alarm>("POST", `alarms/${id}/shelve`, { who, comment, minutes }),
  unshelve: (id: number, who: string) => ask<Alarm>("POST", `alarms/${id}/unshelve`, { who }),
  receivedAlerts: () => ask<ReceivedAlerts>("GET", "alerts"),
  receivedAlert: (id: number) => ask<ReceivedAlert & { raw: string }>("GET", `alerts/${id}`),
  limits: () => ask<{ log: LimitChange[] }>("GET", "limits"),
  /** `value` null: back to what the scenario says. */
  moveLimit: (id: number, name: string, value: number | null, who: string, comment: string) =>
    ask<Limit>("PUT", `limits/${id}/${name}`, { value, who, comment }),
  /** The recording's own flag beside the limits; null: it has none. */
  flag: (id: number) => ask<FlagReport | null>("GET", `series/${id}/flag`),
  scoreboard: (hours: number) => ask<Scoreboard>("GET", `scoreboard${query({ hours })}`),
  ai: () => ask<Ai>("GET", "ai"),
  models: () => ask<Models>("GET", "models"),
  trainModel: (who: string, comment: string) =>
    ask<Models>("POST", "models/train", { who, comment }),
  activateModel: (version: number, who: string, comment: string) =>
    ask<Models>("POST", `models/${version}/activate`, { who, comment }),
  retireModel: (version: number, who: string, comment: string) =>
    ask<Models>("POST", `models/${version}/retire`, { who, comment }),
  compliance: (days = 365) => ask<Compliance>("GET", `compliance${query({ days })}`),
  efficiency: (hours: number) => ask<Efficiency>("GET", `efficiency${query({ hours })}`),
  simulator: () => ask<SimulatorStatus>("GET", "simulator"),
  setSimulator: (change: {
    speed?: number;
    weather?: string;
    fault_rate?: number;
    setpoints?: Record<string, number>;
  }) => ask<SimulatorStatus>("POST", "simulator", change),
  inject: (order: { fault: string; target: string; size: number | null; minutes: number | null }) =>
    ask<{ label: number }>("POST", "simulator/faults", order),
  cancelFault: (label: number) => ask<unknown>("DELETE", `simulator/faults/${label}`),
  system: () => ask<SystemStatus>("GET", "system"),
  quarantine: (limit: number) => ask<Quarantine>("GET", `quarantine${query({ limit })}`),
};
