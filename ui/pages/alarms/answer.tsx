import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { reloadAlarms } from "../../src/alarms.ts";
import { type Alarm, api } from "../../src/api.ts";
import { say } from "../../src/i18n.ts";
import { recall, remember } from "../../src/prefs.ts";
import { t as common } from "../../src/texts/common.ts";
import { Glyph } from "../../src/widgets/glyph.tsx";
import { t } from "./texts.ts";

export type Act = "acknowledge" | "shelve";

/** Asks who answers an alarm, and why; the name is remembered for the next one. */
export function Answer(props: { alarm: Alarm; act: Act; onDone: () => void }) {
  const { alarm, act, onDone } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  const form = useRef<HTMLFormElement>(null);
  const error = useSignal<string | null>(null);
  const busy = useSignal(false);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);

  const send = async (event: Event) => {
    event.preventDefault();
    const fields = new FormData(form.current ?? undefined);
    const who = String(fields.get("who")).trim();
    const comment = String(fields.get("comment")).trim();
    remember("name", who);
    busy.value = true;
    try {
      if (act === "acknowledge") await api.acknowledge(alarm.id, who, comment);
      else await api.shelve(alarm.id, who, comment, Number(fields.get("minutes")));
      await reloadAlarms();
      onDone();
    } catch (cause) {
      error.value = (cause as Error).message;
      busy.value = false;
    }
  };
  const title = act === "acknowledge" ? t().acknowledge : t().shelve;
  return (
    <dialog ref={dialog} class="when wide" aria-label={title} onClose={onDone}>
      <form ref={form} class="stack" onSubmit={send}>
        <h2>{title}</h2>
        <p class="answer-of">
          <Glyph priority={alarm.priority} />
          <span>{say(alarm.message)}</span>
        </p>
        <label>
          {t().your_name}
          <input name="who" required autocomplete="name" defaultValue={recall("name") ?? ""} />
        </label>
        {act === "shelve" && (
          <label>
            {t().minutes}
            <input name="minutes" type="number" min="1" max="10080" defaultValue="60" required />
          </label>
        )}
        <label>
          {act === "shelve" ? t().why : t().comment}
          <textarea
            name="comment"
            rows={3}
            placeholder={t().comment_hint}
            required={act === "shelve"}
          />
        </label>
        {error.value !== null && (
          <p class="failed" role="alert">
            {t().refused(error.value)}
          </p>
        )}
        <div class="row">
          <button type="submit" class="primary" disabled={busy.value}>
            {title}
          </button>
          <button type="button" onClick={() => dialog.current?.close()}>
            {common().cancel}
          </button>
        </div>
      </form>
    </dialog>
  );
}
