/** The fields of one attribute: its name, what kind of value it has, and the value. */
import { useId } from "preact/hooks";
import { type Draft, withKind } from "./draft.ts";
import { named, t } from "./texts.ts";
import { type Kind, kinds } from "./values.ts";

const types = [
  "Number",
  "Text",
  "Boolean",
  "DateTime",
  "StructuredValue",
  "TextUnrestricted",
  "geo:json",
  "geo:point",
];

function ValueField({ draft, onChange }: { draft: Draft; onChange: (draft: Draft) => void }) {
  const set = (event: { currentTarget: { value: string } }) =>
    onChange({ ...draft, field: event.currentTarget.value });
  const { kind, field } = draft;
  const id = useId();
  return (
    <label for={id}>
      {t().value}
      {kind === "none" && <input id={id} value="" disabled />}
      {kind === "number" && (
        <input id={id} value={field} inputMode="decimal" autocomplete="off" onInput={set} />
      )}
      {kind === "boolean" && (
        <select id={id} value={field} onChange={set}>
          <option value="true">{t().yes}</option>
          <option value="false">{t().no}</option>
        </select>
      )}
      {(kind === "text" || kind === "json") && (
        <textarea
          id={id}
          value={field}
          rows={kind === "json" || field.length > 60 ? 5 : 1}
          onInput={set}
        />
      )}
    </label>
  );
}

export function AttributeFields(props: {
  draft: Draft;
  onChange: (draft: Draft) => void;
  /** Its name stands: it is there already. */
  isNamed?: boolean;
}) {
  const { draft, onChange, isNamed = false } = props;
  return (
    <div class="twin-fields">
      {!isNamed && (
        <label>
          {t().name}
          <input
            value={draft.name}
            required
            autocomplete="off"
            onInput={(event) => onChange({ ...draft, name: event.currentTarget.value })}
          />
        </label>
      )}
      <label>
        {t().kind}
        <select
          value={draft.kind}
          onChange={(event) => onChange(withKind(draft, event.currentTarget.value as Kind))}
        >
          {kinds.map((kind) => (
            <option key={kind} value={kind}>
              {named(kind)}
            </option>
          ))}
        </select>
      </label>
      <ValueField draft={draft} onChange={onChange} />
    </div>
  );
}

/** What a person seldom needs: another type, and metadata. */
export function MoreFields(props: { draft: Draft; onChange: (draft: Draft) => void }) {
  const { draft, onChange } = props;
  return (
    <details>
      <summary>{t().more_fields}</summary>
      <div class="stack">
        <label>
          {t().type}
          <input
            value={draft.type}
            list="twin-attribute-types"
            autocomplete="off"
            onInput={(event) => onChange({ ...draft, type: event.currentTarget.value })}
          />
          <datalist id="twin-attribute-types">
            {types.map((name) => (
              <option key={name} value={name} />
            ))}
          </datalist>
        </label>
        <label>
          {t().metadata}
          <textarea
            value={draft.metadata}
            rows={4}
            placeholder={t().metadata_hint}
            onInput={(event) => onChange({ ...draft, metadata: event.currentTarget.value })}
          />
        </label>
      </div>
    </details>
  );
}
