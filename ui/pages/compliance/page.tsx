import { useSignal } from "@preact/signals";
import { api, type Compliance, query } from "../../src/api.ts";
import * as format from "../../src/format.ts";
import { language, texts } from "../../src/i18n.ts";
import type { Page } from "../../src/page.ts";
import { now, parts, series, zone } from "../../src/plant.ts";
import { useResource } from "../../src/resource.ts";
import { link } from "../../src/router.ts";
import { word } from "../../src/texts/common.ts";
import { Analog } from "../../src/widgets/analog.tsx";
import { Empty, Figure, Show } from "../../src/widgets/show.tsx";
import { Table } from "../../src/widgets/table.tsx";
import "./page.css";

const t = texts(
  {
    title: "Compliance",
    lead: (directive: string) => `Urban waste water directive ${directive} (DERU)`,
    verdict: "Verdict",
    compliant: "compliant",
    not_compliant: "not compliant",
    score: "Score",
    size: "Plant size",
    pe: "population equivalent",
    now: "Outlet now",
    parameter: "Parameter",
    value: "Outlet",
    limit: "Limit",
    reduction: "Reduction",
    asked: "asked",
    result: "Result",
    holds: "holds",
    fails: "fails",
    unknown: "not known",
    rule: "A sample holds when its concentration or its reduction does.",
    samples: "Samples of the last year",
    taken: "Samples",
    failed: "Failed",
    allowed: "Allowed",
    annual: "annual mean",
    days: "Day by day",
    day: (day: string, value: string, holds: string) => `${day}: ${value}, ${holds}`,
    none: "no sample yet",
    report: "Report of a period",
    report_help:
      "Limits, samples, failures allowed, gross failures, means and every day, to be printed or kept.",
    from: "From",
    to: "To (included)",
    open: "Open the report",
    csv: "As CSV",
  },
  {
    title: "Conformité",
    lead: (directive: string) =>
      `Directive eaux résiduaires urbaines ${directive.replace("/EEC", "/CEE")} (DERU)`,
    verdict: "Verdict",
    compliant: "conforme",
    not_compliant: "non conforme",
    score: "Score",
    size: "Taille de la station",
    pe: "équivalents-habitants",
    now: "Sortie maintenant",
    parameter: "Paramètre",
    value: "Sortie",
    limit: "Limite",
    reduction: "Abattement",
    asked: "demandé",
    result: "Résultat",
    holds: "tenu",
    fails: "dépassé",
    unknown: "inconnu",
    rule: "Un échantillon tient si sa concentration ou son abattement tient.",
    samples: "Échantillons de la dernière année",
    taken: "Échantillons",
    failed: "Dépassés",
    allowed: "Permis",
    annual: "moyenne annuelle",
    days: "Jour par jour",
    day: (day: string, value: string, holds: string) => `${day} : ${value}, ${holds}`,
    none: "pas encore d'échantillon",
    report: "Rapport d'une période",
    report_help:
      "Limites, échantillons, dépassements permis et rédhibitoires, moyennes et chaque jour, à imprimer ou à garder.",
    from: "Du",
    to: "Au (compris)",
    open: "Ouvrir le rapport",
    csv: "En CSV",
  },
);

function Result({ ok }: { ok: boolean | null }) {
  if (ok === null) return <span class="quiet">{t().unknown}</span>;
  return ok ? <span>✓ {t().holds}</span> : <span class="fails">✕ {t().fails}</span>;
}

function verdictText(verdict: string): string {
  if (verdict === "compliant") return t().compliant;
  return verdict === "not_compliant" ? t().not_compliant : t().unknown;
}

type NowRow = Compliance["now"][number];

function Parameter({ row }: { row: NowRow }) {
  const isSensor = row.series !== null && series.value.has(row.series);
  if (!isSensor) return word(row.parameter);
  return <a href={link("sensor", row.series ?? undefined)}>{word(row.parameter)}</a>;
}

function Limit({ row }: { row: NowRow }) {
  return (
    <div class="band-cell">
      <Analog
        value={row.value}
        range={{ low: 0, high: row.limit * 1.25 }}
        band={null}
        limits={[{ name: "high", value: row.limit, priority: "high" }]}
      />
      <span class="quiet">
        ≤ {row.limit} {row.unit}
      </span>
    </div>
  );
}

function Reduction({ row }: { row: NowRow }) {
  const share = (percent: number, digits: number) =>
    format.percent(percent / 100, language.value, digits);
  return (
    <span>
      {row.reduction_pct === null ? format.none : share(row.reduction_pct, 1)}{" "}
      {row.min_reduction_pct !== null && (
        <span class="quiet">
          ({t().asked} {share(row.min_reduction_pct, 0)})
        </span>
      )}
    </span>
  );
}

function Now({ found }: { found: Compliance }) {
  const value = (row: NowRow) => (
    <span class="value">
      {format.significant(row.value, 3, language.value)} <small>{row.unit}</small>
    </span>
  );
  return (
    <section class="panel">
      <h2>{t().now}</h2>
      <Table
        rows={found.now}
        keyOf={({ parameter }) => parameter}
        columns={[
          { head: t().parameter, cell: (row) => <Parameter row={row} /> },
          { head: t().value, num: true, cell: value },
          { head: t().limit, cell: (row) => <Limit row={row} /> },
          { head: t().reduction, num: true, cell: (row) => <Reduction row={row} /> },
          { head: t().result, cell: ({ ok }) => <Result ok={ok} /> },
        ]}
      />
      <p class="quiet">{t().rule}</p>
    </section>
  );
}

function Days({ days }: { days: Compliance["samples"][number]["days"] }) {
  const lang = language.value;
  if (days.length === 0) return <span class="quiet">{t().none}</span>;
  const shown = days.slice(-60);
  const summary = `${t().days}: ${shown.filter((d) => !d.ok).length} ${t().failed}`;
  return (
    <span class="days" role="img" aria-label={summary}>
      {shown.map((d) => (
        <span
          key={d.day}
          class={d.ok ? "day" : "day bad"}
          title={t().day(d.day, format.significant(d.value, 3, lang), d.ok ? t().holds : t().fails)}
        />
      ))}
    </span>
  );
}

function Samples({ found }: { found: Compliance }) {
  return (
    <section class="panel">
      <h2>{t().samples}</h2>
      {found.samples.length === 0 ? (
        <Empty>{t().none}</Empty>
      ) : (
        <Table
          rows={found.samples}
          keyOf={({ parameter }) => parameter}
          columns={[
            { head: t().parameter, cell: ({ parameter }) => word(parameter) },
            { head: t().taken, num: true, cell: ({ taken }) => taken },
            { head: t().failed, num: true, cell: ({ failed }) => failed },
            {
              head: t().allowed,
              num: true,
              cell: (row) => (row.annual_mean ? t().annual : row.allowed),
            },
            { head: t().result, cell: (row) => <Result ok={row.taken === 0 ? null : row.ok} /> },
            { head: t().days, cell: ({ days }) => <Days days={days} /> },
          ]}
        />
      )}
    </section>
  );
}

const day_ms = 86_400_000;
/** "2026-11-30" of the site. */
const dayOf = (ms: number) =>
  new Intl.DateTimeFormat("sv-SE", { timeZone: zone.value, dateStyle: "short" }).format(ms);

function Report() {
  const end = useSignal(dayOf(now()));
  const begin = useSignal(dayOf(now() - 30 * day_ms));
  const address = (format: string) =>
    `api/compliance/report${query({ from: begin.value, to: end.value, format, lang: language.value })}`;
  return (
    <section class="panel stack">
      <h2>{t().report}</h2>
      <p class="quiet">{t().report_help}</p>
      <div class="row report">
        <label>
          {t().from}
          <input
            type="date"
            value={begin.value}
            max={end.value}
            onInput={(event) => {
              begin.value = event.currentTarget.value;
            }}
          />
        </label>
        <label>
          {t().to}
          <input
            type="date"
            value={end.value}
            min={begin.value}
            onInput={(event) => {
              end.value = event.currentTarget.value;
            }}
          />
        </label>
        <a class="button" href={address("html")} target="_blank" rel="noreferrer">
          {t().open}
        </a>
        <a class="button" href={address("csv")} download>
          {t().csv}
        </a>
      </div>
    </section>
  );
}

function CompliancePage() {
  const compliance = useResource(() => api.compliance(), [], 30_000);
  const lang = language.value;
  return (
    <div class="page">
      <h1>{t().title}</h1>
      <Show of={compliance}>
        {(found) => (
          <>
            <p class="lead">{t().lead(found.directive)}</p>
            <dl class="figures">
              <Figure name={t().verdict} value={verdictText(found.verdict)} />
              <Figure
                name={t().score}
                value={
                  found.score === null ? format.none : format.percent(found.score / 100, lang, 1)
                }
              />
              <Figure
                name={t().size}
                value={format.number(found.population_equivalent, 0, lang)}
                note={t().pe}
              />
            </dl>
            <Now found={found} />
            <Samples found={found} />
            <Report />
          </>
        )}
      </Show>
    </div>
  );
}

export default {
  title: () => t().title,
  icon: "M4 3h12v14H4zM7 8l2 2 4-4M7 14h6",
  order: 50,
  available: () => parts.value.compliance,
  view: CompliancePage,
} satisfies Page;
