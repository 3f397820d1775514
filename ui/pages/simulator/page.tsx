import { useSignal } from "@preact/signals";
import { api, type Label, type SimulatorStatus } from "../../src/api.ts";
import * as format from "../../src/format.ts";
import { language, say } from "../../src/i18n.ts";
import { status } from "../../src/live.ts";
import type { Page } from "../../src/page.ts";
import { parts, zone } from "../../src/plant.ts";
import { useResource } from "../../src/resource.ts";
import { link } from "../../src/router.ts";
import { t as common, word } from "../../src/texts/common.ts";
import { Empty, Segments, Show } from "../../src/widgets/show.tsx";
import { Inject } from "./inject.tsx";
import "./page.css";
import { Setpoints } from "./setpoints.tsx";
import { t } from "./texts.ts";

type Change = Parameters<typeof api.setSimulator>[0];

function Controls({ it, set }: { it: SimulatorStatus; set: (change: Change) => void }) {
  const speeds = [1, 10, 60, 600, 0];
  const rate = useSignal<number | null>(null);
  const shown = rate.value ?? it.fault_rate;
  return (
    <section class="panel controls">
      <div>
        <h2>{t().speed}</h2>
        <Segments
          name={t().speed}
          choices={speeds.map((value) => ({
            value,
            label: value === 0 ? t().fastest : `×${value}`,
          }))}
          chosen={it.speed}
          onChoose={(speed) => set({ speed })}
        />
      </div>
      <div>
        <h2>
          {common().weather} <span class="quiet">{t().weather_now(word(it.weather))}</span>
        </h2>
        <Segments
          name={common().weather}
          choices={it.weathers.map((value) => ({ value, label: word(value) }))}
          chosen={it.weather_set}
          onChoose={(weather) => set({ weather })}
        />
      </div>
      <div>
        <h2>
          <label for="rate">
            {t().rate} <b>{format.percent(shown, language.value, 1)}</b>
          </label>
        </h2>
        <input
          id="rate"
          type="range"
          min="0"
          max="0.2"
          step="0.005"
          value={shown}
          aria-describedby="rate-help"
          onInput={(event) => {
            rate.value = Number(event.currentTarget.value);
          }}
          onChange={(event) => {
            rate.value = null;
            set({ fault_rate: Number(event.currentTarget.value) });
          }}
        />
        <p id="rate-help" class="quiet">
          {t().rate_help}
        </p>
      </div>
    </section>
  );
}

function Running({
  running,
  onCancel,
}: {
  running: readonly Label[];
  onCancel: (id: number) => void;
}) {
  const lang = language.value;
  return (
    <section class="panel">
      <h2>{t().running}</h2>
      {running.length === 0 && <Empty>{t().none}</Empty>}
      <ul class="running">
        {running.map((label) => (
          <li key={label.id}>
            <div>
              <p>
                <b>{say(label.text) || label.scenario}</b>
              </p>
              <p class="quiet">
                {say(label.kind_name)} · {format.time(label.start_ms, "short", lang, zone.value)}{" "}
                {t().until(
                  format.time(label.cause_end_ms ?? label.end_ms, "short", lang, zone.value),
                )}
                {label.direct.length > 0 && ` · ${label.direct.join(", ")}`}
              </p>
            </div>
            <div class="row">
              <a class="button" href={link("whatif", `undo-${label.id}`)}>
                {t().what_if}
              </a>
              <button type="button" onClick={() => onCancel(label.id)}>
                {t().end}
              </button>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

function SimulatorPage() {
  const version = status.value?.versions.simulator ?? 0;
  const simulator = useResource(() => api.simulator(), [version], 10_000);
  const failed = useSignal<string | null>(null);
  const act = (doing: Promise<unknown>) => {
    failed.value = null;
    doing.then(simulator.reload, (cause: Error) => {
      failed.value = cause.message;
    });
  };
  return (
    <div class="page">
      <h1>{t().title}</h1>
      <Show of={simulator}>
        {(it) => (
          <>
            <p class="lead">{t().lead(it.plant, it.seed)}</p>
            {failed.value !== null && (
              <p class="failed" role="alert">
                {t().refused(failed.value)}
              </p>
            )}
            <Controls it={it} set={(change) => act(api.setSimulator(change))} />
            <Setpoints
              all={it.setpoints}
              set={(setpoints) => act(api.setSimulator({ setpoints }))}
            />
            <div class="columns">
              <Inject types={it.types} onDone={simulator.reload} />
              <Running running={it.running} onCancel={(id) => act(api.cancelFault(id))} />
            </div>
          </>
        )}
      </Show>
    </div>
  );
}

export default {
  title: () => t().title,
  icon: "M7 3h6M8 3v5l-4 8h12l-4-8V3M6 12h8",
  order: 80,
  available: () => parts.value.simulator,
  view: SimulatorPage,
} satisfies Page;
