/** The server's words, as docs/api.md has them. Times are milliseconds since the epoch, UTC. */

export type Words = { en: string; fr: string };
export type Priority = "critical" | "high" | "medium" | "low";
export type QualityWord = "good" | "uncertain" | "bad";
export const priorities: readonly Priority[] = ["critical", "high", "medium", "low"];

export interface SeriesInfo {
  id: number;
  name: string;
  entity: string;
  attribute: string;
  stage: string;
  quantity: Words;
  unit: string;
  low: number | null;
  high: number | null;
  location: string;
  place: Words;
  decimals: number;
}

export interface Stage {
  id: string;
  name: Words;
  series: number[];
}

export interface Plant {
  name: string;
  title: Words;
  asset: string;
  version: string;
  zone: string;
  simulated: boolean;
  recorded: boolean;
  /** It has detectors: there is something normal to learn, and there may be anomalies. */
  watched: boolean;
  ruled?: boolean;
  population_equivalent: number;
  /** `placed`: with a latitude and a longitude; `map`: there is one to draw behind them. */
  devices: { total: number; placed: number; map: boolean };
  /** What others send to alerts/in. */
  receives_alerts: boolean;
  /** Of the NGSI broker: whether it has tenants, and whether it wants a token of its own. */
  broker: { tenants: boolean; token: boolean };
  stages: Stage[];
  series_total: number;
  /** The first 5000 of them. */
  series: SeriesInfo[];
}

export interface Limit {
  name: string;
  value: number;
  priority: Priority;
  /** What the scenario says, where people moved it since. */
  scenario?: number;
}

export interface LimitChange {
  series: { id: number; name: string; unit: string };
  name: string;
  from: number;
  to: number;
  reset: boolean;
  at_ms: number;
  who: string;
  comment: string;
}

export interface FlagReport {
  flag: string;
  rows: number;
  flagged: number;
  beyond: number;
  missed: number;
  wrong: number;
  listed: { t: number; value: number; flagged: boolean; beyond: string }[];
}

export interface NormalHour {
  hour: number;
  low: number;
  high: number;
}

export interface FindingMark {
  id: number;
  kind: string;
  onset_ms: number;
  closed_ms: number | null;
}

/** What is drawn behind the values of a series. */
export interface Bands {
  id: number;
  limits: Limit[];
  normal: NormalHour[];
}

export interface SeriesDetail extends SeriesInfo {
  latest: { t: number; value: number | null; quality: QualityWord; reason: string } | null;
  limits: Limit[];
  normal: NormalHour[];
  findings: FindingMark[];
}

/** Its readings were uncertain (1) or bad (2) from then until then; "": why is not known. */
export type QualitySpan = [from_ms: number, to_ms: number, quality: number, reason: string];

export interface History {
  series: number;
  /** "raw", or how wide a bucket is: "1m". */
  resolution: string;
  t: number[];
  mean: (number | null)[];
  min: (number | null)[];
  max: (number | null)[];
  count: number[];
  /** Where it was asked for. */
  quality?: QualitySpan[];
}

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

export interface Suspect {
  series: number;
  name: string;
  share: number;
  contribution: number;
  value: number;
  expected: number;
  low: number;
  high: number;
}

export interface Evidence {
  detector: string;
  symptom: string;
  series: number | null;
  score: number;
  since_ms: number;
  active: boolean;
}

export interface Label {
  id: number;
  kind: string;
  kind_name: Words;
  scenario: string;
  direct: string[];
  consequences: string[];
  start_ms: number;
  end_ms: number;
  over: boolean;
  size: number;
  text: Words;
  found_by?: number[];
}

export interface Finding {
  id: number;
  asset: string;
  kind: string;
  kind_name: Words;
  second: string | null;
  score: number;
  confidence: number;
  forest_score: number;
  onset_ms: number;
  detected_ms: number;
  closed_ms: number | null;
  suspects: Suspect[];
  evidence: Evidence[];
  sentence: Words;
  truth?: { known: boolean; labels: Label[] };
}

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

export interface Compliance {
  directive: string;
  population_equivalent: number;
  score: number | null;
  verdict: string;
  now: {
    parameter: string;
    series: number | null;
    value: number | null;
    limit: number;
    unit: string;
    reduction_pct: number | null;
    min_reduction_pct: number | null;
    ok: boolean | null;
  }[];
  samples: {
    parameter: string;
    taken: number;
    failed: number;
    allowed: number;
    ok: boolean;
    annual_mean: boolean;
    days: { day: string; value: number | null; reduction_pct: number | null; ok: boolean }[];
  }[];
}

export interface Efficiency {
  overall_percent: number | null;
  parameters: {
    parameter: string;
    inlet: number | null;
    outlet: number | null;
    removal_percent: number | null;
    unit: string;
  }[];
  energy: {
    kwh_per_m3: number | null;
    kwh_per_day: number | null;
    by_stage: { stage: string; kw: number }[];
  } | null;
  flow_m3_per_day: number | null;
}

export interface FaultType {
  name: string;
  kind: string;
  words: Words;
  targets: string[];
  size_unit: string;
  size_low: number;
  size_high: number;
}

export interface SimulatorStatus {
  available: boolean;
  plant: string;
  seed: number;
  speed: number;
  weather: string;
  weather_set: string;
  weathers: string[];
  fault_rate: number;
  now_ms: number;
  catching_up: boolean;
  running: Label[];
  types: FaultType[];
}

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

/** What the server refused, in its own words; status 0: it could not be reached. */
export class ApiError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export async function ask<T>(method: string, path: string, body?: unknown): Promise<T> {
  const request: RequestInit = { method, headers: { Accept: "application/json" } };
  if (body !== undefined) {
    request.headers = { ...request.headers, "Content-Type": "application/json" };
    request.body = JSON.stringify(body);
  }
  const response = await fetch(`api/${path}`, request).catch((cause: unknown) => {
    throw new ApiError(0, String(cause));
  });
  if (!response.ok) {
    const said = (await response.json().catch(() => null)) as { description?: string } | null;
    throw new ApiError(response.status, said?.description ?? `${response.status}`);
  }
  const text = await response.text();
  return (text === "" ? undefined : JSON.parse(text)) as T;
}

type Query = Record<string, string | number | boolean | undefined>;

/** "?a=1&b=2", leaving out what is undefined. */
export function query(parts: Query): string {
  const pairs = Object.entries(parts)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${encodeURIComponent(String(value))}`);
  return pairs.length > 0 ? `?${pairs.join("&")}` : "";
}

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
  compliance: (days = 365) => ask<Compliance>("GET", `compliance${query({ days })}`),
  efficiency: (hours: number) => ask<Efficiency>("GET", `efficiency${query({ hours })}`),
  simulator: () => ask<SimulatorStatus>("GET", "simulator"),
  setSimulator: (change: { speed?: number; weather?: string; fault_rate?: number }) =>
    ask<SimulatorStatus>("POST", "simulator", change),
  inject: (order: { fault: string; target: string; size: number | null; minutes: number | null }) =>
    ask<{ label: number }>("POST", "simulator/faults", order),
  cancelFault: (label: number) => ask<unknown>("DELETE", `simulator/faults/${label}`),
  system: () => ask<SystemStatus>("GET", "system"),
  quarantine: (limit: number) => ask<Quarantine>("GET", `quarantine${query({ limit })}`),
};
