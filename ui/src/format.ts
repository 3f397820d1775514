/** Numbers, units and times as people of the chosen language and the site's zone read them. */

export type Language = "en" | "fr";

const locales: Record<Language, string> = { en: "en-GB", fr: "fr-FR" };
const made = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat>();

function cached<T extends Intl.NumberFormat | Intl.DateTimeFormat>(key: string, make: () => T): T {
  let format = made.get(key) as T | undefined;
  if (!format) {
    format = make();
    made.set(key, format);
  }
  return format;
}

/** What stands where there is no value. */
export const none = "–";

/** With exactly `decimals` places: a value that lives must not dance in width. */
export function number(value: number | null | undefined, decimals: number, lang: Language): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return none;
  const options = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  const format = cached(`n${lang}${decimals}`, () => new Intl.NumberFormat(locales[lang], options));
  const text = format.format(value);
  return /[1-9]/.test(text) ? text : text.replace("-", "");
}

/** At most `digits` significant ones: for axes and figures whose size is not known. */
export function significant(
  value: number | null | undefined,
  digits: number,
  lang: Language,
): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return none;
  const options = { maximumSignificantDigits: digits };
  return cached(`s${lang}${digits}`, () => new Intl.NumberFormat(locales[lang], options)).format(
    value,
  );
}

/** 0.714 → "71 %" (en: "71%"). */
export function percent(share: number | null | undefined, lang: Language, decimals = 0): string {
  if (share === null || share === undefined || !Number.isFinite(share)) return none;
  const options = {
    style: "percent" as const,
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  };
  return cached(`p${lang}${decimals}`, () => new Intl.NumberFormat(locales[lang], options)).format(
    share,
  );
}

/** Of numbers without a dimension (UCUM's "1"), of states and of switches. */
const unsaid = new Set(["-", "1", "0/1", "0/1/2"]);
const powers: Record<string, string> = { "2": "²", "3": "³" };

/** "uS/cm" → "µS/cm", "m3/h" → "m³/h", "-" → "". */
export function unit(text: string): string {
  if (unsaid.has(text)) return "";
  return text
    .replace(/\bdeg([CF])\b/g, "°$1")
    .replace(/^u(?=[A-Za-z])/, "µ")
    .replace(/(m)([23])(?![0-9])/g, (_, letter: string, power: string) => letter + powers[power]);
}

/** A scenario's "5m" → "5 min", "2d" → "2 j" in French; what is no duration stays as it is. */
export function span(text: string, lang: Language): string {
  const [, many, unit] = /^(\d+)(ms|s|min|m|h|d)$/.exec(text) ?? [];
  if (many === undefined || unit === undefined) return text;
  const day = lang === "fr" ? "j" : "d";
  const spoken: Record<string, string> = { m: "min", d: day };
  return `${many} ${spoken[unit] ?? unit}`;
}

/** 0.0000042 → "4.2 µs"; 95 → "1 min 35 s". */
export function duration(seconds: number | null | undefined, lang: Language): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return none;
  const s = Math.abs(seconds);
  if (s === 0) return "0 s";
  if (s < 0.9995e-6) return `${significant(seconds * 1e9, 3, lang)} ns`;
  if (s < 0.9995e-3) return `${significant(seconds * 1e6, 3, lang)} µs`;
  if (s < 0.9995) return `${significant(seconds * 1e3, 3, lang)} ms`;
  if (s < 59.5) return `${significant(seconds, s < 10 ? 2 : 3, lang)} s`;
  const whole = Math.round(s);
  const day = lang === "fr" ? "j" : "d";
  const parts: [number, string][] = [
    [Math.floor(whole / 86400), day],
    [Math.floor((whole % 86400) / 3600), "h"],
    [Math.floor((whole % 3600) / 60), "min"],
    [whole % 60, "s"],
  ];
  const first = parts.findIndex(([amount]) => amount > 0);
  return parts
    .slice(first, first + 2)
    .filter(([amount]) => amount > 0)
    .map(([amount, name]) => `${amount} ${name}`)
    .join(" ");
}

/** 61234567 → "61.2 MB". */
export function bytes(amount: number | null | undefined, lang: Language): string {
  if (amount === null || amount === undefined || !Number.isFinite(amount)) return none;
  const names = lang === "fr" ? ["o", "ko", "Mo", "Go", "To"] : ["B", "kB", "MB", "GB", "TB"];
  let power = 0;
  let rest = amount;
  while (rest >= 999.5 && power < names.length - 1) {
    rest /= 1000;
    power++;
  }
  return `${significant(rest, 3, lang)} ${names[power]}`;
}

const shapes = {
  time: { hour: "2-digit", minute: "2-digit", second: "2-digit" },
  minute: { hour: "2-digit", minute: "2-digit" },
  day: { day: "numeric", month: "short" },
  date: { day: "numeric", month: "short", year: "numeric" },
  month: { month: "short", year: "numeric" },
  short: { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" },
  full: {
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  },
} satisfies Record<string, Intl.DateTimeFormatOptions>;
export type TimeShape = keyof typeof shapes;

export function time(
  ms: number | null | undefined,
  shape: TimeShape,
  lang: Language,
  zone: string,
): string {
  if (ms === null || ms === undefined || !Number.isFinite(ms)) return none;
  return cached(
    `t${lang}${shape}${zone}`,
    () =>
      new Intl.DateTimeFormat(locales[lang], {
        ...shapes[shape],
        hourCycle: "h23",
        timeZone: zone,
      }),
  ).format(ms);
}

/** The clock alone of what is younger than half a day, else its day too. */
export function recent(ms: number, now_ms: number, lang: Language, zone: string): string {
  return time(ms, Math.abs(now_ms - ms) < 12 * 3_600_000 ? "minute" : "short", lang, zone);
}

/** The local hour of the day, 0..23. */
export function hourOf(ms: number, zone: string): number {
  const format = cached(
    `h${zone}`,
    () => new Intl.DateTimeFormat("en-GB", { hour: "2-digit", hourCycle: "h23", timeZone: zone }),
  );
  return Number(format.format(ms)) % 24;
}

/** "UTC+1" for the zone at an instant. */
export function offsetName(ms: number, zone: string): string {
  const format = cached(
    `o${zone}`,
    () => new Intl.DateTimeFormat("en-GB", { timeZone: zone, timeZoneName: "shortOffset" }),
  );
  const part = format.formatToParts(ms).find((p) => p.type === "timeZoneName")?.value ?? "";
  return part.replace("GMT", "UTC");
}
