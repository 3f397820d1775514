/** The map behind the devices: lines, as GeoJSON has them, once turned into pixels' geometry. */

import { devices, type RoadMap } from "../api/devices.ts";
import { plant } from "../plant.ts";
import { useResource } from "../resource.ts";
import { type Sight, xOf, yOf } from "./mercator.ts";

/** Each line as x, y, x, y … of the world. */
export interface Roads {
  lines: Float64Array[];
  attribution: string;
}

type Position = [number, number];

function lineOf(positions: Position[]): Float64Array {
  const line = new Float64Array(2 * positions.length);
  positions.forEach(([longitude, latitude], i) => {
    line[2 * i] = xOf(longitude);
    line[2 * i + 1] = yOf(latitude);
  });
  return line;
}

/** Lines, and the outlines of areas. */
export function roadsOf({ attribution, map }: RoadMap): Roads {
  const lines: Float64Array[] = [];
  for (const { geometry } of map.features) {
    if (!geometry) continue;
    const { type, coordinates } = geometry;
    if (type === "LineString") lines.push(lineOf(coordinates as Position[]));
    if (type === "MultiLineString" || type === "Polygon") {
      lines.push(...(coordinates as Position[][]).map(lineOf));
    }
    if (type === "MultiPolygon") {
      lines.push(...(coordinates as Position[][][]).flat().map(lineOf));
    }
  }
  return { lines, attribution };
}

let kept: Roads | null = null;

/** null: there are none, or they are on their way. */
export function useRoads(): Roads | null {
  const wanted = plant.value?.devices.map === true;
  const found = useResource(async () => {
    if (!kept && wanted) kept = roadsOf(await devices.map());
    return kept;
  }, [wanted]);
  return found.value.value;
}

export function* pointsOf(roads: Roads): Iterable<{ x: number; y: number }> {
  for (const line of roads.lines) {
    for (let i = 0; i < line.length; i += 2)
      yield { x: line[i] as number, y: line[i + 1] as number };
  }
}

export function paintRoads(
  pen: CanvasRenderingContext2D,
  roads: Roads,
  sight: Sight,
  width: number,
  height: number,
  colour: string,
): void {
  pen.beginPath();
  for (const line of roads.lines) {
    for (let i = 0; i < line.length; i += 2) {
      const x = ((line[i] as number) - sight.x) * sight.scale + width / 2;
      const y = ((line[i + 1] as number) - sight.y) * sight.scale + height / 2;
      if (i === 0) pen.moveTo(x, y);
      else pen.lineTo(x, y);
    }
  }
  pen.strokeStyle = colour;
  pen.lineJoin = "round";
  // A road is 8 m wide, and never so thin that it could not be seen.
  pen.lineWidth = Math.max(1.2, Math.min(14, (8 * sight.scale) / 20e6));
  pen.stroke();
}
