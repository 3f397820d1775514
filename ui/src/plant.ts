/** The plant, asked once, and what is known of each series, asked when it is first shown. */
import { computed, effect, type Signal, signal } from "@preact/signals";
import { api, type Bands, type NormalHour, type Plant, type SeriesInfo } from "./api.ts";
import { hourOf } from "./format.ts";
import { status } from "./live.ts";

export const plant = signal<Plant | null>(null);
/** Which optional parts this scenario has; asked once at the start. */
export const parts = signal({ simulator: false, compliance: false, efficiency: false });

export const zone = computed(() => plant.value?.zone || "UTC");
/** Of a plant with more series than it lists: those that pages have asked for by themselves. */
const learned = signal<readonly SeriesInfo[]>([]);
export const series = computed(
  () =>
    new Map<number, SeriesInfo>(
      [...(plant.value?.series ?? []), ...learned.value].map((s) => [s.id, s]),
    ),
);

export function learn(infos: readonly SeriesInfo[]): void {
  const fresh = infos.filter((info) => !series.peek().has(info.id));
  if (fresh.length > 0) learned.value = [...learned.peek(), ...fresh];
}

/** A number 1 to 3 of which state a pump or a blower is in is no measurement. */
export function isState(info: { unit: string }): boolean {
  return info.unit === "0/1/2" || info.unit === "0/1";
}

/**
 * An entity that came by NGSI at a service path or of a tenant has them and its type in its name:
 * "acme /lab Meter1 Meter" is Meter1.
 */
export function shortEntity(entity: string): string {
  const [, path, id] = entity.split(" ");
  return path?.startsWith("/") && id !== undefined ? id : entity;
}

/** "FIT-101" where an entity has one attribute, else "vehicle-7 speed". */
export const shortNames = computed(() => {
  const count = new Map<string, number>();
  const all = [...series.value.values()];
  for (const s of all) count.set(s.entity, (count.get(s.entity) ?? 0) + 1);
  return new Map(
    all.map((s) => [
      s.id,
      count.get(s.entity) === 1 ? shortEntity(s.entity) : `${shortEntity(s.entity)} ${s.attribute}`,
    ]),
  );
});

export function nameOf(id: number | null): string {
  return id === null ? "" : (shortNames.value.get(id) ?? `#${id}`);
}

/** The scenario's clock, in ms; the browser's until the server has spoken. */
export function now(): number {
  return status.peek()?.now_ms ?? Date.now();
}

/** Where a chart that follows ends: now, or where a recording that is over ended. */
export function present(): number {
  const { data_ms, ended } = status.peek() ?? { data_ms: null, ended: false };
  return ended && data_ms !== null ? data_ms : now();
}

const keep_ms = 10 * 60_000;
const again_ms = 15_000;
const details = new Map<number, { at: number; it: Signal<Bands | null> }>();
/** Those that will be asked together, once all that is being drawn has said what it wants. */
let wanted: number[] = [];

async function askWanted(): Promise<void> {
  const ids = wanted;
  wanted = [];
  const found = await api.bands(ids).catch(() => null);
  for (const one of found?.series ?? []) {
    const known = details.get(one.id);
    if (known) known.it.value = one;
  }
  if (found) return;
  // Without its band a value is still shown; the feed says when the server is gone.
  for (const id of ids) {
    const known = details.get(id);
    if (known) known.at = Date.now() - keep_ms + again_ms;
  }
}

/** Limits and normal band of a series: null until they have come; asked again when they are old. */
export function detail(id: number): Signal<Bands | null> {
  let known = details.get(id);
  if (!known) {
    known = { at: 0, it: signal<Bands | null>(null) };
    details.set(id, known);
  }
  if (Date.now() - known.at > keep_ms) {
    known.at = Date.now();
    if (wanted.length === 0) setTimeout(askWanted);
    wanted.push(id);
  }
  return known.it;
}

/** The band of the hour that an instant is in; null where none was learned. */
export function bandAt(
  normal: readonly NormalHour[],
  ms: number,
  zoneName: string,
): NormalHour | null {
  if (normal.length === 0) return null;
  const hour = hourOf(ms, zoneName);
  return normal.find((row) => row.hour === hour) ?? null;
}

async function askPlant(): Promise<Plant> {
  const found = await api.plant();
  for (const one of found.series) {
    // The root of the service paths is no place that one could go to.
    if (one.location === "/") one.location = "";
  }
  return found;
}

/** Series may come while a page is open: a new one stays unknown until the plant is asked anew. */
export async function reloadPlant(): Promise<void> {
  const found = await askPlant().catch(() => null);
  if (found && found.series_total !== plant.peek()?.series_total) plant.value = found;
}

const calm_ms = 10_000;

/** Asks the plant anew when the feed tells of series that are new; not more often than `calm_ms`. */
export function followSeries(): void {
  let asked = 0;
  effect(() => {
    const known = plant.value?.series_total;
    const told = status.value?.versions.series;
    if (known === undefined || told === undefined || told <= known) return;
    if (Date.now() - asked < calm_ms) return;
    asked = Date.now();
    void reloadPlant();
  });
}

/** Asked only where the plant says that there may be such a thing: a 404 is an error in a browser. */
function has<T>(
  may: boolean,
  asked: () => Promise<T>,
  is: (found: T) => boolean,
): Promise<boolean> {
  return may ? asked().then(is, () => false) : Promise.resolve(false);
}

export async function loadPlant(): Promise<void> {
  const found = await askPlant();
  plant.value = found;
  const isTreatment = found.population_equivalent > 0;
  const [simulator, compliance, efficiency] = await Promise.all([
    has(found.simulated, api.simulator, (s) => s.available),
    has(
      isTreatment,
      () => api.compliance(1),
      (c) => c.now.length > 0 || c.samples.length > 0,
    ),
    has(
      isTreatment,
      () => api.efficiency(1),
      (e) => e.parameters.length > 0 || (e.energy?.kwh_per_day ?? null) !== null,
    ),
  ]);
  parts.value = { simulator, compliance, efficiency };
}
