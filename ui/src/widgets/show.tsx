import type { ComponentChildren } from "preact";
import type { Resource } from "../resource.ts";
import { t } from "../texts/common.ts";

/** A resource's value, or that it is on its way, or why there is none and a way to try again. */
export function Show<T>(props: { of: Resource<T>; children: (value: T) => ComponentChildren }) {
  const { of } = props;
  const error = of.error.value;
  const value = of.value.value;
  return (
    <>
      {error && (
        <div class="failed row" role="alert">
          <span>{t().failed(error.message)}</span>
          <button type="button" onClick={of.reload}>
            {t().retry}
          </button>
        </div>
      )}
      {value !== null && props.children(value)}
      {value === null && !error && <p class="empty loading">{t().loading}</p>}
    </>
  );
}

export function Empty({ children }: { children: ComponentChildren }) {
  return <p class="empty">{children}</p>;
}

/** A number with its name: the large figures at the head of a page. */
export function Figure(props: {
  name: string;
  value: ComponentChildren;
  note?: ComponentChildren;
}) {
  return (
    <div class="figure">
      <dt>{props.name}</dt>
      <dd>
        {props.value}
        {props.note !== undefined && <small>{props.note}</small>}
      </dd>
    </div>
  );
}

/** Buttons of which one is chosen. */
export function Segments<T extends string | number>(props: {
  name: string;
  choices: readonly { value: T; label: string }[];
  chosen: T;
  onChoose: (value: T) => void;
}) {
  return (
    <fieldset class="segments">
      <legend class="visually-hidden">{props.name}</legend>
      {props.choices.map(({ value, label }) => (
        <button
          key={value}
          type="button"
          aria-pressed={value === props.chosen}
          onClick={() => props.onChoose(value)}
        >
          {label}
        </button>
      ))}
    </fieldset>
  );
}
