// What was learned, made up: three models, one of them on trial.
const day = 8.64e7;
const begun = Date.now();

const side = (episodes, wrong, confirmed) => ({ episodes, wrong, confirmed, sensors: 127 });
const version = (number, state, daysAgo, more) => ({
  version: number,
  state,
  trained_ms: begun - daysAgo * day,
  from_ms: begun - (daysAgo + 7) * day,
  to_ms: begun - daysAgo * day,
  frames: 120_960,
  sensors: 127,
  left_out: 0,
  trigger: "first",
  why: "",
  trial: null,
  ...more,
});

const trial = (days, ratio, shadow, active) => ({
  from_ms: begun - days * day,
  to_ms: begun,
  days,
  frames: Math.round(days * 17_280),
  error_ratio: ratio,
  budget_per_day: null,
  active,
  shadow,
});

const versions = [
  version(3, "shadow", 0.4, {
    trigger: "drift",
    why: "AIT-306-DO, AIT-309-NH4",
    left_out: 14,
    trial: trial(0.4, 0.91, side(3, 0, 1), side(5, 2, 1)),
  }),
  version(2, "active", 9, {
    trigger: "schedule",
    left_out: 6,
    trial: trial(1, 0.93, side(4, 0, 0), side(4, 0, 0)),
  }),
  version(1, "retired", 16, {}),
];

const words = (en, fr = en) => ({ en, fr });
const log = [
  { at_ms: begun - 0.4 * day, what: "trained", version: 3, who: "", text: words("") },
  {
    at_ms: begun - 8 * day,
    what: "promoted",
    version: 2,
    who: "",
    text: words(
      "foresees better: error 0.93 of the active one's",
      "prévoit mieux : erreur de 0.93 fois celle du modèle actif",
    ),
  },
  { at_ms: begun - 9 * day, what: "trained", version: 2, who: "Ana", text: words("new pump") },
];
let isTraining = false;

export const models = () => ({
  in_use: versions.find(({ state }) => state === "active")?.version ?? null,
  note: "",
  can_learn: true,
  training: isTraining,
  trouble: "",
  next_training_ms: begun + 5 * day,
  trial_s: 86_400,
  moved: ["AIT-306-DO", "AIT-309-NH4"],
  versions,
  log,
});

function note(what, number, { who, comment }) {
  log.unshift({ at_ms: Date.now(), what, version: number, who, text: words(comment ?? "") });
}

export function trainModel(said) {
  isTraining = true;
  note("failed", 0, { ...said, comment: "1 days are stored; a new model needs 3.5" });
  return models();
}

export function changeModel(number, act, said) {
  const chosen = versions.find((one) => one.version === number);
  if (act === "activate") {
    for (const one of versions) if (one.state !== "retired") one.state = "retired";
    chosen.state = "active";
  } else {
    chosen.state = "retired";
  }
  note(act === "activate" ? "promoted" : "retired", number, said);
  return models();
}
