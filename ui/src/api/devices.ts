/** The devices of a fleet or a city, and where they are. */
import type { Alarm } from "./alarms.ts";
import { ask, askBytes, query } from "./ask.ts";
import type { Finding } from "./findings.ts";
import type { Priority, SeriesInfo, Words } from "./plant.ts";

export interface DeviceHead {
  id: string;
  index: number;
  kind: string;
  kind_name: Words;
  has_place: boolean;
  at_ms: number | null;
  alarm: { priority: Priority; acknowledged: boolean } | null;
}

export interface Latest {
  value: number | null;
  quality: number;
  t: number | null;
}

export interface DeviceValue extends Latest {
  series: number;
  attribute: string;
  quantity: Words;
  unit: string;
  decimals: number;
}

export interface DeviceRow extends DeviceHead {
  values: DeviceValue[];
}

export interface Device extends DeviceHead {
  /** The series' numbers. */
  position: { latitude: number; longitude: number } | null;
  series: (SeriesInfo & { latest: Latest })[];
  alarms: Alarm[];
  findings: Finding[];
}

export interface DeviceList {
  devices: DeviceRow[];
  found: number;
  total: number;
  placed: number;
}

export interface RoadMap {
  attribution: string;
  map: {
    features: { geometry: { type: string; coordinates: unknown } | null }[];
  };
}

export interface Wish {
  q: string;
  sort: string;
  alarmed: boolean;
}

export const rows = 100;

export const devices = {
  list: ({ q, sort, alarmed }: Wish, offset: number) =>
    ask<DeviceList>(
      "GET",
      `devices${query({ q: q || undefined, sort, alarmed: alarmed || undefined, offset, limit: rows })}`,
    ),
  device: (id: string) => ask<Device>("GET", `devices/${encodeURIComponent(id)}`),
  map: () => ask<RoadMap>("GET", "map"),
  /** `value`: with what each has of this attribute. */
  positions: (since: number, value?: string) => askBytes(`positions${query({ since, value })}`),
};

/** A name with a slash would not fit into the address of an answer: its number does. */
export function deviceKey(head: { id: string; index: number }): string {
  return head.id.includes("/") ? `index:${head.index}` : head.id;
}
