import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Difference, WhatIf, WhatIfParameter, WhatIfVerdict } from "../../src/api/whatif.ts";
import * as format from "../../src/format.ts";
import { language, say } from "../../src/i18n.ts";
import { zone } from "../../src/plant.ts";
import { link } from "../../src/router.ts";
import { word } from "../../src/texts/common.ts";
import { Figure } from "../../src/widgets/show.tsx";
import { Table } from "../../src/widgets/table.tsx";
import { Curve, Key } from "./curves.tsx";
import { drawn, toggle, told } from "./state.ts";
import { t } from "./texts.ts";

const few = 12;
/** Less than this of its noise nobody could tell from none. */
const least_deviation = 0.01;
const hour_ms = 3_600_000;

const time = (ms: number) => format.time(ms, "short", language.value, zone.value);
const figure = (v: number | null | undefined, digits = 3) =>
  format.significant(v, digits, language.value);

/** "Blower B-301 off until 18:00; oxygen 1 instead of 2 mg/l; storm." */
function changesOf({ change }: WhatIf): string[] {
  return [
    ...change.began.map((one) =>
      t().began(say(one.text), time(one.start_ms), time(one.cause_end_ms ?? one.end_ms)),
    ),
    ...change.undone.map((one) => t().undone(say(one.text))),
    ...change.setpoints.map((one) =>
      t().set(
        say(one.words) || one.name,
        `${figure(one.value, 4)} ${format.unit(one.unit ?? "")}`.trim(),
        figure(one.before, 4),
      ),
    ),
    ...(change.weather === null
      ? []
      : [
          t().weather(
            word(change.weather),
            change.weather_minutes === null ? "" : figure(change.weather_minutes),
          ),
        ]),
  ];
}

function Verdict({ of, row }: { of: WhatIfVerdict | null; row: WhatIfParameter }) {
  if (of === null) return <span class="quiet">{format.none}</span>;
  const share = (percent: number) => format.percent(percent / 100, language.value, 0);
  return (
    <span class="whatif-verdict">
      <span class="value">
        {figure(of.value)} <small>{row.unit}</small>
      </span>{" "}
      {of.reduction_pct !== null && <span class="quiet">{share(of.reduction_pct)}</span>}{" "}
      <span class={of.ok ? undefined : "fails"}>
        {of.ok ? `✓ ${t().holds}` : `✕ ${t().fails}`}
        {of.samples > 1 && of.failed > 0 && ` ${t().of_samples(of.failed, of.samples)}`}
      </span>
    </span>
  );
}

function Compliance({ of }: { of: NonNullable<WhatIf["compliance"]> }) {
  const unusual = of.unusual_unchanged + of.unusual_changed;
  return (
    <section class="panel">
      <h2>{t().compliance}</h2>
      <Table
        rows={of.parameters}
        keyOf={({ parameter }) => parameter}
        columns={[
          { head: t().parameter, cell: ({ parameter }) => word(parameter) },
          {
            head: t().limit,
            cell: (row) => (
              <span class="quiet">
                {t().limits(
                  `${figure(row.limit)} ${row.unit}`,
                  format.percent(row.min_reduction_pct / 100, language.value, 0),
                )}
                {row.annual_mean && ` ${t().annual}`}
              </span>
            ),
          },
          { head: t().unchanged, cell: (row) => <Verdict of={row.unchanged} row={row} /> },
          { head: t().changed, cell: (row) => <Verdict of={row.changed} row={row} /> },
        ]}
      />
      <p class="quiet">
        {t().composite(of.directive, of.sample_hours)}
        {unusual > 0 && ` ${t().unusual(of.unusual_unchanged, of.unusual_changed)}`}
      </p>
    </section>
  );
}

function Figures({ of }: { of: WhatIf }) {
  const apart = of.differences.filter(({ deviation }) => deviation >= least_deviation).length;
  const { energy } = of;
  return (
    <dl class="figures">
      <Figure
        name={t().sensors}
        value={t().apart(apart, of.sensors)}
        note={t().from_to(time(of.from_ms), time(of.to_ms))}
      />
      {energy && energy.unchanged.kwh !== null && (
        <Figure
          name={t().energy}
          value={`${format.number(energy.changed.kwh, 0, language.value)} kWh`}
          note={t().instead(`${format.number(energy.unchanged.kwh, 0, language.value)} kWh`)}
        />
      )}
      {energy && energy.unchanged.removal_percent !== null && (
        <Figure
          name={t().removal}
          value={format.percent((energy.changed.removal_percent ?? 0) / 100, language.value, 1)}
          note={t().instead(
            format.percent(energy.unchanged.removal_percent / 100, language.value, 1),
          )}
        />
      )}
    </dl>
  );
}

function Differences({ of }: { of: WhatIf }) {
  const isAll = useSignal(false);
  const apart = of.differences.filter(({ deviation }) => deviation >= least_deviation);
  const rows = isAll.value ? apart : apart.slice(0, few);
  const value = (v: number | null, row: Difference) =>
    `${format.number(v, row.decimals, language.value)} ${format.unit(row.unit)}`.trim();
  const after = ({ first_ms }: Difference) =>
    first_ms === null
      ? format.none
      : first_ms === of.from_ms
        ? t().at_once
        : format.duration((first_ms - of.from_ms) / 1000, language.value);
  const hasCourse = new Set(of.courses.map(({ name }) => name));
  if (apart.length === 0) return <p class="empty">{t().no_difference}</p>;
  return (
    <section class="panel">
      <header>
        <h2>{t().differences}</h2>
        <span class="quiet">{t().in_noise}</span>
      </header>
      <Table
        rows={rows}
        keyOf={({ name }) => name}
        columns={[
          {
            head: t().sensor,
            cell: (row) => (
              <span>
                {row.series === null ? (
                  row.entity
                ) : (
                  <a href={link("sensor", row.series)}>{row.entity}</a>
                )}{" "}
                <span class="quiet">{say(row.quantity)}</span>
              </span>
            ),
          },
          { head: t().unchanged, num: true, cell: (row) => value(row.unchanged, row) },
          { head: t().changed, num: true, cell: (row) => value(row.changed, row) },
          {
            head: t().largest,
            num: true,
            cell: (row) => `${row.largest > 0 ? "+" : ""}${value(row.largest, row)}`,
          },
          { head: t().deviation, num: true, cell: (row) => figure(row.deviation) },
          { head: t().seen, num: true, cell: after },
          {
            head: "",
            cell: (row) =>
              hasCourse.has(row.name) && (
                <button
                  type="button"
                  aria-pressed={drawn.value.includes(row.name)}
                  aria-label={t().draw_it(row.name)}
                  onClick={() => toggle(row.name)}
                >
                  {t().draw}
                </button>
              ),
          },
        ]}
      />
      {rows.length < apart.length && (
        <button
          type="button"
          onClick={() => {
            isAll.value = true;
          }}
        >
          {t().all(apart.length)}
        </button>
      )}
    </section>
  );
}

function Curves({ of }: { of: WhatIf }) {
  const shown = drawn.value.flatMap((name) => {
    const course = of.courses.find((one) => one.name === name);
    const difference = of.differences.find((one) => one.name === name);
    return course && difference ? [{ course, difference }] : [];
  });
  const others = of.differences.filter(
    ({ name }) => !drawn.value.includes(name) && of.courses.some((one) => one.name === name),
  );
  return (
    <>
      <div class="row whatif-key">
        <Key />
        <label>
          <span class="visually-hidden">{t().draw}</span>
          <select
            name="draw"
            value=""
            onChange={(event) => {
              const { value } = event.currentTarget;
              event.currentTarget.value = "";
              if (value !== "") toggle(value);
            }}
          >
            <option value="">{t().draw_another}</option>
            {others.map(({ name, quantity }) => (
              <option key={name} value={name}>
                {`${name} · ${say(quantity)}`}
              </option>
            ))}
          </select>
        </label>
      </div>
      <div class="whatif-curves">
        {shown.map(({ course, difference }) => (
          <Curve key={difference.name} of={difference} course={course} told={of} />
        ))}
      </div>
    </>
  );
}

/** Both futures: what they lead to, what differs, and how it gets there. */
export function Result({ of }: { of: WhatIf }) {
  const top = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const box = top.current?.getBoundingClientRect();
    if (box && box.top > 0.8 * innerHeight) top.current?.scrollIntoView({ block: "start" });
  }, [told.value]);
  const span = Math.round((of.to_ms - of.from_ms) / hour_ms);
  return (
    <div class="stack whatif-result" ref={top}>
      <p class="whatif-said">
        <b>{t().if_so(changesOf(of).join(" · "))}</b>{" "}
        <span class="quiet">{t().took(span, format.duration(of.took_s, language.value))}</span>
      </p>
      {of.running.length > 0 && (
        <p class="quiet">{t().running(of.running.map((one) => say(one.text)).join(" · "))}</p>
      )}
      <Figures of={of} />
      {of.compliance && of.compliance.parameters.length > 0 && <Compliance of={of.compliance} />}
      <Curves of={of} />
      <Differences of={of} />
      <p class="quiet">{t().alike}</p>
    </div>
  );
}
