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
import { Around } from "./around.tsx";
import { symptom, t } from "./texts.ts";

function when(ms: number): string {
  return format.time(ms, "full", language.value, zone.value);
}

function Head({ finding }: { finding: Finding }) {
  const lang = language.value;
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

function SuspectRow({ suspect, most }: { suspect: Suspect; most: number }) {
  const lang = language.value;
  const info = series.value.get(suspect.series);
  const decimals = info?.decimals ?? 2;
  const text = (v: number) => format.number(v, decimals, lang);
  const band = suspect.high > suspect.low ? { low: suspect.low, high: suspect.high } : null;
  return (
    <tr>
      <th scope="row">
        <a href={link("sensor", suspect.series)}>{info ? nameOf(info.id) : suspect.name}</a>
      </th>
      <td data-label={t().share}>
        <span class="share">
          <span class="share-bar" aria-hidden="true">
            <span style={{ width: `${(100 * suspect.share) / most}%` }} />
          </span>
          <b>{format.percent(suspect.share, lang)}</b>
        </span>
      </td>
      <td class="num" data-label={t().contribution}>
        {suspect.contribution === 0 ? format.none : format.number(suspect.contribution, 3, lang)}
      </td>
      <td class="num" data-label={t().value}>
        <span class="value">{text(suspect.value)}</span>
      </td>
      <td data-label={t().expected}>
        <div class="band-cell">
          <Analog value={suspect.value} range={{ low: null, high: null }} band={band} limits={[]} />
          <span class="quiet">
            {text(suspect.expected)}
            {band && ` (${text(band.low)} – ${text(band.high)})`} {format.unit(info?.unit ?? "")}
          </span>
        </div>
      </td>
    </tr>
  );
}

function Suspects({ finding }: { finding: Finding }) {
  const most = Math.max(...finding.suspects.map((s) => s.share), 1e-9);
  return (
    <section class="panel">
      <h2>{t().suspects}</h2>
      <div class="table-box">
        <table class="cards suspects">
          <thead>
            <tr>
              <th scope="col">{t().suspects}</th>
              <th scope="col">{t().share}</th>
              <th scope="col" class="num">
                {t().contribution}
              </th>
              <th scope="col" class="num">
                {t().value}
              </th>
              <th scope="col">{t().expected}</th>
            </tr>
          </thead>
          <tbody>
            {finding.suspects.slice(0, 8).map((suspect) => (
              <SuspectRow key={suspect.series} suspect={suspect} most={most} />
            ))}
          </tbody>
        </table>
      </div>
      <p class="quiet">{t().suspects_help}</p>
    </section>
  );
}

function EvidenceTable({ finding }: { finding: Finding }) {
  const lang = language.value;
  return (
    <section class="panel">
      <h2>{t().evidence}</h2>
      <div class="table-box">
        <table class="cards">
          <thead>
            <tr>
              <th scope="col">{t().symptom}</th>
              <th scope="col">{t().detector}</th>
              <th scope="col">{common().sensor}</th>
              <th scope="col" class="num">
                {t().score}
              </th>
              <th scope="col">{t().since}</th>
            </tr>
          </thead>
          <tbody>
            {finding.evidence.map((e, i) => (
              <tr
                key={`${e.detector} ${e.symptom} ${e.series} ${i}`}
                class={e.active ? "" : "gone"}
              >
                <th scope="row">{symptom(e.symptom)}</th>
                <td data-label={t().detector}>{e.detector}</td>
                <td data-label={common().sensor} class="evidence-of">
                  {e.series === null ? t().plant_wide : nameOf(e.series)}
                </td>
                <td class="num" data-label={t().score}>
                  {format.number(e.score, 2, lang)}
                </td>
                <td data-label={t().since}>
                  <span>
                    {format.time(e.since_ms, "time", lang, zone.value)}{" "}
                    <span class="quiet">{e.active ? t().active : t().past}</span>
                  </span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
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
        </div>
      )}
    </Show>
  );
}
