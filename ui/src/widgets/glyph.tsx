import type { Priority } from "../api.ts";
import { word } from "../texts/common.ts";

export const shapes: Record<Priority, { digit: string; mark: string; y: number }> = {
  critical: { digit: "1", mark: "M6.2 1h7.6L19 6.2v7.6L13.8 19H6.2L1 13.8V6.2z", y: 14 },
  high: { digit: "2", mark: "M10 .8 19.6 18.5H.4z", y: 16.2 },
  medium: { digit: "3", mark: "M10 .5 19.5 10 10 19.5.5 10z", y: 13.9 },
  low: { digit: "4", mark: "M10 1a9 9 0 1 1 0 18 9 9 0 0 1 0-18z", y: 13.9 },
};

/** The shape and digit of a priority, 20 units wide, to stand inside any svg. */
export function GlyphShape({ priority }: { priority: Priority }) {
  const { digit, mark, y } = shapes[priority];
  return (
    <>
      <path class="mark" d={mark} />
      <text x="10" y={y}>
        {digit}
      </text>
    </>
  );
}

/** A priority's sign. `hollow`: nothing of that priority. `quiet`: its name stands beside it. */
export function Glyph(props: {
  priority: Priority;
  blink?: boolean;
  hollow?: boolean;
  quiet?: boolean;
}) {
  const { priority, blink, hollow, quiet } = props;
  const name = quiet
    ? { "aria-hidden": true as const }
    : { role: "img" as const, "aria-label": word(priority) };
  return (
    <svg
      viewBox="0 0 20 20"
      class={`glyph ${priority}${blink ? " blink" : ""}${hollow ? " hollow" : ""}`}
      {...name}
    >
      <GlyphShape priority={priority} />
    </svg>
  );
}
