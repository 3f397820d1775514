import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { WhatIfQuestion } from "../../src/api/whatif.ts";
import type { FaultType, Setpoint, SimulatorStatus } from "../../src/api.ts";
import * as format from "../../src/format.ts";
import { language, say } from "../../src/i18n.ts";
import { t as common, word } from "../../src/texts/common.ts";
import { t as fault_t } from "../../src/texts/fault.ts";
import { FaultChoices, Minutes, numberOf, Size, Target } from "../../src/widgets/fault-fields.tsx";
import { Segments } from "../../src/widgets/show.tsx";
import { askIt, hours, isBusy } from "./state.ts";
import { t } from "./texts.ts";

const spans = [6, 24, 48, 168];

function Fault({ types }: { types: readonly FaultType[] }) {
  const chosen = useSignal("");
  const type = types.find(({ name }) => name === chosen.value);
  return (
    <fieldset class="whatif-change">
      <legend>{fault_t().fault}</legend>
      <label>
        {t().which}
        <select
          name="fault"
          value={chosen.value}
          onChange={(event) => {
            chosen.value = event.currentTarget.value;
          }}
        >
          <option value="">{t().no_fault}</option>
          <FaultChoices types={types} />
        </select>
      </label>
      {type && (
        <>
          <Target key={`target ${type.name}`} type={type} />
          <Size key={`size ${type.name}`} type={type} />
          <Minutes />
        </>
      )}
    </fieldset>
  );
}

function SetpointField({ all }: { all: readonly Setpoint[] }) {
  const chosen = useSignal("");
  const one = all.find(({ name }) => name === chosen.value);
  const text = (v: number) => format.significant(v, 4, language.value);
  if (all.length === 0) return null;
  return (
    <fieldset class="whatif-change">
      <legend>{t().setpoint}</legend>
      <label>
        {t().which}
        <select
          name="setpoint"
          value={chosen.value}
          onChange={(event) => {
            chosen.value = event.currentTarget.value;
          }}
        >
          <option value="">{t().as_set}</option>
          {all.map(({ name, words, value, unit }) => (
            <option key={name} value={name}>
              {`${say(words)} (${text(value)} ${format.unit(unit)})`}
            </option>
          ))}
        </select>
      </label>
      {one && (
        <label key={one.name}>
          {t().new_value(format.unit(one.unit))}
          <input
            name="value"
            type="number"
            step="any"
            min={one.low}
            max={one.high}
            required
            placeholder={t().range(text(one.low), text(one.high))}
          />
        </label>
      )}
    </fieldset>
  );
}

function Other({ it, argument }: { it: SimulatorStatus; argument: string }) {
  const undone = argument.startsWith("undo-") ? argument.slice("undo-".length) : "";
  const known = it.running.some(({ id }) => String(id) === undone) ? undone : "";
  const chosen = useSignal(known);
  const weather = useSignal("");
  return (
    <fieldset class="whatif-change">
      <legend>{t().other}</legend>
      <label>
        {common().weather}
        <select
          name="weather"
          value={weather.value}
          onChange={(event) => {
            weather.value = event.currentTarget.value;
          }}
        >
          <option value="">{t().as_it_comes}</option>
          {it.weathers.map((value) => (
            <option key={value} value={value}>
              {word(value)}
            </option>
          ))}
        </select>
      </label>
      {weather.value !== "" && (
        <label>
          {t().weather_minutes}
          <input
            name="weather_minutes"
            type="number"
            min="0.1"
            step="any"
            placeholder={t().to_the_end}
          />
        </label>
      )}
      <label>
        {t().undo}
        <select
          name="undo"
          value={chosen.value}
          disabled={it.running.length === 0}
          onChange={(event) => {
            chosen.value = event.currentTarget.value;
          }}
        >
          <option value="">{it.running.length === 0 ? t().none_runs : t().undo_none}</option>
          {it.running.map((label) => (
            <option key={label.id} value={String(label.id)}>
              {say(label.text) || label.scenario}
            </option>
          ))}
        </select>
      </label>
    </fieldset>
  );
}

function questionOf(form: HTMLFormElement): WhatIfQuestion {
  const fields = new FormData(form);
  const text = (name: string) => String(fields.get(name) ?? "").trim();
  const question: WhatIfQuestion = { hours: hours.peek() };
  if (text("fault") !== "") {
    question.faults = [
      {
        fault: text("fault"),
        target: text("target"),
        size: numberOf(fields, "size"),
        minutes: numberOf(fields, "minutes"),
      },
    ];
  }
  const value = numberOf(fields, "value");
  if (text("setpoint") !== "" && value !== null) question.setpoints = { [text("setpoint")]: value };
  if (text("weather") !== "") {
    question.weather = text("weather");
    question.weather_minutes = numberOf(fields, "weather_minutes");
  }
  if (text("undo") !== "") question.undo = [Number(text("undo"))];
  return question;
}

/** Whether anything is to be otherwise; a setpoint without its value is still to be told. */
function isAnythingChosen(form: HTMLFormElement) {
  const fields = new FormData(form);
  return ["fault", "setpoint", "weather", "undo"].some((name) => (fields.get(name) ?? "") !== "");
}

/** What is to be otherwise: a fault, a setpoint, the weather, a fault less, or several of them. */
export function Form({ it, argument }: { it: SimulatorStatus; argument: string }) {
  const form = useRef<HTMLFormElement>(null);
  const isChosen = useSignal(false);
  const look = () => {
    if (form.current) isChosen.value = isAnythingChosen(form.current);
  };
  useEffect(look); // a fault to undo may be chosen already, and one that has ended is no choice
  return (
    <form
      ref={form}
      class="panel stack"
      aria-label={t().change}
      onChange={look}
      onSubmit={(event) => {
        event.preventDefault();
        if (form.current) void askIt(questionOf(form.current));
      }}
    >
      <div class="whatif-changes">
        <Fault types={it.types} />
        <SetpointField all={it.setpoints} />
        <Other it={it} argument={argument} />
      </div>
      <div class="row whatif-go">
        <span class="quiet" aria-hidden="true">
          {t().ahead}
        </span>
        <Segments
          name={t().ahead}
          choices={spans.map((value) => ({
            value,
            label: value < 72 ? common().hours(value) : common().days(value / 24),
          }))}
          chosen={hours.value}
          onChoose={(value) => {
            hours.value = value;
          }}
        />
        {!isChosen.value && <span class="quiet">{t().choose_first}</span>}
        <button type="submit" class="primary" disabled={isBusy.value || !isChosen.value}>
          {t().go}
        </button>
      </div>
    </form>
  );
}
