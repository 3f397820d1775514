import { texts } from "../../src/i18n.ts";

export const t = texts(
  {
    title: "AI performance",
    latency: "Time of one prediction",
    latency_label: (p50: string, p95: string, p99: string) =>
      `Histogram of prediction times: median ${p50}, 95 % within ${p95}, 99 % within ${p99}`,
    predictions: "Predictions",
    throughput: "Throughput",
    per_second: "per second",
    findings: "Anomalies found",
    explained: "Explanations (exact SHAP)",
    within: (time: string) => `95 % within ${time}`,
    model: "Model",
    untrained: "The model is not trained yet: Sosie is learning what is normal.",
    unwatched: "This scenario has no detectors, so nothing is learned.",
    version: "Version",
    trained: "Trained",
    data: "From data of",
    frames: "Frames",
    seed: "Seed",
    detectors: "Detectors",
    budget: "False alarms allowed",
    budget_note: (allowed: string, seen: number, days: string, low: string, high: string) =>
      `${allowed} a day; on ${days} days held out of learning ${seen}, which is ${low} to ${high} a day (95 %)`,
    threshold: "Threshold",
    confidence: "Least confidence",
    board: "Against the ground truth",
    board_help:
      "Events are counted, not rows: where faults are rare, being right on most rows says nothing. Every figure stands beside its floor.",
    no_truth: "There is no ground truth for these data, so nothing can be scored.",
    span: "Over the last",
    kind: "Kind",
    all: "All kinds",
    labels: "Injected",
    found: "Found",
    named: "Kind right",
    said: "Said",
    recall: "Recall",
    precision: "Precision",
    false_per_day: "False alarms a day",
    delay: "Median delay",
    kind_accuracy: "Kind right",
    row_accuracy: "Rows right",
    floor: "Floor",
    floor_never: "never alarm",
    floor_always: "always alarm",
    floor_metronome: "metronome",
    floor_clock: "clock",
    floor_random: "random",
    labels_note: (found: number, labels: number) => `${found} of ${labels} injected faults`,
    said_note: (right: number, said: number) => `${right} of ${said} anomalies`,
  },
  {
    title: "Performance de l'IA",
    latency: "Durée d'une prédiction",
    latency_label: (p50: string, p95: string, p99: string) =>
      `Histogramme des durées de prédiction : médiane ${p50}, 95 % en moins de ${p95}, 99 % en moins de ${p99}`,
    predictions: "Prédictions",
    throughput: "Débit",
    per_second: "par seconde",
    findings: "Anomalies trouvées",
    explained: "Explications (SHAP exact)",
    within: (time: string) => `95 % en moins de ${time}`,
    model: "Modèle",
    unwatched: "Ce scénario n'a pas de détecteurs : rien n'est appris.",
    untrained: "Le modèle n'est pas encore entraîné : Sosie apprend ce qui est normal.",
    version: "Version",
    trained: "Entraîné",
    data: "Sur les données du",
    frames: "Trames",
    seed: "Graine",
    detectors: "Détecteurs",
    budget: "Fausses alarmes permises",
    budget_note: (allowed: string, seen: number, days: string, low: string, high: string) =>
      `${allowed} par jour ; sur ${days} jours tenus à l'écart de l'apprentissage ${seen}, soit ${low} à ${high} par jour (95 %)`,
    threshold: "Seuil",
    confidence: "Confiance minimale",
    board: "Face à la vérité terrain",
    board_help:
      "On compte des événements, pas des lignes : là où les défauts sont rares, avoir raison sur la plupart des lignes ne dit rien. Chaque chiffre est à côté de son plancher.",
    no_truth: "Il n'y a pas de vérité terrain pour ces données : rien ne peut être noté.",
    span: "Sur les dernières",
    kind: "Type",
    all: "Tous les types",
    labels: "Injectés",
    found: "Trouvés",
    named: "Type juste",
    said: "Annoncés",
    recall: "Rappel",
    precision: "Précision",
    false_per_day: "Fausses alarmes par jour",
    delay: "Délai médian",
    kind_accuracy: "Type juste",
    row_accuracy: "Lignes justes",
    floor: "Plancher",
    floor_never: "ne jamais alarmer",
    floor_always: "toujours alarmer",
    floor_metronome: "métronome",
    floor_clock: "horloge",
    floor_random: "au hasard",
    labels_note: (found: number, labels: number) => `${found} des ${labels} défauts injectés`,
    said_note: (right: number, said: number) => `${right} des ${said} anomalies`,
  },
);

/** The server names its floors in English; the known ones are said in the reader's language. */
export function floorName(name: string): string {
  const known = /^(never|always|metronome|clock|random)/.exec(name.replace(/^an? /, ""))?.[1];
  switch (known) {
    case "never":
      return t().floor_never;
    case "always":
      return t().floor_always;
    case "metronome":
      return t().floor_metronome;
    case "clock":
      return t().floor_clock;
    case "random":
      return t().floor_random;
    default:
      return name;
  }
}
