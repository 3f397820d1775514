import { useSignal } from "@preact/signals";
import { api, type ReceivedAlert, type ReceivedAlerts } from "../../src/api.ts";
import * as format from "../../src/format.ts";
import { language, say } from "../../src/i18n.ts";
import { status } from "../../src/live.ts";
import type { Page } from "../../src/page.ts";
import { plant, zone } from "../../src/plant.ts";
import { useResource } from "../../src/resource.ts";
import { link } from "../../src/router.ts";
import { t as common } from "../../src/texts/common.ts";
import { Glyph } from "../../src/widgets/glyph.tsx";
import { Empty, Figure, Segments, Show } from "../../src/widgets/show.tsx";
import "./page.css";
import { t } from "./texts.ts";

function at(ms: number | null): string {
  return format.time(ms, "short", language.value, zone.value);
}

function count(n: number): string {
  return format.number(n, 0, language.value);
}

/** As it came, asked when somebody wants to see it. */
function Raw({ alert }: { alert: ReceivedAlert }) {
  const text = useSignal<string | null>(null);
  const failed = useSignal<string | null>(null);
  const load = async (event: Event) => {
    if (!(event.currentTarget as HTMLDetailsElement).open) return;
    try {
      const { raw } = await api.receivedAlert(alert.id);
      failed.value = null;
      try {
        text.value = JSON.stringify(JSON.parse(raw), null, 2);
      } catch {
        text.value = `${raw}\n\n${t().cut}`;
      }
    } catch (cause) {
      failed.value = (cause as Error).message;
    }
  };
  return (
    <details onToggle={load}>
      <summary class="quiet">{t().raw}</summary>
      {failed.value !== null && <p class="failed">{common().failed(failed.value)}</p>}
      {text.value !== null && <pre>{text.value}</pre>}
    </details>
  );
}

function PassedOn({ alert }: { alert: ReceivedAlert }) {
  return (
    <>
      {alert.passed_on.map(({ notifier, told_ms }) => (
        <span key={notifier}>
          {told_ms === null ? t().waits(notifier) : t().told(notifier, at(told_ms))}
        </span>
      ))}
    </>
  );
}

/** What it is about, unless the message says so itself. */
function About({ alert }: { alert: ReceivedAlert }) {
  const message = say(alert.message);
  const values = alert.values.filter(({ value }) => value !== "" && !message.includes(value));
  return (
    <>
      {values.map(({ name, value }) => (
        <span key={`${name} ${value}`}>
          {name} <span class="value">{value}</span>
        </span>
      ))}
    </>
  );
}

function Row({ alert }: { alert: ReceivedAlert }) {
  const { source, subscription, entity } = alert;
  const message = say(alert.message);
  return (
    <li class="received">
      <Glyph priority={alert.priority} hollow={alert.over} />
      <div class="received-text">
        <p class="received-head">
          {entity !== "" && !message.includes(entity) && <strong>{entity}</strong>}
          <span>{message}</span>
          <About alert={alert} />
        </p>
        <p class="quiet">
          <span>
            {t()[source]}
            {alert.type !== "" && ` · ${alert.type}`}
          </span>
          {source === "ngsi" && subscription !== "" && (
            <span>{t().subscription(subscription)}</span>
          )}
          {source === "alertmanager" && subscription !== "" && <span>{t().to(subscription)}</span>}
          <PassedOn alert={alert} />
        </p>
        <Raw alert={alert} />
      </div>
      <div class="received-times quiet">
        <time title={format.time(alert.last_ms, "full", language.value, zone.value)}>
          {at(alert.last_ms)}
        </time>
        {alert.count > 1 && (
          <span>
            {t().times(count(alert.count))}, {t().first(at(alert.first_ms))}
          </span>
        )}
        {alert.over && <span class="tag">{t().over}</span>}
      </div>
    </li>
  );
}

/** How to send the first one. */
function Try() {
  const address = new URL("alerts/in", document.baseURI).href;
  const body = '{"message": "Too warm", "entity": "Room1", "value": 31.5, "severity": "high"}';
  return (
    <div class="try stack">
      <p>{t().none}</p>
      <p>{t().none_help}</p>
      <pre>{`curl ${address} -d '${body}'`}</pre>
      <p>{t().none_ngsi}</p>
      <pre>{address}</pre>
    </div>
  );
}

function Figures({ of }: { of: ReceivedAlerts }) {
  const { notifiers } = of;
  return (
    <dl class="figures">
      <Figure name={t().received} value={count(of.received)} note={t().since_start} />
      <Figure
        name={t().refused}
        value={count(of.refused)}
        note={of.refused > 0 ? <a href={link("system")}>{t().refused_note}</a> : t().since_start}
      />
      {notifiers.map(({ name, told, waiting, error }) => (
        <Figure
          key={name}
          name={`${t().passing_on} ${name}`}
          value={count(told)}
          note={
            waiting > 0 ? `${t().waiting(count(waiting))}${error && `: ${error}`}` : t().since_start
          }
        />
      ))}
      {notifiers.length === 0 && (
        <Figure name={t().passing_on} value={t().nobody} note={t().nobody_note} />
      )}
    </dl>
  );
}

type Tab = "all" | "open";

function List({ of, tab }: { of: ReceivedAlerts; tab: Tab }) {
  const shown = tab === "open" ? of.alerts.filter((alert) => !alert.over) : of.alerts;
  return (
    <section class="panel">
      {of.total === 0 && <Try />}
      {of.total > 0 && shown.length === 0 && <Empty>{t().none_open}</Empty>}
      <ul>
        {shown.map((alert) => (
          <Row key={alert.id} alert={alert} />
        ))}
      </ul>
      {of.alerts.length < of.total && (
        <p class="quiet">{t().shown(count(of.alerts.length), count(of.total))}</p>
      )}
    </section>
  );
}

function AlertsPage({ argument }: { argument: string }) {
  const tab: Tab = argument === "open" ? "open" : "all";
  const version = status.value?.versions.received ?? 0;
  const received = useResource(() => api.receivedAlerts(), [version]);
  const open = received.value.value?.open ?? 0;
  const total = received.value.value?.total ?? 0;
  return (
    <div class="page">
      <div class="page-head">
        <h1>{t().title}</h1>
        <Segments
          name={t().title}
          choices={[
            { value: "all" as Tab, label: `${t().all} (${count(total)})` },
            { value: "open" as Tab, label: `${t().open} (${count(open)})` },
          ]}
          chosen={tab}
          onChoose={(choice) => {
            location.hash = link("alerts", choice === "all" ? "" : choice);
          }}
        />
      </div>
      <Show of={received}>
        {(of) => (
          <>
            <p class="lead">{t().help(format.duration(of.fold_s, language.value))}</p>
            <List of={of} tab={tab} />
            <Figures of={of} />
          </>
        )}
      </Show>
    </div>
  );
}

export default {
  title: () => t().title,
  icon: "M3 4h14v12H3zM3 5l7 6 7-6",
  order: 35,
  available: () => plant.value?.receives_alerts ?? false,
  view: AlertsPage,
} satisfies Page;
