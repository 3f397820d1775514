import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { waitAfter } from "../src/map/follow.ts";
import {
  latitudeOf,
  longitudeOf,
  scaleBar,
  sightOf,
  xOf,
  yOf,
  zoomed,
} from "../src/map/mercator.ts";
import { roadsOf } from "../src/map/roads.ts";
import { Swarm, silent, silent_s, well } from "../src/map/swarm.ts";

type Row = [device: number, latitude: number, longitude: number, at_s: number, state: number];

function answer(version: number, now_ms: number, rows: Row[]): ArrayBuffer {
  const view = new DataView(new ArrayBuffer(24 + 20 * rows.length));
  view.setFloat64(0, version, true);
  view.setFloat64(8, now_ms, true);
  view.setUint32(16, 7, true);
  view.setUint32(20, rows.length, true);
  rows.forEach(([device, latitude, longitude, at_s, state], i) => {
    const at = 24 + 20 * i;
    view.setUint32(at, device, true);
    view.setInt32(at + 4, Math.round(latitude * 1e7), true);
    view.setInt32(at + 8, Math.round(longitude * 1e7), true);
    view.setUint32(at + 12, at_s, true);
    view.setUint32(at + 16, state, true);
  });
  return view.buffer as ArrayBuffer;
}

const near = (a: number, b: number) => ok(Math.abs(a - b) < 1e-9, `${a} is not ${b}`);

test("Mercator: the equator is in the middle, and degrees come back", () => {
  near(yOf(0), 0.5);
  near(xOf(0), 0.5);
  near(latitudeOf(yOf(60.17)), 60.17);
  near(longitudeOf(xOf(24.94)), 24.94);
  ok(yOf(90) >= 0 && yOf(-90) <= 1);
  ok(yOf(60) < yOf(50), "north is up");
});

test("what is under the mouse stays there when it zooms", () => {
  const sight = { x: 0.5, y: 0.3, scale: 1e6 };
  const nearer = zoomed(sight, 2, 100, -50);
  near(sight.x + 100 / sight.scale, nearer.x + 100 / nearer.scale);
  near(sight.y - 50 / sight.scale, nearer.y - 50 / nearer.scale);
});

test("all points are in sight, and one alone is not looked at through a microscope", () => {
  const sight = sightOf(
    [
      { x: 0.1, y: 0.2 },
      { x: 0.3, y: 0.25 },
    ],
    800,
    400,
  );
  ok(sight && Math.abs(sight.x - 0.2) < 1e-12 && 0.2 * sight.scale <= 800);
  const one = sightOf([{ x: xOf(24.94), y: yOf(60.17) }], 800, 400);
  ok(one && scaleBar(one, 120).metres >= 50, JSON.stringify(one));
  equal(sightOf([], 800, 400), null);
});

test("a device glides to where it was last seen, and leaps where no vehicle could have driven", () => {
  const swarm = new Swarm();
  const head = swarm.take(answer(5, 9000, [[3, 60, 24, 9, 0]]), 1000, true);
  deepEqual(head, { version: 5, now_ms: 9000, placed: 7, told: 1 });
  swarm.move(1000);
  near(swarm.x[0] as number, xOf(24));
  swarm.take(answer(6, 11_000, [[3, 60, 24.001, 11, 0]]), 3000, true);
  swarm.move(3000);
  near(swarm.x[0] as number, xOf(24));
  swarm.move(4000); // it takes the two seconds that its news took
  near(swarm.x[0] as number, xOf(24.0005));
  swarm.move(5000);
  near(swarm.x[0] as number, xOf(24.001));
  equal(swarm.move(9000), false);
  swarm.take(answer(7, 12_000, [[3, 61, 30, 12, 0]]), 10_000, true);
  swarm.move(10_001);
  near(swarm.x[0] as number, xOf(30));
});

test("a device that is asked for anew before a frame has put it there is drawn where it is", () => {
  const swarm = new Swarm();
  swarm.take(answer(5, 9000, [[3, 60, 24, 9, 0]]), 1000, true);
  swarm.clear();
  swarm.move(1010); // a frame with nobody on it
  swarm.take(answer(5, 9000, [[3, 60, 24, 9, 0]]), 1020, true);
  equal(swarm.move(1030), true);
  near(swarm.x[0] as number, xOf(24));
});

test("a map asks less often while there are no news, and at once as often as before when there are", () => {
  const city = { every_ms: 30, quiet_ms: 60 };
  let wait_ms = 30;
  const waits = [false, false, false, false, false, true, true].map((hasNews) => {
    wait_ms = waitAfter(wait_ms, hasNews, city);
    return wait_ms;
  });
  deepEqual(waits, [40, 50, 60, 60, 60, 30, 30]);
  equal(waitAfter(500, false, { every_ms: 500 }), 500);
});

test("an alarm outranks silence; more devices than there was room for", () => {
  const swarm = new Swarm();
  const rows = Array.from({ length: 3000 }, (_, i): Row => [i, 60, 24, 1000, 0]);
  rows[1] = [1, 60, 24, 1000, 2 | 8];
  swarm.take(answer(1, 0, rows), 0, true);
  equal(swarm.size, 3000);
  const soon = 1_000_000 + silent_s * 1000;
  equal(swarm.looksLike(0, soon), well);
  equal(swarm.looksLike(0, soon + 1), silent);
  equal(swarm.looksLike(1, soon + 1), 2);
  ok(swarm.isAcknowledged(1));
  deepEqual(swarm.counts(soon), [2999, 0, 1, 0, 0, 0]);
});

test("roads are the lines of a GeoJSON file, whatever form they have", () => {
  const line = [
    [24, 60],
    [25, 61],
  ];
  const of = (type: string, coordinates: unknown) => ({ geometry: { type, coordinates } });
  const { lines, attribution } = roadsOf({
    attribution: "© somebody",
    map: {
      features: [
        of("LineString", line),
        of("MultiLineString", [line, line]),
        of("MultiPolygon", [[line], [line]]),
        of("Point", line[0]),
        { geometry: null },
      ],
    },
  });
  equal(attribution, "© somebody");
  equal(lines.length, 5);
  deepEqual([...(lines[0] as Float64Array)], [xOf(24), yOf(60), xOf(25), yOf(61)]);
});
