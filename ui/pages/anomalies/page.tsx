import { useSignal } from "@preact/signals";
import { api, type Finding } from "../../src/api.ts";
import * as format from "../../src/format.ts";
import { language, say } from "../../src/i18n.ts";
import { status } from "../../src/live.ts";
import type { Page } from "../../src/page.ts";
import { plant, zone } from "../../src/plant.ts";
import { useResource } from "../../src/resource.ts";
import { link } from "../../src/router.ts";
import { word } from "../../src/texts/common.ts";
import { Empty, Show } from "../../src/widgets/show.tsx";
import { kinds } from "./kinds.ts";
import { One } from "./one.tsx";
import "./page.css";
import { t } from "./texts.ts";

function Entry({ finding, chosen }: { finding: Finding; chosen: boolean }) {
  const open = finding.closed_ms === null;
  return (
    <li>
      <a
        class="finding"
        href={link("anomalies", finding.id)}
        aria-current={chosen ? "true" : undefined}
      >
        <span class="finding-head">
          <span class={`tag${open ? " strong" : ""}`}>{say(finding.kind_name)}</span>
          <span class="quiet">{open ? t().open : t().closed}</span>
          <time class="quiet">
            {format.time(finding.onset_ms, "short", language.value, zone.value)}
          </time>
        </span>
        <span>{say(finding.sentence)}</span>
      </a>
    </li>
  );
}

function AnomaliesPage({ argument }: { argument: string }) {
  const kind = useSignal("");
  const open = useSignal(false);
  const version = status.value?.versions.findings ?? 0;
  const findings = useResource(
    () =>
      api.findings({ kind: kind.value || undefined, open: open.value || undefined, limit: 100 }),
    [version, kind.value, open.value],
  );
  const wide = matchMedia("(min-width: 1100px)").matches;
  const first = findings.value.value?.findings[0];
  const id = argument !== "" ? Number(argument) : wide ? first?.id : undefined;
  return (
    <div class={`anomalies${argument === "" ? "" : " chosen"}`}>
      <section class="panel finding-list" aria-label={t().title}>
        <h1>{t().title}</h1>
        <div class="filters">
          <label>
            <span class="visually-hidden">{t().kind}</span>
            <select
              value={kind.value}
              onChange={(event) => {
                kind.value = event.currentTarget.value;
              }}
            >
              <option value="">{t().every_kind}</option>
              {kinds.map((name) => (
                <option key={name} value={name}>
                  {word(name)}
                </option>
              ))}
            </select>
          </label>
          <label class="check">
            <input
              type="checkbox"
              checked={open.value}
              onChange={(event) => {
                open.value = event.currentTarget.checked;
              }}
            />
            {t().only_open}
          </label>
        </div>
        <Show of={findings}>
          {({ findings: list, total }) =>
            list.length === 0 ? (
              <Empty>{t().none}</Empty>
            ) : (
              <>
                <ul>
                  {list.map((finding) => (
                    <Entry key={finding.id} finding={finding} chosen={finding.id === id} />
                  ))}
                </ul>
                <p class="quiet">{t().total(total)}</p>
              </>
            )
          }
        </Show>
      </section>
      <div class="finding-detail">
        {argument !== "" && (
          <a class="button back" href={link("anomalies")}>
            ← {t().back}
          </a>
        )}
        {id !== undefined && !Number.isNaN(id) && <One key={id} id={id} />}
      </div>
    </div>
  );
}

export default {
  title: () => t().title,
  icon: "M2 12h3l2-6 3 11 3-8 1.5 3H18",
  order: 40,
  available: () => plant.value?.watched ?? true,
  view: AnomaliesPage,
} satisfies Page;
