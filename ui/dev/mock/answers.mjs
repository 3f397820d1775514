// docs/api.md, answered from the make-believe plant.
import { cityOf } from "./city.mjs";
import * as events from "./events.mjs";
import { fleetOf } from "./fleet.mjs";
import { changeModel, models, trainModel } from "./models.mjs";
import {
  faults,
  limitsOf,
  normalOf,
  plant,
  recording,
  series,
  valueAt as valueOfPlant,
} from "./plant.mjs";
import { received, receivedOne } from "./received.mjs";
import { moveRule, rulesInForce, tryRules } from "./rules.mjs";
import { whatIf } from "./whatif.mjs";

const started = Date.now();
export const sim = { speed: 1, weather_set: "auto", fault_rate: 0.02 };
const bare = process.argv.includes("--recording");
const asked = (name) => {
  const at = process.argv.indexOf(name);
  return at > 0 ? Number(process.argv[at + 1] ?? 300) : 0;
};
const many = asked("--fleet") || asked("--city");
const fleet = many === 0 ? null : asked("--city") > 0 ? cityOf(many) : fleetOf(many);
export const served = fleet ? fleet.plant : bare ? recording : plant;
export const valueAt = fleet ? fleet.valueAt : valueOfPlant;
export const now = () => Date.now();

class Refusal extends Error {
  constructor(code, error, description) {
    super(description);
    Object.assign(this, { code, error });
  }
}
const missing = (what) => new Refusal(404, "not_found", `there is no ${what} here`);
const labelOf = ({ ids, ...label }) => label;
const findingOf = ({ fault, ...finding }) => finding;

function seriesOf(id) {
  const found = served.series.find((s) => s.id === Number(id)) ?? fleet?.infoOf(Number(id));
  if (!found) throw missing(`series ${id}`);
  return found;
}

function history(id, from, to, points) {
  seriesOf(id);
  const span = to - from;
  const step = Math.max(5000, span / points);
  const resolution = step <= 60_000 ? "raw" : step <= 3.6e6 ? "1m" : step <= 8.64e7 ? "1h" : "1d";
  const out = { series: Number(id), resolution, t: [], mean: [], min: [], max: [], count: [] };
  const end = Math.min(to, now());
  for (let t = Math.ceil(from / step) * step; t <= end; t += step) {
    const values = Array.from({ length: 7 }, (_, k) => valueAt(Number(id), t + (k * step) / 7));
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    out.t.push(Math.round(t));
    out.mean.push(mean);
    out.min.push(step <= 5000 ? mean : Math.min(...values));
    out.max.push(step <= 5000 ? mean : Math.max(...values));
    out.count.push(Math.round(step / 5000));
  }
  const at = (share) => Math.round(from + share * span);
  out.quality = [
    [at(0.2), at(0.24), 2, "out_of_range"],
    [at(0.6), at(0.63), 1, "late"],
  ];
  return out;
}

function detail(id) {
  const t = now();
  return {
    ...seriesOf(id),
    latest: { t, value: valueAt(Number(id), t), quality: "good", reason: "" },
    limits: limitsOf(Number(id)),
    normal: normalOf(Number(id)),
    findings: events.findings
      .filter((f) => f.suspects.slice(0, 2).some((s) => s.series === Number(id)))
      .map(({ id: finding, kind, onset_ms, closed_ms }) => ({
        id: finding,
        kind,
        onset_ms,
        closed_ms,
      })),
  };
}

const limitLog = [];

function moveLimit(id, name, { value, who, comment }) {
  const limit = limitsOf(id).find((l) => l.name === name);
  if (!limit) throw missing(`limit ${name}`);
  const from = limit.value;
  limit.scenario ??= from;
  limit.value = value ?? limit.scenario;
  const { name: title, unit } = seriesOf(id);
  limitLog.unshift({
    series: { id, name: title, unit },
    name,
    from,
    to: limit.value,
    reset: value === null,
    at_ms: now(),
    who,
    comment,
  });
  return limit;
}

export function status() {
  const t = now();
  const alarms = Object.fromEntries(["critical", "high", "medium", "low"].map((p) => [p, [0, 0]]));
  for (const a of events.alarms)
    if (!a.shelved_until_ms) alarms[a.priority][a.acknowledged ? 1 : 0]++;
  const fresh = events.alarms.find((a) => !a.acknowledged && !a.shelved_until_ms);
  return {
    now_ms: t,
    data_ms: Math.floor(t / 5000) * 5000,
    wall_ms: Date.now(),
    live: true,
    ended: false,
    simulated: served.simulated,
    speed: sim.speed,
    weather: "dry",
    learning: false,
    catching_up: false,
    alarms,
    newest: fresh && {
      id: fresh.id,
      priority: fresh.priority,
      message: fresh.message,
      raised_ms: fresh.raised_ms,
    },
    open_findings: events.findings.filter((f) => f.closed_ms === null).length,
    versions: { ...events.versions, series: served.series_total },
    health: "ok",
  };
}

function scoreboard(hours) {
  const board = Object.entries(events.kinds).map(([kind, kind_name], i) => ({
    kind,
    kind_name,
    labels: 5 - i,
    found: Math.max(0, 4 - i),
    named_right: Math.max(0, 3 - i),
    findings: 5 - i,
    recall: i === 4 ? 0 : Math.max(0, 4 - i) / (5 - i),
    precision: i === 4 ? null : 0.8,
    median_delay_s: i === 4 ? null : 35 + 40 * i,
  }));
  return {
    known: true,
    from_ms: now() - hours * 3.6e6,
    to_ms: now(),
    labels: 15,
    findings: 14,
    true_findings: 11,
    recall: 0.67,
    precision: 0.79,
    false_per_day: 3,
    median_delay_s: 95,
    kind_accuracy: 0.66,
    row_accuracy: 0.97,
    kinds: board,
    floors: [
      { name: "never alarm", recall: 0, precision: null, row_accuracy: 0.98 },
      { name: "always alarm", recall: 1, precision: 0.02, row_accuracy: 0.02 },
    ],
  };
}

function ai() {
  const buckets_s = [1e-7, 2e-7, 5e-7, 1e-6, 2e-6, 5e-6, 1e-5, 2e-5, 5e-5, 1e-4, 1e-3];
  const counts = [0, 120, 4210, 8800, 3100, 640, 220, 110, 60, 14, 6];
  return {
    trained: true,
    learning_progress: 1,
    model: {
      version: 3,
      trained_ms: started - 7.2e6,
      from_ms: started - 8.64e7,
      to_ms: started - 7.2e6,
      frames: 15840,
      seed: 42,
      detectors: ["forest", "subspace", "residual", "stuck", "limits", "rate", "noise"],
      false_alarms: {
        allowed_per_day: 1,
        least_chance: 0.62,
        held_out_found: 11,
        held_out_episodes: 3,
        held_out_days: 7,
        per_day: 0.43,
        low: 0.09,
        high: 1.25,
      },
    },
    predictions: 17280,
    findings: events.findings.length,
    latency: { buckets_s, counts, p50_s: 7.1e-7, p95_s: 3.4e-6, p99_s: 1.2e-5, sum_s: 0.021 },
    throughput_per_s: 25.4,
    threshold: -0.1,
    confidence: 0.75,
    shap: { count: 42, p95_s: 4.9e-5 },
  };
}

function compliance() {
  const id = (tag) => series.find((s) => s.entity === tag).id;
  const rows = [
    ["BOD5", "AIT-808-BOD", 4.1, 25, "mg/l", 98.5, 70],
    ["COD", "AIT-807-COD", 36, 125, "mg/l", 94.4, 75],
    ["TSS", "AIT-806-TSS", 4, 35, "mg/l", 99, 90],
    ["TN", "AIT-809-TN", 15.2, 10, "mg N/l", 72, 70],
    ["TP", "AIT-811-TP", 1.3, 1, "mg P/l", 78, 80],
  ];
  const day = (k) => new Date(now() - k * 8.64e7).toISOString().slice(0, 10);
  return {
    directive: "91/271/EEC",
    population_equivalent: 125000,
    score: 98.2,
    verdict: "compliant",
    now: rows.map(([parameter, tag, value, limit, unit, reduction_pct, min_reduction_pct]) => ({
      parameter,
      series: id(tag),
      value,
      limit,
      unit,
      reduction_pct,
      min_reduction_pct,
      ok: value <= limit || reduction_pct >= min_reduction_pct,
    })),
    samples: rows.map(([parameter, , value, limit], i) => ({
      parameter,
      taken: 24,
      failed: i === 1 ? 1 : 0,
      allowed: 3,
      ok: i !== 4,
      annual_mean: i > 2,
      days: Array.from({ length: 24 }, (_, k) => ({
        day: day(23 - k),
        value: i === 1 && k === 9 ? limit * 1.1 : value * (0.8 + 0.02 * k),
        reduction_pct: 90,
        ok: !(i === 1 && k === 9),
      })),
    })),
  };
}

function efficiency() {
  const kw = [35, 8, 225, 10, 24, 38, 45, 4];
  return {
    overall_percent: 94.1,
    parameters: [
      ["COD", 640, 36, "mg/l"],
      ["BOD5", 330, 4.1, "mg/l"],
      ["TSS", 400, 4, "mg/l"],
      ["NH4", 32, 0.7, "mg N/l"],
      ["TN", 56, 15.2, "mg N/l"],
      ["TP", 8.1, 1.3, "mg P/l"],
    ].map(([parameter, inlet, outlet, unit]) => ({
      parameter,
      inlet,
      outlet,
      unit,
      removal_percent: 100 * (1 - outlet / inlet),
    })),
    energy: {
      kwh_per_m3: 0.41,
      kwh_per_day: 9480,
      by_stage: plant.stages.map((s, i) => ({ stage: s.id, kw: kw[i] })),
    },
    flow_m3_per_day: 24500,
  };
}

const setpoints = [
  ["oxygen", "oxygen in reactor 5", "oxygène du bassin 5", "mg/l", 0.2, 6, 2],
  ["return_sludge", "flow of return sludge", "débit de recirculation", "m3/h", 208, 1874, 1041],
].map(([name, en, fr, unit, low, high, usual]) => ({
  name,
  words: { en, fr },
  unit,
  low,
  high,
  usual,
  value: usual,
}));

function simulator() {
  if (bare) return { available: false };
  return {
    available: true,
    plant: "wastewater",
    seed: 42,
    weather: "dry",
    weathers: ["auto", "dry", "rain", "storm"],
    ...sim,
    now_ms: now(),
    catching_up: false,
    running: faults.filter((f) => !f.over).map(labelOf),
    types: events.types,
    setpoints,
  };
}

function change({ weather, setpoints: wanted, ...rest }) {
  for (const one of setpoints) one.value = wanted?.[one.name] ?? one.value;
  Object.assign(sim, rest, weather ? { weather_set: weather } : {});
  events.versions.simulator++;
  return simulator();
}

function system() {
  const up = (Date.now() - started) / 1000;
  return {
    version: "0.1.0",
    started_ms: started,
    uptime_s: up,
    start_to_serving_s: 0.41,
    memory_bytes: 47_300_000 + (up % 60) * 2000,
    cpu_s: up * 0.013,
    readings: { taken: 2_194_560 + Math.floor(up * 25.4), refused: 3, per_s: 25.4 },
    queues: [
      { name: "lane 0", size: 0, capacity: 4096 },
      { name: "journal", size: 12, capacity: 4096 },
    ],
    store: {
      file: "var/traffeyere.db",
      bytes: 8_421_376,
      oldest_ms: started - 8.64e7,
      newest_ms: Date.now(),
      commits: 8642,
      last_commit_ms: Date.now() - 400,
      error: "",
    },
    sources: [
      {
        name: "plant",
        kind: "simulator",
        state: "running",
        readings: 2_194_560,
        refused: 0,
        troubles: 0,
        contested: 0,
        error: "",
      },
      {
        name: "devices",
        kind: "mqtt",
        state: "waiting",
        readings: 0,
        refused: 3,
        troubles: 4,
        contested: 0,
        error: "mqtt: 127.0.0.1:1883: refused; next try in 8 s",
      },
    ],
    notifiers: [{ name: "webhook", lag: 0, error: "" }],
    sinks: [
      {
        name: "mongodb",
        kind: "mongodb",
        state: "waiting",
        lag: 1234,
        sent: 56_000,
        refused: 0,
        last_success_ms: Date.now() - 60_000,
        error: "no server answers at localhost:27017: connection refused",
      },
    ],
    pages_open: 1,
  };
}

const quarantine = () => ({
  total: 3,
  rows: [
    {
      t: now() - 4e5,
      source: "devices",
      where: "plant/AIT-999/value",
      reason: "unknown tag 'AIT-999'; nearest: 'AIT-309-NH4'",
      sample: '{"value": 3.2}',
    },
    {
      t: now() - 5e5,
      source: "http",
      where: "readings[2]",
      reason: "value is not a number",
      sample: '{"entity":"FIT-101","value":"many"}',
    },
    {
      t: now() - 6e5,
      source: "devices",
      where: "plant/FIT-101/debit",
      reason: "cut JSON at byte 17",
      sample: '{"value": 1042.3,',
    },
  ],
});

function alarmOf(id) {
  const found = events.alarms.find((a) => a.id === Number(id));
  if (!found) throw missing(`alarm ${id}`);
  return found;
}

function findingsOf(q) {
  const wanted = events.findings.filter(
    (f) =>
      (!q.kind || f.kind === q.kind) &&
      (q.open !== "true" || f.closed_ms === null) &&
      (!q.series || f.suspects.some((s) => s.series === Number(q.series))),
  );
  return { findings: wanted.slice(0, Number(q.limit ?? 100)).map(findingOf), total: wanted.length };
}

function oneFinding(id) {
  const found = events.findings.find((f) => f.id === Number(id));
  if (!found) throw missing(`finding ${id}`);
  return {
    ...findingOf(found),
    truth: bare ? { known: false, labels: [] } : { known: true, labels: [labelOf(found.fault)] },
  };
}

function only(answer) {
  return (...parts) => {
    if (bare) throw missing("such thing in this scenario");
    return answer(...parts);
  };
}

function inject(order) {
  if (!events.types.some((t) => t.name === order.fault))
    throw new Refusal(400, "bad_fault", `no fault is called '${order.fault}'`);
  if (
    order.target &&
    !order.target.match(/inlet|B-30/) &&
    !series.some((s) => s.entity === order.target)
  )
    throw new Refusal(
      400,
      "bad_target",
      `no sensor is called '${order.target}'; nearest: 'AIT-306-DO'`,
    );
  return { status: 201, body: { label: events.addFault(order, now()).id } };
}

function cancel(id) {
  const fault = faults.find((f) => f.id === Number(id) && !f.over);
  if (!fault) throw missing(`running fault ${id}`);
  fault.end_ms = now();
  events.step(now());
  return {};
}

const routes = [
  ["GET", /^plant$/, () => served],
  [
    "GET",
    /^bands$/,
    (q) => ({
      series: q.series
        .split(",")
        .map(Number)
        .map((id) => ({ id, limits: limitsOf(id), normal: normalOf(id) })),
    }),
  ],
  ["GET", /^series\/(\d+)$/, (_q, _b, id) => detail(id)],
  [
    "GET",
    /^series\/(\d+)\/history$/,
    (q, _b, id) => history(id, Number(q.from), Number(q.to), Number(q.points ?? 600)),
  ],
  ["GET", /^devices$/, (q) => fleet?.list(q)],
  ["GET", /^devices\/(.+)$/, (_q, _b, id) => fleet?.device(decodeURIComponent(id))],
  ["GET", /^positions$/, (q) => fleet?.positions(q)],
  ["GET", /^map$/, () => fleet?.map()],
  ["GET", /^zones$/, () => fleet?.zones?.() ?? { zones: [], tiles: null }],
  ["GET", /^zones\/series$/, () => fleet?.zoneSeries?.() ?? { series: [] }],
  ["GET", /^findings$/, findingsOf],
  ["GET", /^findings\/(\d+)$/, (_q, _b, id) => oneFinding(id)],
  ["GET", /^labels$/, () => ({ labels: faults.map(labelOf) })],
  ["GET", /^alerts$/, received],
  ["GET", /^alerts\/(\d+)$/, (_q, _b, id) => receivedOne(id)],
  ["GET", /^limits$/, () => ({ limits: [], log: limitLog })],
  ["PUT", /^limits\/(\d+)\/(\w+)$/, (_q, b, id, name) => moveLimit(Number(id), name, b)],
  ["GET", /^series\/(\d+)\/flag$/, () => null],
  ["GET", /^alarms$/, () => ({ alarms: events.alarms, version: events.versions.alarms })],
  ["GET", /^alarms\/log$/, () => ({ events: events.log.slice(0, 200) })],
  [
    "POST",
    /^alarms\/(\d+)\/acknowledge$/,
    (_q, b, id) => events.acknowledge(alarmOf(id), b.who, b.comment, now()),
  ],
  [
    "POST",
    /^alarms\/(\d+)\/shelve$/,
    (_q, b, id) => events.shelve(alarmOf(id), b.who, b.comment, now() + b.minutes * 60_000, now()),
  ],
  [
    "POST",
    /^alarms\/(\d+)\/unshelve$/,
    (_q, b, id) => events.shelve(alarmOf(id), b.who ?? "", "", null, now()),
  ],
  [
    "GET",
    /^scoreboard$/,
    (q) =>
      bare
        ? { ...scoreboard(24), known: false, kinds: [], floors: [] }
        : scoreboard(Number(q.hours ?? 24)),
  ],
  ["GET", /^rules$/, () => rulesInForce()],
  ["PUT", /^rules\/([^/]+)$/, (_q, b, name) => moveRule(decodeURIComponent(name), b, now())],
  [
    "POST",
    /^rules\/try$/,
    (q, body) => {
      if (!body.includes("[[rule]]")) {
        throw new Refusal(400, "invalid", "the body has no [[rule]]; expected one");
      }
      return tryRules(body, Number(q.from), Number(q.to), served.series, valueAt);
    },
  ],
  ["GET", /^ai$/, ai],
  ["GET", /^models$/, models],
  ["POST", /^models\/train$/, (_q, b) => trainModel(b)],
  [
    "POST",
    /^models\/(\d+)\/(activate|retire)$/,
    (_q, b, number, act) => changeModel(Number(number), act, b),
  ],
  ["GET", /^compliance$/, only(compliance)],
  ["GET", /^efficiency$/, only(efficiency)],
  ["GET", /^simulator$/, simulator],
  ["POST", /^simulator\/whatif$/, (_q, body) => whatIf(body, now(), served.series, setpoints)],
  ["POST", /^simulator$/, (_q, b) => change(b)],
  ["POST", /^simulator\/faults$/, (_q, b) => inject(b)],
  ["DELETE", /^simulator\/faults\/(\d+)$/, (_q, _b, id) => cancel(id)],
  ["GET", /^system$/, system],
  ["GET", /^quarantine$/, quarantine],
];

/// { status, body } of one request.
export function answer(method, path, query, body) {
  try {
    for (const [wanted, pattern, act] of routes) {
      const match = path.match(pattern);
      if (!match || wanted !== method) continue;
      const made = act(query, body, ...match.slice(1));
      return made?.status ? made : { status: 200, body: made };
    }
    throw missing(path);
  } catch (refusal) {
    if (!refusal.code) throw refusal;
    return { status: refusal.code, body: { error: refusal.error, description: refusal.message } };
  }
}
