import { useEffect, useMemo } from "preact/hooks";
import * as format from "../../src/format.ts";
import { language } from "../../src/i18n.ts";
import { zone } from "../../src/plant.ts";
import { Empty } from "../../src/widgets/show.tsx";
import { Refused } from "./act.tsx";
import { Brief } from "./parts.tsx";
import { t } from "./texts.ts";
import { halt, kept, type Notice, resume, told, type WatchState, watchOf } from "./watch.ts";

function stateText(state: WatchState): string {
  if (state === "open") return t().live;
  return state === "failed" ? t().stopped : t()[state];
}

/** JSON with its lines; anything else as it is. */
function pretty(data: string): string {
  try {
    return JSON.stringify(JSON.parse(data), null, 2);
  } catch {
    return data;
  }
}

function One({ notice }: { notice: Notice }) {
  const entities = useMemo(() => told(notice.data), [notice.data]);
  const raw = useMemo(() => pretty(notice.data), [notice.data]);
  return (
    <li>
      <span class="quiet twin-number">#{notice.id}</span>
      <span class="quiet twin-when">
        {notice.at === null
          ? t().earlier
          : format.time(notice.at, "time", language.value, zone.value)}
      </span>
      <details>
        <summary title={t().raw}>
          {entities?.map((entity, i) => (
            <span key={i}>
              <b>{entity.id}</b> <span class="quiet">{entity.type}</span>{" "}
              <Brief values={entity.values} />
            </span>
          ))}
          {entities === null && <code>{notice.data.slice(0, 200)}</code>}
        </summary>
        <pre>{raw}</pre>
      </details>
    </li>
  );
}

/** The notifications of a subscription as they come; who was away goes on where he had got to. */
export function Notices({ id }: { id: string }) {
  const watch = watchOf(id);
  useEffect(() => {
    resume(watch, id);
    return () => halt(watch);
  }, [watch]);
  const state = watch.state.value;
  const isHeld = state === "paused" || state === "failed";
  const list = watch.notices.value;
  return (
    <section class="panel stack" aria-label={t().notifications}>
      <div class="twin-head">
        <div class="row">
          <h2>{t().notifications}</h2>
          <span class={`tag${state === "open" ? "" : " strong"}`} role="status">
            {stateText(state)}
          </span>
        </div>
        <div class="row">
          <button
            type="button"
            onClick={() => {
              if (state === "failed") halt(watch);
              if (isHeld) resume(watch, id);
              else halt(watch);
            }}
          >
            {isHeld ? t().go_on : t().stop_watching}
          </button>
          <button
            type="button"
            disabled={list.length === 0}
            onClick={() => {
              watch.notices.value = [];
            }}
          >
            {t().clear}
          </button>
        </div>
      </div>
      {state === "failed" && <Refused text={watch.said.value} />}
      {list.length === 0 && <Empty>{t().none_yet}</Empty>}
      <div role="log" aria-label={t().notifications}>
        <ol class="twin-notices">
          {list.map((notice) => (
            <One key={notice.id} notice={notice} />
          ))}
        </ol>
      </div>
      {list.length === kept && <p class="quiet">{t().kept_only(kept)}</p>}
    </section>
  );
}
