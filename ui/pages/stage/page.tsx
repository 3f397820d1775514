import { stageCounts } from "../../src/alarms.ts";
import { priorities, type Stage } from "../../src/api.ts";
import { say, texts } from "../../src/i18n.ts";
import type { Page } from "../../src/page.ts";
import { plant, series } from "../../src/plant.ts";
import { link } from "../../src/router.ts";
import { t as common } from "../../src/texts/common.ts";
import { Glyph } from "../../src/widgets/glyph.tsx";
import { SeriesTable } from "../../src/widgets/series-table.tsx";
import { Empty } from "../../src/widgets/show.tsx";
import "./page.css";

const t = texts(
  {
    title: "Stages",
    choose: "Stage",
    sensors: (n: number) => `${n} sensors`,
    none: "This scenario has no stages.",
  },
  {
    title: "Étapes",
    choose: "Étape",
    sensors: (n: number) => `${n} capteurs`,
    none: "Ce scénario n'a pas d'étapes.",
  },
);

function Tabs({ stages, current }: { stages: readonly Stage[]; current: string }) {
  return (
    <nav class="stage-tabs" aria-label={t().choose}>
      {stages.map((stage) => {
        const counts = stageCounts.value.get(stage.id);
        const worst = priorities.find((p) => counts && counts[p][0] + counts[p][1] > 0);
        return (
          <a
            key={stage.id}
            class="button"
            href={link("stage", stage.id)}
            aria-current={stage.id === current ? "page" : undefined}
          >
            {worst && <Glyph priority={worst} />}
            {say(stage.name)}
          </a>
        );
      })}
    </nav>
  );
}

/** Every sensor of one stage. */
function StagePage({ argument }: { argument: string }) {
  const stages = plant.value?.stages ?? [];
  const inNone = [...series.value.values()].filter(
    (info) => !stages.some((stage) => stage.series.includes(info.id)),
  );
  const rest: Stage[] =
    stages.length > 0 && inNone.length > 0
      ? [
          {
            id: "-",
            name: { en: common().no_stage, fr: common().no_stage },
            series: inNone.map((s) => s.id),
          },
        ]
      : [];
  const all = [...stages, ...rest];
  const stage = all.find((s) => s.id === argument) ?? all[0];
  if (!stage) return <Empty>{t().none}</Empty>;
  const own = stage.series.flatMap((id) => series.value.get(id) ?? []);
  return (
    <div class="page">
      <Tabs stages={all} current={stage.id} />
      <div class="page-head">
        <h1>{say(stage.name)}</h1>
        <span class="quiet">{t().sensors(own.length)}</span>
      </div>
      <section class="panel" aria-label={say(stage.name)}>
        <SeriesTable key={stage.id} series={own} />
      </section>
    </div>
  );
}

export default {
  title: () => t().title,
  icon: "M3 5h14M3 10h14M3 15h14M6 3v4M13 8v4M9 13v4",
  order: 20,
  available: () => (plant.value?.stages.length ?? 0) > 0,
  view: StagePage,
} satisfies Page;
