// A make-believe fleet (--fleet [N]): devices that drive to and fro on the fleet's roads.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { plant } from "./plant.mjs";

const file = fileURLToPath(new URL("../../../scenarios/fleet/data/roads.geojson", import.meta.url));
const period_ms = 5000;
const metres_per_s = 9;
const kinds = [
  ["truck", "trucks", "Trucks", "Camions"],
  ["van", "vans", "Vans", "Fourgonnettes"],
  ["bus", "buses", "Buses", "Bus"],
];
const words = (en, fr) => ({ en, fr });
const attributes = [
  ["temperature", words("drive temperature", "température du moteur"), "°C", -40, 200],
  ["humidity", words("air humidity", "humidité de l'air"), "%", 0, 100],
  ["speed", words("speed", "vitesse"), "km/h", 0, 200],
  ["load", words("load", "charge du moteur"), "%", 0, 100],
  ["battery", words("battery", "batterie"), "%", 0, 100],
  ["latitude", words("latitude", "latitude"), "°", -90, 90],
  ["longitude", words("longitude", "longitude"), "°", -180, 180],
];
const per = attributes.length;

const roads = JSON.parse(readFileSync(file, "utf8"));
const lines = roads.features.map((f) => f.geometry.coordinates).filter((line) => line.length > 1);
const metres = ([a, b], [c, d]) => Math.hypot((c - a) * 55_400, (d - b) * 111_200);
const lengths = lines.map((line) =>
  line.slice(1).reduce((sum, point, i) => sum + metres(line[i], point), 0),
);

function place(device, t) {
  const k = (device * 7919) % lines.length;
  const whole = lengths[k];
  const gone = ((device * 131) % 500) + (t / 1000) * metres_per_s * (0.5 + (device % 7) / 10);
  let left = Math.abs((gone % (2 * whole)) - whole);
  const line = lines[k];
  for (let i = 1; i < line.length; i++) {
    const part = metres(line[i - 1], line[i]);
    if (left <= part || i === line.length - 1) {
      const share = part === 0 ? 0 : Math.min(1, left / part);
      return line[i - 1].map((v, axis) => v + share * (line[i][axis] - v));
    }
    left -= part;
  }
  return line[0];
}

const alarmed = new Map([
  [3, ["critical", false]],
  [17, ["high", true]],
  [30, ["medium", false]],
  [41, ["low", false]],
  [77, ["high", false]],
]);

export function fleetOf(count) {
  const name = (d) => `${kinds[d % 3][0]}-${String(d).padStart(4, "0")}`;
  const infos = (d) =>
    attributes.map(([attribute, quantity, unit, low, high], k) => ({
      id: d * per + k,
      name: `${name(d)}.${attribute}`,
      entity: name(d),
      attribute,
      stage: kinds[d % 3][1],
      quantity,
      unit,
      low,
      high,
      location: "",
      place: words("", ""),
      decimals: 1,
    }));
  const all = Array.from({ length: count }, (_, d) => d);
  const series = all.slice(0, Math.floor(5000 / per)).flatMap(infos);
  const heard = (d, t) => (d % 50 === 9 ? 1_600_000_000_000 : t - ((t + d * 37) % period_ms));

  const valueAt = (id, t) => {
    const d = Math.floor(id / per);
    const k = id % per;
    if (k >= 5) return place(d, t)[6 - k];
    const wave = Math.sin(t / 60_000 / (k + 1) + d);
    return [62 + 12 * wave + (d === 3 ? 20 : 0), 70 + 5 * wave, 30 + 20 * wave, 50 + 40 * wave, 70][
      k
    ];
  };
  const head = (d, t) => ({
    id: name(d),
    index: d,
    kind: kinds[d % 3][1],
    kind_name: words(kinds[d % 3][2], kinds[d % 3][3]),
    has_place: true,
    at_ms: heard(d, t),
    alarm: alarmed.has(d) ? { priority: alarmed.get(d)[0], acknowledged: alarmed.get(d)[1] } : null,
  });
  const reading = (id, t) => ({
    value: valueAt(id, t),
    quality: 0,
    t: heard(Math.floor(id / per), t),
  });

  function list({ q = "", sort = "name", alarmed: only, offset = 0, limit = 100 }) {
    const t = Date.now();
    const key = sort.replace("-", "");
    const k = attributes.findIndex(([a]) => a === key);
    const wanted = all.filter((d) => name(d).includes(q) && (!only || alarmed.has(d)));
    if (k >= 0) wanted.sort((a, b) => valueAt(a * per + k, t) - valueAt(b * per + k, t));
    if (key === "alarm") wanted.sort((a, b) => alarmed.has(b) - alarmed.has(a));
    if (key === "name") wanted.sort((a, b) => (name(a) < name(b) ? -1 : 1));
    if (sort.startsWith("-")) wanted.reverse();
    const devices = wanted.slice(Number(offset), Number(offset) + Number(limit)).map((d) => ({
      ...head(d, t),
      values: infos(d)
        .slice(0, 5)
        .map((s) => ({
          series: s.id,
          attribute: s.attribute,
          quantity: s.quantity,
          unit: s.unit,
          decimals: 1,
          ...reading(s.id, t),
        })),
    }));
    return { devices, found: wanted.length, total: count, placed: count };
  }

  function device(id) {
    const d = id.startsWith("index:") ? Number(id.slice(6)) : all.find((i) => name(i) === id);
    if (d === undefined) return { status: 404, body: { error: "not_found", description: id } };
    const t = Date.now();
    return {
      ...head(d, t),
      position: { latitude: d * per + 5, longitude: d * per + 6 },
      series: infos(d).map((s) => ({ ...s, latest: reading(s.id, t) })),
      alarms: [],
      findings: [],
    };
  }

  /** As api/positions: all that have spoken since. */
  function positions({ since = 0 }) {
    const t = Date.now();
    const changed = all.filter((d) => heard(d, t) > Number(since) || Number(since) === 0);
    const out = new DataView(new ArrayBuffer(24 + 20 * changed.length));
    out.setFloat64(0, t, true);
    out.setFloat64(8, t, true);
    out.setUint32(16, count, true);
    out.setUint32(20, changed.length, true);
    changed.forEach((d, i) => {
      const at = 24 + 20 * i;
      const [longitude, latitude] = place(d, heard(d, t));
      const [priority, seen] = alarmed.get(d) ?? [];
      const state = priority ? ["critical", "high", "medium", "low"].indexOf(priority) + 1 : 0;
      out.setUint32(at, d, true);
      out.setInt32(at + 4, latitude * 1e7, true);
      out.setInt32(at + 8, longitude * 1e7, true);
      out.setUint32(at + 12, heard(d, t) / 1000, true);
      out.setUint32(at + 16, state | (seen ? 8 : 0), true);
    });
    return new Uint8Array(out.buffer);
  }

  return {
    plant: {
      ...plant,
      name: "fleet",
      title: words("Fleet", "Flotte"),
      asset: "fleet",
      zone: "Europe/Helsinki",
      watched: false,
      receives_alerts: false,
      population_equivalent: 0,
      devices: { total: count, placed: count, map: true },
      stages: kinds.map(([, id, en, fr]) => ({
        id,
        name: words(en, fr),
        series: series.filter((s) => s.stage === id).map((s) => s.id),
      })),
      series_total: count * per,
      series,
    },
    valueAt,
    infoOf: (id) => infos(Math.floor(id / per))[id % per],
    list,
    device,
    positions,
    map: () => ({ attribution: roads.attribution, map: roads }),
  };
}
