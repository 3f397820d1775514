import { alarms, byUrgency, isShelved } from "../../src/alarms.ts";
import { api } from "../../src/api.ts";
import * as format from "../../src/format.ts";
import { language, say } from "../../src/i18n.ts";
import { status } from "../../src/live.ts";
import type { Page } from "../../src/page.ts";
import { now, parts, plant, series, zone } from "../../src/plant.ts";
import { useResource } from "../../src/resource.ts";
import { link } from "../../src/router.ts";
import { word } from "../../src/texts/common.ts";
import { Glyph } from "../../src/widgets/glyph.tsx";
import { SeriesTable } from "../../src/widgets/series-table.tsx";
import { Empty, Figure, Show } from "../../src/widgets/show.tsx";
import { Few, most } from "./few.tsx";
import "./page.css";
import { Synoptic } from "./synoptic.tsx";
import { t } from "./texts.ts";

function Treatment() {
  const efficiency = useResource(() => api.efficiency(24), [], 60_000);
  const found = efficiency.value.value;
  const lang = language.value;
  if (!found) return null;
  return (
    <>
      {found.flow_m3_per_day !== null && (
        <Figure
          name={t().outflow}
          value={`${format.significant(found.flow_m3_per_day, 3, lang)} m³`}
          note={t().of_day}
        />
      )}
      {found.overall_percent !== null && (
        <Figure
          name={t().removal}
          value={format.percent(found.overall_percent / 100, lang, 1)}
          note={t().of_day}
        />
      )}
      {found.energy && found.energy.kwh_per_m3 !== null && (
        <Figure
          name={t().energy}
          value={`${format.significant(found.energy.kwh_per_m3, 2, lang)} kWh/m³`}
          note={`${format.number(found.energy.kwh_per_day, 0, lang)} kWh · ${t().of_day}`}
        />
      )}
    </>
  );
}

function verdictText(verdict: string): string {
  if (verdict === "compliant") return t().compliant;
  return verdict === "not_compliant" ? t().not_compliant : t().verdict_unknown;
}

function Compliance() {
  const compliance = useResource(() => api.compliance(), [], 60_000);
  const found = compliance.value.value;
  if (!found) return null;
  return (
    <Figure
      name={t().compliance}
      value={
        found.score === null ? format.none : format.percent(found.score / 100, language.value, 1)
      }
      note={verdictText(found.verdict)}
    />
  );
}

function Urgent() {
  const list = alarms.value.filter((alarm) => !isShelved(alarm)).sort(byUrgency);
  return (
    <section class="panel">
      <header>
        <h2>{t().urgent}</h2>
        <a href={link("alarms")}>
          {t().all} ({list.length})
        </a>
      </header>
      {list.length === 0 && <Empty>{t().no_alarms}</Empty>}
      <ul class="brief">
        {list.slice(0, 5).map((alarm) => (
          <li key={alarm.id}>
            <Glyph priority={alarm.priority} blink={!alarm.acknowledged} />
            <a href={link("alarms")}>{say(alarm.message)}</a>
            <time class="quiet">
              {format.recent(alarm.raised_ms, now(), language.value, zone.value)}
            </time>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Latest() {
  const version = status.value?.versions.findings ?? 0;
  const findings = useResource(() => api.findings({ limit: 5 }), [version]);
  return (
    <section class="panel">
      <header>
        <h2>{t().newest_findings}</h2>
        <a href={link("anomalies")}>{t().all}</a>
      </header>
      <Show of={findings}>
        {({ findings: list }) =>
          list.length === 0 ? (
            <Empty>{t().no_findings}</Empty>
          ) : (
            <ul class="brief told">
              {list.map((finding) => (
                <li key={finding.id}>
                  <span class={`tag${finding.closed_ms === null ? " strong" : ""}`}>
                    {word(finding.kind)}
                  </span>
                  <a href={link("anomalies", finding.id)}>{say(finding.sentence)}</a>
                  <time class="quiet">
                    {format.recent(finding.onset_ms, now(), language.value, zone.value)}
                  </time>
                </li>
              ))}
            </ul>
          )
        }
      </Show>
    </section>
  );
}

/** A handful of series each have their chart; of more there is a table. */
function Everything() {
  const all = [...series.value.values()];
  if (all.length <= most) return <Few series={all} />;
  return (
    <section class="panel">
      <h2>{t().everything}</h2>
      <SeriesTable series={all} />
    </section>
  );
}

function Overview() {
  // A plan of pipes and tanks says nothing of a room or a meter: their charts do. Nor of a fleet,
  // which has a map of its own.
  const roaming = (plant.value?.devices.placed ?? 0) > 0;
  const staged = !roaming && (plant.value?.stages.length ?? 0) > 0 && series.value.size > most;
  const watched = (plant.value?.watched ?? true) || plant.value?.ruled === true;
  return (
    <div class="page">
      <h1 class="visually-hidden">{t().title}</h1>
      <dl class="figures">
        {parts.value.efficiency && <Treatment />}
        {parts.value.compliance && <Compliance />}
        {watched && (
          <Figure
            name={t().findings}
            value={status.value?.open_findings ?? format.none}
            note={<a href={link("anomalies")}>{t().all}</a>}
          />
        )}
        {roaming && (
          <Figure
            name={t().devices}
            value={format.number(plant.value?.devices.total, 0, language.value)}
            note={<a href={link("fleet")}>{t().on_the_map}</a>}
          />
        )}
        {!staged && (
          <Figure
            name={t().series}
            value={format.number(plant.value?.series_total, 0, language.value)}
          />
        )}
      </dl>
      {staged && <Synoptic />}
      {!staged && !roaming && <Everything />}
      <div class="columns">
        <Urgent />
        {watched && <Latest />}
      </div>
    </div>
  );
}

export default {
  title: () => t().title,
  icon: "M3 4h6v5H3zM11 4h6v5h-6zM7 13h6v4H7zM6 9v2h8V9M10 11v2",
  order: 10,
  view: Overview,
} satisfies Page;
