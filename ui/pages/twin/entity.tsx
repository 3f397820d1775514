import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { SeriesDetail } from "../../src/api.ts";
import { shownAt } from "../../src/live.ts";
import { nameOf, reloadPlant, series } from "../../src/plant.ts";
import { useResource } from "../../src/resource.ts";
import { link } from "../../src/router.ts";
import { HistoryPanel } from "../../src/widgets/history.tsx";
import { Empty } from "../../src/widgets/show.tsx";
import { Table } from "../../src/widgets/table.tsx";
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

type Asked =
  | { what: "edit"; attribute: Attribute | null }
  | { what: "remove"; attribute: Attribute }
  | { what: "remove_entity" };

interface Acts {
  charted: string | undefined;
  onChart: (name: string) => void;
  onAsk: (asked: Asked) => void;
}

function Buttons({ of, acts }: { of: Attribute; acts: Acts }) {
  return (
    <div class="row">
      {typeof of.value === "number" && (
        <button
          type="button"
          aria-pressed={of.name === acts.charted}
          aria-label={t().chart_of(of.name)}
          onClick={() => acts.onChart(of.name)}
        >
          {t().chart}
        </button>
      )}
      {shownAt.value === null && (
        <>
          <button
            type="button"
            aria-label={t().edit_of(of.name)}
            onClick={() => acts.onAsk({ what: "edit", attribute: of })}
          >
            {t().edit}
          </button>
          <button
            type="button"
            aria-label={t().remove_of(of.name)}
            onClick={() => acts.onAsk({ what: "remove", attribute: of })}
          >
            {t().remove}
          </button>
        </>
      )}
    </div>
  );
}

function Metadata({ of }: { of: Attribute }) {
  return (
    <>
      {Object.entries(of.metadata).map(([name, { value }]) => (
        <span key={name} class="twin-pair">
          <span class="quiet">{name}</span> {shownText(value, "en")}
        </span>
      ))}
    </>
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

function Attributes({ entity, acts }: { entity: Entity; acts: Acts }) {
  if (entity.attributes.length === 0) return <Empty>{t().no_attributes}</Empty>;
  return (
    <Table
      rows={entity.attributes}
      keyOf={({ name }) => name}
      columns={[
        { head: t().attribute, cell: ({ name }) => name },
        { head: t().value, class: "twin-cell", cell: ({ value }) => <Shown value={value} /> },
        { head: t().type, cell: ({ type }) => type },
        { head: t().metadata, class: "twin-cell", cell: (one) => <Metadata of={one} /> },
        {
          head: t().modified,
          class: "quiet twin-when",
          cell: ({ modified }) => <When iso={modified} />,
        },
        { head: "", class: "twin-buttons", cell: (one) => <Buttons of={one} acts={acts} /> },
      ]}
    />
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
                  acts={{
                    charted: charted?.name,
                    onChart: (name) => {
                      chosen.value = name;
                    },
                    onAsk: (question) => {
                      asked.value = question;
                    },
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
