import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { api, type FaultType } from "../../src/api.ts";
import * as format from "../../src/format.ts";
import { language, say } from "../../src/i18n.ts";
import { isState, series } from "../../src/plant.ts";
import { word } from "../../src/texts/common.ts";
import { t } from "./texts.ts";

function byKind(types: readonly FaultType[]): [string, FaultType[]][] {
  const groups = new Map<string, FaultType[]>();
  for (const type of types) groups.set(type.kind, [...(groups.get(type.kind) ?? []), type]);
  return [...groups];
}

function Target({ type }: { type: FaultType }) {
  if (type.targets.length > 0) {
    return (
      <label>
        {t().target}
        <select name="target">
          <option value="">{t().any_target}</option>
          {type.targets.map((target) => (
            <option key={target} value={target}>
              {target}
            </option>
          ))}
        </select>
      </label>
    );
  }
  return (
    <label>
      {t().target}
      <input name="target" list="sensors" autocomplete="off" placeholder={t().target_hint} />
      <datalist id="sensors">
        {[...series.value.values()]
          .filter((info) => !isState(info))
          .map((info) => (
            <option key={info.id} value={info.entity}>
              {say(info.quantity)}
            </option>
          ))}
      </datalist>
    </label>
  );
}

function Size({ type }: { type: FaultType }) {
  if (type.size_high <= type.size_low) return null;
  const text = (v: number) => format.significant(v, 3, language.value);
  return (
    <label>
      {t().size}
      <input
        name="size"
        type="number"
        step="any"
        min={type.size_low}
        max={type.size_high}
        placeholder={t().size_hint(text(type.size_low), text(type.size_high), type.size_unit)}
      />
    </label>
  );
}

/** Any fault that the plant knows, on any target, as large and as long as one likes. */
export function Inject({ types, onDone }: { types: readonly FaultType[]; onDone: () => void }) {
  const chosen = useSignal(types[0]?.name ?? "");
  const said = useSignal<{ text: string; failed: boolean } | null>(null);
  const form = useRef<HTMLFormElement>(null);
  const type = types.find((candidate) => candidate.name === chosen.value);
  if (!type) return null;

  const send = async (event: Event) => {
    event.preventDefault();
    const fields = new FormData(form.current ?? undefined);
    const number = (name: string) => {
      const text = String(fields.get(name) ?? "");
      return text === "" ? null : Number(text);
    };
    try {
      const { label } = await api.inject({
        fault: type.name,
        target: String(fields.get("target") ?? "").trim(),
        size: number("size"),
        minutes: number("minutes"),
      });
      said.value = { text: t().injected(label), failed: false };
      onDone();
    } catch (cause) {
      said.value = { text: t().refused((cause as Error).message), failed: true };
    }
  };
  return (
    <section class="panel">
      <h2>{t().inject}</h2>
      <form ref={form} class="inject" onSubmit={send}>
        <label>
          {t().fault}
          <select
            name="fault"
            value={chosen.value}
            onChange={(event) => {
              chosen.value = event.currentTarget.value;
              said.value = null;
            }}
          >
            {byKind(types).map(([kind, group]) => (
              <optgroup key={kind} label={word(kind)}>
                {group.map((one) => (
                  <option key={one.name} value={one.name}>
                    {say(one.words)}
                  </option>
                ))}
              </optgroup>
            ))}
          </select>
        </label>
        <Target key={`target ${type.name}`} type={type} />
        <Size key={`size ${type.name}`} type={type} />
        <label>
          {t().minutes}
          <input name="minutes" type="number" min="0.1" step="any" placeholder={t().minutes_hint} />
        </label>
        <button type="submit" class="primary">
          {t().go}
        </button>
      </form>
      <p class={said.value?.failed ? "failed" : "quiet"} role="status">
        {said.value?.text}
      </p>
    </section>
  );
}
