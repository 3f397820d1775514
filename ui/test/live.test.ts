import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { alarmOfSeries, alarmOfStage, alarms, byUrgency, stageCounts } from "../src/alarms.ts";
import type { Alarm } from "../src/api.ts";
import { applyValues, backOff, live, merge } from "../src/live.ts";
import { extend } from "../src/trace.ts";

test("an event changes the series it names, and no other", () => {
  applyValues({
    t: 2000,
    v: [
      [1, 10, 0, 2000],
      [2, 20, 1, 2000],
    ],
  });
  applyValues({ t: 3000, v: [[1, 11, 0, 3000]] });
  deepEqual(live(1).value, { value: 11, quality: 0, t: 3000 });
  deepEqual(live(2).value, { value: 20, quality: 1, t: 2000 });
  equal(live(3).value, null);
});

test("a late reading does not replace a younger one; an amended one does", () => {
  applyValues({ t: 5000, v: [[4, 1, 0, 5000]] });
  applyValues({ t: 6000, v: [[4, 9, 0, 4000]] });
  equal(live(4).value?.value, 1);
  applyValues({ t: 6000, v: [[4, 2, 0, 5000]] });
  equal(live(4).value?.value, 2);
  equal(merge([4, null, 2, null], null), null);
  equal(merge([4, null, 2, 0], null), null);
});

test("a missing value is none, not nothing", () => {
  applyValues({ t: 1000, v: [[5, 7, 0, 1000]] });
  applyValues({ t: 2000, v: [[5, null, 2, 2000]] });
  deepEqual(live(5).value, { value: null, quality: 2, t: 2000 });
});

test("tries to come back grow apart, and never beyond fifteen seconds", () => {
  deepEqual(
    [0, 1, 2, 3, 4, 50].map((tries) => backOff(tries, 0)),
    [1000, 2000, 4000, 8000, 15_000, 15_000],
  );
  ok(backOff(4, 1) >= 9_999 && backOff(4, 1) < 15_000);
});

test("a sparkline keeps its span and its order", () => {
  const trace = { t: [], v: [] };
  for (const [t, v] of [
    [0, 1],
    [10, 2],
    [10, 3],
    [5, 9],
    [70, 4],
  ] as const) {
    extend(trace, t, v, 60);
  }
  deepEqual(trace, { t: [10, 70], v: [3, 4] });
});

function alarm(change: Partial<Alarm>): Alarm {
  return {
    id: 1,
    condition: "",
    series: null,
    name: "",
    stage: "",
    finding: 0,
    priority: "low",
    active: true,
    acknowledged: false,
    message: { en: "", fr: "" },
    raised_ms: 0,
    cleared_ms: null,
    acknowledged_ms: null,
    acknowledged_by: "",
    comment: "",
    shelved_until_ms: null,
    ...change,
  };
}

test("alarms: the most urgent first, then what nobody has seen, then the newest", () => {
  const list = [
    alarm({ id: 1, priority: "low", raised_ms: 9 }),
    alarm({ id: 2, priority: "critical", acknowledged: true }),
    alarm({ id: 3, priority: "critical", raised_ms: 1 }),
    alarm({ id: 4, priority: "critical", raised_ms: 2 }),
  ];
  deepEqual(
    list.sort(byUrgency).map((a) => a.id),
    [4, 3, 2, 1],
  );
});

test("a stage shows its worst alarm, and a shelved one not at all", () => {
  alarms.value = [
    alarm({ id: 1, stage: "a", series: 7, priority: "medium" }),
    alarm({ id: 2, stage: "a", series: 7, priority: "high", acknowledged: true }),
    alarm({ id: 3, stage: "a", series: 8, priority: "critical", shelved_until_ms: 99 }),
  ];
  equal(alarmOfStage.value.get("a")?.id, 2);
  equal(alarmOfSeries.value.get(7)?.id, 2);
  equal(alarmOfSeries.value.has(8), false);
  deepEqual(stageCounts.value.get("a"), {
    critical: [0, 0],
    high: [0, 1],
    medium: [1, 0],
    low: [0, 0],
  });
});
