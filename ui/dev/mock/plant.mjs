// A make-believe plant for looking at the pages without a server: 127 series that move, and faults.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const csv = fileURLToPath(new URL("../../../scenarios/traffeyere/sensors.csv", import.meta.url));

function cells(line) {
  return [...line.matchAll(/("([^"]*)"|[^,]*)(,|$)/g)].map((m) => m[2] ?? m[1]);
}

export function slug(text) {
  return text
    .normalize("NFD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_");
}

const [head, ...rows] = readFileSync(csv, "utf8").trim().split("\n");
const names = cells(head);
const sensors = rows.map((line) => Object.fromEntries(cells(line).map((v, i) => [names[i], v])));

function decimalsOf(sensor) {
  if (sensor.unit === "0/1/2") return 0;
  const span = Number(sensor.max) - Number(sensor.min);
  return Math.max(0, Math.min(3, 3 - Math.floor(Math.log10(span))));
}

const stages = new Map();
export const series = sensors.map((sensor, id) => {
  const stage = slug(sensor.stage);
  if (!stages.has(stage)) {
    stages.set(stage, { id: stage, name: { en: sensor.stage_en, fr: sensor.stage }, series: [] });
  }
  stages.get(stage).series.push(id);
  return {
    id,
    name: `${sensor.tag}.${slug(sensor.quantity)}`,
    entity: sensor.tag,
    attribute: slug(sensor.quantity),
    stage,
    quantity: { en: sensor.quantity_en, fr: sensor.quantity },
    unit: sensor.unit,
    low: Number(sensor.min),
    high: Number(sensor.max),
    location: sensor.location,
    place: { en: sensor.location, fr: sensor.location_fr || sensor.location },
    decimals: decimalsOf(sensor),
  };
});

const hash = (n) => {
  const x = Math.sin(n * 127.1 + 311.7) * 43758.5453;
  return x - Math.floor(x);
};
const day = 86_400_000;

/// Noise that depends on nothing but the series and the instant, so that any history can be asked.
function noise(id, t) {
  return (hash(id * 977 + Math.floor(t / 5000)) - 0.5) * 2;
}

export function normalAt(id, t) {
  const sensor = sensors[id];
  const typical = Number(sensor.typical);
  const span = Math.max(Math.abs(typical) * 0.14, 0.01 * (sensor.max - sensor.min));
  const wave = Math.sin(((t % day) / day) * 2 * Math.PI - 2 + hash(id) * 1.5);
  const second = 0.35 * Math.sin(((t % day) / day) * 4 * Math.PI + hash(id + 7) * 6);
  const weather = 0.25 * Math.sin((t / day) * 1.7 + 1);
  return { mean: typical + span * (wave + second + weather), span };
}

export const faults = [];

export function valueAt(id, t) {
  const sensor = sensors[id];
  if (sensor.unit === "0/1/2") {
    const stopped =
      Number(sensor.typical) === 0 || (id % 5 === 0 && Math.floor(t / 1.8e6) % 4 === 0);
    const trip = faults.some((f) => f.ids.includes(id) && t >= f.start_ms && t < f.end_ms);
    return trip ? 2 : stopped ? 0 : 1;
  }
  const { mean, span } = normalAt(id, t);
  let value = mean + span * 0.12 * noise(id, t);
  for (const fault of faults) {
    if (!fault.ids.includes(id) || t < fault.start_ms || t >= fault.end_ms) continue;
    if (fault.scenario === "stuck") value = normalAt(id, fault.start_ms).mean;
    else if (fault.scenario === "drift")
      value += span * 4 * Math.min(1, (t - fault.start_ms) / 3.6e6);
    else value += span * 3.5;
  }
  return Math.min(Number(sensor.max), Math.max(Number(sensor.min), value));
}

const compliant = { "AIT-808-BOD": 25, "AIT-807-COD": 125, "AIT-806-TSS": 35, "AIT-811-TP": 1 };
const limits = new Map();

/** The same ones each time: people may move them. */
export function limitsOf(id) {
  if (!limits.has(id)) limits.set(id, firstLimitsOf(id));
  return limits.get(id);
}

function firstLimitsOf(id) {
  const sensor = sensors[id];
  if (!sensor || sensor.unit === "0/1/2") return [];
  const { span } = normalAt(id, 0);
  const typical = Number(sensor.typical);
  const high = compliant[sensor.tag] ?? Math.min(Number(sensor.max), typical + 3.6 * span);
  return [
    {
      name: "high",
      value: Number(high.toPrecision(3)),
      priority: id % 3 === 0 ? "high" : "medium",
    },
    {
      name: "low",
      value: Number(Math.max(Number(sensor.min), typical - 3.6 * span).toPrecision(3)),
      priority: "low",
    },
  ];
}

export function normalOf(id) {
  if (!sensors[id] || sensors[id].unit === "0/1/2") return [];
  return Array.from({ length: 24 }, (_, hour) => {
    const { mean, span } = normalAt(id, (hour - 1) * 3_600_000 + 1_800_000);
    const low = Math.max(Number(sensors[id].min), mean - 0.55 * span);
    return { hour, low, high: mean + 0.55 * span };
  });
}

export const plant = {
  name: "traffeyere",
  title: { en: "Station Traffeyère", fr: "Station Traffeyère" },
  asset: "traffeyere",
  version: "0.1.0",
  zone: "Europe/Paris",
  simulated: true,
  recorded: false,
  watched: true,
  devices: { total: series.length, placed: 0, map: false },
  broker: { tenants: false, token: false },
  receives_alerts: true,
  population_equivalent: 125000,
  stages: [...stages.values()],
  series_total: series.length,
  series,
};

/// The same server with a recording in it: nine series, no stage, no simulator.
export const recording = {
  ...plant,
  name: "gecco",
  title: { en: "Drinking water, Thüringer Fernwasser", fr: "Eau potable, Thüringer Fernwasser" },
  asset: "gecco",
  simulated: false,
  recorded: true,
  receives_alerts: false,
  population_equivalent: 0,
  stages: [],
  series: [16, 17, 20, 22, 23, 28, 33, 35, 41].map((id) => ({
    ...series[id],
    stage: "",
    entity: "line-1",
    low: null,
    high: null,
    location: "",
    place: { en: "", fr: "" },
  })),
};
