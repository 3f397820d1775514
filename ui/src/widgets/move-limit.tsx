import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { recall, remember } from "../prefs.ts";
import { t as common } from "../texts/common.ts";
import { t } from "../texts/move-limit.ts";

/** A limit that stands: what the form calls it, and its value. */
export interface Field {
  name: string;
  label: string;
  value: number;
}

interface Props {
  fields: readonly Field[];
  /** The button's name for those who do not see what stands beside it. */
  label: string;
  /** The words of the button that goes back to the scenario's values; none: they are those. */
  back?: string | undefined;
  /** One value a field; null: the scenario's. What it throws, the form says. */
  move: (to: Map<string, number | null>, who: string, comment: string) => Promise<unknown>;
  onChange: () => void;
}

function Form(props: Omit<Props, "label" | "onChange"> & { onDone: (changed: boolean) => void }) {
  const { fields, back, move, onDone } = props;
  const form = useRef<HTMLFormElement>(null);
  const error = useSignal<string | null>(null);
  useEffect(() => {
    form.current?.querySelector("input")?.select();
  }, []);

  const send = async (toScenario: boolean) => {
    const filled = new FormData(form.current ?? undefined);
    const who = String(filled.get("who")).trim();
    remember("name", who);
    const to = new Map(
      fields.map(({ name }) => [name, toScenario ? null : Number(filled.get(name))]),
    );
    try {
      await move(to, who, String(filled.get("comment")).trim());
      onDone(true);
    } catch (cause) {
      error.value = (cause as Error).message;
    }
  };
  return (
    <form
      ref={form}
      class="stack limit-form"
      onSubmit={(event) => {
        event.preventDefault();
        send(false);
      }}
    >
      {fields.map(({ name, label, value }) => (
        <label key={name}>
          {label}
          <input name={name} type="number" step="any" required defaultValue={String(value)} />
        </label>
      ))}
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
        {back !== undefined && (
          <button
            type="button"
            onClick={() => {
              if (form.current?.reportValidity()) send(true);
            }}
          >
            {back}
          </button>
        )}
        <button type="button" onClick={() => onDone(false)}>
          {common().cancel}
        </button>
      </div>
    </form>
  );
}

/** A button, and the form that it opens, to move limits while the program runs. */
export function MoveLimit({ label, onChange, ...of }: Props) {
  const button = useRef<HTMLButtonElement>(null);
  const moving = useSignal(false);
  const done = (changed: boolean) => {
    moving.value = false;
    button.current?.focus();
    if (changed) onChange();
  };
  return (
    <>
      <button
        ref={button}
        type="button"
        aria-expanded={moving.value}
        aria-label={label}
        onClick={() => {
          moving.value = !moving.value;
        }}
      >
        {t().move}
      </button>
      {moving.value && <Form {...of} onDone={done} />}
    </>
  );
}
