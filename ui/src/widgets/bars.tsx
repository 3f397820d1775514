import * as format from "../format.ts";
import { language } from "../i18n.ts";
import { link } from "../router.ts";

export interface Bar {
  name: string;
  /** 0..1 */
  share: number;
  series?: number;
  note?: string;
}

/** Shares as bars, each with its digits: a bar alone cannot be read out. */
export function Bars({ bars, label }: { bars: readonly Bar[]; label: string }) {
  const most = Math.max(...bars.map((bar) => bar.share), 1e-9);
  return (
    <ul class="bars" aria-label={label}>
      {bars.map((bar) => (
        <li key={bar.name}>
          {bar.series === undefined ? (
            <span>{bar.name}</span>
          ) : (
            <a href={link("sensor", bar.series)}>{bar.name}</a>
          )}
          <span class="bar" aria-hidden="true">
            <span style={{ width: `${(100 * bar.share) / most}%` }} />
          </span>
          <span class="num">{bar.note ?? format.percent(bar.share, language.value)}</span>
        </li>
      ))}
    </ul>
  );
}
