import { api, type SeriesDetail } from "../../src/api.ts";
import * as format from "../../src/format.ts";
import { language } from "../../src/i18n.ts";
import { zone } from "../../src/plant.ts";
import { useResource } from "../../src/resource.ts";
import { limitTag } from "../../src/scale.ts";
import { t } from "./texts.ts";

const rowsShown = 50;

/** What a recording's own flag says beside the limits; nothing if it has none. */
export function Flag({ info }: { info: SeriesDetail }) {
  const found = useResource(
    () => api.flag(info.id),
    [info.id, info.limits.map((l) => l.value).join()],
  );
  const report = found.value.value;
  const lang = language.value;
  if (!report) return null;
  return (
    <section class="panel">
      <h2>{t().flag(report.flag)}</h2>
      <p>{t().flag_sum(report.beyond, report.missed, report.wrong)}</p>
      <ul class="flag-rows">
        {report.listed.slice(0, rowsShown).map((row) => (
          <li key={row.t} class={row.flagged ? "quiet" : ""}>
            {format.time(row.t, "full", lang, zone.value)}{" "}
            {format.number(row.value, info.decimals, lang)} {format.unit(info.unit)}{" "}
            {row.beyond === "" ? t().within : `> ${limitTag(row.beyond)}`},{" "}
            {row.flagged ? t().flagged : t().not_flagged}
          </li>
        ))}
      </ul>
    </section>
  );
}
