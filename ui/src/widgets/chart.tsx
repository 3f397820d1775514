/** A series over time: mean, min to max, its normal band, its limits, and what was found in it. */
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import type { FindingMark, History, Limit, NormalHour, SeriesInfo } from "../api.ts";
import * as format from "../format.ts";
import { language } from "../i18n.ts";
import { bandAt, zone } from "../plant.ts";
import { limitTag } from "../scale.ts";
import { colour, dark } from "../theme.ts";
import { paintQuality } from "./quality-strip.ts";
import { timeLabels } from "./time-axis.ts";

export interface Span {
  from: number;
  to: number;
}

export interface ChartProps {
  info: SeriesInfo;
  history: History;
  span: Span;
  normal: readonly NormalHour[];
  limits: readonly Limit[];
  findings: readonly FindingMark[];
  height: number;
  /** Given: the chart can be zoomed and panned, and says where it was taken to. */
  onSpan?: (span: Span) => void;
  /** The bucket under the cursor, null when it leaves. */
  onPoint?: (index: number | null) => void;
}

const hour_ms = 3_600_000;

function paintBand(plot: uPlot, { normal }: ChartProps): void {
  if (normal.length === 0) return;
  const { ctx: pen, bbox } = plot;
  const from = (plot.scales.x?.min ?? 0) * 1000;
  const to = (plot.scales.x?.max ?? 0) * 1000;
  // Beyond two weeks an hour is less than a pixel: the widest and narrowest of the day instead.
  const daily = to - from > 14 * 24 * hour_ms;
  pen.fillStyle = colour("band");
  const strip = (start: number, end: number, low: number, high: number) => {
    const left = Math.max(bbox.left, plot.valToPos(start / 1000, "x", true));
    const right = Math.min(bbox.left + bbox.width, plot.valToPos(end / 1000, "x", true));
    const top = Math.max(bbox.top, plot.valToPos(high, "y", true));
    const bottom = Math.min(bbox.top + bbox.height, plot.valToPos(low, "y", true));
    // Half a pixel over the edge: strips side by side must not show a seam.
    if (right > left && bottom > top) pen.fillRect(left, top, right - left + 0.5, bottom - top);
  };
  if (daily) {
    const low = Math.min(...normal.map((row) => row.low));
    const high = Math.max(...normal.map((row) => row.high));
    strip(from, to, low, high);
    return;
  }
  for (let at = Math.floor(from / hour_ms) * hour_ms; at < to; at += hour_ms) {
    const row = bandAt(normal, at, zone.peek());
    if (row) strip(at, at + hour_ms, row.low, row.high);
  }
}

function paintFindings(plot: uPlot, { findings }: ChartProps): void {
  const { ctx: pen, bbox } = plot;
  for (const finding of findings) {
    const start = plot.valToPos(finding.onset_ms / 1000, "x", true);
    const end =
      finding.closed_ms === null
        ? bbox.left + bbox.width
        : plot.valToPos(finding.closed_ms / 1000, "x", true);
    const left = Math.max(bbox.left, start);
    const right = Math.min(bbox.left + bbox.width, Math.max(end, start + 2 * devicePixelRatio));
    if (right <= left) continue;
    pen.fillStyle = `${colour("high")}30`;
    pen.fillRect(left, bbox.top, right - left, bbox.height);
    pen.fillStyle = colour("high");
    pen.fillRect(left, bbox.top, right - left, 3 * devicePixelRatio);
  }
}

function paintLimits(plot: uPlot, { limits }: ChartProps): void {
  const { ctx: pen, bbox } = plot;
  pen.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
  pen.textAlign = "right";
  for (const limit of limits) {
    const y = plot.valToPos(limit.value, "y", true);
    if (y < bbox.top || y > bbox.top + bbox.height) continue;
    pen.strokeStyle = colour("ink-3");
    pen.lineWidth = devicePixelRatio;
    pen.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
    pen.beginPath();
    pen.moveTo(bbox.left, y);
    pen.lineTo(bbox.left + bbox.width, y);
    pen.stroke();
    pen.setLineDash([]);
    pen.fillStyle = colour("ink-3");
    pen.fillText(limitTag(limit.name), bbox.left + bbox.width - 4, y - 4 * devicePixelRatio);
  }
}

/** The values' own reach, with the band; a limit only when it is near, else it would flatten all. */
function reach(props: ChartProps, low: number | null, high: number | null): [number, number] {
  const { normal, limits } = props;
  const marks = normal.flatMap((row) => [row.low, row.high]);
  if (low !== null) marks.push(low);
  if (high !== null) marks.push(high);
  if (marks.length === 0) return [props.info.low ?? 0, props.info.high ?? 1];
  let from = Math.min(...marks);
  let to = Math.max(...marks);
  const width = to - from || Math.abs(to) * 0.1 || 1;
  for (const { value } of limits) {
    if (value > from - width && value < to + width) {
      from = Math.min(from, value);
      to = Math.max(to, value);
    }
  }
  const margin = 0.07 * (to - from || width);
  return [from - margin, to + margin];
}

function dataOf({ history: h }: ChartProps): uPlot.AlignedData {
  return [h.t.map((t) => t / 1000), h.max, h.min, h.mean];
}

/** A finger moves the chart, two of them stretch it; the wheel stretches it; shift and drag moves it. */
function handle(plot: uPlot, ask: (span: Span) => void): void {
  const over = plot.over;
  const spanNow = () => ({
    from: (plot.scales.x?.min ?? 0) * 1000,
    to: (plot.scales.x?.max ?? 0) * 1000,
  });
  const show = (span: Span) => {
    plot.setScale("x", { min: span.from / 1000, max: span.to / 1000 });
    ask(span);
  };
  over.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      const { from, to } = spanNow();
      const factor = Math.exp(Math.max(-0.5, Math.min(0.5, event.deltaY * 0.002)));
      const pivot = from + (event.offsetX / over.clientWidth) * (to - from);
      show({ from: pivot - (pivot - from) * factor, to: pivot + (to - pivot) * factor });
    },
    { passive: false },
  );
  const fingers = new Map<number, number>();
  let begun: { span: Span; at: number[] } | null = null;
  const begin = () => {
    begun = fingers.size > 0 ? { span: spanNow(), at: [...fingers.values()] } : null;
  };
  over.addEventListener("pointerdown", (event) => {
    if (event.pointerType !== "touch" && !event.shiftKey) return;
    over.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, event.clientX);
    begin();
  });
  over.addEventListener("pointermove", (event) => {
    if (!fingers.has(event.pointerId) || !begun) return;
    fingers.set(event.pointerId, event.clientX);
    const { span, at } = begun;
    const now = [...fingers.values()];
    const per_px = (span.to - span.from) / over.clientWidth;
    const [a0 = 0, b0 = a0] = at;
    const [a1 = 0, b1 = a1] = now;
    const stretch =
      at.length > 1 ? Math.max(0.1, Math.abs(b0 - a0) / Math.max(8, Math.abs(b1 - a1))) : 1;
    const middle = span.from + ((a0 + b0) / 2 - over.getBoundingClientRect().left) * per_px;
    const shift = ((a1 + b1) / 2 - (a0 + b0) / 2) * per_px * stretch;
    show({
      from: middle - (middle - span.from) * stretch - shift,
      to: middle + (span.to - middle) * stretch - shift,
    });
  });
  for (const name of ["pointerup", "pointercancel"] as const) {
    over.addEventListener(name, (event) => {
      fingers.delete(event.pointerId);
      begin();
    });
  }
}

function optionsOf(current: { props: ChartProps }, width: number): uPlot.Options {
  const grid = { stroke: colour("line"), width: 1 };
  const axis = {
    stroke: colour("ink-3"),
    grid,
    ticks: { ...grid, size: 4 },
    font: "11px system-ui",
  };
  const hidden = { points: { show: false } };
  const zoom = current.props.onSpan !== undefined;
  return {
    width,
    height: current.props.height,
    legend: { show: false },
    cursor: {
      points: { size: 6, fill: colour("plot") },
      drag: { x: zoom, y: false, setScale: false },
      bind: {
        // With shift held a drag moves the chart: then uPlot is not to begin a selection.
        mousedown: (_plot, _target, handler) => (event) => {
          if (!event.shiftKey) handler(event);
          return null;
        },
      },
    },
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), zone.peek()),
    scales: {
      x: { time: true, range: (_plot, min, max) => [min, max] },
      y: { range: (_plot, low, high) => reach(current.props, low, high) },
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
      { ...hidden, width: 0, stroke: colour("plot-band") },
      { ...hidden, width: 0, stroke: colour("plot-band") },
      {
        width: 1.5,
        stroke: colour("plot"),
        // A line through few values, or one alone, would not be seen.
        points: {
          show: (plot, _series, from, to) => to - from < plot.width / 24,
          size: 4,
          fill: colour("plot"),
        },
      },
    ],
    bands: [{ series: [1, 2], fill: colour("plot-band") }],
    hooks: {
      drawAxes: [
        (plot) => {
          plot.ctx.save();
          paintBand(plot, current.props);
          paintFindings(plot, current.props);
          plot.ctx.restore();
        },
      ],
      draw: [
        (plot) => {
          plot.ctx.save();
          paintLimits(plot, current.props);
          if (current.props.history.quality) paintQuality(plot, current.props.history.quality);
          plot.ctx.restore();
        },
      ],
      setCursor: [(plot) => current.props.onPoint?.(plot.cursor.idx ?? null)],
      setSelect: [
        (plot) => {
          const { left, width: chosen } = plot.select;
          if (chosen > 4) {
            current.props.onSpan?.({
              from: plot.posToVal(left, "x") * 1000,
              to: plot.posToVal(left + chosen, "x") * 1000,
            });
          }
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        },
      ],
    },
  };
}

/** Keys for a chart that has the focus: arrows move, + and - stretch. */
export function spanByKey(key: string, span: Span): Span | null {
  const width = span.to - span.from;
  const moved = (by: number) => ({ from: span.from + by * width, to: span.to + by * width });
  const stretched = (by: number) => ({ from: span.from - by * width, to: span.to + by * width });
  switch (key) {
    case "ArrowLeft":
      return moved(-0.25);
    case "ArrowRight":
      return moved(0.25);
    case "+":
    case "=":
      return stretched(-0.25);
    case "-":
      return stretched(0.5);
    default:
      return null;
  }
}

export function Chart(props: ChartProps & { label: string }) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const current = useRef({ props: props as ChartProps }).current;
  current.props = props;
  const isDark = dark.value;
  const lang = language.value;

  useEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const made = new uPlot(optionsOf(current, element.clientWidth), dataOf(current.props), element);
    plot.current = made;
    if (current.props.onSpan) handle(made, (span) => current.props.onSpan?.(span));
    const { from, to } = current.props.span;
    made.setScale("x", { min: from / 1000, max: to / 1000 });
    const size = new ResizeObserver(() => {
      made.setSize({ width: element.clientWidth, height: current.props.height });
    });
    size.observe(element);
    return () => {
      size.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [isDark, lang, props.info.id, props.height]);

  useEffect(() => {
    const { from, to } = props.span;
    plot.current?.batch(() => {
      plot.current?.setData(dataOf(current.props), false);
      plot.current?.setScale("x", { min: from / 1000, max: to / 1000 });
    });
  }, [props.history, props.span.from, props.span.to, props.normal, props.limits, props.findings]);

  const onKeyDown = (event: KeyboardEvent) => {
    const span = spanByKey(event.key, props.span);
    if (!span || !props.onSpan) return;
    event.preventDefault();
    props.onSpan(span);
  };
  return props.onSpan ? (
    <div
      ref={box}
      class="chart"
      role="group"
      aria-label={props.label}
      tabIndex={0}
      onKeyDown={onKeyDown}
    />
  ) : (
    <div ref={box} class="chart" role="img" aria-label={props.label} />
  );
}
