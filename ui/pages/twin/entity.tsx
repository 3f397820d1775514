import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { SeriesDetail } from "../../src/api.ts";
import { shownAt } from "../../src/live.ts";
import { nameOf, reloadPlant, series } from "../../src/plant.ts";
import { useResource } from "../../src/resource.ts";
import { link } from "../../src/router.ts";
import { HistoryPanel } from "../../src/widgets/history.tsx";
import { Empty } from "../../src/widgets/show.tsx";
import { Confirm } from "./act.tsx";
import { type Attribute, broker, type Entity, type Key, scope } from "./broker.ts";
import { EditAttribute } from "./edit.tsx";
import { attributeHistory } from "./history.ts";
import { Shown, Told, When } from "./parts.tsx";
import { t } from "./texts.ts";
import { decimalsOf, shownText } from "./values.ts";

/** The series that keeps an attribute's values: by its names, in the order the broker gives them. */
function seriesOf({ id, type, path }: Key, name: string): number | null {
  const { tenant } = scope.value;
  const isPlain = tenant === "" && path === "/";
  const long = `${tenant} ${path} ${id} ${type}`;
  for (const info of series.value.values()) {
    if (info.attribute === name && (info.entity === long || (isPlain && info.entity === id))) {
      return info.id;
    }
  }
  return null;
}

function Chart({ of, attribute }: { of: Key; attribute: Attribute }) {
  const known = seriesOf(of, attribute.name);
  useEffect(() => {
    // A series begins with an attribute's first value: it may be younger than this page.
    if (known === null) void reloadPlant();
  }, [attribute.name]);
  const decimals = useSignal(0);
  const info: SeriesDetail = {
    id: 0,
    name: attribute.name,
    entity: of.id,
    attribute: attribute.name,
    stage: "",
    quantity: { en: attribute.name, fr: attribute.name },
    unit: known === null ? "" : (series.value.get(known)?.unit ?? ""),
    low: null,
    high: null,
    location: "",
    place: { en: "", fr: "" },
    decimals: decimals.value,
    latest: null,
    limits: [],
    normal: [],
    findings: [],
  };
  return (
    <HistoryPanel
      key={attribute.name}
      info={info}
      name={`${of.id} ${attribute.name}`}
      title={
        <>
          {attribute.name}
          {known !== null && (
            <a class="twin-sensor" href={link("sensor", known)} title={nameOf(known)}>
              {t().sensor_page}
            </a>
          )}
        </>
      }
      ask={async (from, to, points) => {
        const found = await attributeHistory(of, attribute.name, from, to, points);
        decimals.value = Math.max(decimals.peek(), decimalsOf(found.mean.slice(-50)));
        return found;
      }}
      plain
    />
  );
}

function Row(props: {
  attribute: Attribute;
  isCharted: boolean;
  onChart: () => void;
  onEdit: () => void;
  onRemove: () => void;
}) {
  const { attribute: it, isCharted, onChart, onEdit, onRemove } = props;
  const metadata = Object.entries(it.metadata);
  return (
    <tr>
      <th scope="row">{it.name}</th>
      <td data-label={t().value} class="twin-cell">
        <Shown value={it.value} />
      </td>
      <td data-label={t().type}>{it.type}</td>
      <td data-label={t().metadata} class="twin-cell">
        {metadata.map(([name, { value }]) => (
          <span key={name} class="twin-pair">
            <span class="quiet">{name}</span> {shownText(value, "en")}
          </span>
        ))}
      </td>
      <td data-label={t().modified} class="quiet twin-when">
        <When iso={it.modified} />
      </td>
      <td class="twin-buttons">
        <div class="row">
          {typeof it.value === "number" && (
            <button
              type="button"
              aria-pressed={isCharted}
              aria-label={t().chart_of(it.name)}
              onClick={onChart}
            >
              {t().chart}
            </button>
          )}
          {shownAt.value === null && (
            <>
              <button type="button" aria-label={t().edit_of(it.name)} onClick={onEdit}>
                {t().edit}
              </button>
              <button type="button" aria-label={t().remove_of(it.name)} onClick={onRemove}>
                {t().remove}
              </button>
            </>
          )}
        </div>
      </td>
    </tr>
  );
}

function Head({ entity, children }: { entity: Entity; children: preact.ComponentChildren }) {
  return (
    <div class="page-head">
      <div>
        <h2 class="twin-id">{entity.id}</h2>
        <p class="quiet twin-facts">
          <span>
            {entity.type} {entity.path !== "/" && entity.path}
          </span>
          <span>
            {t().created} <When iso={entity.created} />
          </span>
          <span>
            {t().modified} <When iso={entity.modified} />
          </span>
          {entity.expires && (
            <span>
              {t().expires} <When iso={entity.expires} />
            </span>
          )}
        </p>
      </div>
      {children}
    </div>
  );
}

type Asked =
  | { what: "edit"; attribute: Attribute | null }
  | { what: "remove"; attribute: Attribute }
  | { what: "remove_entity" };

/** What was asked for, in a dialog over the entity. */
function Question(props: { of: Key; asked: Asked; onDone: () => void; onClose: () => void }) {
  const { of, asked, onDone, onClose } = props;
  if (asked.what === "edit") {
    return <EditAttribute of={of} attribute={asked.attribute} onDone={onDone} onClose={onClose} />;
  }
  if (asked.what === "remove") {
    const { name } = asked.attribute;
    return (
      <Confirm
        title={t().remove_of(name)}
        text={t().really_attribute(name, of.id)}
        doing={() => broker.removeAttribute(of, name)}
        onDone={onDone}
        onClose={onClose}
      />
    );
  }
  return (
    <Confirm
      title={t().remove_entity}
      text={t().really_entity(of.id)}
      doing={() => broker.remove(of)}
      onDone={() => {
        location.hash = link("twin");
      }}
      onClose={onClose}
    />
  );
}

function Attributes(props: {
  entity: Entity;
  charted: string | undefined;
  onChart: (name: string) => void;
  onAsk: (asked: Asked) => void;
}) {
  const { entity, charted, onChart, onAsk } = props;
  if (entity.attributes.length === 0) return <Empty>{t().no_attributes}</Empty>;
  return (
    <div class="table-box">
      <table class="cards">
        <thead>
          <tr>
            <th scope="col">{t().attribute}</th>
            <th scope="col">{t().value}</th>
            <th scope="col">{t().type}</th>
            <th scope="col">{t().metadata}</th>
            <th scope="col">{t().modified}</th>
            <td />
          </tr>
        </thead>
        <tbody>
          {entity.attributes.map((attribute) => (
            <Row
              key={attribute.name}
              attribute={attribute}
              isCharted={attribute.name === charted}
              onChart={() => onChart(attribute.name)}
              onEdit={() => onAsk({ what: "edit", attribute })}
              onRemove={() => onAsk({ what: "remove", attribute })}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** One entity: its attributes as they change, the history of one of them, and the ways to edit it. */
export function OneEntity({ of }: { of: Key }) {
  const past = shownAt.value;
  const found = useResource(
    () => broker.entity(of, past),
    [of.id, of.type, of.path, scope.value, past],
    past === null ? 1000 : 0,
  );
  const asked = useSignal<Asked | null>(null);
  /** "": the first that has a number. */
  const chosen = useSignal("");
  const close = () => {
    asked.value = null;
  };
  return (
    <>
      <a class="button twin-back" href={link("twin")}>
        ← {t().back_to_entities}
      </a>
      <Told of={found}>
        {(entity) => {
          const numeric = entity.attributes.filter(({ value }) => typeof value === "number");
          const charted = numeric.find(({ name }) => name === chosen.value) ?? numeric[0];
          return (
            <>
              <section class="panel stack" aria-label={entity.id}>
                <Head entity={entity}>
                  {past === null && (
                    <div class="row">
                      <button
                        type="button"
                        onClick={() => {
                          asked.value = { what: "edit", attribute: null };
                        }}
                      >
                        + {t().add_attribute}
                      </button>
                      <button
                        type="button"
                        onClick={() => {
                          asked.value = { what: "remove_entity" };
                        }}
                      >
                        {t().remove_entity}
                      </button>
                    </div>
                  )}
                </Head>
                <Attributes
                  entity={entity}
                  charted={charted?.name}
                  onChart={(name) => {
                    chosen.value = name;
                  }}
                  onAsk={(question) => {
                    asked.value = question;
                  }}
                />
              </section>
              {charted && <Chart key={charted.name} of={of} attribute={charted} />}
            </>
          );
        }}
      </Told>
      {asked.value && (
        <Question
          of={of}
          asked={asked.value}
          onDone={() => {
            close();
            found.reload();
          }}
          onClose={close}
        />
      )}
    </>
  );
}
