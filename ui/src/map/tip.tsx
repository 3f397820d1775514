import { type Signal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { type Device, devices } from "../api/devices.ts";
import * as format from "../format.ts";
import { colon, language, say } from "../i18n.ts";
import { Glyph } from "../widgets/glyph.tsx";
import { ageText } from "../widgets/of-device.tsx";

const pointing_ms = 120;
const most_values = 6;
/** A tip is at most so high: above what lies nearer to the edge there is no room for it. */
const tip_px = 190;

export interface Pointed {
  device: number;
  x: number;
  y: number;
  it: Device | null;
}

/** What is known of the device under the mouse. */
export function Tip({ at }: { at: Pointed }) {
  const { it, x, y } = at;
  if (!it) return null;
  const { position } = it;
  const own = it.series.filter((s) => s.id !== position?.latitude && s.id !== position?.longitude);
  return (
    <div class={`map-tip${y < tip_px ? " below" : ""}`} style={{ left: `${x}px`, top: `${y}px` }}>
      <strong>
        {it.alarm && <Glyph priority={it.alarm.priority} />} {it.id}
      </strong>
      <span class="quiet">
        {[say(it.kind_name), ageText(it.at_ms)].filter(Boolean).join(" · ")}
      </span>
      {own.slice(0, most_values).map((s) => (
        <span key={s.id}>
          {say(s.quantity) || s.attribute}
          {colon()}{" "}
          <b>
            {format.number(s.latest.value, s.decimals, language.value)} {format.unit(s.unit)}
          </b>
        </span>
      ))}
    </div>
  );
}

/** Remembers what the mouse is over, and asks who that is once it rests. */
export function usePointed(): [
  Signal<Pointed | null>,
  (d: number | null, x: number, y: number) => void,
] {
  const pointed = useSignal<Pointed | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>();
  useEffect(() => () => clearTimeout(timer.current), []);
  const point = (device: number | null, x: number, y: number) => {
    if (device === pointed.peek()?.device) return;
    clearTimeout(timer.current);
    pointed.value = device === null ? null : { device, x, y, it: null };
    if (device === null) return;
    timer.current = setTimeout(async () => {
      const it = await devices.device(`index:${device}`).catch(() => null);
      if (pointed.peek()?.device === device) pointed.value = { device, x, y, it };
    }, pointing_ms);
  };
  return [pointed, point];
}
