import { useEffect } from "preact/hooks";
import { alarmOfSeries } from "../../src/alarms.ts";
import { api, type SeriesDetail } from "../../src/api.ts";
import * as format from "../../src/format.ts";
import { language, say } from "../../src/i18n.ts";
import { live, status } from "../../src/live.ts";
import type { Page } from "../../src/page.ts";
import { learn, nameOf, plant, series, zone } from "../../src/plant.ts";
import { useResource } from "../../src/resource.ts";
import { link } from "../../src/router.ts";
import { t as common, word } from "../../src/texts/common.ts";
import { Bars } from "../../src/widgets/bars.tsx";
import { Glyph } from "../../src/widgets/glyph.tsx";
import { HistoryPanel } from "../../src/widgets/history.tsx";
import { Empty, Show } from "../../src/widgets/show.tsx";
import { BandText, LiveAnalog, qualityWord, useLive, Value } from "../../src/widgets/value.tsx";
import { Flag } from "./flag.tsx";
import { Limits } from "./limits.tsx";
import "./page.css";
import { t } from "./texts.ts";

function Facts({ info, onChange }: { info: SeriesDetail; onChange: () => void }) {
  const now = live(info.id).value;
  const lang = language.value;
  const unit = format.unit(info.unit);
  const stage = plant.value?.stages.find((s) => s.id === info.stage);
  return (
    <section class="panel sensor-now">
      <div class="sensor-value">
        <Value info={info} />
        <LiveAnalog info={info} />
      </div>
      <dl class="pairs">
        <dt>{t().reading}</dt>
        <dd>{format.time(now?.t, "full", lang, zone.value)}</dd>
        <dt>{common().quality}</dt>
        <dd>
          {now ? qualityWord(now.quality) : format.none}
          {now && now.quality > 0 && info.latest?.reason ? ` (${word(info.latest.reason)})` : ""}
        </dd>
        <dt>{common().normal_now}</dt>
        <dd>
          <BandText info={info} />
        </dd>
        {info.limits.length > 0 && (
          <>
            <dt>{common().limits}</dt>
            <dd>
              <Limits info={info} onChange={onChange} />
            </dd>
          </>
        )}
        {info.low !== null && info.high !== null && (
          <>
            <dt>{t().range_of}</dt>
            <dd>
              {format.number(info.low, 0, lang)} – {format.number(info.high, 0, lang)} {unit}
            </dd>
          </>
        )}
        {stage && (
          <>
            <dt>{common().stage}</dt>
            <dd>
              <a href={link("stage", stage.id)}>{say(stage.name)}</a>
            </dd>
          </>
        )}
        {info.location && (
          <>
            <dt>{common().location}</dt>
            <dd>{say(info.place)}</dd>
          </>
        )}
      </dl>
      <a href={link("rules", info.name)}>{t().try_rule}</a>
    </section>
  );
}

function Explanation({ id }: { id: number }) {
  const version = status.value?.versions.findings ?? 0;
  const found = useResource(() => api.findings({ series: id, limit: 20 }), [id, version]);
  const lang = language.value;
  return (
    <section class="panel">
      <h2>{t().explanation}</h2>
      <Show of={found}>
        {({ findings }) => {
          const newest = findings[0];
          if (!newest) return <Empty>{t().no_findings}</Empty>;
          return (
            <div class="stack">
              <p>{say(newest.sentence)}</p>
              <Bars
                label={t().shares}
                bars={newest.suspects.slice(0, 6).map((s) => ({
                  name: nameOf(s.series),
                  share: s.share,
                  series: s.series,
                }))}
              />
              <a href={link("anomalies", newest.id)}>{t().open}</a>
              {findings.length > 1 && (
                <>
                  <h3>{t().findings}</h3>
                  <ul class="stack">
                    {findings.slice(1, 6).map((f) => (
                      <li key={f.id}>
                        <a href={link("anomalies", f.id)}>{say(f.kind_name)}</a>{" "}
                        <span class="quiet">
                          {format.time(f.onset_ms, "short", lang, zone.value)}
                        </span>
                      </li>
                    ))}
                  </ul>
                </>
              )}
            </div>
          );
        }}
      </Show>
    </section>
  );
}

function Known({ id }: { id: number }) {
  useLive([id]);
  const version = status.value?.versions.findings ?? 0;
  const found = useResource(() => api.series(id), [id, version]);
  const alarm = alarmOfSeries.value.get(id);
  return (
    <Show of={found}>
      {(info) => (
        <div class="page">
          <div class="page-head">
            <div>
              <h1>{nameOf(id)}</h1>
              <p class="lead">
                {[say(info.quantity), say(info.place)].filter((s) => s !== "").join(" · ")}
              </p>
            </div>
            {alarm && (
              <a class="row" href={link("alarms")}>
                <Glyph priority={alarm.priority} blink={!alarm.acknowledged} />
                {say(alarm.message)}
              </a>
            )}
          </div>
          <HistoryPanel
            key={id}
            info={info}
            name={nameOf(id)}
            ask={(from, to, points) => api.history(id, from, to, points, true)}
          />
          <div class="columns">
            <Facts info={info} onChange={found.reload} />
            <Explanation id={id} />
            {plant.value?.recorded && <Flag info={info} />}
          </div>
        </div>
      )}
    </Show>
  );
}

/** One of more series than the plant lists: it is asked for by itself. */
function Unlisted({ name }: { name: string }) {
  const found = useResource(() => api.series(name), [name]);
  const info = found.value.value;
  useEffect(() => {
    if (info) learn([info]);
  }, [info]);
  if (found.error.value) return <Empty>{t().unknown(name)}</Empty>;
  return <p class="empty loading">{common().loading}</p>;
}

/** One sensor, by its number or by its name ("#/sensor/AIT-306-DO"). */
function SensorPage({ argument }: { argument: string }) {
  const all = [...series.value.values()];
  const info =
    argument === ""
      ? all[0]
      : all.find((s) => String(s.id) === argument || s.entity === argument || s.name === argument);
  if (info) return <Known key={info.id} id={info.id} />;
  const { series: listed, series_total } = plant.value ?? {};
  const isListed = argument === "" || (series_total ?? 0) <= (listed?.length ?? 0);
  return isListed ? <Empty>{t().unknown(argument)}</Empty> : <Unlisted name={argument} />;
}

export default {
  title: () => t().title,
  icon: "",
  under: "stage",
  view: SensorPage,
} satisfies Page;
