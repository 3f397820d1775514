import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { type Answer, api, type Finding, type FindingCases } from "../../src/api.ts";
import * as format from "../../src/format.ts";
import { language, say } from "../../src/i18n.ts";
import { zone } from "../../src/plant.ts";
import { recall, remember } from "../../src/prefs.ts";
import { useResource } from "../../src/resource.ts";
import { link } from "../../src/router.ts";
import { t as common, word } from "../../src/texts/common.ts";
import { Show } from "../../src/widgets/show.tsx";
import { kinds } from "./kinds.ts";
import { t } from "./texts.ts";

function when(ms: number): string {
  return format.time(ms, "short", language.value, zone.value);
}

function Verdict({ right }: { right: boolean }) {
  return <b>{right ? `✓ ${t().right}` : `✗ ${t().wrong}`}</b>;
}

function Said({ answer }: { answer: Answer }) {
  return (
    <li>
      <Verdict right={answer.right} />
      {answer.kind !== null && ` (${word(answer.kind)})`}, {answer.who}{" "}
      <time class="quiet">{when(answer.at_ms)}</time>
      {answer.comment !== "" && <p>{answer.comment}</p>}
    </li>
  );
}

/** Asks a person whether the finding was right; the name is remembered for the next one. */
function Ask({ finding, onDone }: { finding: Finding; onDone: () => void }) {
  const form = useRef<HTMLFormElement>(null);
  const right = useSignal<boolean | null>(null);
  const error = useSignal<string | null>(null);
  const busy = useSignal(false);
  const send = async (event: Event) => {
    event.preventDefault();
    if (right.value === null) return;
    const fields = new FormData(form.current ?? undefined);
    const who = String(fields.get("who")).trim();
    remember("name", who);
    busy.value = true;
    try {
      await api.answer(finding.id, {
        right: right.value,
        kind: String(fields.get("kind") ?? ""),
        who,
        comment: String(fields.get("comment")).trim(),
      });
      right.value = null;
      error.value = null;
      onDone();
    } catch (cause) {
      error.value = (cause as Error).message;
    }
    busy.value = false;
  };
  const choice = (value: boolean, text: string) => (
    <button
      type="button"
      aria-pressed={right.value === value}
      onClick={() => {
        right.value = right.value === value ? null : value;
      }}
    >
      {text}
    </button>
  );
  return (
    <form ref={form} class="stack" onSubmit={send}>
      <div class="row">
        {choice(true, t().right)}
        {choice(false, t().wrong)}
      </div>
      {right.value !== null && (
        <>
          <label>
            {t().really}
            <select name="kind" defaultValue={right.value ? finding.kind : ""}>
              <option value="">{t().nothing_more}</option>
              {kinds.map((name) => (
                <option key={name} value={name}>
                  {word(name)}
                </option>
              ))}
            </select>
          </label>
          <label>
            {t().your_name}
            <input name="who" required autocomplete="name" defaultValue={recall("name") ?? ""} />
          </label>
          <label>
            {t().comment}
            <textarea name="comment" rows={2} />
          </label>
          <div class="row">
            <button type="submit" class="primary" disabled={busy.value}>
              {t().send}
            </button>
            <button
              type="button"
              onClick={() => {
                right.value = null;
              }}
            >
              {common().cancel}
            </button>
          </div>
        </>
      )}
      {error.value !== null && (
        <p class="failed" role="alert">
          {t().refused(error.value)}
        </p>
      )}
    </form>
  );
}

function Opinion({ of }: { of: FindingCases }) {
  const { right, wrong, trust } = of.opinion;
  if (right + wrong === 0) return null;
  return <p>{t().opinion(right, wrong, format.percent(trust, language.value))}</p>;
}

function Similar({ of }: { of: FindingCases }) {
  return (
    <section class="panel stack">
      <h2>{t().similar}</h2>
      {of.similar.length === 0 && <p class="quiet">{t().none_similar}</p>}
      <ul class="stack">
        {of.similar.map((one) => (
          <li key={one.id}>
            <a class="finding" href={link("anomalies", one.id)}>
              <span class="finding-head">
                <b>{format.percent(one.similarity, language.value)}</b>
                <span class="tag">{say(one.kind_name)}</span>
                {one.answer && <Verdict right={one.answer.right} />}
                <time class="quiet">{when(one.onset_ms)}</time>
              </span>
              <span>{say(one.sentence)}</span>
            </a>
          </li>
        ))}
      </ul>
      <Opinion of={of} />
      <p class="quiet">{t().similar_help}</p>
    </section>
  );
}

/** What people say of a finding, and earlier ones that are like it. */
export function Cases({ finding }: { finding: Finding }) {
  const asked = useSignal(0);
  const found = useResource(() => api.findingCases(finding.id), [finding.id, asked.value]);
  return (
    <Show of={found}>
      {(of) => (
        <div class="columns evidence-columns">
          <Similar of={of} />
          <section class="panel stack">
            <h2>{t().was_it_right}</h2>
            {of.answers.length > 0 && (
              <ul class="stack">
                {of.answers.map((answer) => (
                  <Said key={answer.at_ms} answer={answer} />
                ))}
              </ul>
            )}
            <Ask
              finding={finding}
              onDone={() => {
                asked.value += 1;
              }}
            />
          </section>
        </div>
      )}
    </Show>
  );
}
