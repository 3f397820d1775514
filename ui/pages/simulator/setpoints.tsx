import { useSignal } from "@preact/signals";
import type { Setpoint } from "../../src/api.ts";
import * as format from "../../src/format.ts";
import { language, say } from "../../src/i18n.ts";
import { t } from "./texts.ts";

function One({ it, set }: { it: Setpoint; set: (value: number) => void }) {
  const typed = useSignal<string | null>(null);
  const text = (v: number) => format.significant(v, 4, language.value);
  const unit = format.unit(it.unit);
  return (
    <form
      class="setpoint"
      onSubmit={(event) => {
        event.preventDefault();
        if (typed.value !== null && typed.value !== "") set(Number(typed.value));
        typed.value = null;
      }}
    >
      <label for={`setpoint-${it.name}`}>
        {`${say(it.words)}${unit === "" ? "" : ` (${unit})`}`}
      </label>
      <div>
        <input
          id={`setpoint-${it.name}`}
          name={it.name}
          aria-describedby={`setpoint-${it.name}-help`}
          type="number"
          step="any"
          min={it.low}
          max={it.high}
          value={typed.value ?? Number(it.value.toPrecision(6))}
          onInput={(event) => {
            typed.value = event.currentTarget.value;
          }}
        />
        <button type="submit" disabled={typed.value === null}>
          {t().set}
        </button>
      </div>
      <span class="quiet" id={`setpoint-${it.name}-help`}>
        {t().setpoint_help(text(it.low), text(it.high), text(it.usual))}
      </span>
    </form>
  );
}

/** What people may set of the running plant. */
export function Setpoints(props: {
  all: readonly Setpoint[];
  set: (setpoints: Record<string, number>) => void;
}) {
  if (props.all.length === 0) return null;
  return (
    <section class="panel">
      <h2>{t().setpoints}</h2>
      <div class="setpoints">
        {props.all.map((it) => (
          <One key={it.name} it={it} set={(value) => props.set({ [it.name]: value })} />
        ))}
      </div>
    </section>
  );
}
