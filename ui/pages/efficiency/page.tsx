import { useSignal } from "@preact/signals";
import { api, type Efficiency } from "../../src/api.ts";
import * as format from "../../src/format.ts";
import { language, say, texts } from "../../src/i18n.ts";
import type { Page } from "../../src/page.ts";
import { parts, plant } from "../../src/plant.ts";
import { useResource } from "../../src/resource.ts";
import { t as common, word } from "../../src/texts/common.ts";
import { Bars } from "../../src/widgets/bars.tsx";
import { Figure, Segments, Show } from "../../src/widgets/show.tsx";
import { Table } from "../../src/widgets/table.tsx";
import "./page.css";

const t = texts(
  {
    title: "Efficiency",
    span: "Over the last",
    overall: "Removed, overall",
    flow: "Water treated",
    per_day: "a day",
    specific: "Energy per m³",
    energy: "Energy",
    removal: "What comes in, what goes out",
    parameter: "Parameter",
    inlet: "Inlet",
    outlet: "Outlet",
    removed: "Removed",
    by_stage: "Power by stage",
  },
  {
    title: "Efficacité",
    span: "Sur les dernières",
    overall: "Éliminé, en tout",
    flow: "Eau traitée",
    per_day: "par jour",
    specific: "Énergie par m³",
    energy: "Énergie",
    removal: "Ce qui entre, ce qui sort",
    parameter: "Paramètre",
    inlet: "Entrée",
    outlet: "Sortie",
    removed: "Éliminé",
    by_stage: "Puissance par étape",
  },
);

function withUnit(value: number | null, digits: number, unit: string): string {
  return value === null
    ? format.none
    : `${format.significant(value, digits, language.value)} ${unit}`;
}

type Parameter = Efficiency["parameters"][number];

function Removed({ row }: { row: Parameter }) {
  const share = row.removal_percent === null ? null : row.removal_percent / 100;
  return (
    <span class="removed">
      <span class="removed-bar" aria-hidden="true">
        <span style={{ width: `${100 * Math.max(0, share ?? 0)}%` }} />
      </span>
      <b>{format.percent(share, language.value, 1)}</b>
    </span>
  );
}

function Removal({ found }: { found: Efficiency }) {
  const number = (value: number | null) => format.significant(value, 3, language.value);
  return (
    <section class="panel">
      <h2>{t().removal}</h2>
      <Table
        class="removal"
        rows={found.parameters}
        keyOf={({ parameter }) => parameter}
        columns={[
          { head: t().parameter, cell: ({ parameter }) => word(parameter) },
          {
            head: t().inlet,
            num: true,
            cell: ({ inlet, unit }) => (
              <span>
                {number(inlet)} <span class="unit">{unit}</span>
              </span>
            ),
          },
          {
            head: t().outlet,
            num: true,
            cell: ({ outlet, unit }) => (
              <span class="value">
                {number(outlet)} <small>{unit}</small>
              </span>
            ),
          },
          { head: t().removed, cell: (row) => <Removed row={row} /> },
        ]}
      />
    </section>
  );
}

function Power({ found }: { found: Efficiency }) {
  const rows = found.energy?.by_stage ?? [];
  if (rows.length === 0) return null;
  const sum = rows.reduce((total, row) => total + row.kw, 0) || 1;
  const name = (id: string) => {
    const stage = plant.value?.stages.find((s) => s.id === id);
    return stage ? say(stage.name) : id;
  };
  return (
    <section class="panel">
      <h2>{t().by_stage}</h2>
      <Bars
        label={t().by_stage}
        bars={[...rows]
          .sort((a, b) => b.kw - a.kw)
          .map((row) => ({
            name: name(row.stage),
            share: row.kw / sum,
            note: `${format.significant(row.kw, 3, language.value)} kW`,
          }))}
      />
    </section>
  );
}

function EfficiencyPage() {
  const hours = useSignal(24);
  const efficiency = useResource(() => api.efficiency(hours.value), [hours.value], 30_000);
  const lang = language.value;
  const choices = [1, 24, 168, 720].map((value) => ({
    value,
    label: value <= 24 ? common().hours(value) : common().days(value / 24),
  }));
  return (
    <div class="page">
      <div class="page-head">
        <h1>{t().title}</h1>
        <Segments
          name={t().span}
          choices={choices}
          chosen={hours.value}
          onChoose={(value) => {
            hours.value = value;
          }}
        />
      </div>
      <Show of={efficiency}>
        {(found) => (
          <>
            <dl class="figures">
              <Figure
                name={t().overall}
                value={
                  found.overall_percent === null
                    ? format.none
                    : format.percent(found.overall_percent / 100, lang, 1)
                }
              />
              <Figure
                name={t().flow}
                value={withUnit(found.flow_m3_per_day, 3, "m³")}
                note={t().per_day}
              />
              {found.energy && (
                <>
                  <Figure name={t().specific} value={withUnit(found.energy.kwh_per_m3, 2, "kWh")} />
                  <Figure
                    name={t().energy}
                    value={withUnit(found.energy.kwh_per_day, 3, "kWh")}
                    note={t().per_day}
                  />
                </>
              )}
            </dl>
            <div class="columns">
              <Removal found={found} />
              <Power found={found} />
            </div>
          </>
        )}
      </Show>
    </div>
  );
}

export default {
  title: () => t().title,
  icon: "M3 16h14M5 13V9M9 13V5M13 13v-3M17 13V7",
  order: 60,
  available: () => parts.value.efficiency,
  view: EfficiencyPage,
} satisfies Page;
