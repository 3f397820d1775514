import { useMemo } from "preact/hooks";
import { api, type Finding, type SeriesInfo } from "../../src/api.ts";
import * as format from "../../src/format.ts";
import { say } from "../../src/i18n.ts";
import { detail, nameOf, now, series } from "../../src/plant.ts";
import { useResource } from "../../src/resource.ts";
import { link } from "../../src/router.ts";
import { Chart } from "../../src/widgets/chart.tsx";
import { Show } from "../../src/widgets/show.tsx";
import { t } from "./texts.ts";

function Small({ info, finding }: { info: SeriesInfo; finding: Finding }) {
  // Half an hour before, and as much of what followed as keeps the beginning readable.
  const span = useMemo(() => {
    const end = (finding.closed_ms ?? now()) + 15 * 60_000;
    const to = Math.min(end, finding.onset_ms + 3 * 3_600_000);
    return { from: finding.onset_ms - 30 * 60_000, to };
  }, [finding]);
  const history = useResource(
    () => api.history(info.id, span.from, span.to, 300),
    [info.id, span.from, span.to],
  );
  const known = detail(info.id).value;
  const marks = useMemo(
    () => [
      {
        id: finding.id,
        kind: finding.kind,
        onset_ms: finding.onset_ms,
        closed_ms: finding.closed_ms,
      },
    ],
    [finding],
  );
  const normal = useMemo(() => known?.normal ?? [], [known]);
  const limits = useMemo(() => known?.limits ?? [], [known]);
  return (
    <figure>
      <figcaption>
        <a href={link("sensor", info.id)}>{nameOf(info.id)}</a>{" "}
        <span class="quiet">
          {say(info.quantity)} {format.unit(info.unit)}
        </span>
      </figcaption>
      <Show of={history}>
        {(found) => (
          <Chart
            info={info}
            history={found}
            span={span}
            normal={normal}
            limits={limits}
            findings={marks}
            height={170}
            label={`${t().around}: ${nameOf(info.id)}`}
          />
        )}
      </Show>
    </figure>
  );
}

/** The first suspects' values around the onset. */
export function Around({ finding }: { finding: Finding }) {
  const shown = finding.suspects.slice(0, 4).flatMap((s) => series.value.get(s.series) ?? []);
  if (shown.length === 0) return null;
  return (
    <section class="panel">
      <h2>{t().around}</h2>
      <div class="small-charts">
        {shown.map((info) => (
          <Small key={info.id} info={info} finding={finding} />
        ))}
      </div>
    </section>
  );
}
