import { type Signal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { type Priority, priorities } from "../../src/api.ts";
import * as format from "../../src/format.ts";
import { language, say } from "../../src/i18n.ts";
import { shownAt } from "../../src/live.ts";
import { link } from "../../src/router.ts";
import { t as common, word } from "../../src/texts/common.ts";
import { dark } from "../../src/theme.ts";
import { Glyph } from "../../src/widgets/glyph.tsx";
import { type Device, fleet } from "./ask.ts";
import { handle } from "./hands.ts";
import { ageText } from "./list.tsx";
import { scaleBar } from "./mercator.ts";
import { useRoads } from "./roads.ts";
import { Stage } from "./stage.ts";
import { type Head, Swarm, silent, well } from "./swarm.ts";
import { t } from "./texts.ts";

const poll_ms = 1000;
const bar_px = 120;
const pointing_ms = 120;
const most_values = 6;
/** A tip is at most so high: above what lies nearer to the edge there is no room for it. */
const tip_px = 190;

interface Known extends Head {
  shown: number;
  counts: number[];
}

/** Asks for what has changed once a second, until the returned function is called. */
function follow(
  swarm: () => Swarm,
  told: (head: Head) => void,
  failed: (cause: Error) => void,
  glides: boolean,
): () => void {
  let version = 0;
  let timer: ReturnType<typeof setTimeout>;
  let isOver = false;
  const poll = async () => {
    try {
      if (!document.hidden) {
        const bytes = await fleet.positions(version);
        if (isOver) return;
        const head = swarm().take(bytes, performance.now(), glides);
        version = head.version;
        told(head);
      }
    } catch (cause) {
      // Who answers next may be another run, with other numbers for the devices.
      version = 0;
      if (!isOver) failed(cause as Error);
    }
    if (!isOver) timer = setTimeout(poll, poll_ms);
  };
  void poll();
  return () => {
    isOver = true;
    clearTimeout(timer);
  };
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
    <ul class="fleet-legend">
      {priorities.map(row)}
      <li>
        <span class="fleet-dot silent" />
        <b>{text(counts[silent])}</b> {t().silent}
      </li>
      <li>
        <span class="fleet-dot" />
        <b>{text(counts[well])}</b> {t().well}
      </li>
    </ul>
  );
}

interface Pointed {
  device: number;
  x: number;
  y: number;
  it: Device | null;
}

/** What is known of the device under the mouse. */
function Tip({ at }: { at: Pointed }) {
  const { it, x, y } = at;
  if (!it) return null;
  const { position } = it;
  const own = it.series.filter((s) => s.id !== position?.latitude && s.id !== position?.longitude);
  return (
    <div class={`fleet-tip${y < tip_px ? " below" : ""}`} style={{ left: `${x}px`, top: `${y}px` }}>
      <strong>
        {it.alarm && <Glyph priority={it.alarm.priority} />} {it.id}
      </strong>
      <span class="quiet">
        {[say(it.kind_name), ageText(it.at_ms)].filter(Boolean).join(" · ")}
      </span>
      {own.slice(0, most_values).map((s) => (
        <span key={s.id}>
          {say(s.quantity) || s.attribute}:{" "}
          <b>
            {format.number(s.latest.value, s.decimals, language.value)} {format.unit(s.unit)}
          </b>
        </span>
      ))}
    </div>
  );
}

/** Remembers what the mouse is over, and asks who that is once it rests. */
function usePointed(): [Signal<Pointed | null>, (d: number | null, x: number, y: number) => void] {
  const pointed = useSignal<Pointed | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>();
  useEffect(() => () => clearTimeout(timer.current), []);
  const point = (device: number | null, x: number, y: number) => {
    if (device === pointed.peek()?.device) return;
    clearTimeout(timer.current);
    pointed.value = device === null ? null : { device, x, y, it: null };
    if (device === null) return;
    timer.current = setTimeout(async () => {
      const it = await fleet.device(`index:${device}`).catch(() => null);
      if (pointed.peek()?.device === device) pointed.value = { device, x, y, it };
    }, pointing_ms);
  };
  return [pointed, point];
}

function lengthText(metres: number): string {
  const text = (n: number) => format.significant(n, 3, language.value);
  return metres < 1000 ? `${text(metres)} m` : `${text(metres / 1000)} km`;
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
    const leave = follow(() => swarm, told, failed, !calm);
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
      <div class="fleet-map">
        <canvas ref={ground} aria-hidden="true" />
        <canvas
          ref={top}
          tabIndex={0}
          role="application"
          aria-label={t().map_label(count(head?.shown ?? 0))}
        />
        <span class="fleet-cross" aria-hidden="true" />
        <div class="fleet-buttons">
          <button type="button" aria-label={t().zoom_in} onClick={() => stage.current?.zoom(1.5)}>
            +
          </button>
          <button
            type="button"
            aria-label={t().zoom_out}
            onClick={() => stage.current?.zoom(1 / 1.5)}
          >
            −
          </button>
          <button
            type="button"
            aria-label={t().zoom_fit}
            title={t().zoom_fit}
            onClick={() => stage.current?.fit()}
          >
            ⤢
          </button>
        </div>
        {bar.value && (
          <span class="fleet-bar" style={{ width: `${bar.value.px}px` }}>
            {lengthText(bar.value.metres)}
          </span>
        )}
        {roads && <span class="fleet-credit">{roads.attribution}</span>}
        {pointed.value && <Tip at={pointed.value} />}
      </div>
      {head ? <Legend counts={head.counts} /> : <p class="empty loading">{common().loading}</p>}
    </section>
  );
}
