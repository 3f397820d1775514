import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { History, SeriesDetail } from "../api.ts";
import * as format from "../format.ts";
import { language } from "../i18n.ts";
import { shownAt } from "../live.ts";
import { present, zone } from "../plant.ts";
import { useResource } from "../resource.ts";
import { t as common } from "../texts/common.ts";
import { t } from "../texts/history.ts";
import { Chart, type Span, spanByKey } from "./chart.tsx";
import { KeyEntry, LimitKey, TimeKey } from "./key.tsx";
import { qualityAt } from "./quality-strip.ts";
import { Empty, Segments, Show } from "./show.tsx";

const hour_ms = 3_600_000;
const month_ms = 30 * 24 * hour_ms;
/** The shortest is for what has only just begun. */
const ranges = [
  hour_ms / 6,
  hour_ms,
  6 * hour_ms,
  24 * hour_ms,
  7 * 24 * hour_ms,
  month_ms,
  365 * 24 * hour_ms,
];

function rangeName(ms: number): string {
  const hours = ms / hour_ms;
  if (hours < 1) return `${ms / 60_000} min`;
  if (hours <= 24) return common().hours(hours);
  return hours < 24 * 365 ? common().days(hours / 24) : common().year;
}

const shortest_ms = 30_000;
const longest_ms = 3 * 365 * 24 * hour_ms;

/** Keeps a span askable: neither nothing nor forever, and not wholly in the future. */
export function held(span: Span, present: number): Span {
  const width = Math.min(longest_ms, Math.max(shortest_ms, span.to - span.from));
  const middle = (span.from + span.to) / 2;
  const to = Math.min(middle + width / 2, present + width * 0.05);
  return { from: to - width, to };
}

/** What to show at first of values that began so long ago: a chart is not to be an edge of itself. */
export function firstWidth(age_ms: number, width_ms: number): number {
  if (age_ms > width_ms / 6) return width_ms;
  return ranges.find((range) => range > age_ms * 1.1) ?? width_ms;
}

/** How to read the chart; `plain`: it has neither band nor limits. */
function Key({ plain }: { plain: boolean }) {
  return (
    <div class="key">
      <KeyEntry text={t().key_mean}>
        <path d="M1 6h24" stroke="var(--plot)" stroke-width="2" />
      </KeyEntry>
      <KeyEntry text={t().key_reach}>
        <path d="M1 2h24v8H1z" fill="var(--plot-band)" />
      </KeyEntry>
      {!plain && (
        <>
          <KeyEntry text={t().key_band}>
            <path d="M1 1h24v10H1z" fill="var(--band)" />
          </KeyEntry>
          <LimitKey text={t().key_limit} />
          <TimeKey text={t().key_finding} />
          <KeyEntry text={t().key_quality}>
            <path d="M1 2h24v8H1z" fill="var(--line)" />
            <path d="M6 6h8v4H6z" fill="var(--ink-3)" />
            <path d="M14 2h7v8h-7z" fill="var(--ink)" />
          </KeyEntry>
        </>
      )}
    </div>
  );
}

export interface HistoryProps {
  info: SeriesDetail;
  name: string;
  /** Over the chart, instead of "History". */
  title?: ComponentChildren;
  /** Its values of a span, in about so many points. */
  ask: (from: number, to: number, points: number) => Promise<History>;
  /** It has neither band nor limits nor quality. */
  plain?: boolean;
}

/** The chart of a series with its zoom, its range and what stands under the cursor. */
export function HistoryPanel(props: HistoryProps) {
  const { info, name, ask, plain = false } = props;
  const width = useSignal(24 * hour_ms);
  /** null: it follows the present (or the past instant that all pages show). */
  const chosen = useSignal<Span | null>(null);
  const point = useSignal<number | null>(null);
  const end = shownAt.value ?? present();
  const span = chosen.value ?? { from: end - width.value, to: end };
  const box = useRef<HTMLDivElement>(null);
  const settled = useSignal(span);
  const follow = chosen.value === null && shownAt.value === null;

  // While a wheel turns, the chart stretches what it has; the server is asked when it rests.
  useEffect(() => {
    const timer = setTimeout(
      () => {
        settled.value = span;
      },
      chosen.value ? 160 : 0,
    );
    return () => clearTimeout(timer);
  }, [chosen.value, width.value, shownAt.value, info.id]);

  const points = Math.max(120, Math.min(1200, box.current?.clientWidth ?? 600));
  const history = useResource(
    () => {
      const asked = follow ? { from: present() - width.peek(), to: present() } : settled.peek();
      return ask(asked.from, asked.to, points);
    },
    [info.id, settled.value],
    follow ? Math.max(5000, width.value / 2000) : 0,
  );

  const isFirst = useRef(true);
  const isYoung = useSignal(false);
  useEffect(() => {
    const began = history.value.value?.t[0];
    if (!isFirst.current || began === undefined) return;
    isFirst.current = false;
    const first = firstWidth(end - began, width.peek());
    isYoung.value = first < hour_ms;
    if (chosen.peek() === null) width.value = first;
  }, [history.value.value]);

  const go = (to: Span) => {
    chosen.value = held(to, present());
  };
  const press = (key: string) => {
    const to = spanByKey(key, span);
    if (to) go(to);
  };
  const text = (v: number | null | undefined) => format.number(v, info.decimals, language.value);
  const unit = format.unit(info.unit);

  return (
    <section class="panel">
      <header>
        <h2>{props.title ?? t().history}</h2>
        <div class="row">
          <Segments
            name={t().range}
            choices={ranges
              .filter((ms) => ms >= hour_ms || plain || isYoung.value)
              .map((ms) => ({
                value: ms,
                label: rangeName(ms),
              }))}
            chosen={chosen.value === null ? width.value : 0}
            onChoose={(ms) => {
              width.value = ms;
              chosen.value = null;
            }}
          />
          <div class="segments">
            {(
              [
                ["ArrowLeft", "◀", t().back],
                ["ArrowRight", "▶", t().forward],
                ["+", "+", t().closer],
                ["-", "−", t().farther],
              ] as const
            ).map(([key, sign, name]) => (
              <button
                key={key}
                type="button"
                aria-label={name}
                title={name}
                onClick={() => press(key)}
              >
                {sign}
              </button>
            ))}
            <button
              type="button"
              disabled={chosen.value === null}
              onClick={() => {
                chosen.value = null;
              }}
            >
              {t().now}
            </button>
          </div>
        </div>
      </header>
      <div ref={box}>
        <Show of={history}>
          {(found) => {
            const shown = follow
              ? { from: Math.max(present(), found.t.at(-1) ?? 0) - width.value, to: present() }
              : span;
            const shape = shown.to - shown.from > month_ms ? "date" : "short";
            const i = point.value;
            const at = i === null ? null : found.t[i];
            return (
              <>
                <Chart
                  info={info}
                  history={found}
                  span={shown}
                  normal={info.normal}
                  limits={info.limits}
                  findings={info.findings}
                  height={340}
                  label={`${t().history}: ${name}. ${t().help}`}
                  onSpan={go}
                  onPoint={(index) => {
                    point.value = index;
                  }}
                />
                <p class="chart-read">
                  {at !== null && at !== undefined && i !== null ? (
                    <>
                      <span>{format.time(at, "full", language.value, zone.value)}</span>
                      <span>
                        {t().mean} <b>{text(found.mean[i])}</b> {unit}
                      </span>
                      <span>
                        {t().min} <b>{text(found.min[i])}</b>
                      </span>
                      <span>
                        {t().max} <b>{text(found.max[i])}</b>
                      </span>
                      <span>
                        {found.count[i]} {t().samples}
                      </span>
                      {qualityAt(found.quality ?? [], at) && (
                        <span>
                          {common().quality} <b>{qualityAt(found.quality ?? [], at)}</b>
                        </span>
                      )}
                    </>
                  ) : (
                    <span>
                      {format.time(shown.from, shape, language.value, zone.value)} –{" "}
                      {format.time(shown.to, shape, language.value, zone.value)} ·{" "}
                      {found.resolution === "raw" ? t().each : t().buckets(found.resolution)}
                    </span>
                  )}
                </p>
                {found.t.length === 0 && <Empty>{t().no_values}</Empty>}
              </>
            );
          }}
        </Show>
      </div>
      <Key plain={plain} />
      <p class="quiet">{t().help}</p>
    </section>
  );
}
