import { useEffect, useRef } from "preact/hooks";
import type { Device } from "../../src/api/devices.ts";
import { api } from "../../src/api.ts";
import * as format from "../../src/format.ts";
import { language } from "../../src/i18n.ts";
import { live, shownAt } from "../../src/live.ts";
import { type Point, scaleBar, sightOf, xOf, yOf } from "../../src/map/mercator.ts";
import { Credit } from "../../src/map/parts.tsx";
import { paintRoads, type Roads, useRoads } from "../../src/map/roads.ts";
import { signOf } from "../../src/map/sprites.ts";
import { present } from "../../src/plant.ts";
import { useResource } from "../../src/resource.ts";
import { colour, dark } from "../../src/theme.ts";
import { useLive } from "../../src/widgets/value.tsx";
import { useWidth } from "../../src/widgets/width.ts";
import { t } from "./texts.ts";

const span_ms = 30 * 60_000;
const points = 600;
const every_ms = 30_000;
const bar_px = 90;

/** The places of the last half hour: what latitude and longitude have of the same instants. */
async function askTrack(of: { latitude: number; longitude: number }): Promise<Point[]> {
  const to = shownAt.peek() ?? present();
  const [north, east] = await Promise.all(
    [of.latitude, of.longitude].map((id) => api.history(id, to - span_ms, to, points)),
  );
  if (!north || !east) return [];
  const longitudes = new Map(east.t.map((at, i) => [at, east.mean[i]]));
  return north.t.flatMap((at, i) => {
    const latitude = north.mean[i];
    const longitude = longitudes.get(at);
    if (typeof latitude !== "number" || typeof longitude !== "number") return [];
    return [{ x: xOf(longitude), y: yOf(latitude) }];
  });
}

function paint(
  canvas: HTMLCanvasElement,
  roads: Roads | null,
  track: readonly Point[],
  priority: number,
): string {
  const { clientWidth: width, clientHeight: height } = canvas;
  const ratio = devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const pen = canvas.getContext("2d");
  const sight = sightOf(track, width, height);
  if (!pen || !sight) return "";
  pen.scale(ratio, ratio);
  if (roads) paintRoads(pen, roads, sight, width, height, colour("shape"));
  const at = ({ x, y }: Point): [number, number] => [
    (x - sight.x) * sight.scale + width / 2,
    (y - sight.y) * sight.scale + height / 2,
  ];
  pen.beginPath();
  for (const point of track) pen.lineTo(...at(point));
  pen.strokeStyle = colour("plot");
  pen.lineWidth = 2;
  pen.lineJoin = "round";
  pen.stroke();
  const last = track.at(-1);
  if (last) {
    const sign = signOf(priority, 2 * ratio);
    const size = (0.7 * sign.width) / ratio;
    const [x, y] = at(last);
    pen.drawImage(sign, x - size / 2, y - size / 2, size, size);
  }
  const bar = scaleBar(sight, bar_px);
  const metres = (n: number) => format.significant(n, 3, language.peek());
  canvas.style.setProperty("--bar", `${bar.px}px`);
  return bar.metres < 1000 ? `${metres(bar.metres)} m` : `${metres(bar.metres / 1000)} km`;
}

/** Where a device is and has been, on a map of its own. */
export function Track({ device, priority }: { device: Device; priority: number }) {
  const { position } = device;
  const ids = position ? [position.latitude, position.longitude] : [];
  useLive(ids);
  const canvas = useRef<HTMLCanvasElement>(null);
  const bar = useRef<HTMLSpanElement>(null);
  const width = useWidth(canvas);
  const roads = useRoads();
  const past = useResource(
    async () => (position ? askTrack(position) : []),
    [shownAt.value],
    every_ms,
  );
  const [latitude, longitude] = ids.map((id) => live(id).value?.value ?? null);
  const isKnown = typeof latitude === "number" && typeof longitude === "number";
  const track = [...(past.value.value ?? [])];
  if (isKnown) track.push({ x: xOf(longitude), y: yOf(latitude) });
  useEffect(() => {
    if (!canvas.current || !bar.current || width === 0) return;
    const length = paint(canvas.current, roads, track, priority);
    bar.current.textContent = length;
    bar.current.style.width = canvas.current.style.getPropertyValue("--bar");
  });
  // Read, so that another theme paints anew.
  const theme = dark.value ? "dark" : "light";
  const degrees = (n: number) => format.number(n, 5, language.value);
  const place = isKnown ? `${degrees(latitude)}°, ${degrees(longitude)}°` : format.none;
  return (
    <section class="panel stack">
      <header>
        <h2>{t().place}</h2>
        <span class="quiet">
          {place} · {t().track}
        </span>
      </header>
      <div class="map-box small" data-theme={theme}>
        <canvas ref={canvas} role="img" aria-label={`${t().place}: ${place}`} />
        <span ref={bar} class="map-bar" />
      </div>
      {roads && <Credit>{roads.attribution}</Credit>}
    </section>
  );
}
