import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { byHand, toml } from "./state.ts";
import { t } from "./texts.ts";

/** The text that is tried, and that a scenario takes; whoever knows more than the form writes here. */
export function Toml() {
  const area = useRef<HTMLTextAreaElement>(null);
  const said = useSignal("");
  const isOpen = useSignal(byHand.peek() !== null);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(toml.peek());
      said.value = t().copied;
    } catch {
      // Not of a secure origin, or not allowed: by hand, then.
      area.current?.select();
      said.value = t().not_copied;
    }
  };
  return (
    <details
      class="rule-toml"
      open={isOpen.value}
      onToggle={(event) => {
        isOpen.value = event.currentTarget.open;
      }}
    >
      <summary>{t().toml}</summary>
      <div class="stack">
        <p class="quiet">{t().toml_help}</p>
        <textarea
          ref={area}
          aria-label={t().toml_text}
          rows={Math.min(24, toml.value.split("\n").length + 1)}
          spellcheck={false}
          value={toml.value}
          onInput={(event) => {
            byHand.value = event.currentTarget.value;
            said.value = "";
          }}
        />
        <div class="row">
          <button type="button" onClick={copy}>
            {t().copy}
          </button>
          {byHand.value !== null && (
            <button
              type="button"
              onClick={() => {
                byHand.value = null;
              }}
            >
              {t().back_to_form}
            </button>
          )}
          <span class="quiet" role="status">
            {said.value || (byHand.value !== null ? t().by_hand : "")}
          </span>
        </div>
      </div>
    </details>
  );
}
