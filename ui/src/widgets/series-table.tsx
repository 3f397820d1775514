import { useRef } from "preact/hooks";
import { alarmOfSeries } from "../alarms.ts";
import type { SeriesInfo } from "../api.ts";
import { say } from "../i18n.ts";
import { live } from "../live.ts";
import { nameOf, plant } from "../plant.ts";
import { link } from "../router.ts";
import { t } from "../texts/common.ts";
import { Glyph } from "./glyph.tsx";
import { useSeen } from "./seen.ts";
import { Spark } from "./spark.tsx";
import { BandText, LiveAnalog, qualityWord, useLive, Value } from "./value.tsx";

/** What of a row lives; it exists only while the row is in sight. */
function LiveCells({ info }: { info: SeriesInfo }) {
  useLive([info.id]);
  const now = live(info.id).value;
  return (
    <>
      <td class="num value-cell">
        <Value info={info} />
      </td>
      {plant.value?.watched && (
        <td class="normal-cell">
          <div class="band-cell">
            <LiveAnalog info={info} />
            <BandText info={info} />
          </div>
        </td>
      )}
      <td class="spark-cell">
        <Spark info={info} label={`${nameOf(info.id)}: ${t().trend}`} />
      </td>
      <td class="quality-cell quiet">{now ? qualityWord(now.quality) : "–"}</td>
    </>
  );
}

function Row({ info }: { info: SeriesInfo }) {
  const row = useRef<HTMLTableRowElement>(null);
  const seen = useSeen(row);
  const alarm = alarmOfSeries.value.get(info.id);
  const quantity = say(info.quantity);
  return (
    <tr ref={row} class="series-row">
      <th scope="row">
        <span class="series-name">
          {alarm && <Glyph priority={alarm.priority} blink={!alarm.acknowledged} />}
          <a href={link("sensor", info.id)}>{nameOf(info.id)}</a>
        </span>
        <span class="quiet">
          {[quantity, say(info.place)].filter((text) => text !== "").join(" · ")}
        </span>
      </th>
      {seen ? <LiveCells info={info} /> : <td colSpan={4} />}
    </tr>
  );
}

/** Series with their value now, their band, their last hour and their quality. */
export function SeriesTable({ series }: { series: readonly SeriesInfo[] }) {
  return (
    <div class="table-box">
      <table class="cards series-table">
        <thead>
          <tr>
            <th scope="col">{t().sensor}</th>
            <th scope="col" class="num">
              {t().value}
            </th>
            {plant.value?.watched && <th scope="col">{t().normal_now}</th>}
            <th scope="col">{t().trend}</th>
            <th scope="col">{t().quality}</th>
          </tr>
        </thead>
        <tbody>
          {series.map((info) => (
            <Row key={info.id} info={info} />
          ))}
        </tbody>
      </table>
    </div>
  );
}
