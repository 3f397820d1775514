import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { api, type FaultType } from "../../src/api.ts";
import { t as fault_t } from "../../src/texts/fault.ts";
import { FaultChoices, Minutes, numberOf, Size, Target } from "../../src/widgets/fault-fields.tsx";
import { t } from "./texts.ts";

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
    try {
      const { label } = await api.inject({
        fault: type.name,
        target: String(fields.get("target") ?? "").trim(),
        size: numberOf(fields, "size"),
        minutes: numberOf(fields, "minutes"),
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
          {fault_t().fault}
          <select
            name="fault"
            value={chosen.value}
            onChange={(event) => {
              chosen.value = event.currentTarget.value;
              said.value = null;
            }}
          >
            <FaultChoices types={types} />
          </select>
        </label>
        <Target key={`target ${type.name}`} type={type} />
        <Size key={`size ${type.name}`} type={type} />
        <Minutes />
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
