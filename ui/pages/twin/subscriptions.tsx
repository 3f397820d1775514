import { useSignal } from "@preact/signals";
import * as format from "../../src/format.ts";
import { language } from "../../src/i18n.ts";
import { useResource } from "../../src/resource.ts";
import { link } from "../../src/router.ts";
import { Glyph } from "../../src/widgets/glyph.tsx";
import { Paging } from "../../src/widgets/paging.tsx";
import { Empty } from "../../src/widgets/show.tsx";
import { Table } from "../../src/widgets/table.tsx";
import { Confirm, Refused, useAct } from "./act.tsx";
import { broker, type Selector, type Subscription, scope } from "./broker.ts";
import { Notices } from "./notices.tsx";
import { limit, Told, When } from "./parts.tsx";
import { named, t } from "./texts.ts";

export function selectorText({ id, idPattern, type, typePattern }: Selector): string {
  const who =
    id ??
    (idPattern === undefined || idPattern === ".*" ? t().every_entity : t().id_like(idPattern));
  const what = type ?? typePattern;
  return what === undefined ? who : `${who} ${t().of_type(what)}`;
}

/** Whom it tells: an address, or whoever watches. */
function receiverText({ notification: n }: Subscription): string {
  const receiver = n.http ?? n.httpCustom ?? n.mqtt ?? n.mqttCustom;
  if (!receiver?.url) return t().only_here;
  return receiver.topic === undefined ? receiver.url : `${receiver.url} ${receiver.topic}`;
}

/** Its last try failed, and it is still to be tried. */
function isFailing({ notification: n, status }: Subscription): boolean {
  return status !== "expired" && n.lastFailure !== undefined && (n.failsCounter ?? 0) > 0;
}

function Status({ of }: { of: Subscription }) {
  const failing = isFailing(of);
  return (
    <span class="row twin-status">
      {failing && <Glyph priority="medium" quiet />}
      <span class={`tag${of.status === "active" ? "" : " strong"}`}>{named(of.status)}</span>
      {failing && <span>{t().failed}</span>}
    </span>
  );
}

function Subject({ of }: { of: Subscription }) {
  const { entities, condition } = of.subject;
  return (
    <>
      {entities.map(selectorText).join(", ")}
      {condition?.attrs && condition.attrs.length > 0 && (
        <span class="quiet"> · {t().whenever(condition.attrs.join(", "))}</span>
      )}
      {condition?.expression && (
        <span class="quiet"> · {Object.values(condition.expression).join("; ")}</span>
      )}
    </>
  );
}

function List({ of }: { of: readonly Subscription[] }) {
  const count = (value: number | undefined) => format.number(value ?? 0, 0, language.value);
  return (
    <Table
      rows={of}
      keyOf={({ id }) => id}
      columns={[
        {
          head: t().description,
          cell: ({ description, id }) => (
            <a href={link("twin", `subscriptions/${id}`)}>{description || id}</a>
          ),
        },
        {
          head: t().watches,
          cell: (one) => (
            <span>
              <Subject of={one} />
            </span>
          ),
        },
        { head: t().receiver, class: "twin-cell twin-address", cell: receiverText },
        { head: t().status, cell: (one) => <Status of={one} /> },
        { head: t().sent, num: true, cell: ({ notification: n }) => count(n.timesSent) },
        { head: t().fails, num: true, cell: ({ notification: n }) => count(n.failsCounter) },
        {
          head: t().last_sent,
          class: "quiet twin-when",
          cell: ({ notification: n }) => <When iso={n.lastNotification} />,
        },
      ]}
    />
  );
}

/** Every subscription of the tenant, with how it fares. */
export function Subscriptions() {
  const offset = useSignal(0);
  const found = useResource(
    () => broker.subscriptions(offset.peek(), limit),
    [scope.value, offset.value],
    2000,
  );
  return (
    <section class="panel stack" aria-label={t().subscriptions}>
      <div class="twin-head">
        <span />
        <a class="button" href={link("twin", "subscriptions/new")}>
          + {t().new_subscription}
        </a>
      </div>
      <Told of={found}>
        {({ subscriptions, total }) =>
          total === 0 ? (
            <Empty>{t().no_subscriptions}</Empty>
          ) : (
            <>
              <List of={subscriptions} />
              <Paging
                limit={limit}
                offset={offset.value}
                total={total}
                onOffset={(to) => {
                  offset.value = to;
                }}
              />
            </>
          )
        }
      </Told>
    </section>
  );
}

function Facts({ of }: { of: Subscription }) {
  const n = of.notification;
  const attrs = n.attrs && n.attrs.length > 0 ? n.attrs.join(", ") : t().tell_all;
  return (
    <dl class="pairs">
      <dt>{t().status}</dt>
      <dd>
        <Status of={of} />
      </dd>
      <dt>{t().watches}</dt>
      <dd>
        <Subject of={of} />
      </dd>
      <dt>{t().receiver}</dt>
      <dd>{receiverText(of)}</dd>
      <dt>{t().what}</dt>
      <dd>
        {attrs}
        {n.exceptAttrs && ` ≠ ${n.exceptAttrs.join(", ")}`}
        {n.onlyChangedAttrs && `, ${t().only_changed}`} <span class="quiet">{n.attrsFormat}</span>
      </dd>
      {of.throttling !== undefined && (
        <>
          <dt>{t().throttling}</dt>
          <dd>{of.throttling}</dd>
        </>
      )}
      {of.expires && (
        <>
          <dt>{t().expires}</dt>
          <dd>
            <When iso={of.expires} />
          </dd>
        </>
      )}
      <dt>{t().sent}</dt>
      <dd>{n.timesSent ?? 0}</dd>
      <dt>{t().last_sent}</dt>
      <dd>
        <When iso={n.lastNotification} />
      </dd>
      {n.lastFailure && (
        <>
          <dt>{t().last_failure}</dt>
          <dd>
            <When iso={n.lastFailure} /> {n.lastFailureReason}
          </dd>
          <dt>{t().fails}</dt>
          <dd>{n.failsCounter ?? 0}</dd>
        </>
      )}
    </dl>
  );
}

/** One subscription: how it fares, pause and end, and its notifications as they come. */
export function OneSubscription({ id }: { id: string }) {
  const found = useResource(() => broker.subscription(id), [id, scope.value], 1000);
  const act = useAct();
  const asked = useSignal(false);
  const toList = link("twin", "subscriptions");
  return (
    <>
      <a class="button twin-back" href={toList}>
        ← {t().back_to_subscriptions}
      </a>
      <Told of={found}>
        {(it) => {
          const isActive = it.status === "active" || it.status === "oneshot";
          return (
            <>
              <section class="panel stack" aria-label={it.description || it.id}>
                <div class="page-head">
                  <div>
                    <h2 class="twin-id">{it.description || it.id}</h2>
                    {it.description && <p class="quiet">{it.id}</p>}
                  </div>
                  <div class="row">
                    {it.status !== "expired" && (
                      <button
                        type="button"
                        disabled={act.busy.value}
                        onClick={() =>
                          void act.run(
                            () => broker.setStatus(id, isActive ? "inactive" : "active"),
                            found.reload,
                          )
                        }
                      >
                        {isActive ? t().pause : t().resume}
                      </button>
                    )}
                    <button
                      type="button"
                      onClick={() => {
                        asked.value = true;
                      }}
                    >
                      {t().remove}
                    </button>
                  </div>
                </div>
                <Refused text={act.error.value} />
                <Facts of={it} />
              </section>
              <Notices key={id} id={id} />
            </>
          );
        }}
      </Told>
      {asked.value && (
        <Confirm
          title={t().remove}
          text={t().really_subscription}
          doing={() => broker.unsubscribe(id)}
          onDone={() => {
            location.hash = toList;
          }}
          onClose={() => {
            asked.value = false;
          }}
        />
      )}
    </>
  );
}
