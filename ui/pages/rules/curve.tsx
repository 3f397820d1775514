import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import type { TriedEpisode } from "../../src/api/rules.ts";
import { api, type Limit } from "../../src/api.ts";
import * as format from "../../src/format.ts";
import { language, say } from "../../src/i18n.ts";
import { nameOf, zone } from "../../src/plant.ts";
import { useResource } from "../../src/resource.ts";
import { link } from "../../src/router.ts";
import { t as history_t } from "../../src/texts/history.ts";
import { Chart, type Span } from "../../src/widgets/chart.tsx";
import { LimitKey, TimeKey } from "../../src/widgets/key.tsx";
import { Empty, Show } from "../../src/widgets/show.tsx";
import type { Sketch } from "./draft.ts";
import { t } from "./texts.ts";

/** What begins later than this part of the span is worth a word. */
const late_part = 0.05;

export function isLate(at: number, whole: Span): boolean {
  return at - whole.from > late_part * (whole.to - whole.from);
}

function limitsOf({ high, low, priority }: Sketch): Limit[] {
  return Object.entries({ high, low }).flatMap(([name, value]) =>
    value === null ? [] : [{ name, value, priority: priority ?? "low" }],
  );
}

function Key() {
  return (
    <div class="key">
      <LimitKey text={t().limit_line} />
      <TimeKey text={t().episode_key} />
    </div>
  );
}

/** A series over the span that was judged, with the rule's limits and when it would have fired. */
export function Curve(props: {
  id: number;
  sketch: Sketch;
  episodes: readonly TriedEpisode[];
  whole: Span;
}) {
  const { id, sketch, episodes, whole } = props;
  const zoomed = useSignal<Span | null>(null);
  const span = zoomed.value ?? whole;
  const info = useResource(() => api.series(id), [id]);
  const history = useResource(
    () => api.history(id, span.from, span.to, 800),
    [id, span.from, span.to],
  );
  // What began late is shown from there on: of a month with an hour in it nothing would be seen.
  const began = useSignal<number | null>(null);
  useEffect(() => {
    const first = history.value.value?.t[0];
    if (first === undefined) return;
    const known = began.peek();
    if (known !== null) {
      // From nearer by it is seen better when that was.
      if (first > known && span.from < known) began.value = first;
      return;
    }
    began.value = first;
    if (isLate(first, whole)) {
      zoomed.value = { from: first - late_part * (whole.to - first), to: whole.to };
    }
  }, [history.value.value]);
  const limits = useMemo(() => (sketch.isOfGroup ? [] : limitsOf(sketch)), [sketch]);
  const marks = useMemo(
    () =>
      episodes.map(({ onset_ms, closed_ms }, i) => ({
        id: i,
        kind: sketch.name,
        onset_ms,
        closed_ms: closed_ms ?? whole.to,
      })),
    [episodes, whole],
  );
  const normal = useMemo(() => [], []);
  const time = (ms: number | undefined) => format.time(ms, "short", language.value, zone.value);
  return (
    <Show of={info}>
      {(of) => (
        <Show of={history}>
          {(found) => {
            const isYoung = began.value !== null && isLate(began.value, whole);
            return (
              <>
                <Chart
                  info={of}
                  history={found}
                  span={span}
                  normal={normal}
                  limits={limits}
                  findings={marks}
                  height={260}
                  label={`${t().chart} ${nameOf(id)}. ${history_t().help}`}
                  onSpan={(to) => {
                    zoomed.value = to;
                  }}
                />
                <p class="row quiet">
                  <a href={link("sensor", id)}>{nameOf(id) || of.name}</a>
                  {[say(of.quantity), format.unit(of.unit)].filter(Boolean).join(" · ")}
                  <span>
                    {time(span.from)} – {time(span.to)}
                  </span>
                  {zoomed.value !== null && (
                    <button
                      type="button"
                      onClick={() => {
                        zoomed.value = null;
                      }}
                    >
                      {t().whole}
                    </button>
                  )}
                </p>
                {isYoung && (
                  <p class="quiet">{t().young(nameOf(id) || of.name, time(began.value ?? 0))}</p>
                )}
                {found.t.length === 0 && <Empty>{history_t().no_values}</Empty>}
                <Key />
              </>
            );
          }}
        </Show>
      )}
    </Show>
  );
}
