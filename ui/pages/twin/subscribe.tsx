import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { zone } from "../../src/plant.ts";
import { link } from "../../src/router.ts";
import { t as common } from "../../src/texts/common.ts";
import { Segments } from "../../src/widgets/show.tsx";
import { fromLocal } from "../../src/zoned.ts";
import { Refused, useAct } from "./act.tsx";
import { broker } from "./broker.ts";
import { formats, type Picked, type SubscriptionDraft, subscriptionBody } from "./draft.ts";
import { t } from "./texts.ts";

const emptyPick: Picked = { by: "all", id: "", type: "" };
const empty: SubscriptionDraft = {
  description: "",
  entities: [emptyPick],
  attrs: "",
  q: "",
  receiver: "events",
  url: "",
  topic: "",
  notified: "",
  format: "normalized",
  onlyChanged: false,
  throttling: "",
  expires: null,
};

function Field(props: {
  name: string;
  value: string;
  onInput: (value: string) => void;
  hint?: string;
  type?: string;
  required?: boolean;
}) {
  return (
    <label>
      {props.name}
      <input
        type={props.type ?? "text"}
        value={props.value}
        placeholder={props.hint}
        required={props.required}
        min={props.type === "number" ? 0 : undefined}
        autocomplete="off"
        spellcheck={false}
        onInput={(event) => props.onInput(event.currentTarget.value)}
      />
    </label>
  );
}

function Pick(props: { pick: Picked; onChange: (pick: Picked) => void; onDrop?: () => void }) {
  const { pick, onChange, onDrop } = props;
  return (
    <div class="twin-draft">
      <div class="twin-fields">
        <label>
          {t().which}
          <select
            value={pick.by}
            onChange={(event) =>
              onChange({ ...pick, by: event.currentTarget.value as Picked["by"] })
            }
          >
            <option value="all">{t().which_all}</option>
            <option value="id">{t().which_id}</option>
            <option value="pattern">{t().which_pattern}</option>
          </select>
        </label>
        {pick.by !== "all" && (
          <Field
            name={pick.by === "id" ? t().id : t().id_pattern}
            value={pick.id}
            required
            onInput={(id) => onChange({ ...pick, id })}
          />
        )}
        <Field
          name={t().type}
          hint={t().every_type}
          value={pick.type}
          onInput={(type) => onChange({ ...pick, type })}
        />
      </div>
      {onDrop && (
        <button type="button" class="plain" aria-label={t().drop} title={t().drop} onClick={onDrop}>
          ✕
        </button>
      )}
    </div>
  );
}

function Part({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <fieldset class="twin-part stack">
      <legend>{title}</legend>
      {children}
    </fieldset>
  );
}

interface PartProps {
  draft: SubscriptionDraft;
  set: (change: Partial<SubscriptionDraft>) => void;
}

function Subject({ draft, set }: PartProps) {
  const picks = draft.entities;
  const change = (i: number, to: Picked | null) =>
    set({ entities: picks.flatMap((one, k) => (k === i ? (to ?? []) : one)) });
  return (
    <Part title={t().watches}>
      {picks.map((pick, i) => (
        <Pick
          key={i}
          pick={pick}
          onChange={(to) => change(i, to)}
          {...(picks.length > 1 ? { onDrop: () => change(i, null) } : {})}
        />
      ))}
      <div class="row">
        <button type="button" onClick={() => set({ entities: [...picks, emptyPick] })}>
          + {t().another}
        </button>
      </div>
      <div class="twin-fields">
        <Field
          name={t().when_changes}
          hint={t().when_hint}
          value={draft.attrs}
          onInput={(attrs) => set({ attrs })}
        />
        <Field name={t().only_if} hint={t().q_hint} value={draft.q} onInput={(q) => set({ q })} />
      </div>
    </Part>
  );
}

function Receiver({ draft, set }: PartProps) {
  const hint = draft.receiver === "http" ? "http://127.0.0.1:8080/notify" : "mqtt://127.0.0.1:1883";
  return (
    <Part title={t().where_to}>
      <Segments
        name={t().receiver}
        chosen={draft.receiver}
        choices={[
          { value: "events", label: t().only_here },
          { value: "http", label: t().by_http },
          { value: "mqtt", label: t().by_mqtt },
        ]}
        onChoose={(receiver) => set({ receiver })}
      />
      {draft.receiver !== "events" && (
        <div class="twin-fields">
          <Field
            name={t().url}
            hint={hint}
            value={draft.url}
            required
            onInput={(url) => set({ url })}
          />
          {draft.receiver === "mqtt" && (
            <Field
              name={t().topic}
              hint="sosie/rooms"
              value={draft.topic}
              required
              onInput={(topic) => set({ topic })}
            />
          )}
        </div>
      )}
    </Part>
  );
}

function Content({ draft, set }: PartProps) {
  return (
    <Part title={t().what}>
      <div class="twin-fields">
        <Field
          name={t().tell}
          hint={t().tell_hint}
          value={draft.notified}
          onInput={(notified) => set({ notified })}
        />
        <label>
          {t().format}
          <select
            value={draft.format}
            onChange={(event) => set({ format: event.currentTarget.value })}
          >
            {formats.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <Field
          name={t().throttling}
          type="number"
          value={draft.throttling}
          onInput={(throttling) => set({ throttling })}
        />
        <label>
          {t().until}
          <input
            type="datetime-local"
            title={t().until_hint}
            onInput={(event) => set({ expires: fromLocal(event.currentTarget.value, zone.value) })}
          />
        </label>
      </div>
      <label class="twin-check">
        <input
          type="checkbox"
          checked={draft.onlyChanged}
          onChange={(event) => set({ onlyChanged: event.currentTarget.checked })}
        />
        {t().only_changed}
      </label>
    </Part>
  );
}

/** Makes a subscription, then shows it, and its notifications as they come. */
export function Subscribe() {
  const draft = useSignal(empty);
  const act = useAct();
  const set = (change: Partial<SubscriptionDraft>) => {
    draft.value = { ...draft.peek(), ...change };
  };
  const parts = { draft: draft.value, set };
  return (
    <>
      <a class="button twin-back" href={link("twin", "subscriptions")}>
        ← {t().back_to_subscriptions}
      </a>
      <form
        class="panel stack"
        aria-label={t().new_subscription}
        onSubmit={(event) => {
          event.preventDefault();
          void act.run(
            () => broker.subscribe(subscriptionBody(draft.peek())),
            (id) => {
              location.hash = link("twin", `subscriptions/${id}`);
            },
          );
        }}
      >
        <h2>{t().new_subscription}</h2>
        <Field
          name={t().description}
          hint={t().description_hint}
          value={draft.value.description}
          onInput={(description) => set({ description })}
        />
        <Subject {...parts} />
        <Receiver {...parts} />
        <Content {...parts} />
        <Refused text={act.error.value} />
        <div class="row">
          <button type="submit" class="primary" disabled={act.busy.value}>
            {t().subscribe}
          </button>
          <a class="button" href={link("twin", "subscriptions")}>
            {common().cancel}
          </a>
        </div>
      </form>
    </>
  );
}
