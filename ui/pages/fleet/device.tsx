import { useEffect } from "preact/hooks";
import { byUrgency } from "../../src/alarms.ts";
import { priorities } from "../../src/api.ts";
import * as format from "../../src/format.ts";
import { language, say } from "../../src/i18n.ts";
import { status } from "../../src/live.ts";
import { learn, now, zone } from "../../src/plant.ts";
import { useResource } from "../../src/resource.ts";
import { link, redirect } from "../../src/router.ts";
import { t as common, word } from "../../src/texts/common.ts";
import { Glyph } from "../../src/widgets/glyph.tsx";
import { SeriesTable } from "../../src/widgets/series-table.tsx";
import { Empty, Show } from "../../src/widgets/show.tsx";
import { type Device, fleet } from "./ask.ts";
import { ageText, deviceLink } from "./list.tsx";
import { t } from "./texts.ts";
import { Track } from "./track.tsx";

const every_ms = 5000;
const most_findings = 8;

function Alarms({ of }: { of: Device }) {
  const lang = language.value;
  return (
    <section class="panel">
      <header>
        <h2>{common().alarms}</h2>
        <a href={link("alarms")}>{of.alarms.length}</a>
      </header>
      {of.alarms.length === 0 && <Empty>{t().no_alarms}</Empty>}
      <ul class="brief">
        {[...of.alarms].sort(byUrgency).map((alarm) => (
          <li key={alarm.id}>
            <Glyph priority={alarm.priority} blink={!alarm.acknowledged} />
            <a href={link("alarms")}>{say(alarm.message)}</a>
            <time class="quiet">{format.recent(alarm.raised_ms, now(), lang, zone.value)}</time>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Findings({ of }: { of: Device }) {
  const lang = language.value;
  return (
    <section class="panel">
      <h2>{t().findings}</h2>
      {of.findings.length === 0 && <Empty>{t().no_findings}</Empty>}
      <ul class="brief told">
        {of.findings.slice(0, most_findings).map((finding) => (
          <li key={finding.id}>
            <span class={`tag${finding.closed_ms === null ? " strong" : ""}`}>
              {word(finding.kind)}
            </span>
            <a href={link("anomalies", finding.id)}>{say(finding.sentence)}</a>
            <time class="quiet">{format.recent(finding.onset_ms, now(), lang, zone.value)}</time>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Known({ of }: { of: Device }) {
  const { position, alarm } = of;
  const shown = of.series.filter(
    (s) => s.id !== position?.latitude && s.id !== position?.longitude,
  );
  useEffect(() => {
    learn(of.series);
    // From the map it comes by its number: its name is what one can keep.
    const named = deviceLink(of);
    if (location.hash !== named) redirect(named);
  }, [of.index, of.series.length]);
  return (
    <div class="page fleet">
      <div class="page-head">
        <div>
          <h1>{of.id}</h1>
          <p class="lead">
            {[say(of.kind_name) || of.kind, ageText(of.at_ms)].filter(Boolean).join(" · ")}
          </p>
        </div>
        {alarm && (
          <span class="fleet-alarm">
            <Glyph quiet priority={alarm.priority} blink={!alarm.acknowledged} />
            {word(alarm.priority)}
          </span>
        )}
        <a class="button" href={link("fleet", "list")}>
          ← {t().all_devices}
        </a>
      </div>
      <div class="columns fleet-device">
        {position ? (
          <Track device={of} priority={alarm ? priorities.indexOf(alarm.priority) + 1 : 0} />
        ) : (
          <section class="panel">
            <h2>{t().place}</h2>
            <Empty>{t().no_place}</Empty>
          </section>
        )}
        <div class="stack">
          <Alarms of={of} />
          <Findings of={of} />
        </div>
      </div>
      <section class="panel">
        <h2>{t().values}</h2>
        <SeriesTable series={shown} />
      </section>
    </div>
  );
}

/** One device: its values, its way, what is wrong with it, how old its data are. */
export function DevicePage({ id }: { id: string }) {
  const versions = status.value?.versions;
  const found = useResource(
    () => fleet.device(id),
    [id, versions?.alarms, versions?.findings],
    every_ms,
  );
  return <Show of={found}>{(device) => <Known of={device} />}</Show>;
}
