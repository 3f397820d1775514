/**
 * Where the devices of a fleet are, kept as columns: some ten thousand are moved thirty times a
 * second. A device glides from where it is drawn to where it was last seen, for as long as its news
 * usually take, so that it moves as evenly as it drives.
 */
import { xOf, yOf } from "./mercator.ts";

const head_bytes = 24;
const short_bytes = 20;
const longest_glide_ms = 6000;
/** Farther than that at once is no drive: 1e-4 of the world's width are some 4 km. */
const leap = 1e-4;
/** The data of a device that are older count as silence. */
export const silent_s = 120;

/** What a device is drawn as: the digit of its alarm's priority, or one of these. */
export const well = 0;
export const silent = 5;

export interface Head {
  version: number;
  now_ms: number;
  /** Devices with a place; more than the map may be given. */
  placed: number;
  /** Those that it had news of. */
  told: number;
}

export class Swarm {
  size = 0;
  device = new Uint32Array(1024);
  state = new Uint8Array(1024);
  at_s = new Uint32Array(1024);
  /** What it has of the attribute that was asked for; NaN: nothing. */
  value = new Float32Array(1024);
  /** Where it is drawn, after `move`. */
  x = new Float64Array(1024);
  y = new Float64Array(1024);
  private from_x = new Float64Array(1024);
  private from_y = new Float64Array(1024);
  private to_x = new Float64Array(1024);
  private to_y = new Float64Array(1024);
  private begun = new Float64Array(1024);
  private glide = new Float32Array(1024);
  private readonly slots = new Map<number, number>();
  private restless_until = 0;
  /** Until all have been put where they were going: a frame may come late. */
  private isRestless = false;

  /** Takes an answer of api/positions; `clock` in ms, the one that `move` is told. */
  take(bytes: ArrayBuffer, clock: number, glides: boolean): Head {
    const view = new DataView(bytes);
    const count = view.getUint32(20, true);
    const record_bytes = count > 0 ? (bytes.byteLength - head_bytes) / count : short_bytes;
    for (let i = 0; i < count; i++) {
      const at = head_bytes + i * record_bytes;
      const slot = this.slotOf(view.getUint32(at, true));
      this.at_s[slot] = view.getUint32(at + 12, true);
      this.state[slot] = view.getUint32(at + 16, true);
      this.value[slot] =
        record_bytes > short_bytes ? view.getFloat32(at + short_bytes, true) : Number.NaN;
      const x = xOf(view.getInt32(at + 8, true) / 1e7);
      const y = yOf(view.getInt32(at + 4, true) / 1e7);
      this.aim(slot, x, y, clock, glides);
    }
    return {
      version: view.getFloat64(0, true),
      now_ms: view.getFloat64(8, true),
      placed: view.getUint32(16, true),
      told: count,
    };
  }

  /** Puts each where it is drawn at `clock`. False: nothing has moved. */
  move(clock: number): boolean {
    if (!this.isRestless) return false;
    this.isRestless = clock < this.restless_until;
    const { size, x, y, from_x, from_y, to_x, to_y, begun, glide } = this;
    for (let i = 0; i < size; i++) {
      const part = Math.min(1, (clock - (begun[i] as number)) / (glide[i] as number));
      const a = from_x[i] as number;
      const b = from_y[i] as number;
      x[i] = a + part * ((to_x[i] as number) - a);
      y[i] = b + part * ((to_y[i] as number) - b);
    }
    return true;
  }

  /** 1 to 4: the priority of its alarm; else `silent` or `well`. */
  looksLike(slot: number, now_ms: number): number {
    const priority = (this.state[slot] as number) & 7;
    if (priority !== 0) return priority;
    return now_ms / 1000 - (this.at_s[slot] as number) > silent_s ? silent : well;
  }

  /** 0 good, 1 uncertain, 2 bad: of its value. */
  valueQuality(slot: number): number {
    return (this.state[slot] as number) >> 6;
  }

  isAcknowledged(slot: number): boolean {
    return ((this.state[slot] as number) & 8) !== 0;
  }

  /** How many look like what, by the numbers of `looksLike`. */
  counts(now_ms: number): number[] {
    const counts = [0, 0, 0, 0, 0, 0];
    for (let i = 0; i < this.size; i++) {
      const look = this.looksLike(i, now_ms);
      counts[look] = (counts[look] ?? 0) + 1;
    }
    return counts;
  }

  *points(): Iterable<{ x: number; y: number }> {
    for (let i = 0; i < this.size; i++) {
      yield { x: this.to_x[i] as number, y: this.to_y[i] as number };
    }
  }

  clear(): void {
    this.size = 0;
    this.slots.clear();
  }

  private aim(slot: number, x: number, y: number, clock: number, glides: boolean): void {
    const before = this.begun[slot] as number;
    const far =
      Math.abs(x - (this.x[slot] as number)) + Math.abs(y - (this.y[slot] as number)) > leap;
    if (x === this.to_x[slot] && y === this.to_y[slot]) return;
    this.to_x[slot] = x;
    this.to_y[slot] = y;
    const jumps = before === 0 || far || !glides;
    this.from_x[slot] = jumps ? x : (this.x[slot] as number);
    this.from_y[slot] = jumps ? y : (this.y[slot] as number);
    const glide = jumps ? 1 : Math.min(longest_glide_ms, Math.max(200, clock - before));
    this.glide[slot] = glide;
    this.begun[slot] = clock;
    this.restless_until = Math.max(this.restless_until, clock + glide);
    this.isRestless = true;
  }

  private slotOf(device: number): number {
    const known = this.slots.get(device);
    if (known !== undefined) return known;
    const slot = this.size++;
    if (slot === this.device.length) this.grow();
    this.slots.set(device, slot);
    this.device[slot] = device;
    this.begun[slot] = 0;
    // Whoever had the slot before may have been there, too, and not been put there.
    this.to_x[slot] = Number.NaN;
    return slot;
  }

  private grow(): void {
    const size = 2 * this.device.length;
    const longer = <T extends { set(from: T): void }>(made: T, from: T): T => {
      made.set(from);
      return made;
    };
    this.device = longer(new Uint32Array(size), this.device);
    this.state = longer(new Uint8Array(size), this.state);
    this.at_s = longer(new Uint32Array(size), this.at_s);
    this.value = longer(new Float32Array(size), this.value);
    this.x = longer(new Float64Array(size), this.x);
    this.y = longer(new Float64Array(size), this.y);
    this.from_x = longer(new Float64Array(size), this.from_x);
    this.from_y = longer(new Float64Array(size), this.from_y);
    this.to_x = longer(new Float64Array(size), this.to_x);
    this.to_y = longer(new Float64Array(size), this.to_y);
    this.begun = longer(new Float64Array(size), this.begun);
    this.glide = longer(new Float32Array(size), this.glide);
  }
}
