/** What a city's districts are measured by: the series of their entities, by attribute. */
import type { LatestSeries } from "../../src/api/zones.ts";

export interface Measure {
  attribute: string;
  /** What an object has of it: "no2" of "no2_1h_mean". */
  base: string;
  /** "1h", "mean"; "" where the attribute's name does not say it. */
  window: string;
  aggregate: string;
  /** One of its series: they have words, unit and decimals in common. */
  info: LatestSeries;
  /** By entity: the series of the value, and of its deviation from normal. */
  value: Map<string, number>;
  deviation: Map<string, number>;
}

const ending = "_deviation";
const made = /^(.+?)_(\d+(?:ms|s|min|m|h|d))_(.+)$/;

/** "no2_1h_mean" → "no2", "1h", "mean"; null: its name does not say of what it is made. */
export function partsOf(
  attribute: string,
): { base: string; window: string; aggregate: string } | null {
  const [, base, window, aggregate] = made.exec(attribute) ?? [];
  return base && window && aggregate ? { base, window, aggregate } : null;
}

/** Those that tell how far from normal they are come first, then by name. */
export function measuresOf(
  series: readonly LatestSeries[],
  entities: readonly string[],
): Measure[] {
  const wanted = new Set(entities);
  const own = series.filter((s) => wanted.has(s.entity));
  const found = new Map<string, Measure>();
  for (const info of own) {
    if (info.attribute.endsWith(ending)) continue;
    let measure = found.get(info.attribute);
    if (!measure) {
      measure = {
        attribute: info.attribute,
        ...(partsOf(info.attribute) ?? { base: info.attribute, window: "", aggregate: "" }),
        info,
        value: new Map(),
        deviation: new Map(),
      };
      found.set(info.attribute, measure);
    }
    measure.value.set(info.entity, info.id);
  }
  for (const info of own) {
    if (!info.attribute.endsWith(ending)) continue;
    found.get(info.attribute.slice(0, -ending.length))?.deviation.set(info.entity, info.id);
  }
  const rank = (m: Measure) => (m.deviation.size > 0 ? 0 : 1);
  return [...found.values()].sort(
    (a, b) => rank(a) - rank(b) || (a.attribute < b.attribute ? -1 : 1),
  );
}
