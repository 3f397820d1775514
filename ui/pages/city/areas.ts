/** The areas of a set of zones as the map has them: in the world's square, with a place for a label. */
import type { ZoneSet } from "../../src/api/zones.ts";
import { type Point, xOf, yOf } from "../../src/map/mercator.ts";

/** x, y, x, y …, closed. */
export type Ring = Float64Array;

export interface Area {
  entity: string;
  name: string;
  rings: Ring[];
  /** Well inside of it. */
  label: Point;
  west: number;
  east: number;
  north: number;
  south: number;
}

type Position = [number, number];

function ringOf(positions: Position[]): Ring {
  const ring = new Float64Array(2 * positions.length);
  positions.forEach(([longitude, latitude], i) => {
    ring[2 * i] = xOf(longitude);
    ring[2 * i + 1] = yOf(latitude);
  });
  return ring;
}

function ringsOf(geometry: { type: string; coordinates: unknown }): Ring[] {
  if (geometry.type === "Polygon") return (geometry.coordinates as Position[][]).map(ringOf);
  if (geometry.type === "MultiPolygon") {
    return (geometry.coordinates as Position[][][]).flat().map(ringOf);
  }
  return [];
}

/** Where a line of latitude enters and leaves the area, from west to east. */
function crossings(rings: readonly Ring[], y: number): number[] {
  const found: number[] = [];
  for (const ring of rings) {
    for (let i = 0; i + 3 < ring.length; i += 2) {
      const [x0, y0, x1, y1] = ring.subarray(i, i + 4) as unknown as [
        number,
        number,
        number,
        number,
      ];
      if (y0 > y !== y1 > y) found.push(x0 + ((y - y0) / (y1 - y0)) * (x1 - x0));
    }
  }
  return found.sort((a, b) => a - b);
}

/** The middle of the widest part of it at half its height, or near that. */
function labelOf(rings: readonly Ring[], north: number, south: number): Point {
  let best = { x: 0, y: 0, width: -1 };
  for (const part of [0.5, 0.4, 0.6]) {
    const y = north + part * (south - north);
    const at = crossings(rings, y);
    for (let i = 0; i + 1 < at.length; i += 2) {
      const width = (at[i + 1] as number) - (at[i] as number);
      if (width > 1.1 * best.width) best = { x: (at[i] as number) + width / 2, y, width };
    }
  }
  return { x: best.x, y: best.y };
}

export function areasOf(set: ZoneSet): Area[] {
  const areas: Area[] = [];
  set.geojson.features.forEach(({ geometry }, i) => {
    const rings = ringsOf(geometry);
    let [west, east, north, south] = [1, 0, 1, 0];
    for (const ring of rings) {
      for (let k = 0; k < ring.length; k += 2) {
        west = Math.min(west, ring[k] as number);
        east = Math.max(east, ring[k] as number);
        north = Math.min(north, ring[k + 1] as number);
        south = Math.max(south, ring[k + 1] as number);
      }
    }
    if (west > east) return;
    const entity = set.entities[i] ?? "";
    const label = labelOf(rings, north, south);
    areas.push({ entity, name: set.names[i] || entity, rings, label, west, east, north, south });
  });
  return areas;
}

export function contains(area: Area, x: number, y: number): boolean {
  if (x < area.west || x > area.east || y < area.north || y > area.south) return false;
  return crossings(area.rings, y).filter((at) => at > x).length % 2 === 1;
}

export function* corners(areas: readonly Area[]): Iterable<Point> {
  for (const { west, east, north, south } of areas) {
    yield { x: west, y: north };
    yield { x: east, y: south };
  }
}
