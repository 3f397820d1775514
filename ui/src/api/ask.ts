/** Asking the server, and what it refuses. */

/** What the server refused, in its own words; status 0: it could not be reached. */
export class ApiError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Who answers in the server's place, where there is none: the city's map beside a broker. */
type Answer = (path: string) => unknown;
let answer: Answer | null = null;

export function answerWith(other: Answer): void {
  answer = other;
}

/** `body`: a text is TOML and goes as it is; all else goes as JSON. */
export async function ask<T>(method: string, path: string, body?: unknown): Promise<T> {
  if (answer) return (await answer(path)) as T;
  const request: RequestInit = { method, headers: { Accept: "application/json" } };
  if (body !== undefined) {
    const isText = typeof body === "string";
    request.headers = {
      ...request.headers,
      "Content-Type": `application/${isText ? "toml" : "json"}`,
    };
    request.body = isText ? body : JSON.stringify(body);
  }
  const response = await fetch(`api/${path}`, request).catch((cause: unknown) => {
    throw new ApiError(0, String(cause));
  });
  if (!response.ok) {
    const said = (await response.json().catch(() => null)) as { description?: string } | null;
    throw new ApiError(response.status, said?.description ?? `${response.status}`);
  }
  const text = await response.text();
  return (text === "" ? undefined : JSON.parse(text)) as T;
}

export async function askBytes(path: string): Promise<ArrayBuffer> {
  if (answer) return (await answer(path)) as ArrayBuffer;
  const response = await fetch(`api/${path}`);
  if (!response.ok) throw new ApiError(response.status, String(response.status));
  return response.arrayBuffer();
}

export type Query = Record<string, string | number | boolean | undefined>;

/** "?a=1&b=2", leaving out what is undefined. */
export function query(parts: Query): string {
  const pairs = Object.entries(parts)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${encodeURIComponent(String(value))}`);
  return pairs.length > 0 ? `?${pairs.join("&")}` : "";
}
