import { useSignal } from "@preact/signals";
import { useResource } from "../../src/resource.ts";
import { Paging } from "../../src/widgets/paging.tsx";
import { Empty } from "../../src/widgets/show.tsx";
import { Table } from "../../src/widgets/table.tsx";
import { Confirm } from "./act.tsx";
import { broker, type Registration, scope } from "./broker.ts";
import { limit, Told } from "./parts.tsx";
import { selectorText } from "./subscriptions.tsx";
import { named, t } from "./texts.ts";

const nameOf = ({ description, id }: Registration) => description || id;

function Provides({ of }: { of: Registration }) {
  const { entities, attrs = [] } = of.dataProvided;
  return (
    <span>
      {entities.map(selectorText).join(", ")}
      {attrs.length > 0 && <span class="quiet"> · {attrs.join(", ")}</span>}
    </span>
  );
}

function List(props: { of: readonly Registration[]; onRemove: (id: string) => void }) {
  return (
    <Table
      rows={props.of}
      keyOf={({ id }) => id}
      columns={[
        { head: t().description, cell: nameOf },
        { head: t().provides, cell: (one) => <Provides of={one} /> },
        { head: t().provider, class: "twin-cell", cell: ({ provider }) => provider.http?.url },
        {
          head: t().mode,
          cell: ({ provider }) => named(`mode_${provider.supportedForwardingMode ?? "all"}`),
        },
        {
          head: t().status,
          cell: ({ status }) => (
            <span class={`tag${status === "active" ? "" : " strong"}`}>{named(status)}</span>
          ),
        },
        {
          head: "",
          class: "twin-buttons",
          cell: (one) => (
            <button
              type="button"
              aria-label={t().remove_of(nameOf(one))}
              onClick={() => props.onRemove(one.id)}
            >
              {t().remove}
            </button>
          ),
        },
      ]}
    />
  );
}

/** Who is asked for what is not kept here. Programs register; a person may end it. */
export function Registrations() {
  const offset = useSignal(0);
  const asked = useSignal<string | null>(null);
  const found = useResource(
    () => broker.registrations(offset.peek(), limit),
    [scope.value, offset.value],
    5000,
  );
  const id = asked.value;
  const close = () => {
    asked.value = null;
  };
  return (
    <section class="panel stack" aria-label={t().registrations}>
      <Told of={found}>
        {({ registrations, total }) =>
          total === 0 ? (
            <Empty>{t().no_registrations}</Empty>
          ) : (
            <>
              <List
                of={registrations}
                onRemove={(one) => {
                  asked.value = one;
                }}
              />
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
      {id !== null && (
        <Confirm
          title={t().remove}
          text={t().really_registration}
          doing={() => broker.unregister(id)}
          onDone={() => {
            close();
            found.reload();
          }}
          onClose={close}
        />
      )}
    </section>
  );
}
