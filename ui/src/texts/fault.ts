import { texts } from "../i18n.ts";

/** The fields of a fault that is ordered. */
export const t = texts(
  {
    fault: "Fault",
    target: "Target",
    any_target: "let the plant choose",
    target_hint: "a sensor's tag, or empty",
    size: "Size",
    size_hint: (low: string, high: string, unit: string) =>
      `${low} to ${high} ${unit}; empty: drawn`,
    minutes: "Minutes",
    minutes_hint: "empty: drawn",
  },
  {
    fault: "Défaut",
    target: "Cible",
    any_target: "laisser la station choisir",
    target_hint: "un repère de capteur, ou rien",
    size: "Grandeur",
    size_hint: (low: string, high: string, unit: string) =>
      `${low} à ${high} ${unit} ; vide : tirée au sort`,
    minutes: "Minutes",
    minutes_hint: "vide : tirées au sort",
  },
);
