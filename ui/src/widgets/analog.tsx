import type { Limit } from "../api.ts";
import { along, brokenLimit, type Scale, scaleOf } from "../scale.ts";

export interface AnalogProps {
  value: number | null;
  range: { low: number | null; high: number | null };
  band: { low: number; high: number } | null;
  limits: readonly Limit[];
}

/** The indicator's marks in a box of the given size, to stand inside any svg. */
export function AnalogMarks(props: AnalogProps & { width: number; height: number }) {
  const { value, range, band, limits, width, height } = props;
  const scale: Scale | null = scaleOf(range, band, limits);
  if (!scale) return null;
  const x = (v: number) => along(v, scale) * width;
  const broken = value === null ? null : brokenLimit(value, limits, band);
  const seen = limits.filter((l) => l.value >= scale.from && l.value <= scale.to);
  const top = height - 7;
  return (
    <>
      <rect class="track" x="0.5" y={top - 3} width={width - 1} height="7" rx="1" />
      {band && (
        <rect
          class="band"
          x={x(band.low)}
          y={top - 2.5}
          width={Math.max(1, x(band.high) - x(band.low))}
          height="6"
        />
      )}
      {seen.map((limit) => (
        <path
          key={`${limit.name} ${limit.value}`}
          class="limit"
          d={`M${x(limit.value)} ${top - 5}v11`}
        />
      ))}
      {value !== null && (
        <path
          class={`pointer ${broken?.priority ?? ""}`}
          d={`M${Math.min(width - 4, Math.max(4, x(value)))} ${top + 0.5}l-4 -8.5h8z`}
        />
      )}
    </>
  );
}

/** A value on its range: the band it should be in, its limits, and where it is. */
export function Analog(props: AnalogProps) {
  if (!scaleOf(props.range, props.band, props.limits)) return null;
  return (
    <svg class="analog" viewBox="0 0 120 16" aria-hidden="true">
      <AnalogMarks {...props} width={120} height={16} />
    </svg>
  );
}
