/** Districts painted in the colour of their deviation. */
import type { Sight } from "../../src/map/mercator.ts";
import { colour } from "../../src/theme.ts";
import type { Area } from "./areas.ts";
import { type Look, shadeOf } from "./deviation.ts";
import type { Box, Frame } from "./objects.ts";

/** Paths are kept around a point of the city, in units in which single precision suffices. */
const unit = 2 ** 26;
const hatch_px = 7;
const label_px = 12;
/** A label wants so much room on each side. */
const label_margin_px = 6;

/** Where a label goes when there is an object in the middle. */
const shifts = [0, -20, 20, -34, 34];

interface Shape {
  area: Area;
  path: Path2D;
}

export interface Told {
  look: Look;
  /** The number that stands in the district. */
  text: string;
}

function hatch(): CanvasPattern | null {
  const tile = document.createElement("canvas");
  tile.width = hatch_px;
  tile.height = hatch_px;
  const pen = tile.getContext("2d");
  if (!pen) return null;
  pen.fillStyle = colour("panel");
  pen.fillRect(0, 0, hatch_px, hatch_px);
  pen.strokeStyle = colour("shape-2");
  pen.lineWidth = 1.2;
  for (const shift of [-hatch_px, 0, hatch_px]) {
    pen.beginPath();
    pen.moveTo(shift, hatch_px);
    pen.lineTo(shift + hatch_px, 0);
    pen.stroke();
  }
  return pen.createPattern(tile, "repeat");
}

/** The fills of all looks in the theme of the moment. */
function fillsOf(): Map<Look, string | CanvasPattern> {
  const fills = new Map<Look, string | CanvasPattern>();
  for (let step = -3; step <= 3; step++) fills.set(step, colour(shadeOf(step)));
  fills.set("unknown", colour("panel"));
  fills.set("missing", hatch() ?? colour("panel"));
  return fills;
}

function isFree(x: number, y: number, half: number, taken: readonly Box[]): boolean {
  const tall = label_px / 2;
  return !taken.some(
    (box) =>
      box.west < x + half && box.east > x - half && box.north < y + tall && box.south > y - tall,
  );
}

export class Ground {
  told = new Map<string, Told>();
  selected = "";
  private shapes: Shape[] = [];
  private origin = { x: 0.5, y: 0.5 };
  private fills = new Map<Look, string | CanvasPattern>();
  private widths = new Map<string, number>();
  private ink = "";
  private halo = "";

  setAreas(areas: readonly Area[]): void {
    const [first] = areas;
    if (first) this.origin = { x: first.west, y: first.north };
    this.shapes = areas.map((area) => ({ area, path: this.pathOf(area) }));
  }

  dress(): void {
    this.fills = fillsOf();
    this.ink = colour("ink");
    this.halo = colour("raised");
  }

  paint(pen: CanvasRenderingContext2D, sight: Sight, width: number, height: number, ratio: number) {
    const { origin } = this;
    const k = sight.scale / unit;
    const left = (origin.x - sight.x) * sight.scale + width / 2;
    const top = (origin.y - sight.y) * sight.scale + height / 2;
    pen.setTransform(k * ratio, 0, 0, k * ratio, left * ratio, top * ratio);
    for (const { area, path } of this.shapes) {
      const fill = this.fills.get(this.told.get(area.entity)?.look ?? "missing") ?? "";
      // A pattern is to be as large at every zoom.
      if (typeof fill !== "string") fill.setTransform(new DOMMatrix().scale(1 / k));
      pen.fillStyle = fill;
      pen.fill(path, "evenodd");
    }
    pen.lineJoin = "round";
    pen.strokeStyle = colour("ground");
    pen.lineWidth = 1.5 / k;
    for (const { path } of this.shapes) pen.stroke(path);
    const chosen = this.shapes.find(({ area }) => area.entity === this.selected);
    if (chosen) {
      pen.strokeStyle = colour("focus");
      pen.lineWidth = 3.5 / k;
      pen.stroke(chosen.path);
    }
  }

  /**
   * The numbers; none where a district is too small for its own, or where no place near its middle is
   * left between the objects and the other numbers.
   */
  label(pen: CanvasRenderingContext2D, { sight, width, height }: Frame, objects: readonly Box[]) {
    const taken = [...objects];
    pen.font = `650 ${label_px}px Inter, system-ui, sans-serif`;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.lineJoin = "round";
    pen.lineWidth = 3;
    pen.strokeStyle = this.halo;
    pen.fillStyle = this.ink;
    for (const { area } of this.shapes) {
      const text = this.told.get(area.entity)?.text ?? "";
      if (text === "") continue;
      const room = (area.east - area.west) * sight.scale - 2 * label_margin_px;
      const half = this.widthOf(pen, text) / 2;
      if (2 * half > room) continue;
      const x = (area.label.x - sight.x) * sight.scale + width / 2;
      const middle = (area.label.y - sight.y) * sight.scale + height / 2;
      if (x < 0 || middle < 0 || x > width || middle > height) continue;
      const tall = (area.south - area.north) * sight.scale;
      const y = shifts
        .filter((shift) => Math.abs(shift) < 0.4 * tall)
        .map((shift) => middle + shift)
        .find((at) => isFree(x, at, half, taken));
      if (y === undefined) continue;
      const up = label_px / 2;
      taken.push({ west: x - half, east: x + half, north: y - up, south: y + up });
      pen.strokeText(text, x, y);
      pen.fillText(text, x, y);
    }
  }

  private widthOf(pen: CanvasRenderingContext2D, text: string): number {
    let width = this.widths.get(text);
    if (width === undefined) {
      width = pen.measureText(text).width;
      this.widths.set(text, width);
    }
    return width;
  }

  private pathOf(area: Area): Path2D {
    const path = new Path2D();
    for (const ring of area.rings) {
      for (let i = 0; i + 1 < ring.length; i += 2) {
        const x = ((ring[i] as number) - this.origin.x) * unit;
        const y = ((ring[i + 1] as number) - this.origin.y) * unit;
        if (i === 0) path.moveTo(x, y);
        else path.lineTo(x, y);
      }
      path.closePath();
    }
    return path;
  }
}
