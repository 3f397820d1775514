import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { empty, ruleName, sketchesOf, tomlOf } from "../pages/rules/draft.ts";
import { stripSpan } from "../pages/rules/strip.tsx";
import {
  commonPattern,
  fits,
  fitting,
  levelFor,
  measured,
  reachOf,
} from "../pages/rules/suggest.ts";
import type { History, SeriesInfo } from "../src/api.ts";

const info = (entity: string, attribute: string, unit = "mg/l"): SeriesInfo => ({
  id: 0,
  name: `${entity}.${attribute}`,
  entity,
  attribute,
  stage: "",
  quantity: { en: attribute, fr: attribute },
  unit,
  low: null,
  high: null,
  location: "",
  place: { en: "", fr: "" },
  decimals: 1,
});

const past = (max: (number | null)[]): History => ({
  series: 0,
  resolution: "1h",
  t: max.map((_, i) => i),
  mean: max,
  min: max.map((v) => (v === null ? null : v - 1)),
  max,
  count: max.map(() => 1),
});

test("a form becomes the rule that a scenario has, and is read back from it", () => {
  const draft = { ...empty, series: "*.no2, AIT-1", high: "40", deadband: ".5", low: "" };
  equal(
    tomlOf(draft),
    `[[rule]]
name = "no2_high"
kind = "limit"
series = ["*.no2", "AIT-1"]
high = 40
deadband = 0.5
on_delay = "1m"
off_delay = "0s"
priority = "medium"
`,
  );
  deepEqual(sketchesOf(tomlOf(draft)), [
    {
      name: "no2_high",
      kind: "limit",
      on: ["*.no2", "AIT-1"],
      high: 40,
      low: null,
      priority: "medium",
      isOfGroup: false,
    },
  ]);
  equal(
    tomlOf({ ...draft, kind: "silence", devices: "*", priority: "none" }),
    `[[rule]]
name = "silence"
kind = "silence"
devices = ["*"]
after = "15m"
priority = "none"
`,
  );
});

test("a name that would break the text is escaped, and the rule's own has no sign in it", () => {
  const draft = { ...empty, series: 'a"b\\c', low: "-3" };
  ok(/series = \["a\\"b\\\\c"\]/.test(tomlOf(draft)));
  deepEqual(sketchesOf(tomlOf(draft))[0]?.on, ['a"b\\c']);
  equal(ruleName({ ...empty, series: "Zone/7.débit /x", high: "1" }), "débit_x_high");
});

test("what people write by hand is understood as far as it is drawn", () => {
  const [group, fence, third] = sketchesOf(`
[[rule]]  # of all
name = 'hot'
kind = "limit"
series = [
  "*.temperature",   # both
  "T?",
]
high = 1_000.5  # in °C
low = -2e1
group_by = "all"

[[rule]]
name = "yard"
kind = "geofence"
area = [[1.0, 2.0], [3.0, 4.0], [1.0, 4.0]]
priority = "none"
[[rule]]
`);
  deepEqual(
    [group?.name, group?.on, group?.high, group?.low, group?.isOfGroup],
    ["hot", ["*.temperature", "T?"], 1000.5, -20, true],
  );
  deepEqual([fence?.kind, fence?.on, fence?.priority], ["geofence", [], null]);
  equal(third?.name, "");
});

test("wildcards are the server's: of series by both names, of devices by the entity's", () => {
  ok(fits("*.no2", "bus.7.no2") && fits("T?", "T1") && fits("*", ""));
  ok(!fits("*.no2", "x-no2") && !fits("T?", "T12") && !fits("a+", "aa"));
  const all = [info("bus-1", "no2"), info("bus-2", "o3")];
  deepEqual(
    fitting(all, ["*.no2", "bus-2"], "limit").map((s) => s.name),
    ["bus-1.no2", "bus-2.o3"],
  );
  equal(fitting(all, ["*.no2"], "silence").length, 0);
});

test("a fleet is tried by what most of it sends, a plant by one of its sensors", () => {
  const bus = (i: number) =>
    ["latitude", "battery", "no2", "o3"].map((what) => info(`bus-${i}`, what));
  const fleet = measured([...[1, 2, 3].flatMap(bus), info("pump", "on", "0/1")]);
  equal(commonPattern(fleet), "*.no2");
  ok(fleet.every(({ attribute }) => !["latitude", "battery", "on"].includes(attribute)));
  equal(commonPattern(["a", "b", "c"].map((one) => info(one, "flow"))), null);
  equal(commonPattern(["x", "y", "z"].map((what) => info("machine", what))), null);
});

test("the limit to try is one that values pass now and then, else one that is there", () => {
  const values = past(Array.from({ length: 101 }, (_, i) => i + 0.123));
  deepEqual(levelFor([], [values]), { high: 98.1, deadband: 5 });
  const limit = (name: string, value: number) => ({ name, value, priority: "high" as const });
  const limits = [limit("high_high", 90), limit("high", 80), limit("low", 3)];
  equal(levelFor(limits, [values])?.high, 98.1);
  equal(levelFor(limits, [past([null])])?.high, 80);
  equal(levelFor([], [past([null])]), null);
  deepEqual(reachOf([past([null, 3, 5]), past([9])]), { low: 2, high: 9 });
  equal(reachOf([past([])]), null);
});

test("when everything lies at the end of a span, the end is shown", () => {
  const at = (onset_ms: number) => ({
    subject: "",
    series: 0,
    onset_ms,
    detected_ms: onset_ms,
    closed_ms: null,
    value: 0,
    sentence: { en: "", fr: "" },
  });
  const whole = { from: 0, to: 1000 };
  deepEqual(stripSpan([at(990), at(950)], whole), { from: 945, to: 1000 });
  deepEqual(stripSpan([at(990), at(500)], whole), whole);
  deepEqual(stripSpan([], whole), whole);
});
