import { api } from "../../src/api.ts";
import { status } from "../../src/live.ts";
import { useResource } from "../../src/resource.ts";
import { Show } from "../../src/widgets/show.tsx";
import { Form } from "./form.tsx";
import { Result } from "./result.tsx";
import { isBusy, refusal, told } from "./state.ts";
import { t } from "./texts.ts";
import { t as named } from "./title.ts";

/** `argument`: "undo-31" begins with the fault that is to be undone. */
export function WhatIfPage({ argument }: { argument: string }) {
  const version = status.value?.versions.simulator ?? 0;
  const simulator = useResource(() => api.simulator(), [version]);
  return (
    <div class="page">
      <h1>{named().title}</h1>
      <p class="lead">{t().lead}</p>
      <Show of={simulator}>{(it) => <Form key={argument} it={it} argument={argument} />}</Show>
      <div role="status">{isBusy.value && <p class="empty">{t().busy}</p>}</div>
      {refusal.value !== null && !isBusy.value && (
        <p class="failed" role="alert">
          {t().refused(refusal.value)}
        </p>
      )}
      {told.value && !isBusy.value && <Result of={told.value} />}
    </div>
  );
}
