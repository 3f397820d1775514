/** What the lists of the twin share: its values, its instants, its paging. */
import type { ComponentChildren } from "preact";
import * as format from "../../src/format.ts";
import { language } from "../../src/i18n.ts";
import { zone } from "../../src/plant.ts";
import type { Resource } from "../../src/resource.ts";
import { link } from "../../src/router.ts";
import { t as common } from "../../src/texts/common.ts";
import { explain, Refused } from "./act.tsx";
import type { Json, Key } from "./broker.ts";
import { t } from "./texts.ts";
import { shownText } from "./values.ts";

export const limit = 25;

export function entityLink({ id, type, path }: Key): string {
  return link("twin", `entity/${id}/${type}${path === "/" ? "" : path}`);
}

/** "2026-11-29T01:30:00.000Z" on the site's clock; with its day only when that is another one. */
export function When({ iso }: { iso: string | null | undefined }) {
  if (!iso) return <>{format.none}</>;
  const at = Date.parse(iso);
  const lang = language.value;
  const day = (ms: number) => format.time(ms, "date", lang, zone.value);
  const shape = day(at) === day(Date.now()) ? "time" : "full";
  return (
    <time dateTime={iso} title={format.time(at, "full", lang, zone.value)}>
      {format.time(at, shape, lang, zone.value)}
    </time>
  );
}

const long = 160;

/** A value in a table; a long one opens. */
export function Shown({ value }: { value: Json }) {
  const text = shownText(value, language.value);
  if (typeof value === "number") return <span class="twin-number">{text}</span>;
  if (text.length <= long) {
    return value !== null && typeof value === "object" ? <code>{text}</code> : <span>{text}</span>;
  }
  return (
    <details>
      <summary>
        <code>{text.slice(0, long)}…</code>
      </summary>
      <pre>{typeof value === "object" ? JSON.stringify(value, null, 2) : text}</pre>
    </details>
  );
}

/** "temperature 21.5" for each, as many as fit; the rest are counted. */
export function Brief({ values }: { values: readonly [name: string, value: Json][] }) {
  const most = 5;
  return (
    <span class="twin-brief">
      {values.slice(0, most).map(([name, value]) => (
        <span key={name}>
          <span class="quiet">{name}</span> {shownText(value, language.value).slice(0, 40)}
        </span>
      ))}
      {values.length > most && <span class="quiet">{t().more(values.length - most)}</span>}
    </span>
  );
}

/** What was asked of the broker, or its refusal in words; the last good answer stays below that. */
export function Told<T>(props: { of: Resource<T>; children: (value: T) => ComponentChildren }) {
  const error = props.of.error.value;
  const value = props.of.value.value;
  return (
    <>
      <Refused text={error ? explain(error) : null} />
      {value !== null && props.children(value)}
      {value === null && !error && <p class="empty loading">{common().loading}</p>}
    </>
  );
}
