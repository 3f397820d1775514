import { useEffect } from "preact/hooks";
import { type Device, devices } from "../../src/api/devices.ts";
import { api } from "../../src/api.ts";
import { say } from "../../src/i18n.ts";
import { status } from "../../src/live.ts";
import { learn, nameOf } from "../../src/plant.ts";
import { type Resource, useResource } from "../../src/resource.ts";
import { link } from "../../src/router.ts";
import { HistoryPanel } from "../../src/widgets/history.tsx";
import { AlarmsOf, ageText, FindingsOf } from "../../src/widgets/of-device.tsx";
import { SeriesTable } from "../../src/widgets/series-table.tsx";
import { Show } from "../../src/widgets/show.tsx";
import type { Measure } from "./measures.ts";
import { t } from "./texts.ts";

const every_ms = 5000;

/** The district or the object that is chosen, asked anew as its alarms change. */
export function useChosen(id: string): Resource<Device | null> {
  const versions = status.value?.versions;
  return useResource(
    async () => (id === "" ? null : devices.device(id)),
    [id, versions?.alarms, versions?.findings],
    every_ms,
  );
}

function History({ id }: { id: number }) {
  const found = useResource(() => api.series(id), [id]);
  return (
    <Show of={found}>
      {(info) => (
        <HistoryPanel
          key={id}
          info={info}
          name={nameOf(id)}
          title={say(info.quantity) || info.attribute}
          ask={(from, to, points) => api.history(id, from, to, points, true)}
        />
      )}
    </Show>
  );
}

/** The series whose chart is shown: of what the map shows, else its first that is no place. */
function chartOf(of: Device, measure: Measure | undefined): number | undefined {
  const own = of.series.filter(
    (s) => s.id !== of.position?.latitude && s.id !== of.position?.longitude,
  );
  const fits = own.find((s) => s.attribute === measure?.attribute || s.attribute === measure?.base);
  return (fits ?? own[0])?.id;
}

/** What lives of it, its chart, and what is wrong with it. */
export function Chosen(props: { of: Device; name: string; measure: Measure | undefined }) {
  const { of, name, measure } = props;
  const { position } = of;
  const shown = of.series.filter(
    (s) => s.id !== position?.latitude && s.id !== position?.longitude,
  );
  const chart = chartOf(of, measure);
  useEffect(() => learn(of.series), [of.index, of.series.length]);
  return (
    <>
      <div class="page-head">
        <div>
          <h2 class="city-name">{name}</h2>
          <p class="lead">
            {[say(of.kind_name) || of.kind, ageText(of.at_ms)].filter(Boolean).join(" · ")}
          </p>
        </div>
        <a class="button" href={link("city")}>
          ← {t().whole}
        </a>
      </div>
      <section class="panel">
        <h2>{t().values}</h2>
        <SeriesTable series={shown} />
      </section>
      {chart !== undefined && <History id={chart} />}
      <div class="columns">
        <AlarmsOf of={of} />
        <FindingsOf of={of} />
      </div>
    </>
  );
}
