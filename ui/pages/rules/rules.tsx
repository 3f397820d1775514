import { useEffect } from "preact/hooks";
import { Form } from "./form.tsx";
import { InForce } from "./in-force.tsx";
import { Result, Stale } from "./result.tsx";
import { begin, isBusy, refusal, tried } from "./state.ts";
import { t } from "./texts.ts";
import { t as named } from "./title.ts";
import { Toml } from "./toml.tsx";

/** What is in force; and a rule is made, and tried on what is stored: its series may stand in the address. */
export function Rules({ argument }: { argument: string }) {
  useEffect(() => {
    if (argument !== "") begin(argument);
  }, [argument]);
  return (
    <div class="page">
      <div class="page-head">
        <h1>{named().title}</h1>
      </div>
      <InForce />
      <p class="lead">{t().lead}</p>
      <section class="panel stack" aria-label={t().rule}>
        <Form key={argument} />
        <Toml />
      </section>
      <div role="status">
        {isBusy.value && <p class="empty">{t().busy}</p>}
        <Stale />
      </div>
      {refusal.value !== null && !isBusy.value && (
        <p class="failed" role="alert">
          {t().refused} {refusal.value}
        </p>
      )}
      {tried.value && !isBusy.value && <Result all={tried.value} />}
    </div>
  );
}
