import leafletStyles from "late:leaflet/dist/leaflet.css";
import { effect, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Tiles } from "../../src/api/zones.ts";
import * as format from "../../src/format.ts";
import { colon, language } from "../../src/i18n.ts";
import { shownAt } from "../../src/live.ts";
import { follow } from "../../src/map/follow.ts";
import { scaleBar } from "../../src/map/mercator.ts";
import { Bar, Credit, MapButtons } from "../../src/map/parts.tsx";
import { useRoads } from "../../src/map/roads.ts";
import { type Head, Swarm } from "../../src/map/swarm.ts";
import { Tip, usePointed } from "../../src/map/tip.tsx";
import { link } from "../../src/router.ts";
import { t as common } from "../../src/texts/common.ts";
import { dark } from "../../src/theme.ts";
import type { Area } from "./areas.ts";
import type { Told } from "./ground.ts";
import type { Measure } from "./measures.ts";
import { Stage } from "./stage.ts";
import { choice, deviationText, nowOf, valueText } from "./state.ts";
import { t } from "./texts.ts";

/**
 * From publishing to pixel a tenth of a second: twice a second, as other pages are told, is too slow. The
 * rest of the way takes some 35 ms (docs/measured.md); what breaks a silence may wait the rest of them.
 */
const poll_ms = 30;
const quiet_ms = 50;
const bar_px = 120;

let style: HTMLStyleElement | null = null;

function dress(): void {
  if (style) return;
  style = document.createElement("style");
  style.textContent = leafletStyles;
  document.head.prepend(style);
}

/** The number in a district: how far it is from normal or, where that is known of none, its value. */
function toldOf(measure: Measure | undefined, areas: readonly Area[]): Map<string, Told> {
  const told = new Map<string, Told>();
  if (!measure) return told;
  const all = areas.map(({ entity }) => ({ entity, now: nowOf(measure, entity) }));
  const isKnown = all.some(({ now }) => now.deviation !== null);
  for (const { entity, now } of all) {
    const text = isKnown ? deviationText(now.deviation) : valueText(measure, now.value);
    told.set(entity, { look: now.look, text: text === format.none ? "" : text });
  }
  return told;
}

interface Over {
  area: Area;
  x: number;
  y: number;
}

/** What is known of the district under the mouse. */
function AreaTip({ over, measure }: { over: Over; measure: Measure | undefined }) {
  const now = measure && nowOf(measure, over.area.entity);
  return (
    <div
      class={`map-tip${over.y < 90 ? " below" : ""}`}
      style={{ left: `${over.x}px`, top: `${over.y}px` }}
    >
      <strong>{over.area.name}</strong>
      {measure && now && (
        <>
          <span>
            <b>
              {valueText(measure, now.value)} {format.unit(measure.info.unit)}
            </b>
          </span>
          <span>
            {t().deviation}
            {colon()} <b>{deviationText(now.deviation)}</b>
          </span>
        </>
      )}
    </div>
  );
}

interface Known extends Head {
  shown: number;
}

export interface CityMapProps {
  areas: readonly Area[];
  attribution: string;
  tiles: Tiles | null;
  measure: Measure | undefined;
  /** What is shown beside: the entity of a district or an object; "": nothing. */
  selected: string;
  device: number | null;
}

export function CityMap(props: CityMapProps) {
  const { areas, measure, tiles, selected, device } = props;
  const box = useRef<HTMLDivElement>(null);
  const ground = useRef<HTMLCanvasElement>(null);
  const top = useRef<HTMLCanvasElement>(null);
  const stage = useRef<Stage | null>(null);
  const swarm = useRef(new Swarm());
  const known = useSignal<Known | null>(null);
  const error = useSignal<string | null>(null);
  const bar = useSignal<{ metres: number; px: number } | null>(null);
  const over = useSignal<Over | null>(null);
  const [pointed, point] = usePointed();
  const roads = useRoads();
  const isDark = dark.value;
  const { objects, grouped } = choice.value;
  const base = objects === "none" ? undefined : measure?.base;

  useEffect(() => {
    const [frame, below, above] = [box.current, ground.current, top.current];
    if (!frame || !below || !above) return undefined;
    dress();
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const heard = {
      area: (entity: string) => {
        location.hash = link("city", entity);
      },
      object: (index: number) => {
        location.hash = link("city", `index:${index}`);
      },
      point: (at: { device?: number; area?: Area } | null, x: number, y: number) => {
        point(at?.device ?? null, x, y);
        over.value = at?.area ? { area: at.area, x, y } : null;
      },
      sight: (sight: Parameters<typeof scaleBar>[0]) => {
        bar.value = scaleBar(sight, bar_px);
      },
    };
    const it = new Stage(frame, below, above, swarm.current, heard, !calm);
    stage.current = it;
    it.start();
    const size = new ResizeObserver(() => it.lay(frame.clientWidth, frame.clientHeight));
    size.observe(frame);
    return () => {
      size.disconnect();
      it.stop();
      stage.current = null;
    };
  }, []);

  useEffect(() => {
    const frame = box.current;
    if (frame && frame.clientWidth > 0) stage.current?.lay(frame.clientWidth, frame.clientHeight);
  }, [isDark]);
  useEffect(() => stage.current?.setAreas(areas), [areas]);
  useEffect(() => stage.current?.setRoads(roads), [roads]);
  useEffect(() => stage.current?.setTiles(tiles?.url ?? null), [tiles?.url]);
  useEffect(() => stage.current?.select(selected, device), [selected, device]);
  // Read here, so that another language paints anew.
  const lang = language.value;
  useEffect(
    () => effect(() => stage.current?.tell(toldOf(measure, areas))),
    [measure, areas, lang],
  );
  useEffect(() => {
    stage.current?.choose({
      all: objects === "all",
      grouped,
      text: (value) => format.number(value, measure?.info.decimals ?? 1, lang),
    });
  }, [objects, grouped, measure, lang]);

  useEffect(() => {
    swarm.current.clear();
    stage.current?.refresh(0, true);
    // Nothing is asked of the plant: an object may have its place only after the page was opened.
    if (objects === "none") return undefined;
    let last = Number.NEGATIVE_INFINITY;
    return follow(swarm.current, {
      told: (head) => {
        const it = stage.current;
        it?.refresh(head.now_ms, head.told > 0);
        error.value = null;
        // What is told in words need not change thirty times a second.
        if (performance.now() - last < 1000) return;
        last = performance.now();
        known.value = { ...head, shown: swarm.current.size };
        if (!top.current || !it) return;
        top.current.dataset.frames = String(it.frames);
        top.current.dataset.cost = it.cost_ms.toFixed(2);
        top.current.dataset.objects = String(swarm.current.size);
      },
      failed: (cause) => {
        error.value = cause.message;
      },
      glides: !matchMedia("(prefers-reduced-motion: reduce)").matches,
      every_ms: poll_ms,
      quiet_ms,
      value: base,
    });
  }, [base, objects === "none"]);

  const head = known.value;
  const count = (n: number) => format.number(n, 0, language.value);
  return (
    <div class="stack">
      {shownAt.value !== null && <p class="quiet">{t().map_is_now}</p>}
      {error.value !== null && (
        <p class="failed" role="alert">
          {common().failed(error.value)}
        </p>
      )}
      {head && objects !== "none" && head.placed > head.shown && head.shown > 0 && (
        <p class="quiet">{t().not_all(count(head.shown), count(head.placed))}</p>
      )}
      <div class="map-box">
        <div
          ref={box}
          tabIndex={0}
          role="application"
          aria-label={t().map_label(count(areas.length), count(head?.shown ?? 0))}
        />
        <canvas ref={ground} aria-hidden="true" />
        <canvas ref={top} aria-hidden="true" class="city-objects" />
        <span class="map-cross" aria-hidden="true" />
        <MapButtons
          onZoom={(factor) => stage.current?.zoom(factor)}
          onFit={() => stage.current?.fit()}
        />
        {bar.value && <Bar of={bar.value} />}
        {pointed.value && <Tip at={pointed.value} />}
        {over.value && <AreaTip over={over.value} measure={measure} />}
      </div>
      <Credit>
        {[...new Set([props.attribution, roads?.attribution, tiles?.attribution])]
          .filter(Boolean)
          .join(" · ")}
      </Credit>
    </div>
  );
}
