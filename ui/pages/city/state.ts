/** What is chosen on the page, for whoever comes back to it; and what is known of each district now. */
import { signal } from "@preact/signals";
import * as format from "../../src/format.ts";
import { language, say } from "../../src/i18n.ts";
import { live } from "../../src/live.ts";
import { type Look, lookOf } from "./deviation.ts";
import type { Measure } from "./measures.ts";
import { madeWords } from "./texts.ts";

export type Shown = "measuring" | "all" | "none";

export const choice = signal({ set: "", attribute: "", objects: "all" as Shown, grouped: true });

export function choose(change: Partial<typeof choice.value>): void {
  choice.value = { ...choice.peek(), ...change };
}

/** As the series says, "nitrogen dioxide, mean over 1 h", else by its attribute: "no2, …". */
export function measureName({ info, window, aggregate, attribute, base }: Measure): string {
  const made = window === "" ? "" : say(madeWords(aggregate, window));
  const quantity = say(info.quantity);
  if (quantity === "") return made === "" ? attribute : `${base}, ${made}`;
  const isSaid = [window, format.span(window, language.value)].some((s) => quantity.includes(s));
  return made === "" || isSaid ? quantity : `${quantity}, ${made}`;
}

export interface Now {
  value: number | null;
  deviation: number | null;
  look: Look;
}

/** What a district is at; its series must be watched. */
export function nowOf(measure: Measure, entity: string): Now {
  const read = (id: number | undefined) => {
    const it = id === undefined ? null : live(id).value;
    return it && it.quality < 2 ? it.value : null;
  };
  const value = read(measure.value.get(entity));
  const deviation = read(measure.deviation.get(entity));
  return { value, deviation, look: lookOf(value, deviation) };
}

export function valueText(measure: Measure, value: number | null): string {
  return format.number(value, measure.info.decimals, language.value);
}

/** "+2.4", "−0.3", with the sign of a number and not a hyphen. */
export function deviationText(deviation: number | null): string {
  if (deviation === null) return format.none;
  const text = format.number(Math.abs(deviation), 1, language.value);
  if (!/[1-9]/.test(text)) return text;
  return `${deviation < 0 ? "−" : "+"}${text}`;
}
