import { texts } from "../i18n.ts";

export const t = texts(
  {
    findings: "Findings",
    no_alarms: "No alarm.",
    no_findings: "Nothing was found.",
    old: (age: string) => `${age} ago`,
  },
  {
    findings: "Anomalies",
    no_alarms: "Aucune alarme.",
    no_findings: "Rien n'a été trouvé.",
    old: (age: string) => `il y a ${age}`,
  },
);
