/** What several pages show of a device: its alarms, its findings, how old its data are. */
import { byUrgency } from "../alarms.ts";
import type { Device, DeviceHead } from "../api/devices.ts";
import * as format from "../format.ts";
import { language, say } from "../i18n.ts";
import { now, zone } from "../plant.ts";
import { link } from "../router.ts";
import { t as common, word } from "../texts/common.ts";
import { t } from "../texts/device.ts";
import { Glyph } from "./glyph.tsx";
import { Empty } from "./show.tsx";

const most_findings = 8;

export function AlarmOf({ of }: { of: DeviceHead }) {
  if (!of.alarm) return <span class="quiet">{format.none}</span>;
  return (
    <span class="alarm-of">
      <Glyph quiet priority={of.alarm.priority} blink={!of.alarm.acknowledged} />
      {word(of.alarm.priority)}
    </span>
  );
}

/** How old the youngest reading is. */
export function ageText(at_ms: number | null): string {
  if (at_ms === null) return format.none;
  const seconds = Math.max(0, Math.round((now() - at_ms) / 1000));
  return t().old(format.duration(seconds, language.value));
}

/** Its live alarms, the most urgent first. */
export function AlarmsOf({ of }: { of: Device }) {
  const lang = language.value;
  return (
    <section class="panel">
      <header>
        <h2>{common().alarms}</h2>
        <a href={link("alarms")}>{of.alarms.length}</a>
      </header>
      {of.alarms.length === 0 && <Empty>{t().no_alarms}</Empty>}
      <ul class="brief">
        {[...of.alarms].sort(byUrgency).map((alarm) => (
          <li key={alarm.id}>
            <Glyph priority={alarm.priority} blink={!alarm.acknowledged} />
            <a href={link("alarms")}>{say(alarm.message)}</a>
            <time class="quiet">{format.recent(alarm.raised_ms, now(), lang, zone.value)}</time>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** What was found of late. */
export function FindingsOf({ of }: { of: Device }) {
  const lang = language.value;
  return (
    <section class="panel">
      <h2>{t().findings}</h2>
      {of.findings.length === 0 && <Empty>{t().no_findings}</Empty>}
      <ul class="brief told">
        {of.findings.slice(0, most_findings).map((finding) => (
          <li key={finding.id}>
            <span class={`tag${finding.closed_ms === null ? " strong" : ""}`}>
              {word(finding.kind)}
            </span>
            <a href={link("anomalies", finding.id)}>{say(finding.sentence)}</a>
            <time class="quiet">{format.recent(finding.onset_ms, now(), lang, zone.value)}</time>
          </li>
        ))}
      </ul>
    </section>
  );
}
