import { useMemo } from "preact/hooks";
import { alarmOfSeries } from "../../src/alarms.ts";
import type { LatestSeries } from "../../src/api/zones.ts";
import * as format from "../../src/format.ts";
import { link } from "../../src/router.ts";
import { Glyph } from "../../src/widgets/glyph.tsx";
import type { Area } from "./areas.ts";
import { Swatch } from "./legend.tsx";
import type { Measure } from "./measures.ts";
import { deviationText, nowOf, valueText } from "./state.ts";
import { t } from "./texts.ts";

const unknown_last = -1;

function Row(props: {
  area: Area;
  measure: Measure;
  series: readonly LatestSeries[];
  isChosen: boolean;
}) {
  const { area, measure, series, isChosen } = props;
  const now = nowOf(measure, area.entity);
  const alarms = series.map((s) => alarmOfSeries.value.get(s.id)).filter((a) => a !== undefined);
  const alarm = alarms[0];
  return (
    <tr class={isChosen ? "chosen" : ""}>
      <th scope="row">
        {alarm && <Glyph priority={alarm.priority} blink={!alarm.acknowledged} />}{" "}
        <a href={link("city", area.entity)} aria-current={isChosen ? "true" : undefined}>
          {area.name}
        </a>
      </th>
      <td class="num">{valueText(measure, now.value)}</td>
      <td class="num">
        <Swatch look={now.look} />
        {deviationText(now.deviation)}
      </td>
    </tr>
  );
}

/** The districts, the farthest from normal first; the order is made anew with `at`, not as they change. */
export function Districts(props: {
  areas: readonly Area[];
  measure: Measure;
  series: readonly LatestSeries[];
  selected: string;
  at: number;
}) {
  const { areas, measure, series, selected, at } = props;
  const order = useMemo(() => {
    const far = (area: Area) => Math.abs(nowOf(measure, area.entity).deviation ?? unknown_last);
    const byName = (a: Area, b: Area) => a.name.localeCompare(b.name);
    return areas
      .map((area) => ({ area, far: far(area) }))
      .sort((a, b) => b.far - a.far || byName(a.area, b.area))
      .map(({ area }) => area);
  }, [areas, measure, at]);
  const own = useMemo(() => {
    const by = new Map<string, LatestSeries[]>();
    for (const one of series) by.set(one.entity, [...(by.get(one.entity) ?? []), one]);
    return by;
  }, [series]);
  const unit = format.unit(measure.info.unit);
  return (
    <section class="panel" aria-label={t().districts}>
      <div class="city-list" tabIndex={0} role="group" aria-label={t().districts}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t().district}</th>
              <th scope="col" class="num">
                {t().value} {unit && <small>{unit}</small>}
              </th>
              <th scope="col" class="num">
                <abbr title={t().deviation_of}>{t().deviation}</abbr>
              </th>
            </tr>
          </thead>
          <tbody>
            {order.map((area) => (
              <Row
                key={area.entity}
                area={area}
                measure={measure}
                series={own.get(area.entity) ?? []}
                isChosen={area.entity === selected}
              />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
