import { useRef } from "preact/hooks";
import * as format from "../format.ts";
import { language } from "../i18n.ts";
import { connected, heardAt, shownAt, status, travel } from "../live.ts";
import { plant, zone } from "../plant.ts";
import { t } from "../texts/common.ts";
import { fromLocal, toLocal } from "../zoned.ts";
import { tick } from "./banners.tsx";

/** How old the youngest reading is on the scenario's clock, growing while the server is silent. */
function dataAge(): number | null {
  const now = status.value;
  if (!now || now.data_ms === null) return null;
  const silent = connected.value ? 0 : tick.value - heardAt.value;
  return Math.max(0, now.now_ms - now.data_ms + silent);
}

/** LIVE, or why what is shown is not. */
function modeText(): string {
  if (shownAt.value !== null) return t().past;
  const live = connected.value && (status.value?.live ?? true);
  if (status.value?.ended && connected.value) return t().ended;
  if (plant.value?.recorded && live) return t().recording;
  return live ? t().live : t().stale_data;
}

/** LIVE or the past instant shown, the site's time and zone, the age of the data. */
export function Instant() {
  const dialog = useRef<HTMLDialogElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const lang = language.value;
  const now = status.value;
  const past = shownAt.value;
  const age = dataAge();
  const shown = past ?? now?.now_ms ?? null;
  const mode = modeText();

  const choose = () => {
    if (past !== null) return travel(null);
    if (input.current)
      input.current.value = toLocal((now?.now_ms ?? Date.now()) - 3_600_000, zone.value);
    return dialog.current?.showModal();
  };
  const go = (event: Event) => {
    event.preventDefault();
    const at = fromLocal(input.current?.value ?? "", zone.value);
    dialog.current?.close();
    if (at !== null) travel(Math.min(at, now?.now_ms ?? at));
  };
  // Without a series (a receiver of alerts alone) there is neither age nor past.
  const watches = (plant.value?.series.length ?? 0) > 0;
  const help = past === null ? t().show_past : t().back_to_live;
  return (
    <div class="instant">
      <button
        type="button"
        hidden={!watches}
        class={`live${past === null ? "" : " past"}`}
        title={help}
        aria-label={`${mode}: ${help}`}
        onClick={choose}
      >
        {mode}
      </button>
      <div>
        <time>{format.time(shown, "full", lang, zone.value)}</time>
        <span class="age" hidden={past !== null || !watches}>
          {age === null ? t().no_data : t().data_age(format.duration(Math.round(age / 1000), lang))}
          {now && now.speed !== 1 && (
            <>
              {" "}
              ·{" "}
              {now.speed === 0 ? t().speed_max : t().speed(format.significant(now.speed, 3, lang))}
            </>
          )}
        </span>
      </div>
      <dialog ref={dialog} class="when" aria-label={t().show_past}>
        <form class="stack" onSubmit={go}>
          <h2>{t().show_past}</h2>
          <p class="quiet">{t().show_past_help}</p>
          <label>
            {t().instant}
            <input ref={input} type="datetime-local" required />
          </label>
          <div class="row">
            <button type="submit" class="primary">
              {t().show}
            </button>
            <button type="button" onClick={() => dialog.current?.close()}>
              {t().cancel}
            </button>
          </div>
        </form>
      </dialog>
    </div>
  );
}
