import { useSignal } from "@preact/signals";
import { Dialog } from "../../src/widgets/dialog.tsx";
import { Answers, Refused, useAct } from "./act.tsx";
import { type Attribute, broker, type Json, type Key, scope } from "./broker.ts";
import { type Draft, draftOf, emptyDraft, readDraft } from "./draft.ts";
import { AttributeFields, MoreFields } from "./fields.tsx";
import { named, t } from "./texts.ts";

/** Changes an attribute, or, where none is given, adds one. */
export function EditAttribute(props: {
  of: Key;
  attribute: Attribute | null;
  onDone: () => void;
  onClose: () => void;
}) {
  const { of, attribute } = props;
  const first = attribute ? draftOf(attribute) : emptyDraft;
  const before = useSignal(first).peek();
  const draft = useSignal<Draft>(first);
  const act = useAct();
  const set = (to: Draft) => {
    draft.value = to;
  };
  const save = () => {
    const read = readDraft(draft.peek(), before.metadata);
    if (typeof read === "string") {
      act.error.value = named(`wrong_${read}`);
      return;
    }
    const { name } = draft.peek();
    void act.run(
      () =>
        attribute
          ? broker.putAttribute(of, attribute.name, read)
          : broker.addAttribute(of, { [name]: read }),
      props.onDone,
    );
  };
  return (
    <Dialog
      title={attribute ? t().edit_of(attribute.name) : t().add_attribute}
      onClose={props.onClose}
      onSubmit={save}
    >
      <AttributeFields draft={draft.value} onChange={set} isNamed={attribute !== null} />
      <MoreFields draft={draft.value} onChange={set} />
      <Refused text={act.error.value} />
      <Answers
        yes={attribute ? t().save : t().add}
        busy={act.busy.value}
        onCancel={props.onClose}
      />
    </Dialog>
  );
}

/** A service path that one entity can be in, of what is chosen for the page. */
export function placeToWrite(path: string): string {
  const first = (path.split(",")[0] ?? "").trim().replace(/\/?#$/, "");
  return first === "" ? "/" : first;
}

export function CreateEntity(props: { onDone: (created: Key) => void; onClose: () => void }) {
  const id = useSignal("");
  const type = useSignal("");
  const path = useSignal(placeToWrite(scope.peek().path));
  const drafts = useSignal<Draft[]>([emptyDraft]);
  const act = useAct();
  const set = (i: number, to: Draft | null) => {
    drafts.value = drafts.peek().flatMap((one, k) => (k === i ? (to ?? []) : one));
  };
  const create = () => {
    const entity: { [key: string]: Json } = { id: id.peek(), type: type.peek() || "Thing" };
    for (const draft of drafts.peek()) {
      const read = readDraft(draft);
      if (typeof read === "string") {
        act.error.value = `${draft.name}: ${named(`wrong_${read}`)}`;
        return;
      }
      entity[draft.name] = read;
    }
    const created = { id: id.peek(), type: String(entity.type), path: path.peek() };
    void act.run(
      () => broker.create(path.peek(), entity),
      () => props.onDone(created),
    );
  };
  return (
    <Dialog title={t().new_entity} onClose={props.onClose} onSubmit={create}>
      <div class="twin-fields">
        <label>
          {t().id}
          <input
            name="id"
            required
            autocomplete="off"
            value={id.value}
            onInput={(event) => {
              id.value = event.currentTarget.value;
            }}
          />
        </label>
        <label>
          {t().type}
          <input
            name="type"
            placeholder="Thing"
            autocomplete="off"
            list="twin-types"
            value={type.value}
            onInput={(event) => {
              type.value = event.currentTarget.value;
            }}
          />
        </label>
        <label>
          {t().service_path}
          <input
            name="path"
            autocomplete="off"
            value={path.value}
            onInput={(event) => {
              path.value = event.currentTarget.value;
            }}
          />
        </label>
      </div>
      <h3>{t().attributes}</h3>
      {drafts.value.map((draft, i) => (
        <div key={i} class="twin-draft">
          <AttributeFields draft={draft} onChange={(to) => set(i, to)} />
          <button
            type="button"
            class="plain"
            aria-label={`${t().drop} ${draft.name}`}
            title={t().drop}
            onClick={() => set(i, null)}
          >
            ✕
          </button>
        </div>
      ))}
      <div class="row">
        <button
          type="button"
          onClick={() => {
            drafts.value = [...drafts.peek(), emptyDraft];
          }}
        >
          + {t().another}
        </button>
      </div>
      <Refused text={act.error.value} />
      <Answers yes={t().create} busy={act.busy.value} onCancel={props.onClose} />
    </Dialog>
  );
}
