import { useSignal } from "@preact/signals";
import { api, type Limit, type SeriesDetail } from "../../src/api.ts";
import * as format from "../../src/format.ts";
import { language } from "../../src/i18n.ts";
import { zone } from "../../src/plant.ts";
import { useResource } from "../../src/resource.ts";
import { limitTag } from "../../src/scale.ts";
import { Glyph } from "../../src/widgets/glyph.tsx";
import { MoveLimit } from "../../src/widgets/move-limit.tsx";
import { t } from "./texts.ts";

const changesShown = 5;

/** Who moved this sensor's limits, the newest first; nothing if nobody did. */
function Changes({ info, changes }: { info: SeriesDetail; changes: number }) {
  const found = useResource(() => api.limits(), [info.id, changes]);
  const log = found.value.value?.log.filter((change) => change.series.id === info.id) ?? [];
  const lang = language.value;
  if (log.length === 0) return null;
  return (
    <ul class="quiet limit-log" aria-label={t().limit_log}>
      {log.slice(0, changesShown).map((change) => (
        <li key={`${change.at_ms} ${change.name}`}>
          {format.time(change.at_ms, "short", lang, zone.value)} {limitTag(change.name)}{" "}
          {format.number(change.from, info.decimals, lang)} →{" "}
          {format.number(change.to, info.decimals, lang)}, {change.who}
          {change.comment === "" ? "" : ` (${change.comment})`}
        </li>
      ))}
    </ul>
  );
}

function Line(props: { info: SeriesDetail; limit: Limit; onChange: () => void }) {
  const { info, limit, onChange } = props;
  const unit = format.unit(info.unit);
  const number = (v: number) => format.number(v, info.decimals, language.value);
  const tag = limitTag(limit.name);
  return (
    <div class="limit-line">
      <Glyph priority={limit.priority} /> {tag} {number(limit.value)} {unit}{" "}
      {limit.scenario !== undefined && (
        <span class="quiet">{t().of_scenario(`${number(limit.scenario)} ${unit}`)} </span>
      )}
      <MoveLimit
        fields={[{ name: "value", label: `${t().new_limit(tag)} (${unit})`, value: limit.value }]}
        label={t().move_it(tag)}
        back={limit.scenario === undefined ? undefined : t().back_to(number(limit.scenario))}
        move={(to, who, comment) =>
          api.moveLimit(info.id, limit.name, to.get("value") ?? null, who, comment)
        }
        onChange={onChange}
      />
    </div>
  );
}

/** The limits in force, with a form to move each while the program runs. */
export function Limits({ info, onChange }: { info: SeriesDetail; onChange: () => void }) {
  const changes = useSignal(0);
  const changed = () => {
    changes.value++;
    onChange();
  };
  return (
    <>
      {info.limits.map((limit, i) => (
        <Line key={`${limit.name} ${i}`} info={info} limit={limit} onChange={changed} />
      ))}
      <Changes info={info} changes={changes.value} />
    </>
  );
}
