/**
 * The map as it is drawn: roads on a ground that changes only with the sight, and above it the
 * devices, frame by frame as long as one of them moves.
 */

import { moved, type Point, type Sight, sightOf, zoomed } from "../../src/map/mercator.ts";
import { paintRoads, pointsOf, type Roads } from "../../src/map/roads.ts";
import { Sheet, type Stamp, stampsOf } from "../../src/map/sprites.ts";
import { type Swarm, silent, well } from "../../src/map/swarm.ts";
import { colour } from "../../src/theme.ts";

const margin_px = 12;
/** Beyond so many a lone outlier (a GPS that jumped) must not make the others a dot. */
const few = 20;

/** Where the map was left, for whoever comes back to it. */
let kept: Sight | null = null;

export class Stage {
  sight: Sight | null = kept;
  /** Frames drawn, and what the last ones cost: milliseconds of this thread. */
  frames = 0;
  cost_ms = 0;
  now_ms = 0;
  onSight: (sight: Sight) => void = () => undefined;
  private roads: Roads | null = null;
  private stamps: Stamp[] = [];
  private sheet: Sheet | null = null;
  private width = 0;
  private height = 0;
  private ratio = 1;
  private isGroundOld = true;
  private isTopOld = true;
  private phase = 0;
  private request = 0;

  constructor(
    private readonly ground: HTMLCanvasElement,
    private readonly top: HTMLCanvasElement,
    private readonly swarm: Swarm,
    private readonly blinks: boolean,
  ) {
    this.request = requestAnimationFrame(this.frame);
  }

  stop(): void {
    cancelAnimationFrame(this.request);
  }

  /** Size, theme or pixels of the screen are others. */
  lay(width: number, height: number): void {
    this.width = width;
    this.height = height;
    this.ratio = Math.min(2, devicePixelRatio || 1);
    for (const canvas of [this.ground, this.top]) {
      canvas.width = Math.round(width * this.ratio);
      canvas.height = Math.round(height * this.ratio);
    }
    this.stamps = stampsOf(this.ratio);
    const pen = this.top.getContext("2d");
    const { width: columns, height: rows } = this.top;
    this.sheet = pen && columns > 0 && rows > 0 ? new Sheet(pen, columns, rows) : null;
    if (this.sight) this.look(this.sight);
    else this.fit();
    this.isGroundOld = true;
  }

  setRoads(roads: Roads | null): void {
    this.roads = roads;
    this.isGroundOld = true;
    if (!kept) this.fit();
  }

  /** There are news of devices. */
  refresh(now_ms: number): void {
    this.now_ms = now_ms;
    this.isTopOld = true;
    if (!this.sight) this.fit();
  }

  look(sight: Sight): void {
    this.sight = sight;
    this.isGroundOld = true;
    this.onSight(sight);
  }

  zoom(factor: number, px = 0, py = 0): void {
    if (this.sight) this.look(zoomed(this.sight, factor, px, py));
    kept = this.sight;
  }

  pan(px: number, py: number): void {
    if (this.sight) this.look(moved(this.sight, px, py));
    kept = this.sight;
  }

  /** All roads if most devices are on them, else where most devices are. */
  fit(): void {
    kept = null;
    const points = [...this.swarm.points()];
    const onRoads = this.roads && sightOf(pointsOf(this.roads), this.width, this.height);
    const isThere = (p: Point) => this.isInSight(onRoads as Sight, p.x, p.y);
    const fits = onRoads && 2 * points.filter(isThere).length >= points.length;
    const sight = fits ? onRoads : sightOf(middle(points), this.width, this.height);
    if (sight) this.look(sight);
  }

  /** The device that is drawn nearest to a place (from the middle), an alarm before the others. */
  nearest(px: number, py: number, within: number): number | null {
    const { sight, swarm } = this;
    if (!sight) return null;
    let best = within;
    let found: number | null = null;
    for (let i = 0; i < swarm.size; i++) {
      const dx = ((swarm.x[i] as number) - sight.x) * sight.scale - px;
      const dy = ((swarm.y[i] as number) - sight.y) * sight.scale - py;
      const near = Math.hypot(dx, dy) - (((swarm.state[i] as number) & 7) !== 0 ? 4 : 0);
      if (near >= best) continue;
      best = near;
      found = swarm.device[i] as number;
    }
    return found;
  }

  private isInSight(sight: Sight, x: number, y: number): boolean {
    return (
      Math.abs(x - sight.x) * sight.scale < this.width / 2 + margin_px &&
      Math.abs(y - sight.y) * sight.scale < this.height / 2 + margin_px
    );
  }

  private readonly frame = (clock: number): void => {
    this.request = requestAnimationFrame(this.frame);
    if (!this.sight || this.width === 0) return;
    const phase = this.blinks ? Math.floor(clock / 1000) % 2 : 0;
    const hasMoved = this.swarm.move(clock);
    if (!hasMoved && !this.isGroundOld && !this.isTopOld && phase === this.phase) return;
    this.phase = phase;
    const begun = performance.now();
    if (this.isGroundOld) this.paintGround(this.sight);
    this.paintTop(this.sight);
    this.isGroundOld = false;
    this.isTopOld = false;
    this.frames++;
    this.cost_ms += 0.1 * (performance.now() - begun - this.cost_ms);
  };

  private paintGround(sight: Sight): void {
    const pen = this.ground.getContext("2d");
    if (!pen) return;
    pen.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    pen.clearRect(0, 0, this.width, this.height);
    if (this.roads) {
      paintRoads(pen, this.roads, sight, this.width, this.height, colour("shape"));
    }
  }

  /** Those with an alarm above the others, the most urgent at last. */
  private paintTop(sight: Sight): void {
    if (!this.sheet) return;
    const sheet: Sheet = this.sheet;
    const swarm = this.swarm;
    sheet.clear();
    const alarmed: number[][] = [[], [], [], [], []];
    for (let i = 0; i < swarm.size; i++) {
      if (!this.isInSight(sight, swarm.x[i] as number, swarm.y[i] as number)) continue;
      const look = swarm.looksLike(i, this.now_ms);
      if (look === well || look === silent) this.stamp(sheet, sight, i, look);
      else alarmed[look]?.push(i);
    }
    for (let priority = 4; priority > 0; priority--) {
      for (const i of alarmed[priority] as number[]) {
        const isDim = this.phase === 1 && !swarm.isAcknowledged(i);
        this.stamp(sheet, sight, i, priority + (isDim ? 8 : 0));
      }
    }
    sheet.show();
  }

  private stamp(sheet: Sheet, sight: Sight, slot: number, look: number): void {
    const x = ((this.swarm.x[slot] as number) - sight.x) * sight.scale + this.width / 2;
    const y = ((this.swarm.y[slot] as number) - sight.y) * sight.scale + this.height / 2;
    const stamp = this.stamps.at(look);
    if (stamp) sheet.stamp(stamp, x * this.ratio, y * this.ratio);
  }
}

/** The points without the outermost hundredth on each side. */
function middle(points: Point[]): Point[] {
  if (points.length < few) return points;
  const cut = Math.ceil(points.length / 100);
  const bounds = (of: (p: Point) => number): [number, number] => {
    const sorted = Float64Array.from(points, of).sort();
    return [sorted[cut] as number, sorted[sorted.length - 1 - cut] as number];
  };
  const [west, east] = bounds((p) => p.x);
  const [north, south] = bounds((p) => p.y);
  return [
    { x: west, y: north },
    { x: east, y: south },
  ];
}
