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

function Removal({ found }: { found: Efficiency }) {
  const lang = language.value;
  return (
    <section class="panel">
      <h2>{t().removal}</h2>
      <div class="table-box">
        <table class="cards removal">
          <thead>
            <tr>
              <th scope="col">{t().parameter}</th>
              <th scope="col" class="num">
                {t().inlet}
              </th>
              <th scope="col" class="num">
                {t().outlet}
              </th>
              <th scope="col">{t().removed}</th>
            </tr>
          </thead>
          <tbody>
            {found.parameters.map((row) => {
              const share = row.removal_percent === null ? null : row.removal_percent / 100;
              return (
                <tr key={row.parameter}>
                  <th scope="row">{word(row.parameter)}</th>
                  <td class="num" data-label={t().inlet}>
                    <span>
                      {format.significant(row.inlet, 3, lang)} <span class="unit">{row.unit}</span>
                    </span>
                  </td>
                  <td class="num" data-label={t().outlet}>
                    <span class="value">
                      {format.significant(row.outlet, 3, lang)} <small>{row.unit}</small>
                    </span>
                  </td>
                  <td data-label={t().removed}>
                    <span class="removed">
                      <span class="removed-bar" aria-hidden="true">
                        <span style={{ width: `${100 * Math.max(0, share ?? 0)}%` }} />
                      </span>
                      <b>{format.percent(share, lang, 1)}</b>
                    </span>
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
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
