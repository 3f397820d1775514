import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { api, type Limit, type SeriesDetail } from "../../src/api.ts";
import * as format from "../../src/format.ts";
import { language } from "../../src/i18n.ts";
import { zone } from "../../src/plant.ts";
import { recall, remember } from "../../src/prefs.ts";
import { useResource } from "../../src/resource.ts";
import { limitTag } from "../../src/scale.ts";
import { t as common } from "../../src/texts/common.ts";
import { Glyph } from "../../src/widgets/glyph.tsx";
import { t } from "./texts.ts";

const changesShown = 5;

function Form(props: { info: SeriesDetail; limit: Limit; onDone: (changed: boolean) => void }) {
  const { info, limit, onDone } = props;
  const form = useRef<HTMLFormElement>(null);
  const error = useSignal<string | null>(null);
  useEffect(() => {
    form.current?.querySelector("input")?.select();
  }, []);

  const move = async (to: number | null) => {
    const fields = new FormData(form.current ?? undefined);
    const who = String(fields.get("who")).trim();
    remember("name", who);
    try {
      await api.moveLimit(info.id, limit.name, to, who, String(fields.get("comment")).trim());
      onDone(true);
    } catch (cause) {
      error.value = (cause as Error).message;
    }
  };
  const submit = (event: Event) => {
    event.preventDefault();
    const fields = new FormData(form.current ?? undefined);
    move(Number(fields.get("value")));
  };
  return (
    <form ref={form} class="stack limit-form" onSubmit={submit}>
      <label>
        {t().new_limit(limitTag(limit.name))} ({format.unit(info.unit)})
        <input name="value" type="number" step="any" required defaultValue={String(limit.value)} />
      </label>
      <label>
        {t().your_name}
        <input name="who" required autocomplete="name" defaultValue={recall("name") ?? ""} />
      </label>
      <label>
        {t().why}
        <input name="comment" />
      </label>
      {error.value !== null && (
        <p class="failed" role="alert">
          {t().refused(error.value)}
        </p>
      )}
      <div class="row">
        <button type="submit" class="primary">
          {t().apply}
        </button>
        {limit.scenario !== undefined && (
          <button
            type="button"
            onClick={() => {
              if (form.current?.reportValidity()) move(null);
            }}
          >
            {t().back_to(format.number(limit.scenario, info.decimals, language.value))}
          </button>
        )}
        <button type="button" onClick={() => onDone(false)}>
          {common().cancel}
        </button>
      </div>
    </form>
  );
}

/** Who moved this sensor's limits, the newest first; nothing if nobody did. */
function Changes({ info, changes }: { info: SeriesDetail; changes: number }) {
  const found = useResource(() => api.limits(), [info.id, changes]);
  const log = found.value.value?.log.filter((change) => change.series.id === info.id) ?? [];
  const lang = language.value;
  if (log.length === 0) return null;
  return (
    <ul class="quiet limit-log" aria-label={t().limit_log}>
      {log.slice(0, changesShown).map((change) => (
        <li key={`${change.at_ms} ${change.name}`}>
          {format.time(change.at_ms, "short", lang, zone.value)} {limitTag(change.name)}{" "}
          {format.number(change.from, info.decimals, lang)} →{" "}
          {format.number(change.to, info.decimals, lang)}, {change.who}
          {change.comment === "" ? "" : ` (${change.comment})`}
        </li>
      ))}
    </ul>
  );
}

function Line(props: { info: SeriesDetail; limit: Limit; onChange: () => void }) {
  const { info, limit, onChange } = props;
  const button = useRef<HTMLButtonElement>(null);
  const moving = useSignal(false);
  const text = (v: number) =>
    `${format.number(v, info.decimals, language.value)} ${format.unit(info.unit)}`;
  const done = (changed: boolean) => {
    moving.value = false;
    button.current?.focus();
    if (changed) onChange();
  };
  return (
    <div class="limit-line">
      <Glyph priority={limit.priority} /> {limitTag(limit.name)} {text(limit.value)}{" "}
      {limit.scenario !== undefined && (
        <span class="quiet">{t().of_scenario(text(limit.scenario))} </span>
      )}
      <button
        ref={button}
        type="button"
        aria-expanded={moving.value}
        aria-label={t().move_it(limitTag(limit.name))}
        onClick={() => {
          moving.value = !moving.value;
        }}
      >
        {t().move}
      </button>
      {moving.value && <Form info={info} limit={limit} onDone={done} />}
    </div>
  );
}

/** The limits in force, with a form to move each while the program runs. */
export function Limits({ info, onChange }: { info: SeriesDetail; onChange: () => void }) {
  const changes = useSignal(0);
  const changed = () => {
    changes.value++;
    onChange();
  };
  return (
    <>
      {info.limits.map((limit, i) => (
        <Line key={`${limit.name} ${i}`} info={info} limit={limit} onChange={changed} />
      ))}
      <Changes info={info} changes={changes.value} />
    </>
  );
}
