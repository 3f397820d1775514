import { signal } from "@preact/signals";
import { useRef } from "preact/hooks";
import {
  type DeviceRow,
  type DeviceValue,
  deviceKey,
  devices,
  rows,
  type Wish,
} from "../../src/api/devices.ts";
import * as format from "../../src/format.ts";
import { language, say } from "../../src/i18n.ts";
import { useResource } from "../../src/resource.ts";
import { link } from "../../src/router.ts";
import { AlarmOf, ageText } from "../../src/widgets/of-device.tsx";
import { Paging } from "../../src/widgets/paging.tsx";
import { Empty, Show } from "../../src/widgets/show.tsx";
import { type Column, Table } from "../../src/widgets/table.tsx";
import { t } from "./texts.ts";

const every_ms = 2000;
const most_columns = 6;
const most_orders = 8;
const typing_ms = 300;

/** What was last looked for, for whoever comes back from a device. */
const wish = signal<Wish>({ q: "", sort: "name", alarmed: false });
const offset = signal(0);

function look(change: Partial<Wish>): void {
  wish.value = { ...wish.peek(), ...change };
  offset.value = 0;
}

export function deviceLink(head: { id: string; index: number }): string {
  return link("fleet", `device/${deviceKey(head)}`);
}

function Cell({ value }: { value: DeviceValue | undefined }) {
  if (!value) return <>{format.none}</>;
  const quality = ["good", "uncertain", "bad"][value.quality] ?? "bad";
  return (
    <span class={`value ${value.value === null ? "" : quality}`}>
      {format.number(value.value, value.decimals, language.value)}{" "}
      <small>{format.unit(value.unit)}</small>
    </span>
  );
}

/** Every attribute that a device of the page has, as it came first. */
function attributesOf(devices: readonly DeviceRow[]): DeviceValue[] {
  const found = new Map<string, DeviceValue>();
  for (const { values } of devices) {
    for (const value of values) if (!found.has(value.attribute)) found.set(value.attribute, value);
  }
  return [...found.values()];
}

function nameOf(value: DeviceValue): string {
  return say(value.quantity) || value.attribute;
}

function columnsOf(devices: readonly DeviceRow[]): Column<DeviceRow>[] {
  return [
    {
      head: t().device,
      cell: (row) => (
        <>
          <a href={deviceLink(row)}>{row.id}</a>{" "}
          <span class="quiet">{say(row.kind_name) || row.kind}</span>
        </>
      ),
    },
    { head: t().alarm, cell: (row) => <AlarmOf of={row} /> },
    ...attributesOf(devices)
      .slice(0, most_columns)
      .map(
        (one): Column<DeviceRow> => ({
          head: nameOf(one),
          num: true,
          cell: (row) => <Cell value={row.values.find((v) => v.attribute === one.attribute)} />,
        }),
      ),
    { head: t().data, class: "quiet", num: true, cell: (row) => ageText(row.at_ms) },
  ];
}

function Search({ devices }: { devices: readonly DeviceRow[] }) {
  const timer = useRef<ReturnType<typeof setTimeout>>();
  const attributes = attributesOf(devices).slice(0, most_orders);
  const { q, sort, alarmed } = wish.value;
  const chosen = sort.replace("-", "");
  const known = ["name", "alarm", "age", ...attributes.map((a) => a.attribute)].includes(chosen);
  return (
    <search class="fleet-search">
      <label>
        {t().search}
        <input
          type="search"
          defaultValue={q}
          placeholder={t().search_hint}
          autocomplete="off"
          spellcheck={false}
          onInput={(event) => {
            const text = event.currentTarget.value.trim();
            clearTimeout(timer.current);
            timer.current = setTimeout(() => look({ q: text }), typing_ms);
          }}
        />
      </label>
      <label>
        {t().order}
        <select value={sort} onChange={(event) => look({ sort: event.currentTarget.value })}>
          <option value="name">{t().by_name}</option>
          <option value="alarm">{t().by_alarm}</option>
          <option value="age">{t().by_age}</option>
          {!known && <option value={sort}>{chosen}</option>}
          {attributes.map((one) => (
            <>
              <option value={`-${one.attribute}`}>{t().highest(nameOf(one))}</option>
              <option value={one.attribute}>{t().lowest(nameOf(one))}</option>
            </>
          ))}
        </select>
      </label>
      <label class="fleet-check">
        <input
          type="checkbox"
          checked={alarmed}
          onChange={(event) => look({ alarmed: event.currentTarget.checked })}
        />
        {t().only_alarmed}
      </label>
    </search>
  );
}

/** The devices, a hundred at a time: looked for and put in order by the server. */
export function DeviceTable() {
  const found = useResource(
    () => devices.list(wish.peek(), offset.peek()),
    [wish.value, offset.value],
    every_ms,
  );
  const paging = (total: number) => (
    <Paging
      offset={offset.value}
      limit={rows}
      total={total}
      onOffset={(to) => {
        offset.value = to;
        scrollTo(0, 0);
      }}
    />
  );
  return (
    <section class="panel stack" aria-label={t().list}>
      <Search devices={found.value.value?.devices ?? []} />
      <Show of={found}>
        {({ devices, found: total }) => (
          <>
            {paging(total)}
            {devices.length === 0 && <Empty>{t().none_found}</Empty>}
            {devices.length > 0 && (
              <Table rows={devices} keyOf={({ index }) => index} columns={columnsOf(devices)} />
            )}
            {devices.length > rows / 5 && paging(total)}
          </>
        )}
      </Show>
    </section>
  );
}
