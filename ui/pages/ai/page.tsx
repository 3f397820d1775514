import { type Ai, api } from "../../src/api.ts";
import * as format from "../../src/format.ts";
import { language } from "../../src/i18n.ts";
import type { Page } from "../../src/page.ts";
import { plant, zone } from "../../src/plant.ts";
import { useResource } from "../../src/resource.ts";
import { Figure, Show } from "../../src/widgets/show.tsx";
import { Histogram } from "./histogram.tsx";
import { ModelsPanel } from "./models.tsx";
import "./page.css";
import { ScoreboardPanel } from "./scoreboard.tsx";
import { t } from "./texts.ts";

function ModelCard({ ai }: { ai: Ai }) {
  const lang = language.value;
  const { model } = ai;
  const when = (ms: number) => format.time(ms, "short", lang, zone.value);
  return (
    <section class="panel">
      <h2>{t().model}</h2>
      {!ai.trained && plant.value?.watched === false && <p>{t().unwatched}</p>}
      {!ai.trained && plant.value?.watched !== false && (
        <div class="stack">
          <p>{t().untrained}</p>
          <progress max="1" value={ai.learning_progress} aria-label={t().untrained} />
        </div>
      )}
      <dl class="pairs">
        {model && (
          <>
            <dt>{t().version}</dt>
            <dd>{model.version}</dd>
            <dt>{t().trained}</dt>
            <dd>{when(model.trained_ms)}</dd>
            <dt>{t().data}</dt>
            <dd>
              {when(model.from_ms)} – {when(model.to_ms)}
            </dd>
            <dt>{t().frames}</dt>
            <dd>{format.number(model.frames, 0, lang)}</dd>
            <dt>{t().seed}</dt>
            <dd>{model.seed}</dd>
            <dt>{t().detectors}</dt>
            <dd class="row">
              {model.detectors.map((name) => (
                <span key={name} class="tag">
                  {name}
                </span>
              ))}
            </dd>
            {model.false_alarms && (
              <>
                <dt>{t().budget}</dt>
                <dd>
                  {t().budget_note(
                    format.number(model.false_alarms.allowed_per_day, 2, lang),
                    model.false_alarms.held_out_told,
                    model.false_alarms.held_out_found,
                    format.number(model.false_alarms.held_out_days, 1, lang),
                    model.false_alarms.held_out_episodes,
                    format.number(model.false_alarms.low, 2, lang),
                    format.number(model.false_alarms.high, 2, lang),
                    format.percent(model.false_alarms.least_chance, lang),
                  )}
                </dd>
              </>
            )}
          </>
        )}
        <dt>{t().threshold}</dt>
        <dd>{format.number(ai.threshold, 2, lang)}</dd>
        <dt>{t().confidence}</dt>
        <dd>{format.number(ai.confidence, 2, lang)}</dd>
      </dl>
    </section>
  );
}

function Numbers({ ai }: { ai: Ai }) {
  const lang = language.value;
  return (
    <dl class="figures">
      <Figure name={t().predictions} value={format.number(ai.predictions, 0, lang)} />
      <Figure
        name={t().throughput}
        value={format.significant(ai.throughput_per_s, 3, lang)}
        note={t().per_second}
      />
      <Figure
        name="P95"
        value={format.duration(ai.latency.p95_s, lang)}
        note={`P50 ${format.duration(ai.latency.p50_s, lang)} · P99 ${format.duration(ai.latency.p99_s, lang)}`}
      />
      {ai.shap && (
        <Figure
          name={t().explained}
          value={format.number(ai.shap.count, 0, lang)}
          note={t().within(format.duration(ai.shap.p95_s, lang))}
        />
      )}
      <Figure name={t().findings} value={format.number(ai.findings, 0, lang)} />
    </dl>
  );
}

function AiPage() {
  const ai = useResource(() => api.ai(), [], 5000);
  return (
    <div class="page">
      <h1>{t().title}</h1>
      <Show of={ai}>
        {(found) => (
          <>
            <Numbers ai={found} />
            <div class="columns ai-columns">
              <section class="panel">
                <h2>{t().latency}</h2>
                <Histogram latency={found.latency} />
              </section>
              <ModelCard ai={found} />
            </div>
          </>
        )}
      </Show>
      <ModelsPanel />
      <ScoreboardPanel />
    </div>
  );
}

export default {
  title: () => t().title,
  icon: "M10 3v4M10 13v4M3 10h4M13 10h4M7 7h6v6H7zM5 5l2 2M15 5l-2 2M5 15l2-2M15 15l-2-2",
  order: 70,
  available: () => plant.value?.watched ?? true,
  view: AiPage,
} satisfies Page;
