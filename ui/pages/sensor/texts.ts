import { texts } from "../../src/i18n.ts";

export const t = texts(
  {
    title: "Sensor",
    unknown: (id: string) => `There is no sensor ${id} here.`,
    explanation: "Explanation of the newest anomaly",
    shares: "How much each sensor contributes",
    open: "Open the anomaly",
    no_findings: "Nothing was found on this sensor.",
    findings: "Anomalies on this sensor",
    since: "since",
    range_of: "Range",
    reading: "Reading",
    band: "Normal band",
    above: "above",
    below: "below",
  },
  {
    title: "Capteur",
    unknown: (id: string) => `Il n'y a pas de capteur ${id} ici.`,
    explanation: "Explication de la dernière anomalie",
    shares: "Part de chaque capteur",
    open: "Ouvrir l'anomalie",
    no_findings: "Rien n'a été trouvé sur ce capteur.",
    findings: "Anomalies sur ce capteur",
    since: "depuis",
    range_of: "Étendue",
    reading: "Mesure",
    band: "Plage normale",
    above: "au-dessus de",
    below: "au-dessous de",
  },
);
