/** Which drawing a stage has, which of its sensors it shows, and where all of it stands. */
import type { SeriesInfo, Stage } from "../../src/api.ts";
import type { Drawing } from "./drawings.tsx";

const drawings: [RegExp, Drawing][] = [
  [/boues|sludge/, "digester"],
  [/pretrait|pretreat|screen/, "screen"],
  [/primaire|primary/, "clarifier"],
  [/biolog/, "reactor"],
  [/secondaire|secondary/, "settler"],
  [/tertiaire|tertiary|filt/, "filter"],
  [/desinf|disinf|uv/, "lamps"],
  [/sortie|outlet|control/, "flume"],
];

export function drawingOf(stage: Stage): Drawing {
  const name = `${stage.id} ${stage.name.en}`.toLowerCase();
  return drawings.find(([pattern]) => pattern.test(name))?.[1] ?? "tank";
}

/** The sensors that tell how each stage of a wastewater plant does, the most telling first. */
const telling = [
  "FIT-101 AIT-107-COD AIT-109-NH4 AIT-106-TSS",
  "AIT-204-TSS AIT-206-COD LIT-215 FIT-202",
  "AIT-306-DO AIT-309-NH4 AIT-311-NO3 AIT-314-TSS",
  "LIT-404 AIT-406-TSS AIT-412-SVI FIT-403",
  "AIT-503-TP AIT-504-TURB PDIT-506 FIT-501",
  "AIT-603-UVT AIT-604-UVI AIT-601-CL2 JIT-605",
  "TIT-703 FIT-705 AIT-706-CH4 AIT-708-DS",
  "FIT-801 AIT-807-COD AIT-806-TSS AIT-809-TN",
].map((line) => line.split(" "));

/** Up to four sensors that stand for a stage: the known ones, else the first it has. */
export function keySeries(stage: Stage, series: ReadonlyMap<number, SeriesInfo>): SeriesInfo[] {
  const own = stage.series.flatMap((id) => series.get(id) ?? []);
  for (const tags of telling) {
    const found = tags.flatMap((tag) => own.find((s) => s.entity === tag) ?? []);
    if (found.length >= 2) return found.slice(0, 4);
  }
  return own.slice(0, 4);
}

export interface Box {
  stage: Stage;
  x: number;
  y: number;
  width: number;
  height: number;
  /** Where the drawing stands: above the values, left of them, or beside the title. */
  drawing: "above" | "left" | "corner";
}

export interface Plan {
  width: number;
  height: number;
  boxes: Box[];
}

export const head = 48;
/** The same where the drawing stands beside the title. */
export const cornerHead = 58;
export const drawingHeight = 72;
export const keyHeight = 52;
const foot = 26;
/** Above the boxes: half of the alarms' signs, which sit on the edge. */
const brow = 12;

/** One row for the water, from left to right, and what is off the water's way below it. */
export function acrossPlan(stages: readonly Stage[]): Plan {
  const line = stages.filter((stage) => drawingOf(stage) !== "digester");
  const off = stages.filter((stage) => drawingOf(stage) === "digester");
  const width = 1180;
  const gap = 18;
  const margin = 22;
  const each = (width - 2 * margin - gap * (line.length - 1)) / Math.max(1, line.length);
  const height = head + drawingHeight + 4 * keyHeight + foot;
  const boxes: Box[] = line.map((stage, i) => ({
    stage,
    x: margin + i * (each + gap),
    y: brow,
    width: each,
    height,
    drawing: "above",
  }));
  const low = head + 2 * keyHeight + foot;
  const first = Math.min(1, line.length - 1);
  off.forEach((stage, i) => {
    const offWidth = 3 * each + 2 * gap;
    boxes.push({
      stage,
      x: margin + first * (each + gap) + i * (offWidth + gap),
      y: brow + height + 44,
      width: offWidth,
      height: low,
      drawing: "left",
    });
  });
  return { width, height: brow + height + 4 + (off.length > 0 ? 44 + low : 0), boxes };
}

/** One stage under another, for a narrow screen. */
export function downPlan(stages: readonly Stage[], width: number): Plan {
  const narrow = width < 480;
  const height = (narrow ? cornerHead : head) + 2 * keyHeight + foot;
  const gap = 24;
  const boxes: Box[] = stages.map((stage, i) => ({
    stage,
    x: 1,
    y: 20 + i * (height + gap),
    width: width - 2,
    height,
    drawing: narrow ? "corner" : "left",
  }));
  return { width, height: 20 + stages.length * (height + gap), boxes };
}
