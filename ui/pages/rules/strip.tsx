import type { TriedEpisode } from "../../src/api/rules.ts";
import type { Span } from "../../src/widgets/chart.tsx";

const width = 1000;
/** What is shorter is seen, too. */
const least = 3;

/** A span in whose last part everything lies is shown from there on. */
export function stripSpan(episodes: readonly TriedEpisode[], whole: Span): Span {
  const first = Math.min(...episodes.map(({ onset_ms }) => onset_ms));
  const width = whole.to - first;
  if (episodes.length === 0 || width > 0.1 * (whole.to - whole.from)) return whole;
  return { from: first - 0.1 * width, to: whole.to };
}

/** When it would have fired, from the left edge to the right one. */
export function Strip(props: { episodes: readonly TriedEpisode[]; span: Span; label: string }) {
  const { episodes, span, label } = props;
  const x = (ms: number) => (width * (ms - span.from)) / (span.to - span.from);
  return (
    <svg
      class="rule-strip"
      viewBox={`0 0 ${width} 10`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      {episodes.map(({ onset_ms, closed_ms }) => {
        const from = Math.max(0, Math.min(width - least, x(onset_ms)));
        const to = Math.min(width, x(closed_ms ?? span.to));
        return <rect key={onset_ms} x={from} width={Math.max(least, to - from)} height="10" />;
      })}
    </svg>
  );
}
