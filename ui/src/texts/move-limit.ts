import { texts } from "../i18n.ts";

export const t = texts(
  {
    move: "Change",
    your_name: "Your name",
    why: "Why",
    apply: "Apply",
    refused: (what: string) => `Sosie refused: ${what}`,
  },
  {
    move: "Modifier",
    your_name: "Votre nom",
    why: "Raison",
    apply: "Appliquer",
    refused: (what: string) => `Sosie a refusé : ${what}`,
  },
);
