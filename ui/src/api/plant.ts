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
  /** How many named areas the scenario has. */
  zones?: number;
  /** What others send to alerts/in. */
  receives_alerts: boolean;
  /** Of the NGSI broker: whether it has tenants, and whether it wants a token of its own. */
  broker: { tenants: boolean; token: boolean };
  stages: Stage[];
  series_total: number;
  /** The first 5000 of them. */
  series: SeriesInfo[];
}
