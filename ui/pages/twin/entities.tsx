import { signal, useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import * as format from "../../src/format.ts";
import { language } from "../../src/i18n.ts";
import { useResource } from "../../src/resource.ts";
import { Paging } from "../../src/widgets/paging.tsx";
import { Empty } from "../../src/widgets/show.tsx";
import { Table } from "../../src/widgets/table.tsx";
import { broker, type Entity, type EntityType, type Filter, scope } from "./broker.ts";
import { CreateEntity } from "./edit.tsx";
import { Brief, entityLink, limit, Told, When } from "./parts.tsx";
import { t } from "./texts.ts";

const nothing: Filter = { type: "", idPattern: "", q: "", orderBy: "" };

/** What was last looked for, for whoever comes back from an entity. */
const filter = signal<Filter>(nothing);
const offset = signal(0);

function look(change: Partial<Filter>): void {
  filter.value = { ...filter.peek(), ...change };
  offset.value = 0;
}

/** Each type with how many entities it has; one is chosen at a click. */
function Types({ types }: { types: readonly EntityType[] }) {
  if (types.length < 2) return null;
  const count = (n: number) => format.number(n, 0, language.value);
  return (
    <fieldset class="segments">
      <legend class="visually-hidden">{t().type}</legend>
      <button
        type="button"
        aria-pressed={filter.value.type === ""}
        onClick={() => look({ type: "" })}
      >
        {t().every_type} <span>{count(types.reduce((sum, one) => sum + one.count, 0))}</span>
      </button>
      {types.slice(0, 24).map((one) => (
        <button
          key={one.type}
          type="button"
          aria-pressed={filter.value.type === one.type}
          onClick={() => look({ type: one.type })}
        >
          {one.type} <span>{count(one.count)}</span>
        </button>
      ))}
    </fieldset>
  );
}

function Search() {
  const form = useRef<HTMLFormElement>(null);
  const search = () => {
    const fields = new FormData(form.current ?? undefined);
    const field = (name: string) => String(fields.get(name) ?? "").trim();
    look({
      type: field("type"),
      idPattern: field("idPattern"),
      q: field("q"),
      orderBy: field("orderBy"),
    });
  };
  const now = filter.value;
  const isEmpty = now.type + now.idPattern + now.q === "";
  return (
    <form
      ref={form}
      class="twin-search"
      onSubmit={(event) => {
        event.preventDefault();
        search();
      }}
    >
      <label>
        {t().type}
        <input
          name="type"
          list="twin-types"
          value={now.type}
          placeholder={t().every_type}
          autocomplete="off"
        />
      </label>
      <label>
        {t().id_pattern}
        <input
          name="idPattern"
          value={now.idPattern}
          placeholder={t().id_pattern_hint}
          autocomplete="off"
          spellcheck={false}
        />
      </label>
      <label class="wide">
        {t().q}
        <input
          name="q"
          value={now.q}
          placeholder={t().q_hint}
          autocomplete="off"
          spellcheck={false}
        />
      </label>
      <label>
        {t().order}
        <select name="orderBy" value={now.orderBy} onChange={search}>
          <option value="">{t().order_created}</option>
          <option value="!dateModified">{t().order_modified}</option>
          <option value="id">{t().order_id}</option>
        </select>
      </label>
      <div class="row">
        <button type="submit" class="primary">
          {t().search}
        </button>
        <button
          type="button"
          disabled={isEmpty}
          onClick={() => look({ type: "", idPattern: "", q: "" })}
        >
          {t().clear}
        </button>
      </div>
    </form>
  );
}

function EntityTable({ entities }: { entities: readonly Entity[] }) {
  return (
    <Table
      rows={entities}
      keyOf={({ path, id, type }) => `${path} ${id} ${type}`}
      columns={[
        { head: t().id, cell: (entity) => <a href={entityLink(entity)}>{entity.id}</a> },
        {
          head: t().type,
          cell: ({ type, path }) => (
            <>
              {type}
              {path !== "/" && <span class="quiet"> {path}</span>}
            </>
          ),
        },
        {
          head: t().attributes,
          class: "twin-attributes",
          bare: true,
          cell: ({ attributes }) => (
            <Brief values={attributes.map(({ name, value }) => [name, value])} />
          ),
        },
        {
          head: t().modified,
          class: "quiet twin-when",
          cell: ({ modified }) => <When iso={modified} />,
        },
      ]}
    />
  );
}

/** What there is: looked for by type, id and value, and living while it is looked at. */
export function Entities() {
  const creating = useSignal(false);
  const who = scope.value;
  const found = useResource(
    () => broker.entities(filter.peek(), offset.peek(), limit),
    [who, filter.value, offset.value],
    2000,
  );
  const types = useResource(() => broker.types(), [who], 10_000);
  const known = types.value.value ?? [];
  return (
    <>
      <datalist id="twin-types">
        {known.map(({ type }) => (
          <option key={type} value={type} />
        ))}
      </datalist>
      <section class="panel stack" aria-label={t().entities}>
        <div class="twin-head">
          <Types types={known} />
          <button
            type="button"
            onClick={() => {
              creating.value = true;
            }}
          >
            + {t().new_entity}
          </button>
        </div>
        <Search />
        <Told of={found}>
          {({ entities, total }) => (
            <>
              {entities.length === 0 && (
                <Empty>{filter.value === nothing ? t().no_entities : t().none_found}</Empty>
              )}
              {entities.length > 0 && <EntityTable entities={entities} />}
              <Paging
                limit={limit}
                offset={offset.value}
                total={total}
                onOffset={(to) => {
                  offset.value = to;
                }}
              />
            </>
          )}
        </Told>
      </section>
      {creating.value && (
        <CreateEntity
          onDone={(created) => {
            creating.value = false;
            location.hash = entityLink(created);
          }}
          onClose={() => {
            creating.value = false;
          }}
        />
      )}
    </>
  );
}
