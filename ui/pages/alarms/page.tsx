import { useSignal } from "@preact/signals";
import { alarms, alarmsFailed, byUrgency, isShelved, reloadAlarms } from "../../src/alarms.ts";
import { type Alarm, type AlarmEvent, api, type LimitChange } from "../../src/api.ts";
import * as format from "../../src/format.ts";
import { colon, language, say } from "../../src/i18n.ts";
import { status } from "../../src/live.ts";
import type { Page } from "../../src/page.ts";
import { nameOf, plant, zone } from "../../src/plant.ts";
import { recall } from "../../src/prefs.ts";
import { useResource } from "../../src/resource.ts";
import { link } from "../../src/router.ts";
import { limitTag } from "../../src/scale.ts";
import { t as common, word } from "../../src/texts/common.ts";
import { Glyph } from "../../src/widgets/glyph.tsx";
import { Empty, Segments, Show } from "../../src/widgets/show.tsx";
import { Table } from "../../src/widgets/table.tsx";
import { type Act, Answer } from "./answer.tsx";
import "./page.css";
import { step, t } from "./texts.ts";

function when(ms: number): string {
  return format.time(ms, "short", language.value, zone.value);
}

function Where({ alarm }: { alarm: Alarm }) {
  const stage = plant.value?.stages.find((s) => s.id === alarm.stage);
  return (
    <span class="alarm-where">
      {alarm.series !== null && <a href={link("sensor", alarm.series)}>{nameOf(alarm.series)}</a>}
      {stage && <a href={link("stage", stage.id)}>{say(stage.name)}</a>}
      {alarm.finding > 0 && <a href={link("anomalies", alarm.finding)}>{t().anomaly}</a>}
    </span>
  );
}

function Row({ alarm, onAct }: { alarm: Alarm; onAct: (act: Act) => void }) {
  const fresh = !alarm.acknowledged;
  const error = useSignal<string | null>(null);
  const unshelve = () =>
    api.unshelve(alarm.id, recall("name") ?? "").then(reloadAlarms, (cause: Error) => {
      error.value = cause.message;
    });
  return (
    <li class={`alarm ${alarm.priority}${fresh ? " fresh" : ""}`}>
      <Glyph priority={alarm.priority} blink={fresh && !isShelved(alarm)} />
      <div class="alarm-text">
        <p>{say(alarm.message)}</p>
        <p class="quiet">
          <Where alarm={alarm} />
          <span>
            {alarm.active ? t().active : t().gone} · {t().since(when(alarm.raised_ms))}
          </span>
          {alarm.acknowledged && (
            <span>
              {t().acknowledged} {t().by(alarm.acknowledged_by)}{" "}
              {alarm.comment && t().said(alarm.comment)}
            </span>
          )}
          {alarm.shelved_until_ms !== null && (
            <span>{t().until(when(alarm.shelved_until_ms))}</span>
          )}
        </p>
        {error.value !== null && <p class="failed">{t().refused(error.value)}</p>}
      </div>
      <div class="row">
        {isShelved(alarm) ? (
          <button type="button" onClick={unshelve}>
            {t().unshelve}
          </button>
        ) : (
          <>
            {fresh && (
              <button type="button" class="primary" onClick={() => onAct("acknowledge")}>
                {t().acknowledge}
              </button>
            )}
            <button type="button" onClick={() => onAct("shelve")}>
              {t().shelve}
            </button>
          </>
        )}
      </div>
    </li>
  );
}

function List({ list, empty }: { list: readonly Alarm[]; empty: string }) {
  const asked = useSignal<{ alarm: Alarm; act: Act } | null>(null);
  return (
    <section class="panel">
      {alarmsFailed.value && <p class="failed">{common().failed(alarmsFailed.value.message)}</p>}
      {list.length === 0 && <Empty>{empty}</Empty>}
      <ul class="alarm-list">
        {[...list].sort(byUrgency).map((alarm) => (
          <Row
            key={alarm.id}
            alarm={alarm}
            onAct={(act) => {
              asked.value = { alarm, act };
            }}
          />
        ))}
      </ul>
      {asked.value && (
        <Answer
          alarm={asked.value.alarm}
          act={asked.value.act}
          onDone={() => {
            asked.value = null;
          }}
        />
      )}
    </section>
  );
}

/** A line of the log: a step of an alarm, or a limit that somebody moved: no step, but why alarms
 * come or stay away. */
type Line = AlarmEvent | LimitChange;

function What({ line }: { line: Line }) {
  if ("alarm" in line) return say(line.alarm.message);
  const value = (v: number) => format.number(v, 2, language.value);
  return (
    <>
      <a href={link("sensor", line.series.id)}>{nameOf(line.series.id)}</a> {limitTag(line.name)}
      {colon()} {value(line.from)} → {value(line.to)} {format.unit(line.series.unit)}
    </>
  );
}

function PriorityOf({ line }: { line: Line }) {
  if (!("alarm" in line)) return format.none;
  return (
    <span class="log-priority">
      <Glyph priority={line.alarm.priority} quiet /> {word(line.alarm.priority)}
    </span>
  );
}

function LogTable({ lines }: { lines: readonly Line[] }) {
  const when = (ms: number) => format.time(ms, "full", language.value, zone.value);
  return (
    <Table
      rows={lines}
      nameless
      keyOf={(line, i) => `${line.at_ms} ${i}`}
      columns={[
        { head: t().when, class: "quiet", cell: ({ at_ms }) => when(at_ms) },
        { head: t().what, cell: (line) => ("alarm" in line ? step(line.what) : t().moved) },
        { head: t().priority, cell: (line) => <PriorityOf line={line} /> },
        { head: t().alarm, class: "log-text", cell: (line) => <What line={line} /> },
        { head: t().who, cell: ({ who }) => who || format.none },
        { head: t().comment, cell: ({ comment }) => comment || format.none },
      ]}
    />
  );
}

/** Both logs in one, the newest first. */
async function bothLogs() {
  const [alarmed, limits] = await Promise.all([api.alarmLog({ limit: 200 }), api.limits()]);
  const events: Line[] = [...alarmed.events, ...limits.log];
  return { events: events.sort((a, b) => b.at_ms - a.at_ms).slice(0, 200) };
}

function Log() {
  const version = status.value?.versions.alarms ?? 0;
  const log = useResource(bothLogs, [version]);
  return (
    <section class="panel">
      <Show of={log}>
        {({ events }) =>
          events.length === 0 ? <Empty>{t().none_log}</Empty> : <LogTable lines={events} />
        }
      </Show>
    </section>
  );
}

type Tab = "live" | "shelved" | "log";

function AlarmsPage({ argument }: { argument: string }) {
  const tab: Tab = argument === "shelved" || argument === "log" ? argument : "live";
  const live = alarms.value.filter((alarm) => !isShelved(alarm));
  const shelved = alarms.value.filter(isShelved);
  const choices: { value: Tab; label: string }[] = [
    { value: "live", label: `${t().live} (${live.length})` },
    { value: "shelved", label: `${t().shelved} (${shelved.length})` },
    { value: "log", label: t().log },
  ];
  return (
    <div class="page">
      <div class="page-head">
        <h1>{t().title}</h1>
        <Segments
          name={t().title}
          choices={choices}
          chosen={tab}
          onChoose={(choice) => {
            location.hash = link("alarms", choice === "live" ? "" : choice);
          }}
        />
      </div>
      {tab === "live" && <List list={live} empty={t().none} />}
      {tab === "shelved" && <List list={shelved} empty={t().none_shelved} />}
      {tab === "log" && <Log />}
    </div>
  );
}

export default {
  title: () => t().title,
  icon: "M10 3a5 5 0 0 1 5 5v4l2 3H3l2-3V8a5 5 0 0 1 5-5M8 17.5h4",
  order: 30,
  view: AlarmsPage,
} satisfies Page;
