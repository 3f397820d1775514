/** config.json beside the page: which broker, which topics, which districts. */

import type { Tiles } from "../src/api/zones.ts";
import type { Words } from "../src/api.ts";
import type { Dictionary } from "./message.ts";

export interface ZoneFile {
  name: string;
  file: string;
  /** The properties of a feature that name it. */
  id: string;
  label: string;
  attribution: string;
}

export interface Config extends Dictionary {
  title: Words;
  zone: string;
  /** "ws://host:9001", or a path of the same host: "mqtt". */
  broker: string;
  user?: string;
  /** No secret: every browser gets it. */
  password?: string;
  /** Of objects, `<…>/<district>/<kind>/<id>`. */
  objects: string;
  /** What Sosie makes of them: readings and steps of alarms. */
  streams?: string;
  /** What attributes are called, for messages do not say it: {"laeq": {"en": "noise level", …}}. */
  names?: Record<string, Words>;
  zones: ZoneFile[];
  tiles?: Tiles;
}

export async function readJson<T>(file: string): Promise<T> {
  const response = await fetch(file);
  if (!response.ok) throw new Error(`${file}: ${response.status}`);
  return (await response.json()) as T;
}

export function brokerUrl({ broker }: Config): string {
  if (/^wss?:/.test(broker)) return broker;
  const url = new URL(broker, location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}
