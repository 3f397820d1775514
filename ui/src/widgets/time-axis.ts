/** Times under a chart, in the site's zone and the reader's language. */
import type uPlot from "uplot";
import * as format from "../format.ts";
import { language } from "../i18n.ts";
import { zone } from "../plant.ts";

const day_s = 86_400;

function label(seconds: number, step: number): string {
  const ms = seconds * 1000;
  const say = (shape: format.TimeShape) => format.time(ms, shape, language.peek(), zone.peek());
  if (step >= 28 * day_s) return say("month");
  if (step >= day_s) return say("day");
  if (step >= 60) {
    const clock = say("minute");
    return clock === "00:00" ? `${clock}\n${say("day")}` : clock;
  }
  return say("time");
}

/** The first label of all also says its day, for whoever sees no midnight. */
export const timeLabels: uPlot.Axis.DynamicValues = (_plot, splits, _axis, _space, step) => {
  const labels = splits.map((at) => label(at, step));
  const first = splits[0];
  if (first !== undefined && step < day_s && !labels.some((text) => text.includes("\n"))) {
    labels[0] += `\n${format.time(first * 1000, "day", language.peek(), zone.peek())}`;
  }
  return labels;
};
