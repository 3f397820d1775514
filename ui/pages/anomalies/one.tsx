import { api, type Finding, type Label, type Suspect } from "../../src/api.ts";
import * as format from "../../src/format.ts";
import { language, say } from "../../src/i18n.ts";
import { status } from "../../src/live.ts";
import { nameOf, series, zone } from "../../src/plant.ts";
import { useResource } from "../../src/resource.ts";
import { link } from "../../src/router.ts";
import { t as common, word } from "../../src/texts/common.ts";
import { Analog } from "../../src/widgets/analog.tsx";
import { Show } from "../../src/widgets/show.tsx";
import { Table } from "../../src/widgets/table.tsx";
import { Around } from "./around.tsx";
import { Cases } from "./cases.tsx";
import { symptom, t } from "./texts.ts";

function when(ms: number): string {
  return format.time(ms, "full", language.value, zone.value);
}

function Head({ finding }: { finding: Finding }) {
  const lang = language.value;
  const { first } = finding;
  const delay = format.duration((finding.detected_ms - finding.onset_ms) / 1000, lang);
  return (
    <section class="panel stack">
      <div class="row">
        <span class="tag strong">{say(finding.kind_name)}</span>
        <span>
          {t().confidence} <b>{format.percent(finding.confidence, lang)}</b>
        </span>
        {finding.second && <span class="quiet">{t().second(word(finding.second))}</span>}
      </div>
      <p class="sentence">{say(finding.sentence)}</p>
      <ol class="life">
        <li>
          <b>{t().onset}</b>
          <time>{when(finding.onset_ms)}</time>
        </li>
        {first && (
          <li>
            <b>{t().first}</b>
            <a href={link("sensor", first.series)}>
              {series.value.has(first.series) ? nameOf(first.series) : first.name}
            </a>
            <span class="quiet">
              {say(first.stage_name) || first.stage}{" "}
              {format.time(first.since_ms, "time", lang, zone.value)}
            </span>
          </li>
        )}
        <li>
          <b>{t().detected}</b>
          <time>{when(finding.detected_ms)}</time>
          <span class="quiet">{t().after(delay)}</span>
        </li>
        <li>
          <b>{t().over}</b>
          {finding.closed_ms === null ? (
            <span>{t().lasts}</span>
          ) : (
            <time>{when(finding.closed_ms)}</time>
          )}
        </li>
        <li>
          <b>{t().score}</b>
          <span>{format.number(finding.score, 2, lang)}</span>
          {finding.forest_score !== 0 && (
            <span class="quiet">
              {t().forest} {format.number(finding.forest_score, 3, lang)}
            </span>
          )}
        </li>
      </ol>
    </section>
  );
}

function Share({ share, most }: { share: number; most: number }) {
  return (
    <span class="share">
      <span class="share-bar" aria-hidden="true">
        <span style={{ width: `${(100 * share) / most}%` }} />
      </span>
      <b>{format.percent(share, language.value)}</b>
    </span>
  );
}

/** A suspect's number, as fine as its sensor. */
function numberOf(suspect: Suspect, value: number | null): string {
  return format.number(value, series.value.get(suspect.series)?.decimals ?? 2, language.value);
}

function Expected({ of }: { of: Suspect }) {
  const { low, high } = of;
  const band = low !== null && high !== null && high > low ? { low, high } : null;
  return (
    <div class="band-cell">
      <Analog value={of.value} range={{ low: null, high: null }} band={band} limits={[]} />
      <span class="quiet">
        {numberOf(of, of.expected)}
        {band && ` (${numberOf(of, band.low)} – ${numberOf(of, band.high)})`}{" "}
        {format.unit(series.value.get(of.series)?.unit ?? "")}
      </span>
    </div>
  );
}

function Suspects({ finding }: { finding: Finding }) {
  const most = Math.max(...finding.suspects.map((s) => s.share), 1e-9);
  const name = (of: Suspect) => (series.value.has(of.series) ? nameOf(of.series) : of.name);
  return (
    <section class="panel">
      <h2>{t().suspects}</h2>
      <Table
        class="suspects"
        rows={finding.suspects.slice(0, 8)}
        keyOf={(of) => of.series}
        columns={[
          { head: t().suspects, cell: (of) => <a href={link("sensor", of.series)}>{name(of)}</a> },
          { head: t().share, cell: ({ share }) => <Share share={share} most={most} /> },
          {
            head: t().contribution,
            num: true,
            cell: ({ contribution }) =>
              contribution === 0 ? format.none : format.number(contribution, 3, language.value),
          },
          {
            head: t().value,
            num: true,
            cell: (of) => <span class="value">{numberOf(of, of.value)}</span>,
          },
          { head: t().expected, cell: (of) => <Expected of={of} /> },
        ]}
      />
      <p class="quiet">{t().suspects_help}</p>
    </section>
  );
}

function EvidenceTable({ finding }: { finding: Finding }) {
  const lang = language.value;
  return (
    <section class="panel">
      <h2>{t().evidence}</h2>
      <Table
        rows={finding.evidence}
        keyOf={(e, i) => `${e.detector} ${e.symptom} ${e.series} ${i}`}
        rowClass={(e) => (e.active ? undefined : "gone")}
        columns={[
          { head: t().symptom, cell: (e) => symptom(e.symptom) },
          { head: t().detector, cell: (e) => e.detector },
          {
            head: common().sensor,
            class: "evidence-of",
            cell: (e) => (e.series === null ? t().plant_wide : nameOf(e.series)),
          },
          { head: t().score, num: true, cell: (e) => format.number(e.score, 2, lang) },
          {
            head: t().since,
            cell: (e) => (
              <span>
                {format.time(e.since_ms, "time", lang, zone.value)}{" "}
                <span class="quiet">{e.active ? t().active : t().past}</span>
              </span>
            ),
          },
        ]}
      />
    </section>
  );
}

function LabelText({ label, finding }: { label: Label; finding: Finding }) {
  const right = label.kind === finding.kind;
  return (
    <li class="stack">
      <p>
        <b>{say(label.text) || label.scenario}</b>
      </p>
      <p>{right ? t().truth_right : t().truth_wrong(say(label.kind_name))}</p>
      <dl class="pairs">
        <dt>{t().kind}</dt>
        <dd>{say(label.kind_name)}</dd>
        <dt>{t().when}</dt>
        <dd>{t().truth_of(when(label.start_ms), when(label.end_ms))}</dd>
        {label.direct.length > 0 && (
          <>
            <dt>{t().direct}</dt>
            <dd>{label.direct.join(", ")}</dd>
          </>
        )}
        {label.consequences.length > 0 && (
          <>
            <dt>{t().consequences}</dt>
            <dd>{label.consequences.join(", ")}</dd>
          </>
        )}
      </dl>
    </li>
  );
}

function Truth({ finding }: { finding: Finding }) {
  const { truth } = finding;
  if (!truth) return null;
  return (
    <section class="panel">
      <h2>{t().truth}</h2>
      {!truth.known && <p class="quiet">{t().truth_unknown}</p>}
      {truth.known && truth.labels.length === 0 && <p>{t().truth_none}</p>}
      <ul class="stack">
        {truth.labels.map((label) => (
          <LabelText key={label.id} label={label} finding={finding} />
        ))}
      </ul>
    </section>
  );
}

/** One finding, and everything that speaks for it. */
export function One({ id }: { id: number }) {
  const version = status.value?.versions.findings ?? 0;
  const found = useResource(() => api.finding(id), [id, version]);
  return (
    <Show of={found}>
      {(finding) => (
        <div class="page">
          <Head finding={finding} />
          {finding.suspects.length > 0 && <Suspects finding={finding} />}
          <div class="columns evidence-columns">
            <EvidenceTable finding={finding} />
            <Truth finding={finding} />
          </div>
          <Around finding={finding} />
          {finding.rule === undefined && <Cases finding={finding} />}
        </div>
      )}
    </Show>
  );
}
