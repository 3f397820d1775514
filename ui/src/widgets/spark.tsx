import { effect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { api, type SeriesInfo } from "../api.ts";
import { live, shownAt, watch } from "../live.ts";
import { bandAt, detail, present, zone } from "../plant.ts";
import { colour, dark } from "../theme.ts";
import { extend, type Trace } from "../trace.ts";
import { useSeen } from "./seen.ts";

const hour_ms = 3_600_000;
const day_ms = 24 * hour_ms;
/** Fewer points than this in the last hour: a slow series, of which a day is shown. */
const few = 8;
const buckets = 90;

function draw(canvas: HTMLCanvasElement, info: SeriesInfo, trace: Trace, span_ms: number): void {
  const ratio = devicePixelRatio || 1;
  const width = canvas.clientWidth;
  const height = canvas.clientHeight;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const pen = canvas.getContext("2d");
  const end = trace.t.at(-1);
  if (!pen || end === undefined) return;
  pen.scale(ratio, ratio);
  const band = bandAt(detail(info.id).peek()?.normal ?? [], end, zone.peek());
  let low = Math.min(...trace.v, band?.low ?? Number.POSITIVE_INFINITY);
  let high = Math.max(...trace.v, band?.high ?? Number.NEGATIVE_INFINITY);
  const margin = 0.08 * (high - low) || Math.abs(high) * 0.02 || 1;
  low -= margin;
  high += margin;
  const x = (t: number) => 1 + ((t - (end - span_ms)) / span_ms) * (width - 4);
  const y = (v: number) => height - 1 - ((v - low) / (high - low)) * (height - 2);
  if (band) {
    pen.fillStyle = colour("band");
    pen.fillRect(0, y(band.high), width, Math.max(1, y(band.low) - y(band.high)));
  }
  pen.beginPath();
  trace.t.forEach((t, i) => {
    pen.lineTo(x(t), y(trace.v[i] ?? 0));
  });
  pen.strokeStyle = colour("plot");
  pen.lineWidth = 1.25;
  pen.lineJoin = "round";
  pen.stroke();
  pen.beginPath();
  pen.arc(x(end), y(trace.v.at(-1) ?? 0), 1.9, 0, 7);
  pen.fillStyle = colour("plot");
  pen.fill();
}

/** Puts what the store knows before what the feed has brought since; says which span that is. */
async function loadTrace(id: number, to: number, trace: Trace): Promise<number> {
  let span_ms = hour_ms;
  let history = await api.history(id, to - span_ms, to, buckets);
  if (history.t.length < few) {
    span_ms = day_ms;
    history = await api.history(id, to - span_ms, to, buckets);
  }
  // What has only just begun is not to be a tick at the edge.
  const reach = to - (history.t[0] ?? to);
  if (reach > 0 && reach < span_ms / 6) span_ms = Math.max(hour_ms / 6, reach * 1.2);
  const later = { t: trace.t, v: trace.v };
  trace.t = [];
  trace.v = [];
  history.t.forEach((t, i) => {
    const v = history.mean[i];
    if (v !== null && v !== undefined) extend(trace, t, v, span_ms);
  });
  later.t.forEach((t, i) => {
    extend(trace, t, later.v[i] ?? 0, span_ms);
  });
  return span_ms;
}

/** The last hour (of a slow series the last day) on canvas. Out of sight it asks for nothing and draws nothing. */
export function Spark({ info, label }: { info: SeriesInfo; label: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const seen = useSeen(canvas);
  const at = shownAt.value;
  useEffect(() => {
    const it = canvas.current;
    if (!it || !seen) return undefined;
    const trace: Trace = { t: [], v: [] };
    let frame = 0;
    let span_ms = hour_ms;
    const redraw = () => {
      if (frame !== 0) return;
      frame = requestAnimationFrame(() => {
        frame = 0;
        draw(it, info, trace, span_ms);
      });
    };
    const to = at ?? present();
    // Without its past a sparkline grows from what the feed brings.
    loadTrace(info.id, to, trace).then(
      (span) => {
        span_ms = span;
        redraw();
      },
      () => undefined,
    );
    const unwatch = at === null ? watch([info.id]) : () => undefined;
    const stop = effect(() => {
      const point = live(info.id).value;
      // Read here so that another theme or a band that arrives redraws, too.
      void dark.value;
      void detail(info.id).value;
      if (at === null && point && point.value !== null) {
        extend(trace, point.t, point.value, span_ms);
      }
      redraw();
    });
    return () => {
      unwatch();
      stop();
      cancelAnimationFrame(frame);
    };
  }, [info.id, at, seen]);
  return <canvas class="spark" ref={canvas} role="img" aria-label={label} />;
}
