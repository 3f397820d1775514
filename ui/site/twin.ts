/**
 * The city as its messages tell it, kept in the browser as long as the page is open. It answers what the
 * page would ask a Sosie (docs/api.md), so that the page is the same.
 */

import { partsOf } from "../pages/city/measures.ts";
import { madeWords } from "../pages/city/texts.ts";
import type { ZoneSet } from "../src/api/zones.ts";
import type { Priority, SeriesInfo, Words } from "../src/api.ts";
import { priorities } from "../src/api.ts";
import { type Dictionary, readMessage } from "./message.ts";

const kept_points = 2000;
const head_bytes = 24;
const record_bytes = 24;
const qualities = ["good", "uncertain", "bad"];

interface Series {
  info: SeriesInfo;
  entity: Entity;
  value: number | null;
  quality: number;
  t: number;
  times: number[];
  values: number[];
}

interface Entity {
  index: number;
  id: string;
  kind: string;
  latitude: number;
  longitude: number;
  isPlaced: boolean;
  at_ms: number;
  /** The twin's version when something of it was another. */
  version: number;
  series: Map<string, Series>;
  alarms: Map<string, { priority: Priority; isSeen: boolean }>;
}

export class Twin {
  version = 1;
  messages = 0;
  refused = 0;
  newest_ms: number | null = null;
  /** Called with what has a new value. */
  onValue: (id: number, value: number | null, quality: number, t: number) => void = () => undefined;
  readonly all: Series[] = [];
  placed = 0;
  private readonly entities: Entity[] = [];
  private readonly byName = new Map<string, Entity>();

  constructor(
    readonly sets: readonly ZoneSet[],
    /** By attribute. */
    private readonly names: Record<string, Words> = {},
    private readonly dictionary: Dictionary = {},
  ) {}

  /** A message about an object: `<…>/<district>/<kind>/<id>`, and below that how it is. */
  object(topic: string, text: string, now_ms: number): void {
    this.messages++;
    const parts = topic.split("/");
    if (parts.at(-1) === "status") {
      this.status(parts, text);
      return;
    }
    const [kind = "", id = ""] = parts.slice(-2);
    const told = id === "" ? null : readMessage(text, this.dictionary);
    if (!told) {
      this.refused++;
      return;
    }
    const entity = this.entity(id, kind);
    const t = told.at_ms ?? now_ms;
    if (told.place) this.place(entity, told.place);
    for (const [attribute, value] of told.values) this.put(entity, attribute, "", value, 0, t);
    this.touch(entity, t);
  }

  /** A message of Sosie: a reading, or a step of an alarm. */
  stream(text: string): void {
    this.messages++;
    let said: Record<string, unknown>;
    try {
      said = JSON.parse(text);
    } catch {
      this.refused++;
      return;
    }
    if (typeof said.entity !== "string") return;
    if (typeof said.alarm === "number") {
      this.alarm(said.entity, said);
      return;
    }
    const { attribute, value, time, quality, unit } = said;
    const t = Date.parse(String(time));
    if (typeof attribute !== "string" || typeof value !== "number" || Number.isNaN(t)) {
      this.refused++;
      return;
    }
    const entity = this.entity(said.entity, "");
    const rank = Math.max(0, qualities.indexOf(String(quality)));
    this.put(entity, attribute, typeof unit === "string" ? unit : "", value, rank, t);
    this.touch(entity, t);
  }

  /** What api/… would say; undefined: no such thing. */
  answer(path: string): unknown {
    const url = new URL(path, "http://page/");
    const [what = "", id = "", more] = url.pathname.slice(1).split("/").map(decodeURIComponent);
    if (what === "zones") {
      return id === "series" ? { series: this.zoneSeries() } : { zones: this.sets, tiles: null };
    }
    if (what === "positions") return this.positions(url.searchParams);
    if (what === "devices") return this.device(id);
    if (what === "bands") return { series: [] };
    const one = what === "series" ? this.all[Number(id)] : undefined;
    if (!one) throw new Error(path);
    if (more === "history") return history(one, url.searchParams);
    return { ...one.info, latest: null, limits: [], normal: [], findings: [] };
  }

  private zoneSeries(): unknown[] {
    const wanted = new Set(this.sets.flatMap(({ entities }) => entities));
    return this.all
      .filter(({ entity }) => wanted.has(entity.id))
      .map((it) => ({ ...it.info, latest: latestOf(it) }));
  }

  private device(id: string): unknown {
    const it = id.startsWith("index:") ? this.entities[Number(id.slice(6))] : this.byName.get(id);
    // A district of which nothing was told yet is known all the same.
    if (!it) return { id, index: -1, kind: "", at_ms: null, series: [], alarms: [], findings: [] };
    return {
      id: it.id,
      index: it.index,
      kind: it.kind,
      kind_name: { en: it.kind, fr: it.kind },
      has_place: it.isPlaced,
      at_ms: it.at_ms || null,
      alarm: alarmOf(it),
      position: it.isPlaced ? { latitude: -1, longitude: -1 } : null,
      series: [...it.series.values()].map((s) => ({ ...s.info, latest: latestOf(s) })),
      alarms: [],
      findings: [],
    };
  }

  /** As api/positions, with a value. */
  private positions(asked: URLSearchParams): ArrayBuffer {
    const since = Number(asked.get("since") ?? 0);
    const attribute = asked.get("value");
    const told = this.entities.filter((it) => it.isPlaced && it.version > since);
    const out = new DataView(new ArrayBuffer(head_bytes + record_bytes * told.length));
    out.setFloat64(0, this.version, true);
    out.setFloat64(8, this.newest_ms ?? 0, true);
    out.setUint32(16, this.placed, true);
    out.setUint32(20, told.length, true);
    told.forEach((it, i) => {
      const at = head_bytes + record_bytes * i;
      const alarm = alarmOf(it);
      const priority = alarm ? priorities.indexOf(alarm.priority) + 1 : 0;
      const series = attribute === null ? undefined : it.series.get(attribute);
      out.setUint32(at, it.index, true);
      out.setInt32(at + 4, Math.round(it.latitude * 1e7), true);
      out.setInt32(at + 8, Math.round(it.longitude * 1e7), true);
      out.setUint32(at + 12, it.at_ms / 1000, true);
      out.setUint32(
        at + 16,
        priority | (alarm?.acknowledged ? 8 : 0) | ((series?.quality ?? 0) << 6),
        true,
      );
      out.setFloat32(at + 20, series?.value ?? Number.NaN, true);
    });
    return out.buffer as ArrayBuffer;
  }

  private entity(id: string, kind: string): Entity {
    const known = this.byName.get(id);
    if (known) return known;
    const made: Entity = {
      index: this.entities.length,
      id,
      kind,
      latitude: 0,
      longitude: 0,
      isPlaced: false,
      at_ms: 0,
      version: 0,
      series: new Map(),
      alarms: new Map(),
    };
    this.entities.push(made);
    this.byName.set(id, made);
    return made;
  }

  private touch(entity: Entity, t: number): void {
    entity.at_ms = Math.max(entity.at_ms, t);
    entity.version = ++this.version;
    this.newest_ms = Math.max(this.newest_ms ?? 0, t);
  }

  private place(entity: Entity, { latitude, longitude }: { latitude: number; longitude: number }) {
    if (Math.abs(latitude) > 90 || Math.abs(longitude) > 180) return;
    entity.latitude = latitude;
    entity.longitude = longitude;
    if (!entity.isPlaced) this.placed++;
    entity.isPlaced = true;
  }

  private put(
    entity: Entity,
    attribute: string,
    unit: string,
    value: number,
    quality: number,
    t: number,
  ): void {
    const it = entity.series.get(attribute) ?? this.declare(entity, attribute, unit);
    // Late: an amendment of the youngest is taken, what is older says nothing of now.
    if (t < it.t) return;
    const isAmended = t === it.t && it.times.length > 0;
    it.value = value;
    it.quality = quality;
    it.t = t;
    if (isAmended) it.values[it.values.length - 1] = value;
    else {
      it.times.push(t);
      it.values.push(value);
    }
    if (it.times.length > kept_points) {
      it.times.splice(0, kept_points / 4);
      it.values.splice(0, kept_points / 4);
    }
    this.onValue(it.info.id, value, quality, t);
  }

  private declare(entity: Entity, attribute: string, unit: string): Series {
    const info: SeriesInfo = {
      id: this.all.length,
      name: `${entity.id}.${attribute}`,
      entity: entity.id,
      attribute,
      stage: entity.kind,
      quantity: this.nameOf(attribute),
      unit,
      low: null,
      high: null,
      location: "",
      place: { en: "", fr: "" },
      decimals: 1,
    };
    const made: Series = { info, entity, value: null, quality: 2, t: 0, times: [], values: [] };
    entity.series.set(attribute, made);
    this.all.push(made);
    return made;
  }

  private nameOf(attribute: string): Words {
    const own = this.names[attribute];
    if (own) return own;
    const parts = partsOf(attribute);
    const base = parts ? this.names[parts.base] : undefined;
    if (!parts || !base) return { en: "", fr: "" };
    const made = madeWords(parts.aggregate, parts.window);
    return { en: `${base.en}, ${made.en}`, fr: `${base.fr}, ${made.fr}` };
  }

  /** A last will: what its sender said of late is bad from now on. */
  private status(parts: string[], text: string): void {
    if (!text.includes("offline")) return;
    const id = parts.at(-2) ?? "";
    const one = this.byName.get(id);
    const gone = parts.length > 2 ? (one ? [one] : []) : this.entities.filter((it) => it.isPlaced);
    for (const entity of gone) {
      for (const it of entity.series.values()) {
        it.quality = 2;
        this.onValue(it.info.id, it.value, 2, it.t);
      }
      entity.version = ++this.version;
    }
  }

  private alarm(name: string, said: Record<string, unknown>): void {
    const entity = this.entity(name, "");
    const key = String(said.condition ?? said.alarm);
    const priority = priorities.find((p) => p === said.priority);
    if (said.active === true && priority) {
      entity.alarms.set(key, { priority, isSeen: typeof said.acknowledged === "string" });
    } else entity.alarms.delete(key);
    entity.version = ++this.version;
  }
}

function latestOf({ value, quality, t }: Series) {
  return { value, quality, t: t || null };
}

/** The most urgent; among equals one that nobody has acknowledged. */
function alarmOf(entity: Entity): { priority: Priority; acknowledged: boolean } | null {
  const rank = (p: Priority) => priorities.indexOf(p);
  const all = [...entity.alarms.values()].sort(
    (a, b) => rank(a.priority) - rank(b.priority) || Number(a.isSeen) - Number(b.isSeen),
  );
  const [first] = all;
  return first ? { priority: first.priority, acknowledged: first.isSeen } : null;
}

function history({ info, times, values }: Series, asked: URLSearchParams) {
  const from = Number(asked.get("from"));
  const to = Number(asked.get("to"));
  const t: number[] = [];
  const mean: number[] = [];
  times.forEach((at, i) => {
    if (at < from || at > to) return;
    t.push(at);
    mean.push(values[i] as number);
  });
  return {
    series: info.id,
    resolution: "raw",
    t,
    mean,
    min: mean,
    max: mean,
    count: t.map(() => 1),
    quality: [],
  };
}
