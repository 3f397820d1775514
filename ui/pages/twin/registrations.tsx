import { useSignal } from "@preact/signals";
import { useResource } from "../../src/resource.ts";
import { Empty } from "../../src/widgets/show.tsx";
import { Confirm } from "./act.tsx";
import { broker, type Registration, scope } from "./broker.ts";
import { limit, Paging, Told } from "./parts.tsx";
import { selectorText } from "./subscriptions.tsx";
import { named, t } from "./texts.ts";

function Row({ of, onRemove }: { of: Registration; onRemove: () => void }) {
  const { entities, attrs = [] } = of.dataProvided;
  return (
    <tr>
      <th scope="row">{of.description || of.id}</th>
      <td data-label={t().provides}>
        <span>
          {entities.map(selectorText).join(", ")}
          {attrs.length > 0 && <span class="quiet"> · {attrs.join(", ")}</span>}
        </span>
      </td>
      <td data-label={t().provider} class="twin-cell">
        {of.provider.http?.url}
      </td>
      <td data-label={t().mode}>{named(`mode_${of.provider.supportedForwardingMode ?? "all"}`)}</td>
      <td data-label={t().status}>
        <span class={`tag${of.status === "active" ? "" : " strong"}`}>{named(of.status)}</span>
      </td>
      <td class="twin-buttons">
        <button
          type="button"
          aria-label={t().remove_of(of.description || of.id)}
          onClick={onRemove}
        >
          {t().remove}
        </button>
      </td>
    </tr>
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
              <div class="table-box">
                <table class="cards">
                  <thead>
                    <tr>
                      <th scope="col">{t().description}</th>
                      <th scope="col">{t().provides}</th>
                      <th scope="col">{t().provider}</th>
                      <th scope="col">{t().mode}</th>
                      <th scope="col">{t().status}</th>
                      <td />
                    </tr>
                  </thead>
                  <tbody>
                    {registrations.map((one) => (
                      <Row
                        key={one.id}
                        of={one}
                        onRemove={() => {
                          asked.value = one.id;
                        }}
                      />
                    ))}
                  </tbody>
                </table>
              </div>
              <Paging
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
