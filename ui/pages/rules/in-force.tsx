import { useSignal } from "@preact/signals";
import {
  moveRule,
  type RuleChange,
  type RuleInForce,
  type RuleLimits,
  rulesInForce,
} from "../../src/api/rules.ts";
import { type Priority, priorities } from "../../src/api.ts";
import * as format from "../../src/format.ts";
import { colon, language } from "../../src/i18n.ts";
import { zone } from "../../src/plant.ts";
import { useResource } from "../../src/resource.ts";
import { Glyph } from "../../src/widgets/glyph.tsx";
import { MoveLimit } from "../../src/widgets/move-limit.tsx";
import { Table } from "../../src/widgets/table.tsx";
import { t } from "./texts.ts";

const changesShown = 5;
const sides = ["low", "high"] as const;

function text(value: number, unit = ""): string {
  return `${format.significant(value, 6, language.value)} ${format.unit(unit)}`.trim();
}

/** "above 80 dB(A)", "below 1, above 5" */
function words(limits: Partial<RuleLimits>, unit?: string): string {
  return sides
    .flatMap((side) => {
      const value = limits[side];
      if (value === null || value === undefined) return [];
      return side === "high" ? t().above(text(value, unit)) : t().below(text(value, unit));
    })
    .join(", ");
}

function isMoved({ high, low, scenario }: RuleInForce): boolean {
  return scenario !== undefined && (scenario.high !== high || scenario.low !== low);
}

/** What a limit is, with a form to move it. */
function Limit({ of, onChange }: { of: RuleInForce; onChange: () => void }) {
  if (of.kind !== "limit") {
    if (of.after_s === undefined) return <>{t().of_kind_geofence}</>;
    return (
      <span>
        {t().after} {format.duration(of.after_s, language.value)}
      </span>
    );
  }
  const unit = of.unit ? ` (${format.unit(of.unit)})` : "";
  const fields = sides.flatMap((name) => {
    const value = of[name];
    return typeof value === "number" ? { name, label: `${t()[name]}${unit}`, value } : [];
  });
  return (
    <div>
      {words(of, of.unit)}{" "}
      {isMoved(of) && <span class="quiet">({t().of_scenario(words(of.scenario ?? {}))}) </span>}
      <MoveLimit
        fields={fields}
        label={t().move_it(of.name)}
        back={isMoved(of) ? t().back_to_scenario : undefined}
        move={(to, who, comment) => moveRule(of.name, Object.fromEntries(to), who, comment)}
        onChange={onChange}
      />
    </div>
  );
}

/** Who moved limits, the newest first; nothing if nobody did. */
function Changes({ log }: { log: readonly RuleChange[] }) {
  if (log.length === 0) return null;
  return (
    <ul class="quiet rule-log" aria-label={t().changes}>
      {log.slice(0, changesShown).map((change) => (
        <li key={`${change.at_ms} ${change.rule}`}>
          {format.time(change.at_ms, "short", language.value, zone.value)} {change.rule}
          {colon()} {words(change.from)} → {words(change.to)}, {change.who}
          {change.comment === "" ? "" : ` (${change.comment})`}
        </li>
      ))}
    </ul>
  );
}

const isPriority = (name: string): name is Priority =>
  (priorities as readonly string[]).includes(name);

/** The scenario's rules, where it has some. */
export function InForce() {
  const changes = useSignal(0);
  const found = useResource(rulesInForce, [changes.value]);
  const all = found.value.value;
  if (!all || all.rules.length === 0) return null;
  return (
    <section class="panel stack" aria-label={t().in_force}>
      <h2>{t().in_force}</h2>
      <p class="quiet">{t().in_force_lead}</p>
      <Table
        rows={all.rules}
        keyOf={({ name }) => name}
        columns={[
          {
            head: t().rule_name,
            cell: ({ name, priority }) => (
              <span>
                {isPriority(priority) && <Glyph priority={priority} />} {name}
              </span>
            ),
          },
          {
            head: t().looks_at,
            cell: ({ on, grouped }) => `${on.join(", ")}${grouped ? ` (${t().of_group})` : ""}`,
          },
          {
            head: t().in_force_limit,
            cell: (rule) => <Limit of={rule} onChange={() => changes.value++} />,
          },
        ]}
      />
      <Changes log={all.log} />
    </section>
  );
}
