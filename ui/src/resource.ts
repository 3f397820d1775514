/** A thing asked from the server and shown: its value, its error, and when to ask anew. */
import { type ReadonlySignal, useSignal } from "@preact/signals";
import { useCallback, useEffect, useRef } from "preact/hooks";

export interface Resource<T> {
  value: ReadonlySignal<T | null>;
  error: ReadonlySignal<Error | null>;
  reload: () => void;
}

/**
 * Asks when mounted, when `keys` change, and every `every_ms` if that is given. The last good value
 * stays while a new one is on its way; of two answers only the later question's counts.
 */
export function useResource<T>(
  ask: () => Promise<T>,
  keys: readonly unknown[],
  every_ms = 0,
): Resource<T> {
  const value = useSignal<T | null>(null);
  const error = useSignal<Error | null>(null);
  const question = useRef(0);
  const latest = useRef(ask);
  latest.current = ask;

  const reload = useCallback(() => {
    const mine = ++question.current;
    latest.current().then(
      (found) => {
        if (mine !== question.current) return;
        value.value = found;
        error.value = null;
      },
      (cause: Error) => {
        if (mine === question.current) error.value = cause;
      },
    );
  }, []);

  useEffect(() => {
    reload();
    if (every_ms === 0) return undefined;
    const timer = setInterval(() => {
      if (!document.hidden) reload();
    }, every_ms);
    return () => clearInterval(timer);
  }, [...keys, every_ms]);
  useEffect(
    () => () => {
      question.current++;
    },
    [],
  );
  return { value, error, reload };
}
