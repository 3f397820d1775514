import { useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { Trial, TriedEpisode, TriedRule } from "../../src/api/rules.ts";
import * as format from "../../src/format.ts";
import { language, say } from "../../src/i18n.ts";
import { series, zone } from "../../src/plant.ts";
import { link } from "../../src/router.ts";
import type { Span } from "../../src/widgets/chart.tsx";
import { Glyph } from "../../src/widgets/glyph.tsx";
import { Table } from "../../src/widgets/table.tsx";
import { Curve } from "./curve.tsx";
import { type Sketch, sketchesOf } from "./draft.ts";
import { type Tried, toml, tried } from "./state.ts";
import { Strip, stripSpan } from "./strip.tsx";
import { fitting } from "./suggest.ts";
import { t } from "./texts.ts";

const few = 20;
/** Subjects with a line of their own. */
const drawn = 12;

const count = (n: number) => format.number(n, 0, language.value);
const time = (ms: number) => format.time(ms, "short", language.value, zone.value);

function judged({ series: n, readings }: Trial): string {
  if (n === 0) return t().none_fits;
  return n === 1 ? t().judged_one(count(readings)) : t().judged(count(readings), count(n));
}

function spanWords({ days, isLast, trial }: Tried): string {
  if (!isLast) return t().between(time(trial.from_ms), time(trial.to_ms));
  if (days === 1) return t().last_day;
  return days === 7 ? t().last_week : t().last_month;
}

/** "Would have fired 14 times in the last 30 days, 3 h in all (one of them still goes on)." */
function verdict(of: TriedRule, when: string): string {
  const lasting = format.duration(of.lasting_s, language.value);
  if (of.episodes === 0) return t().never(when);
  if (of.episodes === 1) return `${t().fired_once(when, lasting)}${of.open ? t().it_goes_on : ""}.`;
  const open = of.open === 1 ? t().one_goes_on : t().goes_on(count(of.open));
  return `${t().fired(count(of.episodes), when, lasting)}${of.open > 0 ? open : ""}.`;
}

function Subjects({ of, whole }: { of: TriedRule; whole: Span }) {
  const span = stripSpan(of.listed, whole);
  const rows = of.subjects.slice(0, drawn);
  const episodes = (name: string) => of.listed.filter(({ subject }) => subject === name);
  const id = (name: string) => episodes(name)[0]?.series;
  const rest = of.subjects_total - rows.length;
  return (
    <>
      <Table
        rows={rows}
        keyOf={({ name }) => name}
        class="rule-subjects"
        columns={[
          {
            head: t().subject,
            cell: ({ name }) =>
              id(name) === undefined ? name : <a href={link("sensor", id(name))}>{name}</a>,
          },
          { head: t().times, num: true, cell: ({ episodes: n }) => count(n) },
          {
            head: `${t().when} (${time(span.from)} – ${time(span.to)})`,
            bare: true,
            class: "rule-when",
            cell: ({ name, episodes: n }) => (
              <Strip episodes={episodes(name)} span={span} label={`${name}: ${count(n)}`} />
            ),
          },
        ]}
      />
      {rest > 0 && <p class="quiet">{t().subjects_more(count(rest))}</p>}
    </>
  );
}

function List({ of, sketch, end }: { of: TriedRule; sketch: Sketch; end: number }) {
  const isAll = useSignal(false);
  const shown = isAll.value ? of.listed : of.listed.slice(0, few);
  const lasted = ({ onset_ms, closed_ms }: TriedEpisode) => {
    const text = format.duration(((closed_ms ?? end) - onset_ms) / 1000, language.value);
    return closed_ms === null ? `${text}, ${t().still}` : text;
  };
  return (
    <>
      <h3>{t().episodes}</h3>
      <Table
        rows={shown}
        keyOf={({ subject, onset_ms }) => `${subject} ${onset_ms}`}
        columns={[
          { head: t().began, cell: ({ onset_ms }) => time(onset_ms) },
          {
            head: t().what,
            bare: true,
            class: "rule-said",
            cell: (one) => (
              <span>
                {sketch.priority && <Glyph priority={sketch.priority} />}{" "}
                <a href={link("sensor", one.series)}>{say(one.sentence)}</a>
              </span>
            ),
          },
          { head: t().lasted, num: true, cell: lasted },
        ]}
      />
      {shown.length < of.listed.length && (
        <div class="row">
          <button
            type="button"
            onClick={() => {
              isAll.value = true;
            }}
          >
            {t().all(count(of.listed.length))}
          </button>
        </div>
      )}
    </>
  );
}

/** The series that a curve can be drawn of: those that it fired for, else the first that it fits. */
function useCurves(of: TriedRule, sketch: Sketch): [id: number, name: string][] {
  return useMemo(() => {
    if (sketch.kind !== "limit" || sketch.isOfGroup) return [];
    const fired = of.subjects.flatMap(({ name }): [number, string][] => {
      const one = of.listed.find(({ subject }) => subject === name);
      return one ? [[one.series, name]] : [];
    });
    if (fired.length > 0) return fired;
    const [first] = fitting([...series.peek().values()], sketch.on, sketch.kind);
    return first ? [[first.id, first.name]] : [];
  }, [of, sketch]);
}

function Rule({ of, sketch, all }: { of: TriedRule; sketch: Sketch; all: Tried }) {
  const span = useMemo(() => ({ from: all.trial.from_ms, to: all.trial.to_ms }), [all]);
  const curves = useCurves(of, sketch);
  const chosen = useSignal(0);
  const [id, name] = curves[chosen.value] ?? curves[0] ?? [];
  const episodes = useMemo(() => of.listed.filter(({ subject }) => subject === name), [of, name]);
  return (
    <section class={`panel stack ${sketch.priority ?? ""}`} aria-label={of.name}>
      <h2>{t().result(of.name)}</h2>
      <p class="rule-verdict">{verdict(of, spanWords(all))}</p>
      {(of.subjects_total > 1 || (curves.length === 0 && of.episodes > 0)) && (
        <Subjects of={of} whole={span} />
      )}
      {curves.length > 1 && (
        <label class="rule-choice">
          {t().chart}
          <select
            value={String(chosen.value)}
            onChange={(event) => {
              chosen.value = Number(event.currentTarget.value);
            }}
          >
            {curves.map(([series_id, subject], i) => (
              <option key={series_id} value={String(i)}>
                {subject}
              </option>
            ))}
          </select>
        </label>
      )}
      {id !== undefined && (
        <Curve key={id} id={id} sketch={sketch} episodes={episodes} whole={span} />
      )}
      {of.episodes > of.listed.length && <p class="quiet">{t().drawn(count(of.listed.length))}</p>}
      {of.listed.length > 0 && <List of={of} sketch={sketch} end={span.to} />}
    </section>
  );
}

const unknown: Sketch = {
  name: "",
  kind: "",
  on: [],
  high: null,
  low: null,
  priority: null,
  isOfGroup: true,
};

/** What the rules would have said, each by itself. */
export function Result({ all }: { all: Tried }) {
  const top = useRef<HTMLDivElement>(null);
  const { trial } = all;
  const sketches = useMemo(() => sketchesOf(all.toml), [all]);
  useEffect(() => {
    const box = top.current?.getBoundingClientRect();
    if (box && box.top > 0.8 * innerHeight) top.current?.scrollIntoView({ block: "start" });
  }, [all]);
  return (
    <div class="stack rule-result" ref={top}>
      {trial.rules.map((one) => (
        <Rule
          key={one.name}
          of={one}
          sketch={sketches.find(({ name }) => name === one.name) ?? unknown}
          all={all}
        />
      ))}
      <p class="quiet">
        {judged(trial)} {trial.cut && t().cut(time(trial.to_ms))}
      </p>
    </div>
  );
}

/** Whether the text is still the one that was tried. */
export function Stale() {
  const is = tried.value !== null && tried.value.toml !== toml.value;
  return is ? <p class="quiet">{t().stale}</p> : null;
}
