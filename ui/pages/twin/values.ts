/** An attribute's value between the broker's JSON and what a person reads and writes. */
import * as format from "../../src/format.ts";
import type { Json } from "./broker.ts";

export const kinds = ["number", "text", "boolean", "json", "none"] as const;
export type Kind = (typeof kinds)[number];

export function kindOf(value: Json): Kind {
  if (value === null) return "none";
  if (typeof value === "number") return "number";
  if (typeof value === "boolean") return "boolean";
  return typeof value === "string" ? "text" : "json";
}

/** The type that the broker would give such a value. */
export const usualTypes: Record<Kind, string> = {
  number: "Number",
  text: "Text",
  boolean: "Boolean",
  json: "StructuredValue",
  none: "None",
};

/** As it stands in a field to be edited. */
export function fieldText(value: Json): string {
  if (value === null) return "";
  if (typeof value === "object") return JSON.stringify(value, null, 2);
  return String(value);
}

/** What a field holds, read as `kind`; undefined: it is none of that kind. */
export function readField(kind: Kind, field: string): Json | undefined {
  switch (kind) {
    case "none":
      return null;
    case "text":
      return field;
    case "boolean":
      return field === "true";
    case "number": {
      // "21,5", as French hands write it; with both signs, or twice, nobody knows what is meant.
      const plain = /^[^.,]*,[^.,]*$/.test(field) ? field.replace(",", ".") : field;
      const number = Number(plain);
      return field.trim() === "" || !Number.isFinite(number) ? undefined : number;
    }
    case "json":
      try {
        return JSON.parse(field) as Json;
      } catch {
        return undefined;
      }
  }
}

/** In a table: numbers as the language writes them, the rest as it is. */
export function shownText(value: Json, lang: format.Language): string {
  if (value === null) return format.none;
  if (typeof value === "number") return format.significant(value, 12, lang);
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** Places after the point that tell these values apart, four at most. */
export function decimalsOf(values: readonly (number | null)[]): number {
  let most = 0;
  for (const value of values) {
    if (value === null) continue;
    const places = (String(value).split(".")[1] ?? "").length;
    most = Math.max(most, String(value).includes("e") ? 4 : places);
  }
  return Math.min(4, most);
}

/** "a, b,c" → ["a", "b", "c"]. */
export function listOf(field: string): string[] {
  return field
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}
