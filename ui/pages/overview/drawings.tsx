/** What a stage looks like, 120 × 60, in greys: water darker than walls, nothing coloured. */
import type { FunctionComponent } from "preact";

export type Drawing =
  | "screen"
  | "clarifier"
  | "reactor"
  | "settler"
  | "filter"
  | "lamps"
  | "digester"
  | "flume"
  | "tank";

const wave = "c4-3 8-3 12 0s8 3 12 0";

function Screen() {
  return (
    <>
      <path class="water" d="M2 26h62v18H2zM64 26l14 10h38v20H78L64 44z" />
      <path class="wall" d="M2 18v26h62l14 12h38V18" />
      <path class="wall thick" d="M30 14l-6 30M38 14l-6 30M46 14l-6 30M54 14l-6 30" />
      <path class="wall" d="M98 18v32M92 50h12" />
    </>
  );
}

function Clarifier({ feedWell = false }: { feedWell?: boolean }) {
  return (
    <>
      <path class="water" d="M6 18h108v18L66 52H54L6 36z" />
      <path class="settled" d="M30 44l24 8h12l24-8z" />
      <path class="wall" d="M6 12v24l48 16h12l48-16V12" />
      <path class="wall thick" d="M54 52v6M66 52v6" />
      {feedWell ? (
        <path class="wall" d="M46 10v20M74 10v20M60 4v44M12 14h96" />
      ) : (
        <path class="wall" d="M24 12v16M14 36l88 0" stroke-dasharray="5 4" />
      )}
    </>
  );
}

function Reactor() {
  const bubbles = [
    [58, 46],
    [64, 36],
    [56, 30],
    [80, 46],
    [86, 34],
    [78, 26],
    [102, 46],
    [108, 36],
    [100, 28],
  ];
  return (
    <>
      <path class="water" d="M4 18h112v36H4z" />
      <path class="wall" d="M4 10v44h112V10M26 16v32M48 54V20M70 16v32M92 54V20" />
      {bubbles.map(([x, y]) => (
        <circle key={`${x} ${y}`} class="bubble" cx={x} cy={y} r="2" />
      ))}
      <path class="wall thick" d="M52 51h14M74 51h14M96 51h14" />
    </>
  );
}

function Filter() {
  return (
    <>
      <path class="water" d="M10 14h100v18H10z" />
      <path class="settled" d="M10 32h100v14H10z" />
      <path class="wall" d="M10 8v46h100V8M10 46h100" />
      <path class="wall" d="M18 50h84" stroke-dasharray="2 5" />
      <path class="grain" d="M16 36h90M20 41h84" stroke-dasharray="1 6" />
    </>
  );
}

function Lamps() {
  return (
    <>
      <path class="water" d="M4 22h112v26H4z" />
      <path class="wall" d="M4 14v34h112V14" />
      {[24, 42, 60, 78, 96].map((x) => (
        <g key={x}>
          <path class="wall" d={`M${x} 8v10`} />
          <rect class="lamp" x={x - 3} y="18" width="6" height="26" rx="3" />
        </g>
      ))}
    </>
  );
}

function Digester() {
  return (
    <>
      <path class="settled" d="M20 30h48v18l-16 8H36l-16-8z" />
      <path class="wall" d="M20 22v26l16 8h16l16-8V22c0-12-48-12-48 0z" />
      <path class="wall" d="M44 12V5h44v10" />
      <path class="wall" d="M76 32a12 12 0 1 1 24 0v16H76z" />
      <path class="wall" d="M76 34h24" />
    </>
  );
}

function Flume() {
  return (
    <>
      <path class="water" d="M4 22h46l8 8h4l8-8h46v28H4z" />
      <path class="wall" d="M4 14v36h112V14" />
      <path class="wall thick" d="M50 20l10 12 10-12" />
      <path class="wall" d={`M10 36${wave}M74 36${wave}M34 43${wave}`} opacity=".6" />
    </>
  );
}

function Tank() {
  return (
    <>
      <path class="water" d="M14 22h92v32H14z" />
      <path class="wall" d="M14 10v44h92V10" />
    </>
  );
}

const all: Record<Drawing, FunctionComponent> = {
  screen: Screen,
  clarifier: () => <Clarifier />,
  reactor: Reactor,
  settler: () => <Clarifier feedWell />,
  filter: Filter,
  lamps: Lamps,
  digester: Digester,
  flume: Flume,
  tank: Tank,
};

export function StageDrawing({ of }: { of: Drawing }) {
  const It = all[of];
  return <It />;
}
