/**
 * The live feed: one SSE connection with the series that the page in sight asks for. Values go into
 * one signal per series, so a new value redraws what shows it and nothing else.
 */
import { batch, type Signal, signal } from "@preact/signals";
import { api, type LiveValue, type StatusEvent, type ValuesEvent } from "./api.ts";

export interface Live {
  value: number | null;
  /** 0 good, 1 uncertain, 2 bad. */
  quality: number;
  t: number;
}

export const status = signal<StatusEvent | null>(null);
/** The wall clock when the server last spoke; 0: never. */
export const heardAt = signal(0);
/** false: the connection is lost, and we are trying again. */
export const connected = signal(true);

const values = new Map<number, Signal<Live | null>>();

/** The signal of one series; null until something has come. */
export function live(id: number): Signal<Live | null> {
  let it = values.get(id);
  if (!it) {
    it = signal<Live | null>(null);
    values.set(id, it);
  }
  return it;
}

/** What a row makes of what is shown: an older one nothing, for "latest" is by event time, always. */
export function merge(row: LiveValue, shown: Live | null): Live | null {
  const [, value, quality, t] = row;
  // 0: since the program began nothing has come, which says nothing bad of the sensor.
  if (t === null || t === 0 || (shown !== null && t < shown.t)) return shown;
  return { value, quality, t };
}

export function applyValues(event: ValuesEvent): void {
  batch(() => {
    for (const row of event.v) {
      const it = live(row[0]);
      it.value = merge(row, it.peek());
    }
  });
}

/** Waits before the n-th try (n from 0): 1, 2, 4, 8 s, then 15 s; `spread` in 0..1 takes up to a third off. */
export function backOff(tries: number, spread: number): number {
  return Math.min(15_000, 1000 * 2 ** Math.min(tries, 10)) * (1 - spread / 3);
}

/** Silence after which the connection counts as lost: the server speaks twice a second. */
const silence_ms = 6000;

/** The past instant that is shown instead of the live values; null: live. */
export const shownAt = signal<number | null>(null);

const wanted = new Map<number, number>();
let source: EventSource | null = null;
let opened = "";
let tries = 0;
let retry: ReturnType<typeof setTimeout> | undefined;
let change: ReturnType<typeof setTimeout> | undefined;

function heard(): void {
  heardAt.value = Date.now();
  connected.value = true;
  tries = 0;
}

function lost(): void {
  source?.close();
  source = null;
  connected.value = false;
  clearTimeout(retry);
  retry = setTimeout(open, backOff(tries++, Math.random()));
}

function listOfWanted(): string {
  return [...wanted.keys()].sort((a, b) => a - b).join(",");
}

function open(): void {
  clearTimeout(retry);
  source?.close();
  opened = listOfWanted();
  source = new EventSource(`api/live?series=${opened}`);
  source.addEventListener("values", (event) => {
    heard();
    if (shownAt.peek() === null) applyValues(JSON.parse(event.data) as ValuesEvent);
  });
  source.addEventListener("status", (event) => {
    heard();
    status.value = JSON.parse(event.data) as StatusEvent;
  });
  source.onerror = lost;
}

/** The last minute's mean at or before an instant. */
async function valueAt(id: number, at: number): Promise<Live | null> {
  const history = await api.history(id, at - 3_600_000, at, 60);
  const last = history.t.length - 1;
  const t = history.t[last];
  const value = history.mean[last];
  return t === undefined || value === undefined ? null : { value, quality: 0, t };
}

async function showPast(ids: Iterable<number>, at: number): Promise<void> {
  await Promise.all(
    [...ids].map(async (id) => {
      const value = await valueAt(id, at).catch(() => null);
      if (shownAt.peek() === at) live(id).value = value;
    }),
  );
}

/** Shows every value as it was at an instant; null goes back to live. */
export function travel(at: number | null): void {
  if (at === shownAt.peek()) return;
  batch(() => {
    shownAt.value = at;
    for (const it of values.values()) it.value = null;
  });
  if (at === null) open();
  else void showPast(wanted.keys(), at);
}

function reopenSoon(): void {
  clearTimeout(change);
  // A page asks for its series one by one while it is drawn: one connection for all of them.
  change = setTimeout(() => {
    if (source !== null && listOfWanted() !== opened) open();
  }, 120);
}

/** Asks for series until the returned function is called. */
export function watch(ids: readonly number[]): () => void {
  const fresh = ids.filter((id) => !wanted.has(id));
  for (const id of ids) wanted.set(id, (wanted.get(id) ?? 0) + 1);
  const at = shownAt.peek();
  if (at !== null) void showPast(fresh, at);
  reopenSoon();
  return () => {
    for (const id of ids) {
      const left = (wanted.get(id) ?? 1) - 1;
      if (left > 0) wanted.set(id, left);
      else wanted.delete(id);
    }
    reopenSoon();
  };
}

/** Somebody shows it: for whoever brings values in the feed's place. */
export function isWatched(id: number): boolean {
  return wanted.has(id);
}

/** Opens the feed for the life of the page. Where no series is wanted it brings the status alone. */
export function start(): void {
  open();
  setInterval(() => {
    if (source && heardAt.peek() > 0 && Date.now() - heardAt.peek() > silence_ms) lost();
  }, 1000);
  document.addEventListener("visibilitychange", () => {
    // Browsers slow a hidden page's timers down: who comes back shall not wait for the next try.
    if (!document.hidden && source === null) open();
  });
}
