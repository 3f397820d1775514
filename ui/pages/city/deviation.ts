/**
 * How far from normal a district is, in spreads of what is normal at this hour of the week. Within
 * two of them nothing is remarkable, and grey; beyond, three steps on each side.
 */
export const steps = [2, 3, 5] as const;

/** -3 … 3; 0: normal. */
export function stepOf(deviation: number): number {
  const far = steps.filter((step) => Math.abs(deviation) >= step).length;
  return deviation < 0 && far > 0 ? -far : far;
}

export type Look = number | "unknown" | "missing";

/** "missing": there is no value; "unknown": there is one, but not yet what would be normal. */
export function lookOf(value: number | null, deviation: number | null): Look {
  if (value === null) return "missing";
  return deviation === null ? "unknown" : stepOf(deviation);
}

/** The name of its colour in the style sheet. */
export function shadeOf(step: number): string {
  if (step === 0) return "normal";
  return step < 0 ? `below-${-step}` : `above-${step}`;
}
