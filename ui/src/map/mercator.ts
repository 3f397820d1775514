/** Web Mercator: the world as a square of side 1, north up; and the part of it that is in sight. */

export interface Point {
  x: number;
  y: number;
}

export interface Sight {
  /** Its middle. */
  x: number;
  y: number;
  /** Pixels that the whole world would be wide. */
  scale: number;
}

/** Where the square ends: Mercator never reaches the poles. */
const most_degrees = 85.0511;
const earth_m = 40_075_017;

export const xOf = (longitude: number): number => longitude / 360 + 0.5;

export function yOf(latitude: number): number {
  const held = Math.max(-most_degrees, Math.min(most_degrees, latitude));
  const sine = Math.sin((held * Math.PI) / 180);
  return 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI);
}

export function latitudeOf(y: number): number {
  return (Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180) / Math.PI;
}

export const longitudeOf = (x: number): number => (x - 0.5) * 360;

const least_scale = 200;
/** Some 2 cm a pixel. */
const most_scale = 2e9;

export function heldScale(scale: number): number {
  return Math.max(least_scale, Math.min(most_scale, scale));
}

/** The sight that shows all of these points with a margin; never closer than `closest_m` across. */
export function sightOf(
  points: Iterable<Point>,
  width: number,
  height: number,
  closest_m = 600,
): Sight | null {
  let [west, east, north, south] = [1, 0, 1, 0];
  for (const { x, y } of points) {
    west = Math.min(west, x);
    east = Math.max(east, x);
    north = Math.min(north, y);
    south = Math.max(south, y);
  }
  if (west > east || width <= 0 || height <= 0) return null;
  const y = (north + south) / 2;
  const closest = closest_m / (earth_m * Math.cos((latitudeOf(y) * Math.PI) / 180));
  const scale = Math.min(
    (0.9 * width) / Math.max(east - west, closest),
    (0.9 * height) / Math.max(south - north, closest * (height / width)),
  );
  return { x: (west + east) / 2, y, scale: heldScale(scale) };
}

/** Nearer or farther, with what lies under (px, py) staying there; px and py from the middle. */
export function zoomed(sight: Sight, factor: number, px = 0, py = 0): Sight {
  const scale = heldScale(sight.scale * factor);
  const keep = 1 / sight.scale - 1 / scale;
  return { x: sight.x + px * keep, y: sight.y + py * keep, scale };
}

export function moved(sight: Sight, px: number, py: number): Sight {
  const held = (v: number) => Math.max(0, Math.min(1, v));
  return {
    x: held(sight.x - px / sight.scale),
    y: held(sight.y - py / sight.scale),
    scale: sight.scale,
  };
}

/** How long a bar of a round number of metres is, at most `most_px`. */
export function scaleBar(sight: Sight, most_px: number): { metres: number; px: number } {
  const metre_px = sight.scale / (earth_m * Math.cos((latitudeOf(sight.y) * Math.PI) / 180));
  const most = most_px / metre_px;
  const power = 10 ** Math.floor(Math.log10(most));
  const step = [5, 2, 1].find((n) => n * power <= most) ?? 1;
  return { metres: step * power, px: step * power * metre_px };
}
