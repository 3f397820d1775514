import { texts } from "../../src/i18n.ts";

export const t = texts(
  {
    title: "Simulator",
    lead: (plant: string, seed: number) =>
      `Plant: ${plant}, seed ${seed}. What you do here happens to the simulated plant alone.`,
    speed: "Speed",
    fastest: "fastest",
    weather_now: (name: string) => `now: ${name}`,
    rate: "Faults by chance",
    rate_help: "share of sensor-time under some fault",
    inject: "Inject a fault",
    go: "Inject",
    injected: (id: number) => `Fault ${id} begins with the plant's next step.`,
    refused: (what: string) => `Refused: ${what}`,
    running: "Faults that run now",
    none: "No fault runs.",
    until: (when: string) => `until ${when}`,
    end: "End it",
    what_if: "What if not?",
    setpoints: "Setpoints",
    setpoint_help: (low: string, high: string, usual: string) =>
      `${low} to ${high}; usually ${usual}`,
    set: "Set",
  },
  {
    title: "Simulateur",
    lead: (plant: string, seed: number) =>
      `Modèle : ${plant}, graine ${seed}. Ce que vous faites ici n'arrive qu'à la station simulée.`,
    speed: "Vitesse",
    fastest: "au plus vite",
    weather_now: (name: string) => `actuellement : ${name}`,
    rate: "Défauts au hasard",
    rate_help: "part du temps-capteur sous un défaut",
    inject: "Injecter un défaut",
    go: "Injecter",
    injected: (id: number) => `Le défaut ${id} commence au prochain pas de la station.`,
    refused: (what: string) => `Refusé : ${what}`,
    running: "Défauts en cours",
    none: "Aucun défaut en cours.",
    until: (when: string) => `jusqu'à ${when}`,
    end: "Y mettre fin",
    what_if: "Et sinon ?",
    setpoints: "Consignes",
    setpoint_help: (low: string, high: string, usual: string) =>
      `${low} à ${high} ; d'habitude ${usual}`,
    set: "Fixer",
  },
);
