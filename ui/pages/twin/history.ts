/** A numeric attribute's history as the chart takes it. */
import type { History } from "../../src/api.ts";
import { broker, type Key } from "./broker.ts";

const steps: [text: string, seconds: number][] = [
  ["1s", 1],
  ["2s", 2],
  ["5s", 5],
  ["10s", 10],
  ["30s", 30],
  ["1m", 60],
  ["2m", 120],
  ["5m", 300],
  ["10m", 600],
  ["30m", 1800],
  ["1h", 3600],
  ["2h", 7200],
  ["6h", 21_600],
  ["12h", 43_200],
  ["1d", 86_400],
  ["7d", 604_800],
];

/** The shortest even step of which a span has no more than `points`. */
export function stepFor(span_ms: number, points: number): string {
  const found = steps.find(([, seconds]) => span_ms / 1000 / seconds <= points);
  return found?.[0] ?? "7d";
}

type Row = Record<string, number | string>;

export function historyOf(rows: readonly Row[], resolution: string): History {
  const column = (name: string) => rows.map((row) => Number(row[name] ?? row.value));
  return {
    series: 0,
    resolution,
    t: rows.map((row) => Date.parse(String(row.time))),
    mean: column("mean"),
    min: column("min"),
    max: column("max"),
    count: rows.map((row) => Number(row.count ?? 1)),
  };
}

/** Each value where the span has no more than `points`, else their mean and reach in even steps. */
export async function attributeHistory(
  key: Key,
  name: string,
  from: number,
  to: number,
  points: number,
): Promise<History> {
  const span = { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
  const each = await broker.history(key, name, { ...span, limit: points });
  if (each.next === undefined) return historyOf(each.values, "raw");
  const every = stepFor(to - from, points);
  const means = await broker.history(key, name, {
    ...span,
    aggr: "mean,min,max,count",
    every,
    limit: 10_000,
  });
  return historyOf(means.values, every);
}
