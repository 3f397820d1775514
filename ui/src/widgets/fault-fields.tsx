/** The fields of a fault that is ordered: on the running plant, or in a future of it. */
import type { FaultType } from "../api.ts";
import * as format from "../format.ts";
import { language, say } from "../i18n.ts";
import { isState, series } from "../plant.ts";
import { word } from "../texts/common.ts";
import { t } from "../texts/fault.ts";

function byKind(types: readonly FaultType[]): [string, FaultType[]][] {
  const groups = new Map<string, FaultType[]>();
  for (const type of types) groups.set(type.kind, [...(groups.get(type.kind) ?? []), type]);
  return [...groups];
}

export function Target({ type }: { type: FaultType }) {
  if (!type.takes_target) return null;
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

export function Size({ type }: { type: FaultType }) {
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
        placeholder={t().size_hint(
          text(type.size_low),
          text(type.size_high),
          t().size_unit(type.size_unit),
        )}
      />
    </label>
  );
}

export function Minutes() {
  return (
    <label>
      {t().minutes}
      <input name="minutes" type="number" min="0.1" step="any" placeholder={t().minutes_hint} />
    </label>
  );
}

export function FaultChoices({ types }: { types: readonly FaultType[] }) {
  return (
    <>
      {byKind(types).map(([kind, group]) => (
        <optgroup key={kind} label={word(kind)}>
          {group.map((one) => (
            <option key={one.name} value={one.name}>
              {say(one.words)}
            </option>
          ))}
        </optgroup>
      ))}
    </>
  );
}

/** A form's number, null where the field is empty. */
export function numberOf(fields: FormData, name: string): number | null {
  const text = String(fields.get(name) ?? "");
  return text === "" ? null : Number(text);
}
