// A make-believe city (--city [N]): districts on a bent grid around Toulouse, and objects that measure in
// them. Of no real place but its middle.
import { plant } from "./plant.mjs";

const words = (en, fr) => ({ en, fr });
const middle = [1.444, 43.604];
const columns = 9;
const rows = 8;
const wide = 0.019;
const high = 0.0125;
const period_ms = 5000;
const hour_ms = 3_600_000;

/** Between -1 and 1, the same for the same number. */
const chance = (n) => 2 * ((Math.sin(n * 12.9898) * 43758.5453) % 1);

function corner(i, j) {
  const bend = (k) => 0.28 * Math.max(-1, Math.min(1, chance(k)));
  return [
    middle[0] + (i - columns / 2 + bend(i * 31 + j * 7 + 1)) * wide,
    middle[1] + (j - rows / 2 + bend(i * 17 + j * 53 + 2)) * high,
  ];
}

/** From one corner to the next not straight: two neighbours have the same border. */
function border(a, b) {
  const [from, to] = a < b ? [a, b] : [b, a];
  const way = [0.2, 0.4, 0.6, 0.8].map((part) =>
    from.map((v, axis) => v + part * (to[axis] - v) + 0.0007 * chance(v * 1e4 + part * 10 + axis)),
  );
  return a < b ? way : way.reverse();
}

const names = ["Saint-Aurèle", "Les Tuiliers", "La Prairie", "Bellevue", "Le Port", "Moulins"];
const features = [];
for (let j = 0; j < rows; j++) {
  for (let i = 0; i < columns; i++) {
    if (Math.hypot((i - 4) / 4.6, (j - 3.5) / 4) > 1.08) continue;
    const ring = [corner(i, j), corner(i + 1, j), corner(i + 1, j + 1), corner(i, j + 1)];
    const line = ring.flatMap((at, k) => [at, ...border(at, ring[(k + 1) % 4])]);
    const id = String(features.length + 1);
    const name = `${names[features.length % names.length]} ${Math.ceil((features.length + 1) / 6)}`;
    features.push({
      type: "Feature",
      properties: { id, name },
      geometry: { type: "Polygon", coordinates: [[...line, line[0]]] },
    });
  }
}
const entities = features.map(({ properties }) => `districts:${properties.id}`);

const measured = [
  ["no2", words("nitrogen dioxide", "dioxyde d'azote"), "ug/m3", 24, 6],
  ["laeq", words("noise level", "niveau de bruit"), "dB(A)", 58, 3],
  ["temperature", words("temperature", "température"), "degC", 17, 2],
];
const perZone = 2 * measured.length;
const perObject = 4;

const kinds = [
  ["air", "Air quality", "Qualité de l'air", 0],
  ["noise", "Noise", "Bruit", 1],
  ["weather", "Weather", "Météo", 2],
];

export function cityOf(count) {
  const first = entities.length * perZone;
  const info = (id, entity, attribute, quantity, unit, stage, decimals = 1) => ({
    id,
    name: `${entity}.${attribute}`,
    entity,
    attribute,
    stage,
    quantity,
    unit,
    low: null,
    high: null,
    location: "",
    place: words("", ""),
    decimals,
  });
  const zoneInfo = (id) => {
    const entity = entities[Math.floor(id / perZone)];
    const k = id % perZone;
    const [attribute, quantity, unit] = measured[Math.floor(k / 2)];
    return k % 2 === 0
      ? info(id, entity, `${attribute}_1h_mean`, quantity, unit, "districts")
      : info(id, entity, `${attribute}_1h_mean_deviation`, quantity, "-", "districts");
  };
  const nameOf = (d) => `${kinds[d % 3][0]}-${String(d).padStart(5, "0")}`;
  const objectInfo = (id) => {
    const d = Math.floor((id - first) / perObject);
    const k = (id - first) % perObject;
    const [kind, , , m] = kinds[d % 3];
    const [attribute, quantity, unit] = measured[m];
    if (k === 0) return info(id, nameOf(d), attribute, quantity, unit, kind);
    if (k === 1) return info(id, nameOf(d), "battery", words("battery", "batterie"), "%", kind, 0);
    return k === 2
      ? info(id, nameOf(d), "latitude", words("latitude", "latitude"), "°", kind, 5)
      : info(id, nameOf(d), "longitude", words("longitude", "longitude"), "°", kind, 5);
  };
  const infoOf = (id) => (id < first ? zoneInfo(id) : objectInfo(id));
  const seriesOf = (d) =>
    Array.from({ length: perObject }, (_, k) => objectInfo(first + d * perObject + k));

  const place = (d) => {
    const u = Math.max(-0.99, Math.min(0.99, chance(d + 11)));
    const angle = d * 2.39996;
    const far = Math.sqrt(Math.abs(u)) * 0.9;
    return [
      middle[0] + far * 4.4 * wide * Math.cos(angle),
      middle[1] + far * 3.7 * high * Math.sin(angle),
    ];
  };
  const deviation = (z, m, t) => {
    if (z === 7) return null;
    const far = chance(z * 3 + m + 1) * 1.4 + Math.sin(t / 60_000 + z) * 0.4;
    return z % 13 === 4 ? far + 4.5 : z % 17 === 9 ? far - 4 : far;
  };
  const valueAt = (id, t) => {
    if (id < first) {
      const z = Math.floor(id / perZone);
      const m = Math.floor((id % perZone) / 2);
      const [, , , mean, spread] = measured[m];
      const far = deviation(z, m, t);
      if (z === 11 || z === 30) return null;
      return id % 2 === 1 ? far : mean + spread * (far ?? 0) + 2 * Math.sin(t / hour_ms);
    }
    const d = Math.floor((id - first) / perObject);
    const k = (id - first) % perObject;
    if (k >= 2) return place(d)[3 - k];
    if (k === 1) return 70 + 20 * chance(d);
    const [, , , mean, spread] = measured[kinds[d % 3][3]];
    return mean + spread * (chance(d) + Math.sin(t / 90_000 + d));
  };
  const alarmed = (d) =>
    d % 997 === 3 ? "critical" : d % 211 === 5 ? "high" : d % 97 === 9 ? "medium" : null;
  const heard = (d, t) => (d % 50 === 9 ? 1_600_000_000_000 : t - ((t + d * 37) % period_ms));
  const reading = (id, t) => {
    const value = valueAt(id, t);
    return { value, quality: 0, t: value === null ? null : t - (t % period_ms) };
  };

  const zoneIds = Array.from({ length: first }, (_, id) => id);
  function device(id) {
    const t = Date.now();
    const z = entities.indexOf(id);
    if (z >= 0) {
      const own = zoneIds.slice(z * perZone, (z + 1) * perZone);
      return {
        id,
        index: z,
        kind: "districts",
        kind_name: words("Districts", "Quartiers"),
        has_place: false,
        at_ms: t - (t % period_ms),
        alarm: null,
        position: null,
        series: own.map((s) => ({ ...zoneInfo(s), latest: reading(s, t) })),
        alarms: [],
        findings: [],
      };
    }
    const d = id.startsWith("index:")
      ? Number(id.slice(6)) - entities.length
      : Number(id.split("-")[1] ?? Number.NaN);
    if (!(d >= 0 && d < count))
      return { status: 404, body: { error: "not_found", description: id } };
    const priority = alarmed(d);
    return {
      id: nameOf(d),
      index: entities.length + d,
      kind: kinds[d % 3][0],
      kind_name: words(kinds[d % 3][1], kinds[d % 3][2]),
      has_place: true,
      at_ms: heard(d, t),
      alarm: priority && { priority, acknowledged: false },
      position: { latitude: first + d * perObject + 2, longitude: first + d * perObject + 3 },
      series: seriesOf(d).map((s) => ({ ...s, latest: reading(s.id, t) })),
      alarms: [],
      findings: [],
    };
  }

  /** As api/positions: all that have spoken since. */
  function positions({ since = 0, value }) {
    const t = Date.now();
    const all = Array.from({ length: count }, (_, d) => d);
    const changed = all.filter((d) => heard(d, t) > Number(since) || Number(since) === 0);
    const size = value ? 24 : 20;
    const out = new DataView(new ArrayBuffer(24 + size * changed.length));
    out.setFloat64(0, t, true);
    out.setFloat64(8, t, true);
    out.setUint32(16, count, true);
    out.setUint32(20, changed.length, true);
    changed.forEach((d, i) => {
      const at = 24 + size * i;
      const [longitude, latitude] = place(d);
      const priority = alarmed(d);
      const state = priority ? ["critical", "high", "medium", "low"].indexOf(priority) + 1 : 0;
      out.setUint32(at, entities.length + d, true);
      out.setInt32(at + 4, latitude * 1e7, true);
      out.setInt32(at + 8, longitude * 1e7, true);
      out.setUint32(at + 12, heard(d, t) / 1000, true);
      out.setUint32(at + 16, state | (d % 2 && priority ? 8 : 0), true);
      if (!value) return;
      const has = measured[kinds[d % 3][3]][0] === value;
      out.setFloat32(at + 20, has ? valueAt(first + d * perObject, heard(d, t)) : Number.NaN, true);
    });
    return new Uint8Array(out.buffer);
  }

  return {
    plant: {
      ...plant,
      name: "city",
      title: words("City", "Ville"),
      asset: "city",
      zone: "Europe/Paris",
      watched: false,
      receives_alerts: false,
      population_equivalent: 0,
      zones: entities.length,
      devices: { total: count + entities.length, placed: count, map: false },
      stages: [],
      series_total: first + count * perObject,
      series: zoneIds.map(zoneInfo),
    },
    valueAt,
    infoOf,
    list: () => ({ devices: [], found: 0, total: count, placed: count }),
    device,
    positions,
    map: () => ({ status: 404, body: { error: "not_found", description: "no map" } }),
    zones: () => ({
      zones: [
        {
          name: "districts",
          attribution: "Made up for trying the page",
          entities,
          names: features.map(({ properties }) => properties.name),
          geojson: { type: "FeatureCollection", features },
        },
      ],
      tiles: null,
    }),
    zoneSeries: () => {
      const t = Date.now();
      return { series: zoneIds.map((id) => ({ ...zoneInfo(id), latest: reading(id, t) })) };
    },
  };
}
