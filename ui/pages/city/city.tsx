import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { type LatestSeries, type ZoneSet, zones } from "../../src/api/zones.ts";
import { applyValues, status } from "../../src/live.ts";
import { learn } from "../../src/plant.ts";
import { useResource } from "../../src/resource.ts";
import { Empty, Segments, Show } from "../../src/widgets/show.tsx";
import { useLive } from "../../src/widgets/value.tsx";
import { areasOf } from "./areas.ts";
import { Chosen, useChosen } from "./chosen.tsx";
import { Legend } from "./legend.tsx";
import { Districts } from "./list.tsx";
import { CityMap } from "./map.tsx";
import { type Measure, measuresOf } from "./measures.ts";
import { choice, choose, measureName, type Shown } from "./state.ts";
import { t } from "./texts.ts";
import { t as named } from "./title.ts";

const series_every_ms = 30_000;
const order_every_ms = 20_000;

type Everything = Awaited<ReturnType<typeof zones.all>>;

let kept: Everything | null = null;

async function askZones(): Promise<Everything> {
  kept ??= await zones.all();
  return kept;
}

async function askSeries(): Promise<LatestSeries[]> {
  const { series } = await zones.series();
  learn(series);
  // What comes with the list is shown until the feed has spoken.
  applyValues({ t: 0, v: series.map(({ id, latest: l }) => [id, l.value, l.quality, l.t]) });
  return series;
}

function Choice({ sets, measures }: { sets: readonly ZoneSet[]; measures: readonly Measure[] }) {
  const { set, attribute, objects, grouped } = choice.value;
  return (
    <div class="city-choice">
      {sets.length > 1 && (
        <label>
          {t().set}
          <select value={set} onChange={(event) => choose({ set: event.currentTarget.value })}>
            {sets.map(({ name }) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
      )}
      <label>
        {t().shown}
        <select
          value={attribute || measures[0]?.attribute}
          onChange={(event) => choose({ attribute: event.currentTarget.value })}
        >
          {measures.map((one) => (
            <option key={one.attribute} value={one.attribute}>
              {measureName(one)}
            </option>
          ))}
        </select>
      </label>
      <div class="city-objects-choice">
        <span>{t().objects}</span>
        <Segments<Shown>
          name={t().objects}
          choices={[
            { value: "all", label: t().all },
            { value: "measuring", label: t().measuring },
            { value: "none", label: t().none },
          ]}
          chosen={objects}
          onChoose={(to) => choose({ objects: to })}
        />
      </div>
      <label class="city-check">
        <input
          type="checkbox"
          checked={grouped}
          onChange={(event) => choose({ grouped: event.currentTarget.checked })}
        />
        {t().grouped}
      </label>
    </div>
  );
}

function Known({ all, argument }: { all: Everything; argument: string }) {
  const total = status.value?.versions.series;
  const found = useResource(askSeries, [total], series_every_ms);
  const series = found.value.value ?? [];
  const set = all.zones.find(({ name }) => name === choice.value.set) ?? all.zones[0];
  const areas = useMemo(() => (set ? areasOf(set) : []), [set]);
  const measures = useMemo(() => measuresOf(series, set?.entities ?? []), [series.length, set]);
  const measure = measures.find((m) => m.attribute === choice.value.attribute) ?? measures[0];
  useLive(measure ? [...measure.value.values(), ...measure.deviation.values()] : []);
  const turn = useSignal(0);
  useEffect(() => {
    const timer = setInterval(() => {
      turn.value++;
    }, order_every_ms);
    return () => clearInterval(timer);
  }, []);
  const chosen = useChosen(argument);
  const of = argument === "" ? null : chosen.value.value;
  const area = areas.find(({ entity }) => entity === of?.id);
  return (
    <>
      <Choice sets={all.zones} measures={measures} />
      <div class="city-columns">
        <section class="panel stack" aria-label={t().map}>
          <CityMap
            areas={areas}
            attribution={set?.attribution ?? ""}
            tiles={all.tiles}
            measure={measure}
            selected={of?.id ?? ""}
            device={of?.position ? of.index : null}
          />
          <Legend />
        </section>
        {measure ? (
          <Districts
            areas={areas}
            measure={measure}
            series={series}
            selected={of?.id ?? ""}
            at={turn.value + series.length}
          />
        ) : (
          <section class="panel">
            <Empty>{t().no_measures}</Empty>
          </section>
        )}
      </div>
      {argument !== "" && (
        <Show of={chosen}>
          {(it) =>
            it && <Chosen key={it.index} of={it} name={area?.name ?? it.id} measure={measure} />
          }
        </Show>
      )}
    </>
  );
}

/** The city's map, and beside it the district or the object in the address ("districts:12"). */
export function City({ argument }: { argument: string }) {
  const found = useResource(askZones, []);
  return (
    <div class="page city">
      <div class="page-head">
        <h1>{named().title}</h1>
      </div>
      <Show of={found}>{(all) => <Known all={all} argument={argument} />}</Show>
    </div>
  );
}
