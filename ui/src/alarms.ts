/** The live alarms, asked anew when the feed says that they changed. */
import { computed, effect, signal } from "@preact/signals";
import { type Alarm, api, type Priority, priorities } from "./api.ts";
import { status } from "./live.ts";

export const alarms = signal<Alarm[]>([]);
export const alarmsFailed = signal<Error | null>(null);

let asked = -1;
export async function reloadAlarms(): Promise<void> {
  try {
    alarms.value = (await api.alarms()).alarms;
    alarmsFailed.value = null;
  } catch (cause) {
    alarmsFailed.value = cause as Error;
    asked = -1;
  }
}

export function startAlarms(): void {
  effect(() => {
    const version = status.value?.versions.alarms;
    if (version === undefined || version === asked) return;
    asked = version;
    void reloadAlarms();
  });
}

export function isShelved(alarm: Alarm): boolean {
  const now = status.peek()?.now_ms ?? 0;
  return alarm.shelved_until_ms !== null && alarm.shelved_until_ms > now;
}

const rank = (alarm: Alarm): number => priorities.indexOf(alarm.priority);

/** Unacknowledged before acknowledged within a priority, the newest first. */
export function byUrgency(a: Alarm, b: Alarm): number {
  return (
    rank(a) - rank(b) ||
    Number(a.acknowledged) - Number(b.acknowledged) ||
    b.raised_ms - a.raised_ms
  );
}

/** What is to be shown where a thing has several alarms: the most urgent of them. */
function worstBy(key: (alarm: Alarm) => string | number | null) {
  const worst = new Map<string | number, Alarm>();
  for (const alarm of [...alarms.value].filter((a) => !isShelved(a)).sort(byUrgency)) {
    const at = key(alarm);
    if (at !== null && at !== "" && !worst.has(at)) worst.set(at, alarm);
  }
  return worst;
}

export const alarmOfSeries = computed(() => worstBy((alarm) => alarm.series));
export const alarmOfStage = computed(() => worstBy((alarm) => alarm.stage));

export type Counts = Record<Priority, [unacknowledged: number, acknowledged: number]>;
export const stageCounts = computed(() => {
  const counts = new Map<string, Counts>();
  for (const alarm of alarms.value) {
    if (isShelved(alarm)) continue;
    const of = counts.get(alarm.stage) ?? {
      critical: [0, 0],
      high: [0, 0],
      medium: [0, 0],
      low: [0, 0],
    };
    of[alarm.priority][alarm.acknowledged ? 1 : 0]++;
    counts.set(alarm.stage, of);
  }
  return counts;
});
