import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { type Priority, priorities } from "../../src/api.ts";
import * as format from "../../src/format.ts";
import { language } from "../../src/i18n.ts";
import { shownAt } from "../../src/live.ts";
import { follow } from "../../src/map/follow.ts";
import { scaleBar } from "../../src/map/mercator.ts";
import { Bar, Credit, MapButtons } from "../../src/map/parts.tsx";
import { useRoads } from "../../src/map/roads.ts";
import { type Head, Swarm, silent, well } from "../../src/map/swarm.ts";
import { Tip, usePointed } from "../../src/map/tip.tsx";
import { link } from "../../src/router.ts";
import { t as common, word } from "../../src/texts/common.ts";
import { dark } from "../../src/theme.ts";
import { Glyph } from "../../src/widgets/glyph.tsx";
import { handle } from "./hands.ts";
import { Stage } from "./stage.ts";
import { t } from "./texts.ts";

const poll_ms = 1000;
const bar_px = 120;

interface Known extends Head {
  shown: number;
  counts: number[];
}

/** How many are how, by sign, shape and digit. */
function Legend({ counts }: { counts: readonly number[] }) {
  const text = (n: number | undefined) => format.number(n ?? 0, 0, language.value);
  const row = (priority: Priority, i: number) => (
    <li key={priority}>
      <Glyph quiet priority={priority} hollow={!counts[i + 1]} />
      <b>{text(counts[i + 1])}</b> {word(priority)}
    </li>
  );
  return (
    <ul class="map-legend">
      {priorities.map(row)}
      <li>
        <span class="map-dot silent" />
        <b>{text(counts[silent])}</b> {t().silent}
      </li>
      <li>
        <span class="map-dot" />
        <b>{text(counts[well])}</b> {t().well}
      </li>
    </ul>
  );
}

/** Where the devices are, moving. */
export function FleetMap() {
  const ground = useRef<HTMLCanvasElement>(null);
  const top = useRef<HTMLCanvasElement>(null);
  const stage = useRef<Stage | null>(null);
  const known = useSignal<Known | null>(null);
  const error = useSignal<string | null>(null);
  const bar = useSignal<{ metres: number; px: number } | null>(null);
  const [pointed, point] = usePointed();
  const roads = useRoads();
  const isDark = dark.value;

  useEffect(() => {
    const [below, above] = [ground.current, top.current];
    if (!below || !above) return undefined;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const swarm = new Swarm();
    const it = new Stage(below, above, swarm, !calm);
    stage.current = it;
    it.onSight = (sight) => {
      bar.value = scaleBar(sight, bar_px);
    };
    const size = new ResizeObserver(() => it.lay(above.clientWidth, above.clientHeight));
    size.observe(above);
    const told = (head: Head) => {
      it.refresh(head.now_ms);
      known.value = { ...head, shown: swarm.size, counts: swarm.counts(head.now_ms) };
      error.value = null;
      above.dataset.frames = String(it.frames);
      above.dataset.cost = it.cost_ms.toFixed(2);
    };
    const failed = (cause: Error) => {
      swarm.clear();
      error.value = cause.message;
    };
    const leave = follow(swarm, { told, failed, glides: !calm, every_ms: poll_ms });
    const release = handle(above, it, {
      open: (device) => {
        location.hash = link("fleet", `device/index:${device}`);
      },
      point,
    });
    return () => {
      release();
      leave();
      size.disconnect();
      it.stop();
    };
  }, []);
  useEffect(() => {
    const above = top.current;
    if (above && above.clientWidth > 0) {
      stage.current?.lay(above.clientWidth, above.clientHeight);
    }
  }, [isDark]);
  useEffect(() => stage.current?.setRoads(roads), [roads]);

  const head = known.value;
  const count = (n: number) => format.number(n, 0, language.value);
  return (
    <section class="panel stack" aria-label={t().map}>
      {shownAt.value !== null && <p class="quiet">{t().map_is_now}</p>}
      {error.value !== null && (
        <p class="failed" role="alert">
          {common().failed(error.value)}
        </p>
      )}
      {head && head.placed > head.shown && head.shown > 0 && (
        <p class="quiet">{t().not_all(count(head.shown), count(head.placed))}</p>
      )}
      {head?.shown === 0 && <p class="quiet">{t().no_places}</p>}
      <div class="map-box">
        <canvas ref={ground} aria-hidden="true" />
        <canvas
          ref={top}
          tabIndex={0}
          role="application"
          aria-label={t().map_label(count(head?.shown ?? 0))}
        />
        <span class="map-cross" aria-hidden="true" />
        <MapButtons
          onZoom={(factor) => stage.current?.zoom(factor)}
          onFit={() => stage.current?.fit()}
        />
        {bar.value && <Bar of={bar.value} />}
        {pointed.value && <Tip at={pointed.value} />}
      </div>
      {roads && <Credit>{roads.attribution}</Credit>}
      {head ? <Legend counts={head.counts} /> : <p class="empty loading">{common().loading}</p>}
    </section>
  );
}
