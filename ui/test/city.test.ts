import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { type Area, areasOf, contains } from "../pages/city/areas.ts";
import { clustersOf } from "../pages/city/clusters.ts";
import { lookOf, shadeOf, stepOf } from "../pages/city/deviation.ts";
import { measuresOf } from "../pages/city/measures.ts";
import { deviationText } from "../pages/city/state.ts";
import type { LatestSeries } from "../src/api/zones.ts";
import { xOf, yOf } from "../src/map/mercator.ts";
import { Swarm } from "../src/map/swarm.ts";

type Position = [number, number];

const square = (west: number, south: number, size: number): Position[] => [
  [west, south],
  [west + size, south],
  [west + size, south + size],
  [west, south + size],
  [west, south],
];

const areas = areasOf({
  name: "districts",
  attribution: "",
  entities: ["districts:a", "districts:b"],
  names: ["Ring", ""],
  geojson: {
    features: [
      { geometry: { type: "Polygon", coordinates: [square(1, 43, 1), square(1.25, 43.25, 0.5)] } },
      { geometry: { type: "MultiPolygon", coordinates: [[square(3, 43, 1)], [square(5, 43, 1)]] } },
    ],
  },
});

test("an area has its hole left out, and all its parts", () => {
  const [ring, parts] = areas;
  if (!ring || !parts) throw new Error("two areas are expected");
  const isIn = (area: Area, longitude: number, latitude: number) =>
    contains(area, xOf(longitude), yOf(latitude));
  equal(isIn(ring, 1.1, 43.1), true);
  equal(isIn(ring, 1.5, 43.5), false);
  equal(isIn(ring, 2.5, 43.5), false);
  equal(isIn(parts, 3.5, 43.5), true);
  equal(isIn(parts, 4.5, 43.5), false);
  equal(isIn(parts, 5.5, 43.5), true);
});

test("a label stands inside of its area, and a zone without a name has its entity's", () => {
  for (const area of areas) ok(contains(area, area.label.x, area.label.y), area.entity);
  equal(areas[1]?.name, "districts:b");
});

test("within two spreads nothing is remarkable; beyond, three steps on each side", () => {
  deepEqual(
    [-7, -5, -4.9, -3, -2, -1.9, 0, 1.9, 2, 3, 5].map(stepOf),
    [-3, -3, -2, -2, -1, 0, 0, 0, 1, 2, 3],
  );
  equal(shadeOf(0), "normal");
  equal(shadeOf(-2), "below-2");
  equal(lookOf(null, 4), "missing");
  equal(lookOf(3, null), "unknown");
  equal(lookOf(3, 0.4), 0);
});

test("a deviation has the sign of a number, and nought has none", () => {
  equal(deviationText(2.41), "+2.4");
  equal(deviationText(-0.31), "−0.3");
  equal(deviationText(-0.01), "0.0");
  equal(deviationText(null), "–");
});

const series = (id: number, entity: string, attribute: string): LatestSeries => ({
  id,
  name: `${entity}.${attribute}`,
  entity,
  attribute,
  stage: "",
  quantity: { en: "", fr: "" },
  unit: "",
  low: null,
  high: null,
  location: "",
  place: { en: "", fr: "" },
  decimals: 1,
  latest: { value: null, quality: 2, t: null },
});

test("what districts are measured by: values with their deviation, those that have one first", () => {
  const all = [
    series(0, "districts:a", "laeq_15m_max"),
    series(1, "districts:a", "no2_1h_mean"),
    series(2, "districts:a", "no2_1h_mean_deviation"),
    series(3, "districts:b", "no2_1h_mean"),
    series(4, "sensor-1", "no2"),
  ];
  const [no2, laeq, ...others] = measuresOf(all, ["districts:a", "districts:b"]);
  equal(others.length, 0);
  equal(no2?.attribute, "no2_1h_mean");
  deepEqual([no2?.base, no2?.window, no2?.aggregate], ["no2", "1h", "mean"]);
  deepEqual(
    [...(no2?.value ?? [])],
    [
      ["districts:a", 1],
      ["districts:b", 3],
    ],
  );
  deepEqual([...(no2?.deviation ?? [])], [["districts:a", 2]]);
  deepEqual([laeq?.base, laeq?.window, laeq?.aggregate], ["laeq", "15m", "max"]);
});

const members = (all: [x: number, y: number, state: number][]) => ({
  size: all.length,
  x: all.map(([x]) => x),
  y: all.map(([, y]) => y),
  state: all.map(([, , state]) => state),
});

test("objects near each other are one group with its most urgent alarm; far ones stand alone", () => {
  const scale = 1000;
  const of = members([
    [0.5, 0.5, 0],
    [0.501, 0.5, 3 | 8],
    [0.502, 0.5, 1],
    [0.9, 0.5, 0],
  ]);
  const found = clustersOf(of, scale, () => true).sort((a, b) => b.count - a.count);
  deepEqual(
    found.map(({ count }) => count),
    [3, 1],
  );
  equal(found[0]?.priority, 1);
  equal(found[0]?.isNew, true);
  ok(Math.abs((found[0]?.x ?? 0) - 0.501) < 1e-9);
  equal(found[1]?.slot, 3);
});

test("groups of neighbouring cells do not touch, and none of their objects is lost", () => {
  const all: [number, number, number][] = [];
  for (let i = 0; i < 4000; i++)
    all.push([0.5 + ((i * 37) % 997) / 5e3, 0.5 + ((i * 61) % 991) / 5e3, 0]);
  const found = clustersOf(members(all), 4096, () => true);
  equal(
    found.reduce((sum, { count }) => sum + count, 0),
    4000,
  );
  equal(
    clustersOf(members(all), 4096, (slot) => slot % 2 === 0).reduce((n, c) => n + c.count, 0),
    2000,
  );
});

test("a swarm takes the value of each object, and its quality", () => {
  const view = new DataView(new ArrayBuffer(24 + 2 * 24));
  view.setFloat64(0, 5, true);
  view.setUint32(16, 2, true);
  view.setUint32(20, 2, true);
  for (const [i, value] of [21.5, Number.NaN].entries()) {
    const at = 24 + 24 * i;
    view.setUint32(at, i, true);
    view.setInt32(at + 4, 43.6e7, true);
    view.setInt32(at + 8, 1.4e7, true);
    view.setUint32(at + 16, i === 0 ? (1 << 6) | 2 : 0, true);
    view.setFloat32(at + 20, value, true);
  }
  const swarm = new Swarm();
  swarm.take(view.buffer as ArrayBuffer, 10, true);
  equal(swarm.value[0], 21.5);
  ok(Number.isNaN(swarm.value[1]));
  equal(swarm.valueQuality(0), 1);
  equal(swarm.looksLike(0, 0), 2);
  // A frame that comes late still puts them where they are.
  ok(swarm.move(10_000));
  equal(swarm.x[0], xOf(1.4));
  equal(swarm.move(10_001), false);
});
