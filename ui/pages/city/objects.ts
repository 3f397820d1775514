/** Objects painted as their signs or, where they stand close, as discs with their number. */
import type { Sight } from "../../src/map/mercator.ts";
import { Sheet, type Stamp, stampsOf } from "../../src/map/sprites.ts";
import type { Swarm } from "../../src/map/swarm.ts";
import { colour } from "../../src/theme.ts";
import { type Cluster, clustersOf, singlesOf } from "./clusters.ts";

const margin_px = 20;
/** Groups at the edge have members beyond it. */
const beyond_px = 160;
const sign_px = 18;
const alone_from_zoom = 17;
const label_from_zoom = 14;
/** More numbers than that at once say nothing, and cost a frame. */
const most_labels = 300;

export interface Choice {
  /** Those that measure what is shown, or all. */
  all: boolean;
  grouped: boolean;
  /** The text of a value beside its object. */
  text: (value: number) => string;
}

export interface Box {
  west: number;
  east: number;
  north: number;
  south: number;
}

export interface Frame {
  sight: Sight;
  width: number;
  height: number;
  ratio: number;
  now_ms: number;
  /** The dim half of a blink. */
  isDim: boolean;
}

export class Objects {
  choice: Choice = { all: true, grouped: true, text: String };
  /** The device that is shown beside the map. */
  selected: number | null = null;
  clusters: Cluster[] = [];
  private readonly pool: Cluster[] = [];
  private stamps: Stamp[] = [];
  private sheet: Sheet | null = null;

  constructor(private readonly swarm: Swarm) {}

  dress(pen: CanvasRenderingContext2D, ratio: number): void {
    const { width, height } = pen.canvas;
    this.stamps = stampsOf(ratio);
    this.sheet = width > 0 && height > 0 ? new Sheet(pen, width, height) : null;
  }

  /** Which stand alone and which in a group; to be called when they or what is in sight are others. */
  arrange(frame: Frame): void {
    const { swarm, choice } = this;
    const { sight, width, height } = frame;
    const zoom = Math.log2(sight.scale / 256);
    const wide = (width / 2 + beyond_px) / sight.scale;
    const high = (height / 2 + beyond_px) / sight.scale;
    const isWanted = (slot: number) =>
      Math.abs((swarm.x[slot] as number) - sight.x) < wide &&
      Math.abs((swarm.y[slot] as number) - sight.y) < high &&
      (choice.all ||
        !Number.isNaN(swarm.value[slot] as number) ||
        ((swarm.state[slot] as number) & 7) !== 0);
    const isGrouped = choice.grouped && zoom < alone_from_zoom;
    this.clusters = isGrouped
      ? clustersOf(swarm, 256 * 2 ** Math.round(zoom), isWanted)
      : singlesOf(swarm, isWanted, this.pool);
  }

  paint(pen: CanvasRenderingContext2D, frame: Frame): void {
    if (!this.sheet) return;
    const sheet = this.sheet;
    sheet.clear();
    const groups: Cluster[] = [];
    const alarmed: Cluster[][] = [[], [], [], [], []];
    for (const one of this.clusters) {
      if (one.count > 1) groups.push(one);
      else if (one.priority > 0) alarmed[one.priority]?.push(one);
      else this.stamp(sheet, frame, one);
    }
    // Those with an alarm above the others, the most urgent at last.
    for (const of of alarmed.reverse()) for (const one of of) this.stamp(sheet, frame, one);
    sheet.show();
    pen.setTransform(frame.ratio, 0, 0, frame.ratio, 0, 0);
    for (const group of groups) this.disc(pen, frame, group);
    if (Math.log2(frame.sight.scale / 256) >= label_from_zoom) this.texts(pen, frame);
    this.ring(pen, frame);
  }

  /** The group or the object nearest to a place in the box, within its own reach. */
  at(frame: Frame, px: number, py: number, reach: number): Cluster | null {
    let found: Cluster | null = null;
    let best = Number.POSITIVE_INFINITY;
    for (const one of this.clusters) {
      const { x, y } = pixelOf(frame, one.x, one.y);
      const far = Math.hypot(x - px, y - py);
      if (far > (one.count > 1 ? radiusOf(one.count) : reach)) continue;
      const near = far - (one.priority > 0 ? 4 : 0);
      if (near >= best) continue;
      best = near;
      found = one;
    }
    return found;
  }

  /** A box around each group and each sign in sight, for what must not be covered. */
  boxes(frame: Frame): Box[] {
    return this.clusters
      .filter(({ x, y, count, priority }) => (count > 1 || priority > 0) && isInSight(frame, x, y))
      .map(({ x, y, count }) => {
        const at = pixelOf(frame, x, y);
        const half = count > 1 ? radiusOf(count) : sign_px / 2;
        return { west: at.x - half, east: at.x + half, north: at.y - half, south: at.y + half };
      });
  }

  private stamp(sheet: Sheet, frame: Frame, { x, y, slot, priority, isNew }: Cluster): void {
    const { sight, width, height, ratio } = frame;
    const look = priority > 0 ? priority : this.swarm.looksLike(slot, frame.now_ms);
    const stamp = this.stamps[look + (frame.isDim && isNew ? 8 : 0)];
    const left = (x - sight.x) * sight.scale + width / 2;
    const top = (y - sight.y) * sight.scale + height / 2;
    if (stamp) sheet.stamp(stamp, left * ratio, top * ratio);
  }

  private disc(pen: CanvasRenderingContext2D, frame: Frame, group: Cluster): void {
    const { x, y } = pixelOf(frame, group.x, group.y);
    const radius = radiusOf(group.count);
    pen.beginPath();
    pen.arc(x, y, radius, 0, 7);
    pen.fillStyle = colourOf("raised");
    pen.fill();
    pen.strokeStyle = colourOf("plot");
    pen.lineWidth = 1.6;
    pen.stroke();
    pen.fillStyle = colourOf("ink");
    pen.font = "600 11px Inter, system-ui, sans-serif";
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.fillText(String(group.count), x, y + 0.5);
    if (group.priority === 0) return;
    const sign = this.stamps.at(group.priority + (frame.isDim && group.isNew ? 8 : 0));
    if (sign) drawStamp(pen, sign, x + 0.75 * radius, y - 0.75 * radius, frame.ratio);
  }

  private texts(pen: CanvasRenderingContext2D, frame: Frame): void {
    const { swarm } = this;
    const told = this.clusters.filter(
      ({ x, y, count, slot }) =>
        count === 1 && !Number.isNaN(swarm.value[slot] as number) && isInSight(frame, x, y),
    );
    if (told.length > most_labels) return;
    pen.font = "600 11px Inter, system-ui, sans-serif";
    pen.textAlign = "left";
    pen.textBaseline = "middle";
    pen.lineJoin = "round";
    pen.lineWidth = 3;
    pen.strokeStyle = colourOf("raised");
    for (const { x, y, slot } of told) {
      const at = pixelOf(frame, x, y);
      const isBad = swarm.valueQuality(slot) === 2;
      const text = this.choice.text(swarm.value[slot] as number) + (isBad ? " ✕" : "");
      pen.strokeText(text, at.x + 12, at.y);
      pen.fillStyle = colourOf(isBad ? "ink-3" : "value");
      pen.fillText(text, at.x + 12, at.y);
    }
  }

  private ring(pen: CanvasRenderingContext2D, frame: Frame): void {
    const { selected, swarm } = this;
    if (selected === null) return;
    const one = this.clusters.find((c) => c.count === 1 && swarm.device[c.slot] === selected);
    if (!one) return;
    const { x, y } = pixelOf(frame, one.x, one.y);
    pen.beginPath();
    pen.arc(x, y, 12, 0, 7);
    pen.strokeStyle = colourOf("focus");
    pen.lineWidth = 3;
    pen.stroke();
  }
}

/** A colour is looked up once a theme, not once a disc. */
const known = new Map<string, string>();

function colourOf(name: string): string {
  let it = known.get(name);
  if (it === undefined) {
    it = colour(name);
    known.set(name, it);
  }
  return it;
}

export function forgetColours(): void {
  known.clear();
}

export function radiusOf(count: number): number {
  return 8 + 2.5 * Math.log10(count);
}

function pixelOf({ sight, width, height }: Frame, x: number, y: number): { x: number; y: number } {
  return {
    x: (x - sight.x) * sight.scale + width / 2,
    y: (y - sight.y) * sight.scale + height / 2,
  };
}

function isInSight(frame: Frame, x: number, y: number): boolean {
  const at = pixelOf(frame, x, y);
  return (
    at.x > -margin_px &&
    at.y > -margin_px &&
    at.x < frame.width + margin_px &&
    at.y < frame.height + margin_px
  );
}

const drawn = new WeakMap<Stamp, HTMLCanvasElement>();

function drawStamp(
  pen: CanvasRenderingContext2D,
  stamp: Stamp,
  x: number,
  y: number,
  ratio: number,
): void {
  let canvas = drawn.get(stamp);
  if (!canvas && stamp.size > 0) {
    canvas = document.createElement("canvas");
    canvas.width = stamp.size;
    canvas.height = stamp.size;
    const bits = new ImageData(stamp.size, stamp.size);
    new Uint32Array(bits.data.buffer).set(stamp.pixels);
    canvas.getContext("2d")?.putImageData(bits, 0, 0);
    drawn.set(stamp, canvas);
  }
  const size = stamp.size / ratio;
  if (canvas) pen.drawImage(canvas, x - size / 2, y - size / 2, size, size);
}
