import { useEffect } from "preact/hooks";
import { type Device, devices } from "../../src/api/devices.ts";
import { priorities } from "../../src/api.ts";
import { say } from "../../src/i18n.ts";
import { status } from "../../src/live.ts";
import { learn } from "../../src/plant.ts";
import { useResource } from "../../src/resource.ts";
import { link, redirect } from "../../src/router.ts";
import { word } from "../../src/texts/common.ts";
import { Glyph } from "../../src/widgets/glyph.tsx";
import { AlarmsOf, ageText, FindingsOf } from "../../src/widgets/of-device.tsx";
import { SeriesTable } from "../../src/widgets/series-table.tsx";
import { Empty, Show } from "../../src/widgets/show.tsx";
import { deviceLink } from "./list.tsx";
import { t } from "./texts.ts";
import { Track } from "./track.tsx";

const every_ms = 5000;

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
          <span class="alarm-of">
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
          <AlarmsOf of={of} />
          <FindingsOf of={of} />
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
    () => devices.device(id),
    [id, versions?.alarms, versions?.findings],
    every_ms,
  );
  return <Show of={found}>{(device) => <Known of={device} />}</Show>;
}
