import { useMemo, useRef } from "preact/hooks";
import { alarmOfStage, stageCounts } from "../../src/alarms.ts";
import { type Priority, priorities, type SeriesInfo, type Stage } from "../../src/api.ts";
import * as format from "../../src/format.ts";
import { language, say } from "../../src/i18n.ts";
import { live } from "../../src/live.ts";
import { bandAt, detail, isState, plant, series, zone } from "../../src/plant.ts";
import { link } from "../../src/router.ts";
import { brokenLimit, side } from "../../src/scale.ts";
import { word } from "../../src/texts/common.ts";
import { AnalogMarks } from "../../src/widgets/analog.tsx";
import { GlyphShape } from "../../src/widgets/glyph.tsx";
import { qualityWord, useLive, useReading, valueText } from "../../src/widgets/value.tsx";
import { useWidth } from "../../src/widgets/width.ts";
import { StageDrawing } from "./drawings.tsx";
import {
  acrossPlan,
  type Box,
  cornerHead,
  downPlan,
  drawingHeight,
  drawingOf,
  head,
  keyHeight,
  keySeries,
  type Plan,
} from "./plan.ts";
import { t } from "./texts.ts";

/** One measured value with its indicator, in a field of the given width. */
function Key({ info, x, y, width }: { info: SeriesInfo; x: number; y: number; width: number }) {
  const reading = useReading(info);
  const mark = reading.broken ? "" : reading.side > 0 ? "▲ " : reading.side < 0 ? "▼ " : "";
  const value = valueText(info, reading.value);
  const name = say(info.quantity);
  return (
    <a href={link("sensor", info.id)} class="key-value">
      <title>{`${info.entity} · ${say(info.place)} · ${qualityWord(reading.quality)}`}</title>
      <rect class="hit" x={x} y={y} width={width} height={keyHeight - 2} rx="3" />
      <text class="name" x={x + 2} y={y + 12}>
        {name}
      </text>
      <text class={`number ${reading.quality === 2 ? "bad" : ""}`} x={x + 2} y={y + 28}>
        {mark}
        {value}
        <tspan class="unit" dx="3">
          {format.unit(info.unit)}
          {reading.quality > 0 ? " ?" : ""}
        </tspan>
      </text>
      {reading.broken && (
        <svg
          class={`glyph ${reading.broken.priority}`}
          x={x + width - 17}
          y={y + 1}
          width="14"
          height="14"
          viewBox="0 0 20 20"
          role="img"
          aria-label={word(reading.broken.priority)}
        >
          <GlyphShape priority={reading.broken.priority} />
        </svg>
      )}
      <g class="analog" transform={`translate(${x + 2} ${y + 33})`}>
        <AnalogMarks
          value={isState(info) ? null : reading.value}
          range={info}
          band={reading.band}
          limits={reading.limits}
          width={width - 4}
          height={14}
        />
      </g>
    </a>
  );
}

/** How a stage does, of what is watched here: pumps in fault, values out of their band or limits. */
function stateOf(keys: readonly SeriesInfo[], pumps: readonly SeriesInfo[]): string {
  const faulty = pumps.filter((info) => live(info.id).value?.value === 2).length;
  if (faulty > 0) return t().faulty(faulty);
  const out = keys.filter((info) => {
    const now = live(info.id).value;
    const known = detail(info.id).value;
    if (!now || now.value === null || !known) return false;
    const band = bandAt(known.normal, now.t, zone.value);
    return brokenLimit(now.value, known.limits, band) !== null || side(now.value, band) !== 0;
  }).length;
  return out > 0 ? t().abnormal(out) : t().normal;
}

/** A name on at most two lines. */
function lines(name: string, width: number): string[] {
  const most = Math.floor(width / 8.4);
  if (name.length <= most) return [name];
  const words = name.split(/(?<=[ /])/);
  const first = [words.shift() ?? ""];
  while (words[0] !== undefined && `${first.join("")}${words[0]}`.trim().length <= most) {
    first.push(words.shift() ?? "");
  }
  return [first.join(""), words.join("")].filter((line) => line !== "");
}

/** A stage's alarms by priority, on the upper edge of its box. */
function Badges(props: { stage: Stage; right: number; y: number; waiting: readonly Priority[] }) {
  const { stage, right, y, waiting } = props;
  const counts = stageCounts.value.get(stage.id);
  const width = 38;
  return (
    <>
      {waiting.map((priority, i) => {
        const [fresh, seen] = counts?.[priority] ?? [0, 0];
        const x = right - width * (waiting.length - i);
        return (
          <g key={priority} role="img" aria-label={`${word(priority)}: ${fresh + seen}`}>
            <rect class="badge" x={x} y={y} width={width - 3} height="21" rx="10.5" />
            <svg
              class={`glyph ${priority}${fresh > 0 ? " blink" : ""}`}
              x={x + 3}
              y={y + 2.5}
              width="16"
              height="16"
              viewBox="0 0 20 20"
            >
              <GlyphShape priority={priority} />
            </svg>
            <text class="count" x={x + 22} y={y + 15}>
              {fresh + seen}
            </text>
          </g>
        );
      })}
    </>
  );
}

function drawingAt({ x, y, width, drawing }: Box): string {
  if (drawing === "above") return `translate(${x + (width - 120) / 2} ${y + head - 4})`;
  if (drawing === "left") return `translate(${x + 10} ${y + head + 10})`;
  return `translate(${x + width - 116} ${y + 12}) scale(0.85)`;
}

function StageBox({ box }: { box: Box }) {
  const { stage, x, y, width, height } = box;
  const known = series.value;
  const keys = keySeries(stage, known);
  const pumps = stage.series.flatMap((id) => known.get(id) ?? []).filter(isState);
  const worst = alarmOfStage.value.get(stage.id);
  const counts = stageCounts.value.get(stage.id);
  const waiting = priorities.filter((p) => (counts?.[p][0] ?? 0) + (counts?.[p][1] ?? 0) > 0);
  const { drawing } = box;
  const name = lines(say(stage.name), drawing === "corner" ? width - 150 : width - 20);
  const left = drawing === "left" ? 138 : 8;
  const across = drawing === "above" ? 1 : 2;
  const keyWidth = (width - left - 8 - 8 * (across - 1)) / across;
  const keyTop = y + { above: head + drawingHeight, left: head - 8, corner: cornerHead }[drawing];
  return (
    <g class="stage">
      <rect class="box" x={x} y={y} width={width} height={height} rx="8" />
      {worst && (
        <rect
          class={`alarm-edge ${worst.priority}`}
          x={x}
          y={y}
          width={width}
          height={height}
          rx="8"
        />
      )}
      <a href={link("stage", stage.id)}>
        <rect class="hit" x={x + 3} y={y + 3} width={width - 6} height={head - 10} rx="5" />
        <text class="title" x={x + 10} y={y + (name.length > 1 ? 22 : 28)}>
          {name.map((line, i) => (
            <tspan key={line} x={x + 10} dy={i === 0 ? 0 : 15}>
              {line}
            </tspan>
          ))}
        </text>
      </a>
      <Badges stage={stage} right={x + width - 8} y={y - 10} waiting={waiting} />
      <g class="drawing" transform={drawingAt(box)} aria-hidden="true">
        <StageDrawing of={drawingOf(stage)} />
      </g>
      {keys.map((info, i) => (
        <Key
          key={info.id}
          info={info}
          x={x + left + (i % across) * (keyWidth + 8)}
          y={keyTop + Math.floor(i / across) * keyHeight}
          width={keyWidth}
        />
      ))}
      <text class="state" x={x + 10} y={y + height - 10}>
        {stateOf(keys, pumps)}
      </text>
    </g>
  );
}

/** A pipe as thick as its water is much: the square root of the share of what the plant can take. */
function pipeWidth(info: SeriesInfo | undefined): number {
  const flow = info ? live(info.id).value?.value : null;
  if (!info || flow === null || flow === undefined || !info.high) return 7;
  return 4 + 11 * Math.sqrt(Math.min(1, Math.max(0, flow / info.high)));
}

function flowOf(stage: Stage | undefined): SeriesInfo | undefined {
  return stage?.series
    .flatMap((id) => series.value.get(id) ?? [])
    .find((info) => info.unit === "m3/h" && (info.high ?? 0) > 1000);
}

function AcrossPipes({ plan }: { plan: Plan }) {
  const line = plan.boxes.filter((box) => box.drawing === "above");
  const first = line[0];
  const last = line.at(-1);
  if (!first || !last) return null;
  const y = first.y + head + 30;
  const sludge = plan.boxes.find((box) => box.drawing === "left");
  const below = first.y + first.height;
  const find = (name: string) => line.find((box) => drawingOf(box.stage) === name);
  const down = [find("clarifier"), find("settler")].filter((box) => box !== undefined);
  const settler = find("settler");
  const reactor = find("reactor");
  return (
    <g class="pipes" aria-hidden="true">
      {line.map((box) => (
        <path
          key={box.stage.id}
          class="pipe"
          d={`M${box === first ? 0 : box.x - 20} ${y}H${box.x + 2}`}
          stroke-width={pipeWidth(flowOf(box.stage))}
        />
      ))}
      <path
        class="pipe"
        d={`M${last.x + last.width - 2} ${y}H${plan.width - 8}`}
        stroke-width={pipeWidth(flowOf(last.stage))}
      />
      <path class="arrow" d={`M${plan.width - 12} ${y - 10}l12 10-12 10z`} />
      {settler && reactor && (
        <>
          <path
            class="thin"
            d={`M${settler.x + 40} ${below}v20H${reactor.x + reactor.width / 2}v-12`}
          />
          <path class="arrow" d={`M${reactor.x + reactor.width / 2 - 5} ${below + 10}l5-9 5 9z`} />
          <text class="pipe-name" x={reactor.x + reactor.width / 2 + 8} y={below + 15}>
            {t().recycle}
          </text>
        </>
      )}
      {sludge &&
        down.map((box) => {
          const x =
            box === settler
              ? Math.min(box.x + box.width - 40, sludge.x + sludge.width - 20)
              : box.x + box.width / 2;
          return (
            <g key={box.stage.id}>
              <path class="thin dashed" d={`M${x} ${below}V${sludge.y - 8}`} />
              <path class="arrow" d={`M${x - 5} ${sludge.y - 9}h10l-5 9z`} />
              <text
                class="pipe-name"
                x={box === settler ? x - 7 : x + 7}
                y={sludge.y - 6}
                text-anchor={box === settler ? "end" : "start"}
              >
                {t().sludge}
              </text>
            </g>
          );
        })}
    </g>
  );
}

function DownPipes({ plan }: { plan: Plan }) {
  const x = 70;
  return (
    <g class="pipes" aria-hidden="true">
      {plan.boxes.map((box, i) => {
        const dry = drawingOf(box.stage) === "digester";
        const top = i === 0 ? 0 : box.y - 24;
        return (
          <g key={box.stage.id}>
            {!dry && (
              <path
                class="pipe"
                d={`M${x} ${top}V${box.y - 6}`}
                stroke-width={pipeWidth(flowOf(box.stage))}
              />
            )}
            {!dry && <path class="arrow" d={`M${x - 9} ${box.y - 9}h18l-9 9z`} />}
          </g>
        );
      })}
    </g>
  );
}

/** What stands right of the sludge line: how to read the indicators. */
function Legend({ x, y }: { x: number; y: number }) {
  return (
    <g class="legend" transform={`translate(${x} ${y})`} aria-hidden="true">
      <g class="analog">
        <rect class="track" x="0.5" y="6" width="119" height="7" rx="1" />
        <rect class="band" x="35" y="6.5" width="50" height="6" />
        <path class="limit" d="M108 4v11" />
        <path class="pointer" d="M62 9.5l-4-8.5h8z" />
      </g>
      <path class="lead-line" d="M45 14v12M108 16v30M62 0v-8" />
      <text x="30" y="37">
        {t().legend_band}
      </text>
      <text x="92" y="57">
        {t().legend_limit}
      </text>
      <text x="36" y="-12">
        {t().legend_value}
      </text>
    </g>
  );
}

/** The plant in one picture: across on a wide screen, downwards on a narrow one. */
export function Synoptic() {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const stages = plant.value?.stages ?? [];
  const across = width >= 940;
  const plan = useMemo(
    () => (across ? acrossPlan(stages) : downPlan(stages, Math.max(320, Math.min(width, 620)))),
    [across, width, stages],
  );
  const shown = useMemo(
    () =>
      stages.flatMap((stage) => [
        ...keySeries(stage, series.value).map((info) => info.id),
        ...stage.series.filter((id) => {
          const info = series.value.get(id);
          return info !== undefined && isState(info);
        }),
        ...(flowOf(stage) ? [flowOf(stage)?.id ?? 0] : []),
      ]),
    [stages],
  );
  useLive(shown);
  const sludge = plan.boxes.find((b) => across && b.drawing === "left");
  return (
    <div ref={box} class="synoptic" lang={language.value}>
      {width > 0 && (
        <svg
          viewBox={`0 0 ${plan.width} ${plan.height}`}
          role="group"
          aria-label={t().synoptic}
          style={{ maxWidth: across ? "none" : `${plan.width}px` }}
        >
          {across ? <AcrossPipes plan={plan} /> : <DownPipes plan={plan} />}
          {plan.boxes.map((b) => (
            <StageBox key={b.stage.id} box={b} />
          ))}
          {sludge && <Legend x={sludge.x + sludge.width + 60} y={sludge.y + 56} />}
        </svg>
      )}
    </div>
  );
}
