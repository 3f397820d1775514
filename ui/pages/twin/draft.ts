/** What stands in the forms, and what of it the broker is sent. */
import type { Attribute, Json } from "./broker.ts";
import { fieldText, type Kind, kindOf, listOf, readField, usualTypes } from "./values.ts";

export interface Draft {
  name: string;
  kind: Kind;
  field: string;
  type: string;
  /** JSON; "": those that are there stay. */
  metadata: string;
}

export const emptyDraft: Draft = {
  name: "",
  kind: "number",
  field: "",
  type: usualTypes.number,
  metadata: "",
};

export function draftOf({ name, value, type, metadata }: Attribute): Draft {
  const has = Object.keys(metadata).length > 0;
  return {
    name,
    kind: kindOf(value),
    field: fieldText(value),
    type,
    metadata: has ? JSON.stringify(metadata, null, 2) : "",
  };
}

/** Another kind of value: its type follows, unless it was one of the person's own choice. */
export function withKind(draft: Draft, kind: Kind): Draft {
  const type = draft.type === usualTypes[draft.kind] ? usualTypes[kind] : draft.type;
  const field = kind === "boolean" && draft.field !== "true" ? "false" : draft.field;
  return { ...draft, kind, type, field };
}

export type Wrong = "number" | "json" | "metadata";

/** The attribute as the broker takes it, or what of the draft cannot be read. */
export function readDraft(draft: Draft, before = ""): Json | Wrong {
  const value = readField(draft.kind, draft.field);
  if (value === undefined) return draft.kind === "json" ? "json" : "number";
  const attribute: { [key: string]: Json } = { value };
  if (draft.type !== "") attribute.type = draft.type;
  if (draft.metadata.trim() === before.trim()) return attribute;
  const metadata = draft.metadata.trim() === "" ? {} : readField("json", draft.metadata);
  if (typeof metadata !== "object" || metadata === null || Array.isArray(metadata)) {
    return "metadata";
  }
  return { ...attribute, metadata };
}

export interface Picked {
  by: "all" | "id" | "pattern";
  id: string;
  type: string;
}

export interface SubscriptionDraft {
  description: string;
  entities: Picked[];
  attrs: string;
  q: string;
  receiver: "events" | "http" | "mqtt";
  url: string;
  topic: string;
  notified: string;
  format: string;
  onlyChanged: boolean;
  /** Seconds, as text; "": none. */
  throttling: string;
  /** An instant, ms; null: never. */
  expires: number | null;
}

export const formats = [
  "normalized",
  "keyValues",
  "values",
  "simplifiedNormalized",
  "simplifiedKeyValues",
] as const;

function selector({ by, id, type }: Picked): Json {
  const who = by === "id" ? { id } : { idPattern: by === "all" ? ".*" : id };
  return type === "" ? who : { ...who, type };
}

/** POST /v2/subscriptions. Only what was said is in it: the rest is as the broker has it. */
export function subscriptionBody(draft: SubscriptionDraft): Json {
  const attrs = listOf(draft.attrs);
  const notified = listOf(draft.notified);
  const receivers: Record<SubscriptionDraft["receiver"], Json> = {
    events: {},
    http: { url: draft.url },
    mqtt: { url: draft.url, topic: draft.topic },
  };
  const condition: { [key: string]: Json } = {};
  if (attrs.length > 0) condition.attrs = attrs;
  if (draft.q !== "") condition.expression = { q: draft.q };
  const subject: { [key: string]: Json } = { entities: draft.entities.map(selector) };
  if (Object.keys(condition).length > 0) subject.condition = condition;
  const notification: { [key: string]: Json } = {
    [draft.receiver]: receivers[draft.receiver],
    attrsFormat: draft.format,
  };
  if (notified.length > 0) notification.attrs = notified;
  if (draft.onlyChanged) notification.onlyChangedAttrs = true;
  const body: { [key: string]: Json } = { subject, notification };
  if (draft.description !== "") body.description = draft.description;
  if (draft.throttling !== "") body.throttling = Number(draft.throttling);
  if (draft.expires !== null) body.expires = new Date(draft.expires).toISOString();
  return body;
}
