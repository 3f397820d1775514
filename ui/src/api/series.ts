import type { Priority, QualityWord, SeriesInfo } from "./plant.ts";

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
