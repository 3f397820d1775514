import { useEffect } from "preact/hooks";
import type { SeriesInfo } from "../api.ts";
import * as format from "../format.ts";
import { language } from "../i18n.ts";
import { type Live, live, status, watch } from "../live.ts";
import { bandAt, detail, isState, zone } from "../plant.ts";
import { brokenLimit, side } from "../scale.ts";
import { t, word } from "../texts/common.ts";
import { Analog } from "./analog.tsx";
import { Glyph } from "./glyph.tsx";

/** Asks the feed for series as long as the component stands. */
export function useLive(ids: readonly number[]): void {
  useEffect(() => watch(ids), [ids.join(",")]);
}

const states = ["stopped", "running", "fault"];

/** The text of a value, without its unit: "1,042.3", "running". */
export function valueText(info: SeriesInfo, value: number | null | undefined): string {
  if (isState(info) && value !== null && value !== undefined) {
    return word(states[Math.round(value)] ?? String(value));
  }
  return format.number(value, info.decimals, language.value);
}

const qualities = ["good", "uncertain", "bad"] as const;
const qualityMarks = ["", "?", "✕"];

/** What is shown of a series now: its value, its band of this hour, and what is abnormal in it. */
export function useReading(info: SeriesInfo) {
  const now: Live | null = live(info.id).value;
  const known = detail(info.id).value;
  const value = now?.value ?? null;
  const normal = known?.normal ?? [];
  const t_ms = now?.t ?? status.value?.now_ms ?? 0;
  const band = isState(info) ? null : bandAt(normal, t_ms, zone.value);
  const limits = known?.limits ?? [];
  const broken = value === null ? null : brokenLimit(value, limits, band);
  return {
    value,
    band,
    limits,
    broken,
    t: now?.t ?? null,
    quality: now?.quality ?? 0,
    side: value === null ? 0 : side(value, band),
  };
}

export function qualityWord(quality: number): string {
  return word(qualities[quality] ?? "bad");
}

/** A live number with its unit, its quality, and a sign when it is out of what is normal. */
export function Value({ info }: { info: SeriesInfo }) {
  const reading = useReading(info);
  const quality = qualities[reading.quality] ?? "bad";
  return (
    <span class={`value ${quality}`}>
      {reading.broken && <Glyph priority={reading.broken.priority} />}
      {!reading.broken && reading.side !== 0 && (
        <span
          role="img"
          aria-label={reading.side > 0 ? t().above_normal : t().below_normal}
          title={reading.side > 0 ? t().above_normal : t().below_normal}
        >
          {reading.side > 0 ? "▲" : "▼"}
        </span>
      )}{" "}
      {valueText(info, reading.value)} <small>{format.unit(info.unit)}</small>
      {reading.quality > 0 && (
        <abbr title={`${t().quality}: ${qualityWord(reading.quality)}`}>
          {qualityMarks[reading.quality]}
        </abbr>
      )}
    </span>
  );
}

/** The indicator of a series' live value; nothing for a pump's state. */
export function LiveAnalog({ info }: { info: SeriesInfo }) {
  const { value, band, limits } = useReading(info);
  return isState(info) ? null : <Analog value={value} range={info} band={band} limits={limits} />;
}

/** "800 – 1,300 m³/h", or why there is none. */
export function BandText({ info }: { info: SeriesInfo }) {
  const { band } = useReading(info);
  if (isState(info)) return null;
  if (!band) return <span class="quiet">{t().not_learned}</span>;
  const text = (v: number) => format.number(v, info.decimals, language.value);
  return (
    <span class="quiet">
      {text(band.low)} – {text(band.high)} {format.unit(info.unit)}
    </span>
  );
}
