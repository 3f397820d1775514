/** What a person does to the broker: it goes through, or the reason is shown where he did it. */
import { type Signal, useSignal } from "@preact/signals";
import { ApiError } from "../../src/api.ts";
import { t as common } from "../../src/texts/common.ts";
import { Dialog } from "../../src/widgets/dialog.tsx";
import { named, t } from "./texts.ts";

/** A refusal in the reader's language, then in the broker's own words. */
export function explain(cause: Error): string {
  if (!(cause instanceof ApiError)) return cause.message;
  const key = `refused_${cause.status === 507 ? 503 : cause.status}`;
  const known = named(key);
  if (cause.status === 0) return known;
  return `${known === key ? t().refused_other(cause.status) : known} ${cause.message}`;
}

export interface Act {
  error: Signal<string | null>;
  busy: Signal<boolean>;
  run: <T>(doing: () => Promise<T>, then: (done: T) => void) => Promise<void>;
}

export function useAct(): Act {
  const error = useSignal<string | null>(null);
  const busy = useSignal(false);
  return {
    error,
    busy,
    run: async (doing, then) => {
      error.value = null;
      busy.value = true;
      try {
        then(await doing());
      } catch (cause) {
        error.value = explain(cause as Error);
      }
      busy.value = false;
    },
  };
}

export function Refused({ text }: { text: string | null }) {
  return text === null ? null : (
    <p class="failed" role="alert">
      {text}
    </p>
  );
}

/** The two buttons under a form. */
export function Answers(props: { yes: string; busy: boolean; onCancel: () => void }) {
  return (
    <div class="row">
      <button type="submit" class="primary" disabled={props.busy}>
        {props.yes}
      </button>
      <button type="button" onClick={props.onCancel}>
        {common().cancel}
      </button>
    </div>
  );
}

/** Asks before something is gone. */
export function Confirm(props: {
  title: string;
  text: string;
  doing: () => Promise<unknown>;
  onDone: () => void;
  onClose: () => void;
}) {
  const act = useAct();
  return (
    <Dialog
      title={props.title}
      onClose={props.onClose}
      onSubmit={() => void act.run(props.doing, props.onDone)}
    >
      <p>{props.text}</p>
      <Refused text={act.error.value} />
      <Answers yes={t().remove} busy={act.busy.value} onCancel={props.onClose} />
    </Dialog>
  );
}
