import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { api, type Priority, priorities, type SeriesInfo } from "../../src/api.ts";
import * as format from "../../src/format.ts";
import { language } from "../../src/i18n.ts";
import { nameOf, series, shortEntity } from "../../src/plant.ts";
import { word } from "../../src/texts/common.ts";
import { Segments } from "../../src/widgets/show.tsx";
import { type Draft, onOf, patternsOf } from "./draft.ts";
import { change, days, draft, isBusy, isTyped, spanNow, tryIt } from "./state.ts";
import { commonPattern, fitting, levelFor, measured, type Reach, reachOf } from "./suggest.ts";
import { t } from "./texts.ts";

const delays: [string, number][] = [
  ["0s", 0],
  ["10s", 10],
  ["30s", 30],
  ["1m", 60],
  ["5m", 300],
  ["15m", 900],
  ["1h", 3600],
  ["6h", 21_600],
  ["1d", 86_400],
];
const suggested = 200;
const named = 3;
const looked_at = 60;
/** So many of those that fit are asked what they reach. */
const reached = 5;

/** The first of a plant's sensors that has a limit already; else the first. */
async function usualSeries(infos: readonly SeriesInfo[]): Promise<string> {
  const some = infos.slice(0, looked_at);
  const { series: known } = await api.bands(some.map(({ id }) => id)).catch(() => ({ series: [] }));
  const limited = some.find(({ id }) =>
    known.some((one) => one.id === id && one.limits.length > 0),
  );
  return (limited ?? some[0])?.name ?? "";
}

async function chooseUsual(infos: readonly SeriesInfo[]): Promise<void> {
  const candidates = measured(infos);
  const of = candidates.length > 0 ? candidates : infos;
  const found = commonPattern(of) ?? (await usualSeries(of));
  if (draft.peek().series === "") draft.value = { ...draft.peek(), series: found };
}

/** What the first series that fit reach, and limits that suit them unless somebody typed some. */
function useReach(of: readonly SeriesInfo[]): Reach | null {
  const reach = useSignal<Reach | null>(null);
  const ids = of.map(({ id }) => id);
  useEffect(() => {
    reach.value = null;
    if (ids.length === 0) return undefined;
    let isOver = false;
    const look = async () => {
      const { from, to } = spanNow();
      const [bands, ...histories] = await Promise.all([
        api.bands(ids),
        ...ids.map((id) => api.history(id, from, to, 600)),
      ]);
      if (isOver) return;
      reach.value = reachOf(histories);
      const limits = bands.series.flatMap((one) => one.limits);
      const level = levelFor(limits, histories);
      if (!level || isTyped.peek()) return;
      const { high, deadband } = level;
      draft.value = { ...draft.peek(), high: String(high), low: "", deadband: String(deadband) };
    };
    // Without it one can type a limit all the same.
    look().catch(() => undefined);
    return () => {
      isOver = true;
    };
  }, [ids.join(), days.value]);
  return reach.value;
}

/** How many fit, and which: series of a limit, devices of silence. */
function Fits({ fit }: { fit: readonly SeriesInfo[] }) {
  const isLimit = draft.value.kind === "limit";
  const names = isLimit
    ? fit.map(({ id }) => nameOf(id))
    : [...new Set(fit.map(({ entity }) => shortEntity(entity)))];
  if (names.length === 0) return <>{t().fits_none}</>;
  const first = names.slice(0, named).join(", ") + (names.length > named ? " …" : ".");
  if (names.length === 1) return <>{t().fits_one(first)}</>;
  const n = format.number(names.length, 0, language.value);
  return <>{isLimit ? t().fits(n, first) : t().fits_devices(n, first)}</>;
}

function On({ infos, fit }: { infos: readonly SeriesInfo[]; fit: readonly SeriesInfo[] }) {
  const isLimit = draft.value.kind === "limit";
  const typed = onOf(draft.value);
  const names = useMemo(() => {
    const all = infos.map(({ name, entity }) => (isLimit ? name : entity));
    const patterns = infos.map(({ attribute }) => `*.${attribute}`);
    return [...new Set(isLimit ? [...patterns, ...all] : ["*", ...all])];
  }, [infos, isLimit]);
  const near = names.filter((name) => name.includes(typed) || typed.includes("*"));
  return (
    <label class="rule-on">
      {isLimit ? t().series : t().devices}
      <input
        name="on"
        list="rule-names"
        autocomplete="off"
        spellcheck={false}
        required
        aria-describedby="rule-fits"
        value={typed}
        onInput={(event) => {
          const { value } = event.currentTarget;
          change(isLimit ? { series: value } : { devices: value });
        }}
      />
      <datalist id="rule-names">
        {near.slice(0, suggested).map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <span class="quiet" id="rule-fits">
        <Fits fit={fit} /> {t().wild}
      </span>
    </label>
  );
}

function Level(props: { name: "high" | "low" | "deadband"; unit: string; of: string }) {
  const { name, unit, of } = props;
  return (
    <label>
      {of}
      {unit !== "" && ` (${unit})`}
      <input
        name={name}
        type="number"
        step="any"
        min={name === "deadband" ? 0 : undefined}
        value={draft.value[name]}
        onInput={(event) => {
          isTyped.value = true;
          change({ [name]: event.currentTarget.value });
        }}
      />
    </label>
  );
}

function Delay({ name, of }: { name: "on_delay" | "off_delay" | "after"; of: string }) {
  return (
    <label>
      {of}
      <select
        name={name}
        value={draft.value[name]}
        onChange={(event) => change({ [name]: event.currentTarget.value })}
      >
        {delays
          .filter(([, s]) => s > 0 || name !== "after")
          .map(([value, s]) => (
            <option key={value} value={value}>
              {s === 0 ? t().at_once : format.duration(s, language.value)}
            </option>
          ))}
      </select>
    </label>
  );
}

function Urgency() {
  const choices: (Priority | "none")[] = [...priorities, "none"];
  return (
    <label>
      {t().priority}
      <select
        name="priority"
        value={draft.value.priority}
        onChange={(event) => change({ priority: event.currentTarget.value as Draft["priority"] })}
      >
        {choices.map((one) => (
          <option key={one} value={one}>
            {one === "none" ? t().no_priority : word(one)}
          </option>
        ))}
      </select>
    </label>
  );
}

function Fields({ fit }: { fit: readonly SeriesInfo[] }) {
  const isLimit = draft.value.kind === "limit";
  // Of things that are not measured alike nothing can be said together.
  const isAlike = fit.every(({ unit }) => unit === fit[0]?.unit);
  const some = isAlike ? fit.slice(0, reached) : [];
  const reach = useReach(isLimit ? some : []);
  const [first] = some;
  const unit = format.unit(first?.unit ?? "");
  const text = (v: number) =>
    `${format.number(v, first?.decimals ?? 0, language.value)} ${unit}`.trim();
  if (!isLimit) {
    return (
      <div class="rule-fields">
        <Delay name="after" of={t().after} />
        <Urgency />
      </div>
    );
  }
  return (
    <>
      <div class="rule-fields">
        <Level name="high" unit={unit} of={t().high} />
        <Level name="low" unit={unit} of={t().low} />
        <Level name="deadband" unit={unit} of={t().deadband} />
        <Delay name="on_delay" of={t().on_delay} />
        <Delay name="off_delay" of={t().off_delay} />
        <Urgency />
      </div>
      {first && reach && (
        <p class="quiet">
          {some.length === 1
            ? t().reach(nameOf(first.id), text(reach.low), text(reach.high))
            : t().reach_of(String(some.length), text(reach.low), text(reach.high))}
        </p>
      )}
    </>
  );
}

/** The rule as fields; what it makes is the text beside it. */
export function Form() {
  const infos = useMemo(() => [...series.value.values()], [series.value]);
  const { kind } = draft.value;
  const on = onOf(draft.value);
  const fit = useMemo(() => fitting(infos, patternsOf(on), kind), [infos, on, kind]);
  useEffect(() => {
    if (draft.peek().series === "") void chooseUsual(infos);
  }, []);
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void tryIt();
      }}
    >
      <Segments
        name={t().rule}
        choices={[
          { value: "limit" as const, label: t().limit },
          { value: "silence" as const, label: t().silence },
        ]}
        chosen={kind}
        onChoose={(to) => change({ kind: to })}
      />
      <On infos={infos} fit={fit} />
      <Fields fit={fit} />
      <div class="row rule-go">
        <span class="quiet" aria-hidden="true">
          {t().span}
        </span>
        <Segments
          name={t().span}
          choices={[
            { value: 1, label: t().day },
            { value: 7, label: t().week },
            { value: 30, label: t().month },
          ]}
          chosen={days.value}
          onChoose={(to) => {
            days.value = to;
          }}
        />
        <button type="submit" class="primary" disabled={isBusy.value}>
          {t().go}
        </button>
      </div>
    </form>
  );
}
