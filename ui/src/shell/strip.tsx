import { priorities } from "../api.ts";
import * as format from "../format.ts";
import { language, say } from "../i18n.ts";
import { status } from "../live.ts";
import { zone } from "../plant.ts";
import { link } from "../router.ts";
import { t, word } from "../texts/common.ts";
import { Glyph } from "../widgets/glyph.tsx";

/** On every page: how many alarms of each priority, and the newest that nobody has acknowledged. */
export function AlarmStrip() {
  const now = status.value;
  const newest = now?.newest ?? null;
  return (
    <section class="strip" aria-label={t().alarms}>
      <div class="counts">
        {priorities.map((priority) => {
          const [fresh, seen] = now?.alarms[priority] ?? [0, 0];
          const label = `${word(priority)}: ${fresh} ${t().unacknowledged}, ${seen} ${t().acknowledged}`;
          return (
            <a key={priority} href={link("alarms")} aria-label={label} title={label}>
              <Glyph priority={priority} blink={fresh > 0} hollow={fresh + seen === 0} quiet />
              <span aria-hidden="true">
                {fresh}
                {seen > 0 && <span class="seen"> +{seen}</span>}
              </span>
            </a>
          );
        })}
      </div>
      {newest ? (
        <a class="newest" href={link("alarms")} aria-live="polite">
          <Glyph priority={newest.priority} blink />
          <span>{say(newest.message)}</span>
          <time>
            {format.recent(newest.raised_ms, now?.now_ms ?? 0, language.value, zone.value)}
          </time>
        </a>
      ) : (
        <span class="newest quiet" aria-live="polite">
          {t().no_alarm}
        </span>
      )}
    </section>
  );
}
