import { useRef } from "preact/hooks";
import type { Ai } from "../../src/api.ts";
import * as format from "../../src/format.ts";
import { language } from "../../src/i18n.ts";
import { useWidth } from "../../src/widgets/width.ts";
import { t } from "./texts.ts";

const height = 230;
const floor = height - 44;

/**
 * The latency's histogram on a logarithmic axis, with P50, P95 and P99. `buckets_s` are upper bounds;
 * a count beyond the last (Prometheus' +Inf) stands in a column of its own.
 */
export function Histogram({ latency }: { latency: Ai["latency"] }) {
  const box = useRef<HTMLDivElement>(null);
  const width = Math.max(240, useWidth(box));
  const lang = language.value;
  const { buckets_s: bounds, counts, p50_s, p95_s, p99_s } = latency;
  const used = counts.map((n, i) => (n > 0 ? i : -1)).filter((i) => i >= 0);
  const first = Math.max(0, (used[0] ?? 0) - 1);
  const last = Math.min(counts.length - 1, (used.at(-1) ?? 0) + 1);
  const shown = counts.slice(first, last + 1);
  const most = Math.max(...shown, 1);
  const step = width / Math.max(1, shown.length);
  /** Every label where there is room for it, else every second or third. */
  const each = Math.max(1, Math.ceil(58 / step));
  const label = (p: number | null) => format.duration(p, lang);

  /** Where a time stands: between its bucket's two edges, by its logarithm. */
  const x = (s: number): number => {
    let i = bounds.findIndex((bound) => s <= bound);
    if (i < 0) i = bounds.length;
    const low = bounds[i - 1] ?? (bounds[0] ?? s) / 2;
    const high = bounds[i] ?? low * 2;
    const within = Math.log(s / low) / Math.log(high / low);
    return (i - first + Math.min(1, Math.max(0, within))) * step;
  };
  const marks = [
    ["P50", p50_s],
    ["P95", p95_s],
    ["P99", p99_s],
  ] as const;
  return (
    <div ref={box}>
      <svg
        class="histogram"
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={t().latency_label(label(p50_s), label(p95_s), label(p99_s))}
      >
        <path class="axis" d={`M0 ${floor}.5H${width}`} />
        {shown.map((n, k) => {
          const tall = (n / most) * (floor - 46);
          const bound = bounds[first + k];
          return (
            <g key={first + k}>
              <rect
                class="column"
                x={k * step + 1.5}
                y={floor - tall}
                width={step - 3}
                height={tall}
              >
                <title>{`≤ ${label(bound ?? null)}: ${format.number(n, 0, lang)}`}</title>
              </rect>
              {k % each === each - 1 && (
                <text class="tick" x={(k + 1) * step - 2} y={floor + 16}>
                  {bound === undefined ? "∞" : label(bound)}
                </text>
              )}
            </g>
          );
        })}
        {marks.map(([name, s], i) =>
          s === null ? null : (
            <g key={name} class="mark">
              <path d={`M${x(s)} ${14 + i * 13}V${floor}`} />
              <text x={Math.min(width - 96, x(s) + 4)} y={20 + i * 13}>
                {name} {label(s)}
              </text>
            </g>
          ),
        )}
      </svg>
    </div>
  );
}
