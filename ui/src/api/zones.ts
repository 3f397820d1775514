/** Named areas, and the series that windows over what lies in them make. */
import { ask } from "./ask.ts";
import type { Latest } from "./devices.ts";
import type { SeriesInfo } from "./plant.ts";

export interface ZoneFeature {
  geometry: { type: string; coordinates: unknown };
}

export interface ZoneSet {
  name: string;
  attribution: string;
  /** Of each feature, in the same order. */
  entities: string[];
  names: string[];
  geojson: { features: ZoneFeature[] };
}

export type LatestSeries = SeriesInfo & { latest: Latest };

export const zones = {
  all: () => ask<{ zones: ZoneSet[]; tiles: Tiles | null }>("GET", "zones"),
  series: () => ask<{ series: LatestSeries[] }>("GET", "zones/series"),
};

/** Pictures behind the map, where the scenario wants them. */
export interface Tiles {
  url: string;
  attribution: string;
}
