// Findings, alarms and labels of the make-believe plant.
import { faults, normalAt, series, valueAt } from "./plant.mjs";

export const versions = { alarms: 1, findings: 1, simulator: 1, received: 1 };
export const findings = [];
export const alarms = [];
export const log = [];
let nextId = 1;

export const kinds = {
  sensor_failure: { en: "sensor failure", fr: "défaillance de capteur" },
  sensor_drift: { en: "sensor drift", fr: "dérive de capteur" },
  pollution_peak: { en: "pollution peak", fr: "pic de pollution" },
  process_malfunction: { en: "process malfunction", fr: "dysfonctionnement du procédé" },
  cyber_attack: { en: "cyber attack", fr: "cyberattaque" },
};

const any = {
  targets: [],
  takes_target: true,
  scenario_id: "",
  size_unit: "",
  size_low: 0,
  size_high: 0,
};
export const types = [
  {
    ...any,
    name: "stuck",
    kind: "sensor_failure",
    words: { en: "stuck value", fr: "valeur figée" },
  },
  {
    ...any,
    name: "noise",
    kind: "sensor_failure",
    words: { en: "noise burst", fr: "bruit" },
    size_unit: "×",
    size_low: 5,
    size_high: 20,
  },
  {
    ...any,
    name: "drift",
    kind: "sensor_drift",
    words: { en: "bias that grows", fr: "biais croissant" },
    size_unit: "% span/d",
    size_low: 1,
    size_high: 5,
  },
  {
    ...any,
    name: "organic_shock",
    kind: "pollution_peak",
    words: { en: "organic shock load", fr: "choc organique" },
    targets: ["inlet"],
    size_unit: "× COD",
    size_low: 1.5,
    size_high: 4,
  },
  {
    ...any,
    name: "blower_trip",
    kind: "process_malfunction",
    words: { en: "blower trip", fr: "arrêt d'un surpresseur" },
    targets: ["B-301", "B-302"],
  },
  {
    ...any,
    name: "replay",
    kind: "cyber_attack",
    words: { en: "replayed values", fr: "valeurs rejouées" },
  },
];

function say(what, alarm, at, who = "", comment = "") {
  log.unshift({ what, at_ms: at, who, comment, alarm: { ...alarm } });
  versions.alarms++;
}

export function addFault(order, start) {
  const type = types.find((t) => t.name === order.fault);
  const target = series.find((s) => s.entity === order.target) ?? series[38];
  const ids = type.targets.length > 0 ? [5, 6, 8, 16, 18].map((i) => i + 30) : [target.id];
  const fault = {
    id: nextId++,
    kind: type.kind,
    kind_name: kinds[type.kind],
    scenario: type.name,
    direct: ids.map((id) => series[id].entity),
    consequences: [],
    start_ms: start,
    end_ms: start + (order.minutes ?? 30) * 60_000,
    over: false,
    size: order.size ?? type.size_low,
    text: {
      en: `${type.words.en} on ${target.entity}`,
      fr: `${type.words.fr} sur ${target.entity}`,
    },
    found_by: [],
    ids,
  };
  faults.push(fault);
  versions.simulator++;
  return fault;
}

function suspectsOf(fault, t) {
  const ids = [...fault.ids, ...[50, 60, 70, 33, 45].filter((id) => !fault.ids.includes(id))].slice(
    0,
    6,
  );
  const weights = ids.map((id, i) => (fault.ids.includes(id) ? 6 : 0.7) / (1 + i * 0.5));
  const sum = weights.reduce((a, b) => a + b, 0);
  return ids.map((id, i) => {
    const { mean, span } = normalAt(id, t);
    return {
      series: id,
      name: series[id].entity,
      share: weights[i] / sum,
      contribution: (-1.2 * weights[i]) / sum,
      value: valueAt(id, t),
      expected: mean,
      low: mean - 0.55 * span,
      high: mean + 0.55 * span,
    };
  });
}

export function find(fault, t) {
  const first = series[fault.ids[0]];
  const id = nextId++;
  fault.found_by.push(id);
  const kind = kinds[fault.kind];
  const sentence = {
    en: `${first.entity} (${first.quantity.en}, ${first.location}) does not follow its neighbours: ${kind.en} is the likely cause.`,
    fr: `${first.entity} (${first.quantity.fr}, ${first.location}) ne suit plus ses voisins : cause probable, ${kind.fr}.`,
  };
  findings.unshift({
    id,
    asset: "traffeyere",
    kind: fault.kind,
    kind_name: kind,
    second: fault.kind === "sensor_failure" ? "sensor_drift" : "sensor_failure",
    score: 0.93,
    confidence: 0.8 + (id % 17) / 100,
    forest_score: -0.14,
    onset_ms: fault.start_ms,
    detected_ms: t,
    closed_ms: null,
    first: {
      series: first.id,
      name: first.entity,
      stage: first.stage,
      stage_name: { en: first.stage, fr: first.stage },
      since_ms: fault.start_ms,
    },
    suspects: suspectsOf(fault, t),
    evidence: [
      {
        detector: "stuck",
        symptom: "stuck",
        series: first.id,
        score: 1,
        since_ms: fault.start_ms,
        active: true,
      },
      {
        detector: "residual",
        symptom: "residual",
        series: first.id,
        score: 0.86,
        since_ms: fault.start_ms + 15_000,
        active: true,
      },
      {
        detector: "forest",
        symptom: "multivariate",
        series: null,
        score: 0.64,
        since_ms: fault.start_ms + 20_000,
        active: false,
      },
    ],
    sentence,
    fault,
  });
  const priority = ["critical", "high", "medium", "low"][id % 4];
  const alarm = {
    id: nextId++,
    condition: `finding/${first.entity}`,
    series: first.id,
    name: first.entity,
    stage: first.stage,
    finding: id,
    priority,
    active: true,
    acknowledged: false,
    message: sentence,
    raised_ms: t,
    cleared_ms: null,
    acknowledged_ms: null,
    acknowledged_by: "",
    comment: "",
    shelved_until_ms: null,
  };
  alarms.unshift(alarm);
  say("raised", alarm, t);
  versions.findings++;
}

export function acknowledge(alarm, who, comment, t) {
  Object.assign(alarm, { acknowledged: true, acknowledged_ms: t, acknowledged_by: who, comment });
  say("acknowledged", alarm, t, who, comment);
  return alarm;
}

export function shelve(alarm, who, comment, until, t) {
  alarm.shelved_until_ms = until;
  say(until === null ? "unshelved" : "shelved", alarm, t, who, comment);
  return alarm;
}

/// What time does: a fault is found after eight seconds, and over when its time has come.
export function step(t) {
  for (const fault of faults) {
    if (!fault.over && fault.found_by.length === 0 && t > fault.start_ms + 8000) find(fault, t);
    if (!fault.over && t >= fault.end_ms) {
      fault.over = true;
      versions.simulator++;
      for (const finding of findings.filter((f) => f.fault === fault))
        finding.closed_ms = fault.end_ms;
      for (const alarm of alarms.filter((a) => fault.found_by.includes(a.finding) && a.active)) {
        Object.assign(alarm, { active: false, cleared_ms: fault.end_ms });
        say("cleared", alarm, fault.end_ms);
      }
      versions.findings++;
    }
  }
}

export function begin(now) {
  const minutes = (m) => now - m * 60_000;
  const past = [
    ["stuck", "AIT-306-DO", 1300, 30],
    ["drift", "AIT-309-NH4", 900, 180],
    ["organic_shock", "inlet", 500, 60],
    ["replay", "AIT-805-TURB", 260, 45],
    ["stuck", "AIT-411-COD", 25, 90],
    ["drift", "AIT-104-COND", 55, 240],
    ["blower_trip", "B-301", 12, 60],
    ["stuck", "AIT-806-TSS", 6, 60],
  ];
  for (const [fault, target, ago, lasts] of past) {
    const made = addFault({ fault, target, minutes: lasts, size: null }, minutes(ago));
    find(made, Math.min(now, minutes(ago) + 95_000));
  }
  step(now);
  const seen = alarms.find((a) => a.active && a.priority !== "critical");
  if (seen) acknowledge(seen, "Ana", "seen on site, probe is being cleaned", now - 60_000);
  for (let i = alarms.length - 1; i >= 0; i--) if (!alarms[i].active && i % 2) alarms.splice(i, 1);
}
