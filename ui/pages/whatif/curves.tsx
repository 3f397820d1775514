/** A series in both futures: as it is, and changed. */
import { useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import uPlot from "uplot";
import type { Course, Difference, WhatIf } from "../../src/api/whatif.ts";
import * as format from "../../src/format.ts";
import { language, say } from "../../src/i18n.ts";
import { zone } from "../../src/plant.ts";
import { link } from "../../src/router.ts";
import { colour, dark } from "../../src/theme.ts";
import { KeyEntry } from "../../src/widgets/key.tsx";
import { timeLabels } from "../../src/widgets/time-axis.ts";
import { toggle } from "./state.ts";
import { t } from "./texts.ts";

const height_px = 220;

function dataOf(course: Course, of: WhatIf): uPlot.AlignedData {
  const at = course.unchanged.map((_, i) => (of.from_ms + (i + 0.5) * of.bucket_ms) / 1000);
  return [at, course.unchanged, course.changed ?? course.unchanged];
}

/** The values' own reach; of what does not move a little about it. */
function reach(low: number | null, high: number | null): [number, number] {
  if (low === null || high === null) return [0, 1];
  const width = high - low || Math.abs(high) * 0.1 || 1;
  return [low - 0.07 * width, high + 0.07 * width];
}

function optionsOf(width: number, onPoint: (index: number | null) => void): uPlot.Options {
  const grid = { stroke: colour("line"), width: 1 };
  const axis = {
    stroke: colour("ink-3"),
    grid,
    ticks: { ...grid, size: 4 },
    font: "11px system-ui",
  };
  const points = { show: false };
  return {
    width,
    height: height_px,
    legend: { show: false },
    cursor: { points: { size: 6, fill: colour("plot") }, drag: { x: false, y: false } },
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), zone.peek()),
    scales: {
      x: { time: true, range: (_plot, min, max) => [min, max] },
      y: { range: (_plot, low, high) => reach(low, high) },
    },
    axes: [
      { ...axis, values: timeLabels, space: 70, size: 38 },
      {
        ...axis,
        size: 58,
        values: (_plot, splits) => splits.map((v) => format.significant(v, 5, language.peek())),
      },
    ],
    series: [
      {},
      { points, width: 1.5, stroke: colour("plot-2"), dash: [5, 4] },
      { points, width: 2, stroke: colour("plot") },
    ],
    hooks: { setCursor: [(plot) => onPoint(plot.cursor.idx ?? null)] },
  };
}

function Read({
  of,
  course,
  told,
  at,
}: {
  of: Difference;
  course: Course;
  told: WhatIf;
  at: number | null;
}) {
  const value = (v: number | null | undefined) =>
    `${format.number(v, of.decimals, language.value)} ${format.unit(of.unit)}`.trim();
  if (at === null) {
    return (
      <p class="chart-read">
        <span>
          {t().mean} {t().unchanged} <b>{value(of.unchanged)}</b>
        </span>
        <span>
          {t().changed} <b>{value(of.changed)}</b>
        </span>
      </p>
    );
  }
  const changed = course.changed ?? course.unchanged;
  return (
    <p class="chart-read">
      <span>
        {format.time(told.from_ms + at * told.bucket_ms, "short", language.value, zone.value)}
      </span>
      <span>
        {t().unchanged} <b>{value(course.unchanged[at])}</b>
      </span>
      <span>
        {t().changed} <b>{value(changed[at])}</b>
      </span>
    </p>
  );
}

export function Curve({ of, course, told }: { of: Difference; course: Course; told: WhatIf }) {
  const box = useRef<HTMLDivElement>(null);
  const at = useSignal<number | null>(null);
  const data = useMemo(() => dataOf(course, told), [course, told]);
  const isDark = dark.value;
  const lang = language.value;
  useEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const options = optionsOf(element.clientWidth, (index) => {
      at.value = index;
    });
    const made = new uPlot(options, data, element);
    const size = new ResizeObserver(() => {
      made.setSize({ width: element.clientWidth, height: height_px });
    });
    size.observe(element);
    return () => {
      size.disconnect();
      made.destroy();
    };
  }, [isDark, lang, data]);
  return (
    <section class="panel whatif-curve">
      <header>
        <h2>
          {of.series === null ? of.name : <a href={link("sensor", of.series)}>{of.name}</a>}{" "}
          <span class="quiet">
            {[say(of.quantity), format.unit(of.unit)].filter(Boolean).join(" · ")}
          </span>
        </h2>
        <button type="button" class="plain" onClick={() => toggle(of.name)}>
          {t().hide}
        </button>
      </header>
      <div ref={box} class="chart" role="img" aria-label={t().chart(of.name)} />
      <Read of={of} course={course} told={told} at={at.value} />
    </section>
  );
}

export function Key() {
  return (
    <div class="key">
      <KeyEntry text={t().unchanged}>
        <path d="M1 6h24" stroke="var(--plot-2)" stroke-width="1.5" stroke-dasharray="5 4" />
      </KeyEntry>
      <KeyEntry text={t().changed}>
        <path d="M1 6h24" stroke="var(--plot)" stroke-width="2" />
      </KeyEntry>
    </div>
  );
}
