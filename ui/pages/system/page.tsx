import { api, type SystemStatus } from "../../src/api.ts";
import * as format from "../../src/format.ts";
import { colon, language, texts } from "../../src/i18n.ts";
import type { Page } from "../../src/page.ts";
import { zone } from "../../src/plant.ts";
import { useResource } from "../../src/resource.ts";
import { Empty, Figure, Show } from "../../src/widgets/show.tsx";
import { Table } from "../../src/widgets/table.tsx";
import "./page.css";

const t = texts(
  {
    title: "System",
    rate: "Readings",
    per_s: "per second",
    taken: (n: string) => `${n} taken`,
    refused: "Refused",
    memory: "Memory",
    cpu: "Processor time",
    uptime: "Running for",
    since: (when: string) => `since ${when}`,
    serving: (time: string) => `first page could be had after ${time}`,
    pages: "Pages open",
    version: (v: string) => `Sosie ${v}`,
    queues: "Queues",
    queue: "Queue",
    filled: "Filled",
    sources: "Sources",
    source: "Source",
    kind: "Kind",
    state: "State",
    running: "running",
    waiting: "waiting",
    ended: "ended",
    listening: "listening",
    readings: "Readings",
    troubles: "Failed attempts",
    error: "Last error",
    notifier: "Notifier",
    sinks: "Sinks",
    sink: "Sink",
    starting: "starting",
    behind: "catching up",
    off: "left out",
    unset: (variable: string) => `${variable} is not set`,
    set: (variable: string) => `${variable} is set`,
    lane: "to be judged",
    journal: "to disk",
    lag: "Behind",
    sent: "Sent",
    last_success: "Last success",
    none: "None.",
    store: "Store",
    file: "File",
    size: "Size",
    span: "Holds",
    commits: "Commits",
    last_commit: "Last commit",
    quarantine: "Quarantine",
    quarantine_help: (n: string) => `What was refused, and why: ${n} in all.`,
    none_refused: "Nothing was refused.",
    when: "When",
    where: "Where",
    reason: "Reason",
    sample: "Sample",
  },
  {
    title: "Système",
    rate: "Mesures",
    per_s: "par seconde",
    taken: (n: string) => `${n} prises`,
    refused: "Refusées",
    memory: "Mémoire",
    cpu: "Temps processeur",
    uptime: "En marche depuis",
    since: (when: string) => `depuis le ${when}`,
    serving: (time: string) => `première page disponible après ${time}`,
    pages: "Pages ouvertes",
    version: (v: string) => `Sosie ${v}`,
    queues: "Files",
    queue: "File",
    filled: "Remplie",
    sources: "Sources",
    source: "Source",
    kind: "Type",
    state: "État",
    running: "en marche",
    waiting: "en attente",
    ended: "terminée",
    listening: "à l'écoute",
    readings: "Mesures",
    troubles: "Tentatives en échec",
    error: "Dernière erreur",
    notifier: "Notification",
    sinks: "Destinations",
    sink: "Destination",
    starting: "démarre",
    behind: "rattrape son retard",
    off: "laissée de côté",
    unset: (variable: string) => `${variable} n'est pas définie`,
    set: (variable: string) => `${variable} est définie`,
    lane: "à juger",
    journal: "vers le disque",
    lag: "Retard",
    sent: "Envoyées",
    last_success: "Dernier succès",
    none: "Aucune.",
    store: "Stockage",
    file: "Fichier",
    size: "Taille",
    span: "Contient",
    commits: "Transactions",
    last_commit: "Dernière transaction",
    quarantine: "Quarantaine",
    quarantine_help: (n: string) => `Ce qui a été refusé, et pourquoi : ${n} en tout.`,
    none_refused: "Rien n'a été refusé.",
    when: "Quand",
    where: "Où",
    reason: "Raison",
    sample: "Extrait",
  },
);

function count(n: number): string {
  return format.number(n, 0, language.value);
}

function Numbers({ it }: { it: SystemStatus }) {
  const lang = language.value;
  return (
    <dl class="figures">
      <Figure
        name={t().rate}
        value={format.significant(it.readings.per_s, 3, lang)}
        note={`${t().per_s} · ${t().taken(count(it.readings.taken))}`}
      />
      <Figure name={t().refused} value={count(it.readings.refused)} />
      <Figure name={t().memory} value={format.bytes(it.memory_bytes, lang)} />
      <Figure
        name={t().cpu}
        value={format.duration(it.cpu_s, lang)}
        note={format.percent(it.uptime_s > 0 ? it.cpu_s / it.uptime_s : null, lang, 1)}
      />
      <Figure
        name={t().uptime}
        value={format.duration(it.uptime_s, lang)}
        note={`${t().since(format.time(it.started_ms, "short", lang, zone.value))} · ${t().serving(
          format.duration(it.start_to_serving_s, lang),
        )}`}
      />
      <Figure name={t().pages} value={count(it.pages_open)} note={t().version(it.version)} />
    </dl>
  );
}

function stateWord(state: string): string {
  if (state === "running") return t().running;
  if (state === "listening") return t().listening;
  if (state === "waiting") return t().waiting;
  if (state === "starting") return t().starting;
  if (state === "behind") return t().behind;
  if (state === "off") return t().off;
  return state === "ended" ? t().ended : state;
}

/** Why a sink is left out is one of two sentences; what a server or library said stays as it is. */
function errorText(error: string): string {
  const [, variable, not] = /^(\w+) is (not )?set$/.exec(error) ?? [];
  if (variable === undefined) return error || format.none;
  return not ? t().unset(variable) : t().set(variable);
}

function queueName(name: string): string {
  if (name === "lane") return t().lane;
  return name === "journal" ? t().journal : name;
}

type Source = SystemStatus["sources"][number];

/** One that waits for somebody is seen at once. */
function State({ is }: { is: string }) {
  return is === "waiting" ? <span class="tag strong">{stateWord(is)}</span> : stateWord(is);
}

function Sources({ sources }: { sources: readonly Source[] }) {
  const hasLag = sources.some(({ lag }) => lag !== undefined);
  const lagOf = (lag: number | undefined) => (lag === undefined ? format.none : count(lag));
  return (
    <section class="panel">
      <h2>{t().sources}</h2>
      {sources.length === 0 ? (
        <Empty>{t().none}</Empty>
      ) : (
        <Table
          rows={sources}
          keyOf={({ name }) => name}
          columns={[
            { head: t().source, cell: ({ name }) => name },
            { head: t().kind, cell: ({ kind }) => kind },
            { head: t().state, cell: ({ state }) => <State is={state} /> },
            { head: t().readings, num: true, cell: ({ readings }) => count(readings) },
            { head: t().refused, num: true, cell: ({ refused }) => count(refused) },
            ...(hasLag
              ? [{ head: t().lag, num: true, cell: ({ lag }: Source) => lagOf(lag) }]
              : []),
            { head: t().troubles, num: true, cell: ({ troubles }) => count(troubles) },
            { head: t().error, class: "quiet", cell: ({ error }) => error || format.none },
          ]}
        />
      )}
    </section>
  );
}

function Sinks({ sinks }: { sinks: SystemStatus["sinks"] }) {
  const when = (ms: number | null) => format.time(ms, "short", language.value, zone.value);
  return (
    <section class="panel">
      <h2>{t().sinks}</h2>
      <Table
        rows={sinks}
        keyOf={({ name }) => name}
        columns={[
          { head: t().sink, cell: ({ name }) => name },
          { head: t().state, cell: ({ state }) => <State is={state} /> },
          { head: t().lag, num: true, cell: ({ lag }) => count(lag) },
          { head: t().sent, num: true, cell: ({ sent }) => count(sent) },
          { head: t().refused, num: true, cell: ({ refused }) => count(refused) },
          { head: t().last_success, cell: ({ last_success_ms }) => when(last_success_ms) },
          { head: t().error, class: "quiet", cell: ({ error }) => errorText(error) },
        ]}
      />
    </section>
  );
}

function Queues({ it }: { it: SystemStatus }) {
  return (
    <section class="panel">
      <h2>{t().queues}</h2>
      <div class="table-box">
        <table>
          <thead>
            <tr>
              <th scope="col">{t().queue}</th>
              <th scope="col">{t().filled}</th>
            </tr>
          </thead>
          <tbody>
            {it.queues.map((queue) => (
              <tr key={queue.name}>
                <th scope="row">{queueName(queue.name)}</th>
                <td>
                  <span class="fill">
                    <meter
                      min={0}
                      max={queue.capacity}
                      value={queue.size}
                      aria-label={`${queueName(queue.name)}: ${t().filled}`}
                    />
                    {count(queue.size)} / {count(queue.capacity)}
                  </span>
                </td>
              </tr>
            ))}
            {it.notifiers.map((notifier) => (
              <tr key={notifier.name}>
                <th scope="row">
                  {notifier.name} <span class="quiet">{t().notifier}</span>
                </th>
                <td>
                  {t().lag}
                  {colon()} {count(notifier.lag)} <span class="quiet">{notifier.error}</span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Store({ store }: { store: SystemStatus["store"] }) {
  const lang = language.value;
  const when = (ms: number | null) => format.time(ms, "full", lang, zone.value);
  return (
    <section class="panel">
      <h2>{t().store}</h2>
      <dl class="pairs">
        <dt>{t().file}</dt>
        <dd>{store.file}</dd>
        <dt>{t().size}</dt>
        <dd>{format.bytes(store.bytes, lang)}</dd>
        <dt>{t().span}</dt>
        <dd>
          {when(store.oldest_ms)} – {when(store.newest_ms)}
        </dd>
        <dt>{t().commits}</dt>
        <dd>{count(store.commits)}</dd>
        <dt>{t().last_commit}</dt>
        <dd>{when(store.last_commit_ms)}</dd>
        {store.error && (
          <>
            <dt>{t().error}</dt>
            <dd class="failed">{store.error}</dd>
          </>
        )}
      </dl>
    </section>
  );
}

function QuarantinePanel() {
  const quarantine = useResource(() => api.quarantine(100), [], 10_000);
  const when = (ms: number) => format.time(ms, "short", language.value, zone.value);
  return (
    <section class="panel">
      <h2>{t().quarantine}</h2>
      <Show of={quarantine}>
        {({ total, rows }) =>
          rows.length === 0 ? (
            <Empty>{t().none_refused}</Empty>
          ) : (
            <>
              <p class="quiet">{t().quarantine_help(count(total))}</p>
              <Table
                rows={rows}
                nameless
                keyOf={({ t: at }, i) => `${at} ${i}`}
                columns={[
                  { head: t().when, cell: (row) => when(row.t) },
                  { head: t().source, cell: ({ source }) => source },
                  { head: t().where, cell: ({ where }) => where },
                  { head: t().reason, cell: ({ reason }) => reason },
                  { head: t().sample, cell: ({ sample }) => <code>{sample}</code> },
                ]}
              />
            </>
          )
        }
      </Show>
    </section>
  );
}

function SystemPage() {
  const system = useResource(() => api.system(), [], 2000);
  return (
    <div class="page">
      <h1>{t().title}</h1>
      <Show of={system}>
        {(it) => (
          <>
            <Numbers it={it} />
            <Sources sources={it.sources} />
            {it.sinks.length > 0 && <Sinks sinks={it.sinks} />}
            <div class="columns">
              <Queues it={it} />
              <Store store={it.store} />
            </div>
          </>
        )}
      </Show>
      <QuarantinePanel />
    </div>
  );
}

export default {
  title: () => t().title,
  icon: "M3 4h14v5H3zM3 11h14v5H3zM6 6.5h1M6 13.5h1M10 6.5h4M10 13.5h4",
  order: 90,
  view: SystemPage,
} satisfies Page;
