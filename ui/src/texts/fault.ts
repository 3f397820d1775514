import { texts } from "../i18n.ts";

/** A fault's unit of size as people write it, where it is more than a unit. */
const in_english: Record<string, string> = { x: "×", "1/h": "per hour" };
const in_french: Record<string, string> = {
  x: "×",
  "1/h": "par heure",
  sensors: "capteurs",
  "% of range": "% de l'étendue",
  "% lost": "% perdus",
  "% of rate lost": "% de la vitesse perdus",
  "uS/cm": "µS/cm",
  "mg COD/L": "mg DCO/L",
};

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
    size_unit: (unit: string) => in_english[unit] ?? unit,
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
    size_unit: (unit: string) => in_french[unit] ?? unit,
    minutes: "Minutes",
    minutes_hint: "vide : tirées au sort",
  },
);
