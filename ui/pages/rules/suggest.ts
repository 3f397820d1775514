/** What to try first on the plant that is shown. */
import type { History, Limit, SeriesInfo } from "../../src/api.ts";
import { isState } from "../../src/plant.ts";
import { isUpper } from "../../src/scale.ts";

type Named = Pick<SeriesInfo, "name" | "entity">;

/** As the server reads "*" (any text) and "?" (one letter). */
export function fits(pattern: string, text: string): boolean {
  const escaped = pattern.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const source = escaped.replaceAll("\\*", ".*").replaceAll("\\?", ".");
  return new RegExp(`^${source}$`, "su").test(text);
}

/** The series that a rule looks at: by their names (`kind` limit) or their entities'. */
export function fitting<Info extends Named>(
  infos: readonly Info[],
  patterns: readonly string[],
  kind: string,
): Info[] {
  return infos.filter(({ name, entity }) =>
    patterns.some((one) => fits(one, entity) || (kind === "limit" && fits(one, name))),
  );
}

const places = /(^|\.)(lat|latitude|lon|lng|long|longitude|heading|bearing|altitude)$/i;
const radios = /(^|[._])(battery|rssi|snr|signal|uptime)/i;

/** What one comes to watch: neither a place, nor a state, nor how a device itself is. */
export function measured(infos: readonly SeriesInfo[]): SeriesInfo[] {
  return infos.filter(
    (info) => !isState(info) && !places.test(info.attribute) && !radios.test(info.attribute),
  );
}

const few = 3;

/**
 * Where many devices send the same several things: what most of them send, of all ("*.temperature").
 * Else null: a plant's sensors have each their own level.
 */
export function commonPattern(infos: readonly SeriesInfo[]): string | null {
  const entities = new Map<string, Set<string>>();
  for (const { attribute, entity } of infos) {
    entities.set(attribute, (entities.get(attribute) ?? new Set()).add(entity));
  }
  const all = new Set(infos.map(({ entity }) => entity)).size;
  if (infos.length < 1.5 * all) return null;
  const [most] = [...entities].sort((a, b) => b[1].size - a[1].size);
  return most && most[1].size >= few ? `*.${most[0]}` : null;
}

/** With so many significant digits, as one would write a limit. */
function round(value: number, digits: number): number {
  return Number(value.toPrecision(digits));
}

export interface Reach {
  low: number;
  high: number;
}

/** What the values of these series reach from and to; null: there are none. */
export function reachOf(histories: readonly History[]): Reach | null {
  const lows = histories.flatMap(({ min }) => min.filter((v) => v !== null));
  const highs = histories.flatMap(({ max }) => max.filter((v) => v !== null));
  if (lows.length === 0 || highs.length === 0) return null;
  return {
    low: lows.reduce((a, b) => Math.min(a, b)),
    high: highs.reduce((a, b) => Math.max(a, b)),
  };
}

/**
 * An upper limit that is worth a try: one that the means pass now and then, not a peak that is over before
 * a delay is; where there are none, the lowest of the limits that they have already. And a deadband that
 * suits how much they move.
 */
export function levelFor(
  limits: readonly Limit[],
  histories: readonly History[],
): { high: number; deadband: number } | null {
  const tops = histories
    .flatMap(({ mean }) => mean.filter((v) => v !== null))
    .sort((a, b) => a - b);
  const at = (share: number) => tops[Math.floor(share * (tops.length - 1))];
  const [bottom, top] = [at(0.02), at(0.98)];
  const known = limits.filter((one) => isUpper(one, null)).map(({ value }) => value);
  if (known.length === 0 && top === undefined) return null;
  const high = top === undefined ? Math.min(...known) : round(top, 3);
  const width = (top ?? high) - (bottom ?? 0) || Math.abs(high) || 1;
  return { high, deadband: round(0.05 * Math.abs(width), 1) };
}
