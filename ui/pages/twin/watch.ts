/** The notifications of a subscription as they come, and where a watcher had got to. */
import { type Signal, signal } from "@preact/signals";
import { backOff } from "../../src/live.ts";
import { headersOf, type Json, scope, unescaped } from "./broker.ts";
import { eventReader, type StreamEvent } from "./stream.ts";

export interface Notice {
  id: string;
  /** When it came here; null: before anybody here looked. */
  at: number | null;
  data: string;
}

export type WatchState = "opening" | "open" | "waiting" | "paused" | "failed";

/** As many as stay in sight; the broker keeps a thousand. */
export const kept = 200;

/** The broker says something every 15 s. */
const silence_ms = 40_000;

export interface Watch {
  notices: Signal<Notice[]>;
  state: Signal<WatchState>;
  /** Why it failed, in the broker's words. */
  said: Signal<string>;
  /** Its number is what to go on from. */
  last: string;
  stop: AbortController | null;
}

const watches = new Map<string, Watch>();

/** Of one subscription of the tenant of the moment; it remembers while the page is open. */
export function watchOf(id: string): Watch {
  const key = `${scope.peek().tenant} ${id}`;
  let it = watches.get(key);
  if (!it) {
    it = {
      notices: signal([]),
      state: signal("paused"),
      said: signal(""),
      last: "0",
      stop: null,
    };
    watches.set(key, it);
  }
  return it;
}

/** Events that came at an instant (null: they had been kept). The newest stands first. */
export function take(watch: Watch, events: readonly StreamEvent[], at: number | null): void {
  const fresh: Notice[] = [];
  for (const event of events) {
    if (event.data === null) continue;
    fresh.unshift({ id: event.id, at, data: event.data });
    if (event.id !== "") watch.last = event.id;
  }
  if (fresh.length > 0) watch.notices.value = [...fresh, ...watch.notices.peek()].slice(0, kept);
}

async function read(watch: Watch, response: Response, stop: AbortController): Promise<void> {
  const reader = response.body?.getReader();
  if (!reader) return;
  const decoder = new TextDecoder();
  const events = eventReader();
  // What was kept comes first; a comment tells where the present begins.
  let present = false;
  while (!stop.signal.aborted) {
    const silence = setTimeout(() => void reader.cancel().catch(() => null), silence_ms);
    const { done, value } = await reader.read().finally(() => clearTimeout(silence));
    if (done) return;
    for (const event of events(decoder.decode(value, { stream: true }))) {
      if (event.data === null) present = true;
      else take(watch, [event], present ? Date.now() : null);
    }
  }
}

const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

async function run(watch: Watch, id: string, stop: AbortController): Promise<void> {
  for (let tries = 0; !stop.signal.aborted; tries++) {
    try {
      const response = await fetch(`v2/subscriptions/${encodeURIComponent(id)}/events`, {
        headers: {
          ...headersOf(scope.peek()),
          Accept: "text/event-stream",
          "Last-Event-ID": watch.last,
        },
        signal: stop.signal,
      });
      if (!response.ok && response.status < 500) {
        const said = (await response.json().catch(() => null)) as { [key: string]: Json } | null;
        watch.said.value = unescaped(String(said?.description ?? response.status));
        watch.state.value = "failed";
        return;
      }
      if (response.ok) {
        watch.state.value = "open";
        tries = 0;
        await read(watch, response, stop);
      }
    } catch {
      // Gone, or stopped by us: the loop knows which.
    }
    if (stop.signal.aborted) return;
    watch.state.value = "waiting";
    await pause(backOff(tries, Math.random()));
  }
}

/** Goes on from the last one that was seen. */
export function resume(watch: Watch, id: string): void {
  if (watch.stop) return;
  const stop = new AbortController();
  watch.stop = stop;
  watch.state.value = "opening";
  void run(watch, id, stop);
}

export function halt(watch: Watch): void {
  watch.stop?.abort();
  watch.stop = null;
  watch.state.value = "paused";
}

export interface Told {
  id: string;
  type: string;
  values: [name: string, value: Json][];
}

function toldOf(item: Json): Told {
  if (Array.isArray(item)) {
    return { id: "", type: "", values: item.map((value, i) => [String(i + 1), value]) };
  }
  const { id = "", type = "", ...rest } = (item ?? {}) as { [key: string]: Json };
  return {
    id: String(id),
    type: String(type),
    values: Object.entries(rest).map(([name, it]) => {
      const full = it !== null && typeof it === "object" && !Array.isArray(it) && "value" in it;
      return [name, full ? (it.value ?? null) : it];
    }),
  };
}

/** What a notification tells, in whichever of the formats it came; null: in a form of its own. */
export function told(data: string): Told[] | null {
  try {
    const body = JSON.parse(data) as Json;
    if (body === null || typeof body !== "object") return null;
    const list = Array.isArray(body) ? body : (body.data ?? body);
    return (Array.isArray(list) ? list : [list]).map(toldOf);
  } catch {
    return null;
  }
}
