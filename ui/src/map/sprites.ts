/** The signs of devices on a map. */
import { priorities } from "../api.ts";
import { colour } from "../theme.ts";
import { shapes } from "../widgets/glyph.tsx";
import { silent, well } from "./swarm.ts";

const dot_px = 7;
const glyph_px = 18;
/** What is left of a sign in the dim half of its blinking. */
const dimmed = 0.35;

function paintDot(pen: CanvasRenderingContext2D, isHollow: boolean): void {
  pen.beginPath();
  pen.arc(dot_px / 2, dot_px / 2, dot_px / 2 - 1, 0, 7);
  pen.fillStyle = colour(isHollow ? "panel" : "plot");
  pen.fill();
  pen.strokeStyle = colour(isHollow ? "plot" : "panel");
  pen.lineWidth = 1.4;
  pen.stroke();
}

function paintGlyph(pen: CanvasRenderingContext2D, look: number, isDim: boolean): void {
  const priority = priorities[look - 1] ?? "low";
  const { digit, mark, y } = shapes[priority];
  pen.scale(glyph_px / 20, glyph_px / 20);
  const shape = new Path2D(mark);
  pen.fillStyle = colour("panel");
  pen.fill(shape);
  pen.globalAlpha = isDim ? dimmed : 1;
  pen.fillStyle = colour(priority);
  pen.fill(shape);
  pen.strokeStyle = colour("panel");
  pen.stroke(shape);
  pen.fillStyle = colour(`${priority}-ink`);
  pen.font = "700 11px Inter, system-ui, sans-serif";
  pen.textAlign = "center";
  pen.fillText(digit, 10, y);
}

/** The sign of what a device looks like (Swarm.looksLike), `ratio` times as large as on the map. */
export function signOf(look: number, ratio: number, isDim = false): HTMLCanvasElement {
  const isDot = look === well || look === silent;
  const canvas = document.createElement("canvas");
  canvas.width = Math.ceil((isDot ? dot_px : glyph_px) * ratio);
  canvas.height = canvas.width;
  const pen = canvas.getContext("2d");
  if (!pen) return canvas;
  pen.scale(ratio, ratio);
  if (isDot) paintDot(pen, look === silent);
  else paintGlyph(pen, look, isDim);
  return canvas;
}

/** What the edge of a sign covers less (of 255) stays as it is. */
const mostly = 110;

/** A sign as pixels, to be copied: drawing 10,000 pictures costs 70 ms, copying their pixels 3. */
export interface Stamp {
  size: number;
  pixels: Uint32Array;
}

/** By look, and 8 further on those that are dimmed. */
export function stampsOf(ratio: number): Stamp[] {
  const stamps: Stamp[] = [];
  for (let look = well; look <= silent; look++) {
    for (const isDim of [false, true]) {
      const sign = signOf(look, ratio, isDim);
      const bits = sign.getContext("2d")?.getImageData(0, 0, sign.width, sign.width);
      const pixels = new Uint32Array(bits?.data.buffer ?? new ArrayBuffer(0));
      stamps[look + (isDim ? 8 : 0)] = { size: bits ? sign.width : 0, pixels };
    }
  }
  return stamps;
}

/** The pixels of a canvas, written directly. */
export class Sheet {
  private readonly bits: ImageData;
  private readonly pixels: Uint32Array;

  constructor(
    private readonly pen: CanvasRenderingContext2D,
    private readonly width: number,
    private readonly height: number,
  ) {
    this.bits = pen.createImageData(width, height);
    this.pixels = new Uint32Array(this.bits.data.buffer);
  }

  clear(): void {
    this.pixels.fill(0);
  }

  show(): void {
    this.pen.putImageData(this.bits, 0, 0);
  }

  /** Its middle at (x, y), in the canvas' own pixels; what is beyond the edges is cut off. */
  stamp({ size, pixels }: Stamp, x: number, y: number): void {
    const left = Math.round(x - size / 2);
    const top = Math.round(y - size / 2);
    const first = Math.max(0, -left);
    const last = Math.min(size, this.width - left);
    for (let row = Math.max(0, -top); row < Math.min(size, this.height - top); row++) {
      let to = (top + row) * this.width + left + first;
      for (let from = row * size + first; from < row * size + last; from++, to++) {
        const pixel = pixels[from] as number;
        const cover = pixel >>> 24;
        if (cover > mostly || (cover !== 0 && this.pixels[to] === 0)) {
          this.pixels[to] = pixel;
        }
      }
    }
  }
}
