import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { api, type ModelStep, type Models, type ModelVersion, type Trial } from "../../src/api.ts";
import * as format from "../../src/format.ts";
import { colon, language, say } from "../../src/i18n.ts";
import { zone } from "../../src/plant.ts";
import { recall, remember } from "../../src/prefs.ts";
import { useResource } from "../../src/resource.ts";
import { t as common } from "../../src/texts/common.ts";
import { Dialog } from "../../src/widgets/dialog.tsx";
import { Empty, Show } from "../../src/widgets/show.tsx";
import { Table } from "../../src/widgets/table.tsx";
import { t } from "./texts.ts";

const stepsShown = 8;

/** What is about to be done, once somebody has given their name to it. */
interface Plan {
  title: string;
  note: string;
  go: string;
  act: (who: string, comment: string) => Promise<Models>;
}

const trainPlan = (): Plan => ({
  title: t().sure_train,
  note: t().sure_train_note,
  go: t().train_now,
  act: (who, comment) => api.trainModel(who, comment),
});

function activatePlan({ version, state }: ModelVersion): Plan {
  const isShadow = state === "shadow";
  return {
    title: isShadow ? t().sure_promote(version) : t().sure_roll_back(version),
    note: t().sure_activate_note,
    go: isShadow ? t().promote : t().roll_back,
    act: (who, comment) => api.activateModel(version, who, comment),
  };
}

const retirePlan = ({ version }: ModelVersion): Plan => ({
  title: t().sure_retire(version),
  note: t().sure_retire_note,
  go: t().retire,
  act: (who, comment) => api.retireModel(version, who, comment),
});

function Confirm({ plan, onClose }: { plan: Plan; onClose: (isDone: boolean) => void }) {
  const name = useRef<HTMLInputElement>(null);
  const comment = useRef<HTMLInputElement>(null);
  const error = useSignal<string | null>(null);
  const isBusy = useSignal(false);
  const submit = async () => {
    const who = name.current?.value.trim() ?? "";
    remember("name", who);
    isBusy.value = true;
    try {
      await plan.act(who, comment.current?.value.trim() ?? "");
      onClose(true);
    } catch (cause) {
      error.value = (cause as Error).message;
      isBusy.value = false;
    }
  };
  return (
    <Dialog title={plan.title} onClose={() => onClose(false)} onSubmit={submit}>
      <p>{plan.note}</p>
      <label>
        {t().your_name}
        <input
          ref={name}
          name="who"
          required
          autocomplete="name"
          defaultValue={recall("name") ?? ""}
        />
      </label>
      <label>
        {t().comment}
        <input ref={comment} name="comment" />
      </label>
      {error.value !== null && (
        <p class="failed" role="alert">
          {t().refused(error.value)}
        </p>
      )}
      <div class="row">
        <button type="submit" class="primary" disabled={isBusy.value}>
          {plan.go}
        </button>
        <button type="button" onClick={() => onClose(false)}>
          {common().cancel}
        </button>
      </div>
    </Dialog>
  );
}

const when = (ms: number) => format.time(ms, "short", language.value, zone.value);

function stateName({ state }: ModelVersion): string {
  const names = {
    active: t().state_active,
    shadow: t().state_shadow,
    retired: t().state_retired,
  };
  return names[state];
}

function reason({ trigger, why }: ModelVersion): string {
  const names = {
    first: t().because_first,
    command: t().because_command,
    people: t().because_people,
    schedule: t().because_schedule,
    drift: t().because_drift,
    unknown: t().because_unknown,
  };
  const isSaid = why !== "" && trigger !== "command";
  return isSaid ? `${names[trigger]}${colon()} ${why}` : names[trigger];
}

function Merit({ trial, trialSeconds }: { trial: Trial | null; trialSeconds: number | null }) {
  const lang = language.value;
  if (!trial) return <>–</>;
  const { active, shadow } = trial;
  const parts = [
    trialSeconds !== null &&
      t().merit_days(
        format.duration(trial.days * 86_400, lang),
        format.duration(trialSeconds, lang),
      ),
    trial.error_ratio !== null && t().merit_error(format.number(trial.error_ratio, 2, lang)),
    t().merit_found(shadow.episodes, active.episodes),
    active.wrong > 0 && t().merit_wrong(shadow.wrong, active.wrong),
    active.confirmed > 0 && t().merit_confirmed(shadow.confirmed, active.confirmed),
  ].filter((part) => typeof part === "string");
  return (
    <ul class="merit">
      {parts.map((part) => (
        <li key={part}>{part}</li>
      ))}
    </ul>
  );
}

function Versions({ models, onPlan }: { models: Models; onPlan: (plan: Plan) => void }) {
  const lang = language.value;
  return (
    <Table
      rows={models.versions}
      keyOf={({ version }) => version}
      rowClass={({ state }) => `model-${state}`}
      columns={[
        { head: t().version, num: true, cell: ({ version }) => version },
        {
          head: t().state,
          cell: (model) => <span class={`tag state-${model.state}`}>{stateName(model)}</span>,
        },
        { head: t().trained, cell: ({ trained_ms }) => when(trained_ms) },
        {
          head: t().data,
          cell: ({ from_ms, to_ms, frames, left_out }) => (
            <div>
              {when(from_ms)} – {when(to_ms)}
              <small>
                {format.number(frames, 0, lang)} {t().frames.toLowerCase()}
                {left_out > 0 && ` · ${t().left_out(left_out)}`}
              </small>
            </div>
          ),
        },
        {
          head: t().sensors,
          num: true,
          cell: ({ sensors }) => (sensors > 0 ? format.number(sensors, 0, lang) : "–"),
        },
        { head: t().why, cell: reason },
        {
          head: t().merit,
          cell: ({ trial, state }) => (
            <Merit trial={trial} trialSeconds={state === "shadow" ? models.trial_s : null} />
          ),
        },
        {
          head: "",
          class: "model-acts",
          cell: (model) =>
            model.state !== "active" && (
              <div class="row">
                <button type="button" onClick={() => onPlan(activatePlan(model))}>
                  {model.state === "shadow" ? t().promote : t().roll_back}
                </button>
                {model.state === "shadow" && (
                  <button type="button" onClick={() => onPlan(retirePlan(model))}>
                    {t().retire}
                  </button>
                )}
              </div>
            ),
        },
      ]}
    />
  );
}

function stepName({ what, version }: ModelStep): string {
  switch (what) {
    case "trained":
      return t().step_trained(version);
    case "promoted":
      return t().step_promoted(version);
    case "retired":
      return t().step_retired(version);
    case "rolled_back":
      return t().step_rolled_back(version);
    default:
      return t().step_failed;
  }
}

function Log({ steps }: { steps: readonly ModelStep[] }) {
  if (steps.length === 0) return null;
  return (
    <ul class="quiet model-log" aria-label={t().model_log}>
      {steps.slice(0, stepsShown).map((step) => (
        <li key={`${step.at_ms} ${step.what} ${step.version}`}>
          {when(step.at_ms)} · {step.who === "" ? t().sosie_itself : step.who} · {stepName(step)}
          {say(step.text) !== "" && ` · ${say(step.text)}`}
        </li>
      ))}
    </ul>
  );
}

function Notes({ models }: { models: Models }) {
  const notes = [
    models.training && t().training,
    models.note !== "" && t().model_note(models.note),
    models.trouble !== "" && t().model_trouble(models.trouble),
    models.moved.length > 0 && t().moved(models.moved.join(", ")),
    models.next_training_ms !== null && t().next_training(when(models.next_training_ms)),
  ].filter((note) => typeof note === "string");
  return (
    <>
      {notes.map((note) => (
        <p key={note} role="status">
          {note}
        </p>
      ))}
    </>
  );
}

/** What was learned so far, which of it judges, what is on trial; and who may change that: people. */
export function ModelsPanel() {
  const turn = useSignal(0);
  const plan = useSignal<Plan | null>(null);
  const models = useResource(() => api.models(), [turn.value], 5000);
  return (
    <section class="panel stack models">
      <header>
        <h2>{t().models}</h2>
        <button
          type="button"
          onClick={() => {
            plan.value = trainPlan();
          }}
        >
          {t().train_now}
        </button>
      </header>
      <Show of={models}>
        {(found) => (
          <>
            <Notes models={found} />
            {found.versions.length === 0 ? (
              <Empty>{t().no_models}</Empty>
            ) : (
              <Versions
                models={found}
                onPlan={(chosen) => {
                  plan.value = chosen;
                }}
              />
            )}
            <p class="quiet">{t().models_help}</p>
            <Log steps={found.log} />
          </>
        )}
      </Show>
      {plan.value !== null && (
        <Confirm
          plan={plan.value}
          onClose={(isDone) => {
            plan.value = null;
            if (isDone) turn.value += 1;
          }}
        />
      )}
    </section>
  );
}
