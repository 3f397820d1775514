/** A rule as the form has it, and as TOML has it. */
import type { Priority } from "../../src/api.ts";

export interface Draft {
  kind: "limit" | "silence";
  /** Names with wildcards, of a limit; commas between several. */
  series: string;
  /** And of silence. */
  devices: string;
  /** Numbers as they were typed; empty: none. */
  high: string;
  low: string;
  deadband: string;
  on_delay: string;
  off_delay: string;
  after: string;
  priority: Priority | "none";
}

export const empty: Draft = {
  kind: "limit",
  series: "",
  devices: "*",
  high: "",
  low: "",
  deadband: "",
  on_delay: "1m",
  off_delay: "0s",
  after: "15m",
  priority: "medium",
};

export function patternsOf(on: string): string[] {
  return on
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

/** "FIT-101.flow", "*.no2" → "flow", "no2": a word that an alarm may have in its name. */
function wordOf(on: string): string {
  const last = (patternsOf(on)[0] ?? "").split(".").at(-1) ?? "";
  return last.replace(/[^\p{L}\p{N}]+/gu, "_").replace(/^_+|_+$/g, "");
}

export function onOf({ kind, series, devices }: Draft): string {
  return kind === "silence" ? devices : series;
}

export function ruleName(draft: Draft): string {
  const what = draft.kind === "silence" ? "silence" : draft.high === "" ? "low" : "high";
  const word = wordOf(onOf(draft));
  return word === "" ? what : `${word}_${what}`;
}

/** TOML's basic strings are escaped as JSON's are. */
const text = (value: string) => JSON.stringify(value);
const number = (key: string, value: string) =>
  value === "" ? [] : [`${key} = ${String(Number(value))}`];

/** The rule as it would stand in the scenario. */
export function tomlOf(draft: Draft): string {
  const on = `[${patternsOf(onOf(draft)).map(text).join(", ")}]`;
  const own =
    draft.kind === "silence"
      ? [`devices = ${on}`, `after = ${text(draft.after)}`]
      : [
          `series = ${on}`,
          ...number("high", draft.high),
          ...number("low", draft.low),
          ...number("deadband", draft.deadband),
          `on_delay = ${text(draft.on_delay)}`,
          `off_delay = ${text(draft.off_delay)}`,
        ];
  const lines = [
    "[[rule]]",
    `name = ${text(ruleName(draft))}`,
    `kind = ${text(draft.kind)}`,
    ...own,
    `priority = ${text(draft.priority)}`,
  ];
  return `${lines.join("\n")}\n`;
}

/** What is drawn of a rule that somebody wrote. */
export interface Sketch {
  name: string;
  kind: string;
  on: string[];
  high: number | null;
  low: number | null;
  priority: Priority | null;
  /** Its limits are those of a group, not of the values of one series. */
  isOfGroup: boolean;
}

/** The value of a key of a table, as it is written. */
function written(block: string, key: string): string {
  return new RegExp(`^[ \\t]*${key}[ \\t]*=[ \\t]*(\\[[^\\]]*\\]|.*)`, "m").exec(block)?.[1] ?? "";
}

function stringsOf(value: string): string[] {
  return [...value.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'/g)].map(([, escaped, literal]) => {
    try {
      return literal ?? (JSON.parse(`"${escaped}"`) as string);
    } catch {
      return escaped ?? "";
    }
  });
}

function numberOf(value: string): number | null {
  const found = /^[+-]?[0-9][0-9_]*(\.[0-9_]+)?([eE][+-]?[0-9]+)?/.exec(value);
  return found ? Number(found[0].replaceAll("_", "")) : null;
}

/**
 * Each [[rule]] of a text, as far as it is needed to draw what came of it. The server alone judges
 * whether a text is right; what is not understood here is not drawn.
 */
export function sketchesOf(toml: string): Sketch[] {
  const blocks = toml.split(/^[ \t]*\[\[[ \t]*rule[ \t]*\]\].*$/m).slice(1);
  return blocks.map((block) => {
    const said = (key: string) => stringsOf(written(block, key))[0] ?? "";
    const group = said("group_by");
    const priority = said("priority");
    return {
      name: said("name"),
      kind: said("kind"),
      on: stringsOf(written(block, said("kind") === "limit" ? "series" : "devices")),
      high: numberOf(written(block, "high")),
      low: numberOf(written(block, "low")),
      priority: priority === "none" ? null : (priority as Priority | "") || "medium",
      isOfGroup: group !== "" && group !== "none",
    };
  });
}
