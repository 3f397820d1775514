import { signal } from "@preact/signals";
import * as format from "../format.ts";
import { language } from "../i18n.ts";
import { connected, heardAt, shownAt, status } from "../live.ts";
import { plant, zone } from "../plant.ts";
import { t, word } from "../texts/common.ts";

/** The wall clock, for ages that grow while nothing arrives. */
export const tick = signal(Date.now());
setInterval(() => {
  tick.value = Date.now();
}, 1000);

function learningText(learning: boolean | number): string | null {
  if (learning === false || learning === 0) return null;
  const share = typeof learning === "number" && learning < 1 ? learning : null;
  return t().learning(share === null ? "" : ` (${format.percent(share, language.value)})`);
}

/** What a person must know before believing any figure of the page. */
export function Banners() {
  const now = status.value;
  const lang = language.value;
  const lost = !connected.value;
  const lostFor = format.duration(Math.round((tick.value - heardAt.value) / 1000), lang);
  const past = shownAt.value;
  const learning = now ? learningText(now.learning) : null;
  const unhealthy = now && now.health !== "ok" ? now.health : null;
  return (
    <div class="banners">
      {lost && (
        <p class="banner alert" role="alert">
          {heardAt.value > 0 ? t().connection_lost(lostFor) : t().cannot_reach}
        </p>
      )}
      {past !== null && (
        <p class="banner alert">{t().past_shown(format.time(past, "full", lang, zone.value))}</p>
      )}
      {unhealthy && (
        <p class="banner alert" role="alert">
          {t().unhealthy(unhealthy)}
        </p>
      )}
      {plant.value?.simulated && (
        <p class="banner">
          {now?.catching_up ? t().catching_up : t().simulated}{" "}
          {now?.weather && t().weather_now(word(now.weather))}
        </p>
      )}
      {plant.value?.recorded && (
        <p class="banner">
          {t().recorded}{" "}
          {now?.ended &&
            now.data_ms !== null &&
            t().recorded_ended(format.time(now.data_ms, "full", lang, zone.value))}
        </p>
      )}
      {learning && <p class="banner">{learning}</p>}
    </div>
  );
}
