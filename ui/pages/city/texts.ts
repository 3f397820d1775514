import type { Words } from "../../src/api.ts";
import * as format from "../../src/format.ts";
import { texts } from "../../src/i18n.ts";

const aggregates: Record<string, Words> = {
  mean: { en: "mean", fr: "moyenne" },
  min: { en: "minimum", fr: "minimum" },
  max: { en: "maximum", fr: "maximum" },
  count: { en: "count", fr: "nombre" },
  sum: { en: "sum", fr: "somme" },
  last: { en: "last", fr: "dernière" },
  stddev: { en: "spread", fr: "dispersion" },
  rate: { en: "rate", fr: "rythme" },
};

/** "mean", "5m" → "mean over 5 min", "moyenne sur 5 min". */
export function madeWords(aggregate: string, window: string): Words {
  const words = aggregates[aggregate] ?? { en: aggregate, fr: aggregate };
  return {
    en: `${words.en} over ${format.span(window, "en")}`,
    fr: `${words.fr} sur ${format.span(window, "fr")}`,
  };
}

export const t = texts(
  {
    shown: "What is shown",
    set: "Areas",
    objects: "Objects",
    measuring: "those that measure it",
    all: "all",
    none: "none",
    grouped: "Group objects",
    map: "Map",
    map_label: (zones: string, objects: string) =>
      `Map of ${zones} districts and ${objects} objects. Arrow keys move it, plus and minus zoom, 0 shows all, Enter opens what is under the cross. The list beside has the same districts.`,
    districts: "Districts",
    district: "District",
    value: "Value",
    deviation: "From normal",
    deviation_of: "Deviation from normal, in spreads of this hour of the week",
    below: "below",
    above: "above",
    normal: "normal",
    unknown: "normal not known yet",
    missing: "no data",
    spreads: (n: string) => `${n} spreads`,
    no_measures: "Nothing is measured by district yet.",
    whole: "All districts",
    place: "Place",
    values: "Values now",
    map_is_now: "The map shows where the objects are now.",
    not_all: (shown: string, all: string) => `The map shows ${shown} of ${all} objects.`,
    nobody: "No object has told where it is yet.",
    object_kinds: (n: string) => `${n} objects`,
  },
  {
    shown: "Ce qui est montré",
    set: "Zones",
    objects: "Objets",
    measuring: "ceux qui le mesurent",
    all: "tous",
    none: "aucun",
    grouped: "Grouper les objets",
    map: "Carte",
    map_label: (zones: string, objects: string) =>
      `Carte de ${zones} quartiers et ${objects} objets. Les flèches la déplacent, plus et moins zooment, 0 montre tout, Entrée ouvre ce qui est sous la croix. La liste à côté a les mêmes quartiers.`,
    districts: "Quartiers",
    district: "Quartier",
    value: "Valeur",
    deviation: "Écart au normal",
    deviation_of: "Écart au normal, en écarts-types de cette heure de la semaine",
    below: "en dessous",
    above: "au-dessus",
    normal: "normal",
    unknown: "normal pas encore connu",
    missing: "pas de données",
    spreads: (n: string) => `${n} écarts-types`,
    no_measures: "Rien n'est encore mesuré par quartier.",
    whole: "Tous les quartiers",
    place: "Position",
    values: "Valeurs maintenant",
    map_is_now: "La carte montre où les objets sont maintenant.",
    not_all: (shown: string, all: string) => `La carte montre ${shown} objets sur ${all}.`,
    nobody: "Aucun objet n'a encore dit où il est.",
    object_kinds: (n: string) => `${n} objets`,
  },
);
