/** What a message of the city says, whichever of its forms it has. */

export interface Told {
  /** Of the numbers in it, by attribute. */
  values: Map<string, number>;
  place: { latitude: number; longitude: number } | null;
  /** When it was measured; null: it does not say. */
  at_ms: number | null;
}

/** What the scenario calls what messages say. */
export interface Dictionary {
  /** Attribute of a message's field, where it is not the field's name in lower case. */
  fields?: Record<string, string>;
  /** Numbers of texts that are values. */
  words?: Record<string, number>;
}

type Plain = Record<string, unknown>;

/** Where FIWARE's data models say when something was observed, the most exact first. */
const times = [
  "dateObserved",
  "dateObservedTo",
  "observationDateTime",
  "TimeInstant",
  "binLoggedTime",
  "dateModified",
  "time",
];

function timeOf(message: Plain): number | null {
  for (const name of times) {
    const said = message[name];
    const ms = typeof said === "string" ? Date.parse(said) : Number.NaN;
    if (Number.isFinite(ms)) return ms;
  }
  return null;
}

function placeOf(location: unknown): Told["place"] {
  const { type, coordinates } = (location ?? {}) as { type?: unknown; coordinates?: unknown };
  if (type !== "Point" || !Array.isArray(coordinates)) return null;
  const [longitude, latitude] = coordinates as unknown[];
  if (typeof latitude !== "number" || typeof longitude !== "number") return null;
  return { latitude, longitude };
}

/** FIWARE Smart Data Models in key-values form: its numbers, and words that are. */
function ofKeyValues(message: Plain, { fields, words }: Dictionary): Told {
  const values = new Map<string, number>();
  for (const [name, said] of Object.entries(message)) {
    const attribute = fields?.[name];
    const value = typeof said === "string" && attribute !== undefined ? words?.[said] : said;
    if (typeof value === "number") values.set(attribute ?? name.toLowerCase(), value);
  }
  return { values, place: placeOf(message.location), at_ms: timeOf(message) };
}

/** SenML (RFC 8428): base time, names and values of records. */
function ofSenml(records: Plain[]): Told {
  const values = new Map<string, number>();
  let base_s = 0;
  let at_ms: number | null = null;
  for (const record of records) {
    if (typeof record.bt === "number") base_s = record.bt;
    const { n, v, t } = record;
    if (typeof n !== "string" || typeof v !== "number") continue;
    values.set(n, v);
    // From 2^28 on a time is since the epoch, below it is relative to now.
    const s = base_s + (typeof t === "number" ? t : 0);
    if (s >= 2 ** 28) at_ms = Math.max(at_ms ?? 0, s * 1000);
  }
  const latitude = values.get("latitude") ?? values.get("lat");
  const longitude = values.get("longitude") ?? values.get("lon");
  const isPlaced = latitude !== undefined && longitude !== undefined;
  for (const name of ["latitude", "longitude", "lat", "lon"]) values.delete(name);
  return { values, place: isPlaced ? { latitude, longitude } : null, at_ms };
}

/** null: it is none of these. */
export function readMessage(text: string, dictionary: Dictionary = {}): Told | null {
  try {
    const message: unknown = JSON.parse(text);
    if (Array.isArray(message)) return ofSenml(message as Plain[]);
    if (message !== null && typeof message === "object")
      return ofKeyValues(message as Plain, dictionary);
  } catch {
    // Counted by whoever asked.
  }
  return null;
}
