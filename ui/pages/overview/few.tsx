import { alarmOfSeries } from "../../src/alarms.ts";
import { api, type SeriesInfo } from "../../src/api.ts";
import { live, status } from "../../src/live.ts";
import { nameOf, plant } from "../../src/plant.ts";
import { useResource } from "../../src/resource.ts";
import { link } from "../../src/router.ts";
import { t } from "../../src/texts/common.ts";
import { Glyph } from "../../src/widgets/glyph.tsx";
import { HistoryPanel } from "../../src/widgets/history.tsx";
import { Show } from "../../src/widgets/show.tsx";
import { BandText, useLive, Value } from "../../src/widgets/value.tsx";

/** So many charts fit a page without hiding each other. */
export const most = 3;

function Head({ info }: { info: SeriesInfo }) {
  const alarm = alarmOfSeries.value.get(info.id);
  return (
    <span class="few-head">
      {alarm && !alarm.active && <Glyph priority={alarm.priority} blink={!alarm.acknowledged} />}
      <a href={link("sensor", info.id)}>{nameOf(info.id)}</a>
      <span class="few-value">
        <Value info={info} />
      </span>
      {plant.value?.watched && <BandText info={info} />}
    </span>
  );
}

function One({ info }: { info: SeriesInfo }) {
  const version = status.value?.versions.findings ?? 0;
  const found = useResource(() => api.series(info.id), [info.id, version]);
  return (
    <Show of={found}>
      {(detail) => (
        <HistoryPanel
          info={detail}
          name={nameOf(info.id)}
          title={<Head info={info} />}
          ask={(from, to, points) => api.history(info.id, from, to, points, true)}
          plain={!plant.value?.watched}
        />
      )}
    </Show>
  );
}

/** One to three series: the value of each, large, over its chart. Those that say nothing come last. */
export function Few({ series }: { series: readonly SeriesInfo[] }) {
  useLive(series.map((info) => info.id));
  const isSilent = (info: SeriesInfo) => live(info.id).value === null;
  return (
    <>
      {series
        .filter((info) => !isSilent(info))
        .map((info) => (
          <One key={info.id} info={info} />
        ))}
      {series.filter(isSilent).map((info) => (
        <section key={info.id} class="panel few-head">
          <h2>
            <a href={link("sensor", info.id)}>{nameOf(info.id)}</a>
          </h2>
          <span class="quiet">{status.value?.ended ? t().no_data_ended : t().no_data}</span>
        </section>
      ))}
    </>
  );
}
