/** A page whose code is asked for when it is first opened, so that the others need not wait for it. */
import { signal } from "@preact/signals";
import type { FunctionComponent } from "preact";
import { useEffect } from "preact/hooks";
import { t } from "./texts/common.ts";

export function lazy<Props extends object>(
  load: () => Promise<FunctionComponent<Props>>,
): FunctionComponent<Props> {
  const view = signal<FunctionComponent<Props> | null>(null);
  const error = signal<string | null>(null);
  return (props) => {
    useEffect(() => {
      if (view.peek()) return;
      load().then(
        (found) => {
          view.value = found;
        },
        (cause: Error) => {
          error.value = cause.message;
        },
      );
    }, []);
    const View = view.value;
    if (View) return <View {...props} />;
    if (error.value === null) return <p class="empty loading">{t().loading}</p>;
    // Another Sosie may be running by now, whose parts do not fit: a reload brings all of them.
    return (
      <div class="failed row" role="alert">
        <span>{t().failed(error.value)}</span>
        <button type="button" onClick={() => location.reload()}>
          {t().retry}
        </button>
      </div>
    );
  };
}
