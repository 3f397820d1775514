/** The strip at the foot of a chart that says how far its values can be trusted. */
import type uPlot from "uplot";
import type { QualitySpan } from "../api.ts";
import { word } from "../texts/common.ts";
import { colour } from "../theme.ts";

const height_px = 7;
const words = ["good", "uncertain", "bad"] as const;

/** By shape, not by colour alone: bad fills the strip, uncertain half of it. */
export function paintQuality(plot: uPlot, spans: readonly QualitySpan[]): void {
  const { ctx: pen, bbox } = plot;
  const height = height_px * devicePixelRatio;
  const foot = bbox.top + bbox.height;
  pen.fillStyle = colour("line");
  pen.fillRect(bbox.left, foot - height, bbox.width, height);
  for (const [from, to, quality] of spans) {
    const left = Math.max(bbox.left, plot.valToPos(from / 1000, "x", true));
    const end = plot.valToPos(to / 1000, "x", true);
    const right = Math.min(bbox.left + bbox.width, Math.max(end, left + 2 * devicePixelRatio));
    if (right <= left) continue;
    const part = quality === 2 ? height : height / 2;
    pen.fillStyle = colour(quality === 2 ? "ink" : "ink-3");
    pen.fillRect(left, foot - part, right - left, part);
  }
}

/** "bad (out of range)"; null where it is good. */
export function qualityAt(spans: readonly QualitySpan[], ms: number): string | null {
  const found = spans.find(([from, to]) => from <= ms && ms < to);
  if (!found) return null;
  const [, , quality, reason] = found;
  const name = word(words[quality] ?? "bad");
  return reason === "" ? name : `${name} (${word(reason)})`;
}
