import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { readMessage } from "../site/message.ts";
import { Cutter, connectPacket, packet, readPublish, subscribePacket } from "../site/mqtt.ts";
import { Twin } from "../site/twin.ts";
import type { SeriesInfo } from "../src/api.ts";

const bytes = (...parts: (number[] | string)[]) =>
  new Uint8Array(
    parts.flatMap((p) => (typeof p === "string" ? [...new TextEncoder().encode(p)] : p)),
  );

test("CONNECT and SUBSCRIBE are what MQTT 3.1.1 says", () => {
  deepEqual(
    connectPacket("me", "u", "pw"),
    bytes([0x10, 21, 0, 4], "MQTT", [4, 0xc2, 0, 60, 0, 2], "me", [0, 1], "u", [0, 2], "pw"),
  );
  deepEqual(subscribePacket(["a/#"]), bytes([0x82, 8, 0, 1, 0, 3], "a/#", [0]));
});

test("packets are cut wherever the pieces end", () => {
  const body = new Array<number>(200).fill(7);
  const stream = bytes(
    [...packet(3, 0, [0, 1, 97, 104, 105])],
    [...packet(3, 0, [0, 1, 98, ...body])],
  );
  for (const at of [0, 1, 2, 5, 8, 9, 10, 100, stream.length]) {
    const found: string[] = [];
    const cutter = new Cutter();
    for (const piece of [stream.subarray(0, at), stream.subarray(at)]) {
      cutter.take(piece, (kind, flags, it) =>
        found.push(`${kind}:${readPublish(flags, it).topic}:${it.length}`),
      );
    }
    deepEqual(found, ["3:a:5", "3:b:203"], `cut at ${at}`);
  }
});

test("a message is read in FIWARE's form and in SenML", () => {
  const air = readMessage(
    '{"id":"x","dateObserved":"2026-11-29T10:00:00Z","location":{"type":"Point","coordinates":[1.44,43.6]},"LAeq":61.5,"name":"n"}',
  );
  deepEqual([...(air?.values ?? [])], [["laeq", 61.5]]);
  deepEqual(air?.place, { latitude: 43.6, longitude: 1.44 });
  equal(air?.at_ms, Date.parse("2026-11-29T10:00:00Z"));
  const heat = readMessage(
    '[{"bn":"urn:1:","bt":1795982000,"n":"temperature","v":21},{"n":"latitude","u":"lat","v":43.6},{"n":"longitude","u":"lon","v":1.44}]',
  );
  deepEqual([...(heat?.values ?? [])], [["temperature", 21]]);
  deepEqual(heat?.place, { latitude: 43.6, longitude: 1.44 });
  equal(heat?.at_ms, 1_795_982_000_000);
  const told = readMessage('{"status":"occupied","fillingLevel":0.4,"name":"free","O3":80}', {
    fields: { status: "occupied", fillingLevel: "filling" },
    words: { free: 0, occupied: 1 },
  });
  deepEqual(
    [...(told?.values ?? [])],
    [
      ["occupied", 1],
      ["filling", 0.4],
      ["o3", 80],
    ],
  );
  equal(readMessage("{cut"), null);
  equal(readMessage("7"), null);
});

const at = (second: number) => new Date(1_795_982_000_000 + 1000 * second).toISOString();
const air = (second: number, no2: number) =>
  JSON.stringify({
    dateObserved: at(second),
    location: { type: "Point", coordinates: [1.44, 43.6] },
    no2,
  });

function positions(twin: Twin, since = 0) {
  const view = new DataView(twin.answer(`positions?since=${since}&value=no2`) as ArrayBuffer);
  return {
    count: view.getUint32(20, true),
    version: view.getFloat64(0, true),
    state: view.byteLength > 24 ? view.getUint32(40, true) : 0,
    value: view.byteLength > 24 ? view.getFloat32(44, true) : Number.NaN,
  };
}

test("the twin answers as Sosie would: places with values, series, history", () => {
  const set = {
    name: "districts",
    attribution: "",
    entities: ["districts:1"],
    names: ["Le Port"],
    geojson: { features: [] },
  };
  const twin = new Twin([set], { no2: { en: "nitrogen dioxide", fr: "dioxyde d'azote" } });
  const told: [number, number | null][] = [];
  twin.onValue = (id, value) => told.push([id, value]);
  twin.object("toulouse/le-port/air/air-1", air(0, 20), 0);
  twin.object("toulouse/le-port/air/air-1", air(10, 22), 0);
  twin.object("toulouse/le-port/air/air-1", air(5, 99), 0);
  equal(positions(twin).count, 1);
  equal(positions(twin).value, 22);
  equal(positions(twin, positions(twin).version).count, 0);
  deepEqual(told, [
    [0, 20],
    [0, 22],
  ]);
  const { t, mean } = twin.answer(`series/0/history?from=0&to=${Date.parse(at(60))}&points=9`) as {
    t: number[];
    mean: number[];
  };
  deepEqual([t.length, mean], [2, [20, 22]]);
  twin.stream(
    JSON.stringify({
      entity: "districts:1",
      attribute: "no2_1h_mean",
      value: 21,
      time: at(9),
      quality: "good",
    }),
  );
  const { series } = twin.answer("zones/series") as { series: SeriesInfo[] };
  deepEqual(
    series.map(({ attribute, quantity }) => [attribute, quantity]),
    [
      [
        "no2_1h_mean",
        { en: "nitrogen dioxide, mean over 1 h", fr: "dioxyde d'azote, moyenne sur 1 h" },
      ],
    ],
  );
  twin.stream(
    JSON.stringify({
      alarm: 4,
      condition: "limit/air-1",
      entity: "air-1",
      priority: "high",
      active: true,
      acknowledged: null,
    }),
  );
  equal(positions(twin).state & 15, 2);
  twin.stream(
    JSON.stringify({
      alarm: 4,
      condition: "limit/air-1",
      entity: "air-1",
      priority: "high",
      active: false,
    }),
  );
  equal(positions(twin).state & 15, 0);
  twin.object("toulouse/status", "offline", 0);
  equal(positions(twin).state >> 6, 2);
  twin.object("toulouse/le-port/air/air-1", "{cut", 0);
  equal(twin.refused, 1);
  ok(twin.messages > 5);
});
