/** The NGSI v2 broker behind the page's own port: docs/api.md, "NGSI v2". */
import { signal } from "@preact/signals";
import { ApiError, query } from "../../src/api.ts";

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Metadata = Record<string, { type: string; value: Json }>;

export interface Attribute {
  name: string;
  type: string;
  value: Json;
  /** The user's own; what the broker adds is in the two below. */
  metadata: Metadata;
  created: string | null;
  modified: string | null;
}

export interface Entity {
  id: string;
  type: string;
  path: string;
  created: string | null;
  modified: string | null;
  expires: string | null;
  attributes: Attribute[];
}

export interface EntityType {
  type: string;
  count: number;
}

export interface Receiver {
  url?: string;
  topic?: string;
}

export interface Selector {
  id?: string;
  idPattern?: string;
  type?: string;
  typePattern?: string;
}

export interface Subscription {
  id: string;
  description?: string;
  status: string;
  expires?: string;
  throttling?: number;
  subject: {
    entities: Selector[];
    condition?: { attrs?: string[]; expression?: Record<string, string> };
  };
  notification: {
    attrs?: string[];
    exceptAttrs?: string[];
    attrsFormat?: string;
    onlyChangedAttrs?: boolean;
    http?: Receiver;
    httpCustom?: Receiver;
    mqtt?: Receiver;
    mqttCustom?: Receiver;
    events?: Receiver;
    timesSent?: number;
    failsCounter?: number;
    lastNotification?: string;
    lastSuccess?: string;
    lastFailure?: string;
    lastFailureReason?: string;
  };
}

export interface Registration {
  id: string;
  description?: string;
  status: string;
  expires?: string;
  dataProvided: { entities: Selector[]; attrs?: string[] };
  provider: { http?: Receiver; supportedForwardingMode?: string };
}

/** Whose data are shown, and what says that they may be. The token is forgotten with the page. */
export const scope = signal({ tenant: "", path: "", token: "" });

/** The headers of a request; `path` instead of the one that is chosen for the page. */
export function headersOf(of: { tenant: string; path: string; token: string }, path?: string) {
  const headers: Record<string, string> = {};
  if (of.tenant !== "") headers["Fiware-Service"] = of.tenant;
  const where = path ?? of.path;
  if (where !== "") headers["Fiware-ServicePath"] = where;
  if (of.token !== "") headers["X-Auth-Token"] = of.token;
  return headers;
}

const escapes: Record<string, string> = {
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  amp: "&",
};

/** What the broker says, as people read it: its descriptions come HTML-escaped, as Orion's do. */
export function unescaped(text: string): string {
  return text.replace(/&(#\d+|[a-z]+);/g, (whole, name: string) =>
    name.startsWith("#") ? String.fromCharCode(Number(name.slice(1))) : (escapes[name] ?? whole),
  );
}

interface Ask {
  query?: Record<string, string | number | boolean | undefined>;
  body?: Json;
  /** Of the entity that is meant. */
  path?: string;
}

async function ask(method: string, place: string, parts: Ask = {}) {
  const headers: Record<string, string> = {
    Accept: "application/json",
    ...headersOf(scope.peek(), parts.path),
  };
  const request: RequestInit = { method, headers };
  if (parts.body !== undefined) {
    headers["Content-Type"] = "application/json";
    request.body = JSON.stringify(parts.body);
  }
  const response = await fetch(`v2/${place}${query(parts.query ?? {})}`, request).catch(
    (cause: unknown) => {
      throw new ApiError(0, String(cause));
    },
  );
  const text = await response.text();
  if (response.ok)
    return { json: text === "" ? null : JSON.parse(text), headers: response.headers };
  let said: { description?: string } | null = null;
  try {
    said = JSON.parse(text);
  } catch {
    // A proxy's own words, then: its status says enough.
  }
  throw new ApiError(response.status, unescaped(said?.description ?? response.statusText));
}

type Raw = Record<string, { type: string; value: Json; metadata?: Metadata }>;

const text = (it: { value: Json } | undefined) => (typeof it?.value === "string" ? it.value : null);

/** An entity as the broker writes it, its built-in attributes and metadata apart from the user's. */
export function entityOf(raw: { id: string; type: string }): Entity {
  const { id, type, dateCreated, dateModified, dateExpires, servicePath, ...rest } =
    raw as unknown as Raw & { id: string; type: string };
  return {
    id,
    type,
    path: text(servicePath) ?? "/",
    created: text(dateCreated),
    modified: text(dateModified),
    expires: text(dateExpires),
    attributes: Object.entries(rest as Raw).map(([name, it]) => {
      const { dateCreated: created, dateModified: modified, ...metadata } = it.metadata ?? {};
      return {
        name,
        type: it.type,
        value: it.value,
        metadata,
        created: text(created),
        modified: text(modified),
      };
    }),
  };
}

const withDates = {
  attrs: "*,dateCreated,dateModified,dateExpires,servicePath",
  metadata: "*,dateCreated,dateModified",
};

export interface Filter {
  type: string;
  idPattern: string;
  q: string;
  orderBy: string;
}

const place = (...parts: string[]) => parts.map(encodeURIComponent).join("/");

/** Where an entity is: the three that name it. */
export type Key = Pick<Entity, "id" | "type" | "path">;

export const broker = {
  async entities(filter: Filter, offset: number, limit: number) {
    const { json, headers } = await ask("GET", "entities", {
      query: {
        type: filter.type || undefined,
        idPattern: filter.idPattern || undefined,
        q: filter.q || undefined,
        orderBy: filter.orderBy || undefined,
        offset,
        limit,
        options: "count",
        ...withDates,
      },
    });
    return {
      entities: (json as { id: string; type: string }[]).map(entityOf),
      total: Number(headers.get("Fiware-Total-Count") ?? json.length),
    };
  },
  async types() {
    const { json } = await ask("GET", "types", { query: { limit: 1000 } });
    return json as EntityType[];
  },
  /** `at`: as it was at an instant, ms; null: as it is. */
  async entity({ id, type, path }: Key, at: number | null) {
    const { json } = await ask("GET", place("entities", id), {
      query: { type, at: at === null ? undefined : new Date(at).toISOString(), ...withDates },
      path,
    });
    return entityOf(json);
  },
  create: (path: string, body: Json) => ask("POST", "entities", { body, path: path || "/" }),
  remove: ({ id, type, path }: Key) =>
    ask("DELETE", place("entities", id), { query: { type }, path }),
  /** A new one: refused where there is one of that name. */
  addAttribute: ({ id, type, path }: Key, body: Json) =>
    ask("POST", place("entities", id, "attrs"), { query: { type, options: "append" }, body, path }),
  putAttribute: ({ id, type, path }: Key, name: string, body: Json) =>
    ask("PUT", place("entities", id, "attrs", name), {
      // Metadata that are given are all that there shall be; else those that are there stay.
      query: { type, options: "metadata" in Object(body) ? "overrideMetadata" : undefined },
      body,
      path,
    }),
  removeAttribute: ({ id, type, path }: Key, name: string) =>
    ask("DELETE", place("entities", id, "attrs", name), { query: { type }, path }),
  async history({ id, type, path }: Key, name: string, parts: Ask["query"]) {
    const { json } = await ask("GET", `${place("entities", id, "attrs", name)}/history`, {
      query: { type, ...parts },
      path,
    });
    return json as { values: Record<string, number | string>[]; next?: string };
  },
  async subscriptions(offset: number, limit: number) {
    const { json, headers } = await ask("GET", "subscriptions", {
      query: { offset, limit, options: "count" },
    });
    return {
      subscriptions: json as Subscription[],
      total: Number(headers.get("Fiware-Total-Count") ?? json.length),
    };
  },
  async subscription(id: string) {
    return (await ask("GET", place("subscriptions", id))).json as Subscription;
  },
  /** The new one's id. */
  async subscribe(body: Json) {
    const { headers } = await ask("POST", "subscriptions", { body });
    return (headers.get("Location") ?? "").split("/").pop() ?? "";
  },
  setStatus: (id: string, status: string) =>
    ask("PATCH", place("subscriptions", id), { body: { status } }),
  unsubscribe: (id: string) => ask("DELETE", place("subscriptions", id)),
  async registrations(offset: number, limit: number) {
    const { json, headers } = await ask("GET", "registrations", {
      query: { offset, limit, options: "count" },
    });
    return {
      registrations: json as Registration[],
      total: Number(headers.get("Fiware-Total-Count") ?? json.length),
    };
  },
  unregister: (id: string) => ask("DELETE", place("registrations", id)),
};
