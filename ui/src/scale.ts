/** Where things stand on the small indicator beside a number. */
import type { Limit } from "./api.ts";

export interface Scale {
  from: number;
  to: number;
}

/**
 * The part of a range that is worth showing: the normal band and the limits near it fill the middle,
 * so that a deviation is seen at a glance; never beyond the sensor's own range.
 */
export function scaleOf(
  range: { low: number | null; high: number | null },
  band: { low: number; high: number } | null,
  limits: readonly Limit[],
): Scale | null {
  const { low, high } = range;
  const marks = limits.map((limit) => limit.value);
  if (band) marks.push(band.low, band.high);
  let from: number;
  let to: number;
  if (band && band.high > band.low) {
    const width = band.high - band.low;
    const near = marks.filter((m) => m >= band.low - 4 * width && m <= band.high + 4 * width);
    from = Math.min(...near);
    to = Math.max(...near);
    const margin = Math.max(0.6 * width, 0.12 * (to - from));
    from -= margin;
    to += margin;
  } else if (low !== null && high !== null) {
    from = low;
    to = high;
  } else if (marks.length > 1) {
    from = Math.min(...marks);
    to = Math.max(...marks);
    const margin = 0.2 * (to - from || 1);
    from -= margin;
    to += margin;
  } else {
    return null;
  }
  if (low !== null) from = Math.max(from, low);
  if (high !== null) to = Math.min(to, high);
  return to > from ? { from, to } : null;
}

/** 0..1 along the scale, held at its ends. */
export function along(value: number, scale: Scale): number {
  return Math.min(1, Math.max(0, (value - scale.from) / (scale.to - scale.from)));
}

/** A limit is an upper one by its name ("high", "high_high", "max"), else by where the band lies. */
export function isUpper(limit: Limit, middle: number | null): boolean {
  if (/high|max|upper|above|haut/i.test(limit.name)) return true;
  if (/low|min|lower|below|bas/i.test(limit.name)) return false;
  return middle === null || limit.value >= middle;
}

/** What operators call a limit in any language: "high_high" is HH, "low" is L; others stand as named. */
export function limitTag(name: string): string {
  const short = name
    .split("_")
    .map((part) => ({ high: "H", low: "L" })[part] ?? "")
    .join("");
  return short || name;
}

const order = ["critical", "high", "medium", "low"];

/** The most urgent limit that a value breaks. */
export function brokenLimit(
  value: number,
  limits: readonly Limit[],
  band: { low: number; high: number } | null,
): Limit | null {
  const middle = band ? (band.low + band.high) / 2 : null;
  const broken = limits.filter((limit) =>
    isUpper(limit, middle) ? value > limit.value : value < limit.value,
  );
  broken.sort((a, b) => order.indexOf(a.priority) - order.indexOf(b.priority));
  return broken[0] ?? null;
}

/** -1 below the band, 1 above it, 0 in it or none known. */
export function side(value: number, band: { low: number; high: number } | null): -1 | 0 | 1 {
  if (!band) return 0;
  if (value < band.low) return -1;
  return value > band.high ? 1 : 0;
}
