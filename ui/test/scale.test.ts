import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { parseHash } from "../src/router.ts";
import { along, brokenLimit, limitTag, scaleOf, side } from "../src/scale.ts";
import { spanByKey } from "../src/widgets/chart.tsx";
import { firstWidth, held } from "../src/widgets/history.tsx";
import { qualityAt } from "../src/widgets/quality-strip.ts";
import { fromLocal, toLocal } from "../src/zoned.ts";

const high = { name: "high", value: 10, priority: "high" } as const;
const highHigh = { name: "high_high", value: 12, priority: "critical" } as const;
const low = { name: "low", value: 2, priority: "low" } as const;
const band = { low: 5, high: 7 };

test("the indicator shows the band in its middle, and stays in the sensor's range", () => {
  const scale = scaleOf({ low: 0, high: 1000 }, band, [high, low]);
  ok(scale && scale.from >= 0 && scale.to < 20, JSON.stringify(scale));
  ok(scale && along(6, scale) > 0.3 && along(6, scale) < 0.7);
  deepEqual(scaleOf({ low: 0, high: 14 }, null, []), { from: 0, to: 14 });
  equal(scaleOf({ low: null, high: null }, null, [high]), null);
  equal(along(99, { from: 0, to: 10 }), 1);
});

test("of the limits that are broken the most urgent counts", () => {
  equal(brokenLimit(13, [high, highHigh, low], band)?.name, "high_high");
  equal(brokenLimit(11, [high, highHigh, low], band)?.name, "high");
  equal(brokenLimit(1, [high, highHigh, low], band)?.name, "low");
  equal(brokenLimit(6, [high, highHigh, low], band), null);
  equal(brokenLimit(1, [{ ...low, name: "alarm" }], band)?.name, "alarm");
  deepEqual(["high_high", "high", "low", "low_low", "alarm"].map(limitTag), [
    "HH",
    "H",
    "L",
    "LL",
    "alarm",
  ]);
  deepEqual([side(4, band), side(6, band), side(8, band), side(8, null)], [-1, 0, 1, 0]);
});

test("addresses", () => {
  deepEqual(parseHash(""), { page: "overview", argument: "" });
  deepEqual(parseHash("#/sensor/12"), { page: "sensor", argument: "12" });
  deepEqual(parseHash("#/stage/a%20b"), { page: "stage", argument: "a b" });
  deepEqual(parseHash("#/stage/%"), { page: "stage", argument: "%" });
});

test("a chart's span moves by keys, and is held to what can be asked", () => {
  deepEqual(spanByKey("ArrowLeft", { from: 100, to: 200 }), { from: 75, to: 175 });
  deepEqual(spanByKey("+", { from: 100, to: 200 }), { from: 125, to: 175 });
  equal(spanByKey("x", { from: 0, to: 1 }), null);
  const now = 1e12;
  const ahead = held({ from: now, to: now + 3_600_000 }, now);
  ok(ahead.to <= now + 3_600_000 * 0.05 && ahead.to - ahead.from === 3_600_000);
  equal(
    held({ from: now - 5, to: now }, now).to - held({ from: now - 5, to: now }, now).from,
    30_000,
  );
});

test("the site's wall clock and back, on the days the clocks change too", () => {
  for (const at of [
    Date.UTC(2026, 10, 20, 14, 5),
    Date.UTC(2026, 6, 1, 23, 59),
    Date.UTC(2026, 2, 29, 0, 59),
    Date.UTC(2026, 2, 29, 1, 0),
    Date.UTC(2026, 9, 25, 2, 30),
  ]) {
    equal(fromLocal(toLocal(at, "Europe/Paris"), "Europe/Paris"), at, new Date(at).toISOString());
  }
  equal(toLocal(Date.UTC(2026, 10, 20, 14, 5), "Europe/Paris"), "2026-11-20T15:05");
  equal(fromLocal("", "UTC"), null);
});

test("the strip under a chart says why values cannot be trusted", () => {
  const spans = [
    [10, 20, 1, "late"],
    [20, 30, 2, ""],
    [40, 50, 2, "out_of_range"],
  ] satisfies [number, number, number, string][];
  equal(qualityAt(spans, 9), null);
  equal(qualityAt(spans, 10), "uncertain (late)");
  equal(qualityAt(spans, 20), "bad");
  equal(qualityAt(spans, 49), "bad (out of range)");
  equal(qualityAt(spans, 50), null);
});

test("a chart of what has only just begun is as wide as that", () => {
  const hour = 3_600_000;
  equal(firstWidth(23 * hour, 24 * hour), 24 * hour);
  equal(firstWidth(5 * hour, 24 * hour), 24 * hour);
  equal(firstWidth(2 * hour, 24 * hour), 6 * hour);
  equal(firstWidth(135_000, 24 * hour), hour / 6);
});
