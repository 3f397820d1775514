/** Mouse, fingers and keys on the map. */
import type { Stage } from "./stage.ts";

const tap_px = 6;
const mouse_reach_px = 12;
const finger_reach_px = 24;
const step_px = 80;
const step_zoom = 1.5;

interface Told {
  open: (device: number) => void;
  /** The mouse is over this one, at a place in the map's box; null: over none. */
  point: (device: number | null, x: number, y: number) => void;
}

/** Listens until the returned function is called. */
export function handle(top: HTMLCanvasElement, stage: Stage, told: Told): () => void {
  const fingers = new Map<number, { x: number; y: number }>();
  let travelled = 0;

  const fromMiddle = (event: MouseEvent) => {
    const box = top.getBoundingClientRect();
    return {
      x: event.clientX - box.left - box.width / 2,
      y: event.clientY - box.top - box.height / 2,
    };
  };
  const spread = () => {
    const [a, b] = [...fingers.values()];
    return a && b ? Math.hypot(a.x - b.x, a.y - b.y) : 0;
  };

  const down = (event: PointerEvent) => {
    if (event.button !== 0) return;
    if (fingers.size === 0) travelled = 0;
    top.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, fromMiddle(event));
    told.point(null, 0, 0);
  };
  const move = (event: PointerEvent) => {
    const at = fromMiddle(event);
    const before = fingers.get(event.pointerId);
    if (!before) {
      if (event.pointerType === "mouse") hover(at);
      return;
    }
    const wide = spread();
    fingers.set(event.pointerId, at);
    travelled += Math.hypot(at.x - before.x, at.y - before.y);
    if (travelled < tap_px) return;
    const share = 1 / fingers.size;
    stage.pan((at.x - before.x) * share, (at.y - before.y) * share);
    if (wide > 0) {
      const [a, b] = [...fingers.values()];
      if (a && b) stage.zoom(spread() / wide, (a.x + b.x) / 2, (a.y + b.y) / 2);
    }
  };
  const up = (event: PointerEvent) => {
    const wasAlone = fingers.size === 1 && fingers.has(event.pointerId);
    fingers.delete(event.pointerId);
    if (!wasAlone || travelled >= tap_px || event.type === "pointercancel") return;
    const { x, y } = fromMiddle(event);
    const reach = event.pointerType === "mouse" ? mouse_reach_px : finger_reach_px;
    const found = stage.nearest(x, y, reach);
    if (found !== null) told.open(found);
  };
  const hover = ({ x, y }: { x: number; y: number }) => {
    const found = stage.nearest(x, y, mouse_reach_px);
    top.style.cursor = found === null ? "grab" : "pointer";
    told.point(found, x + top.clientWidth / 2, y + top.clientHeight / 2);
  };
  const wheel = (event: WheelEvent) => {
    event.preventDefault();
    const { x, y } = fromMiddle(event);
    stage.zoom(2 ** (-event.deltaY / (event.deltaMode === 0 ? 300 : 10)), x, y);
  };
  const leave = () => told.point(null, 0, 0);
  const keys: Record<string, () => void> = {
    ArrowLeft: () => stage.pan(step_px, 0),
    ArrowRight: () => stage.pan(-step_px, 0),
    ArrowUp: () => stage.pan(0, step_px),
    ArrowDown: () => stage.pan(0, -step_px),
    "+": () => stage.zoom(step_zoom),
    "=": () => stage.zoom(step_zoom),
    "-": () => stage.zoom(1 / step_zoom),
    "0": () => stage.fit(),
    Enter: () => {
      const found = stage.nearest(0, 0, Number.POSITIVE_INFINITY);
      if (found !== null) told.open(found);
    },
  };
  const key = (event: KeyboardEvent) => {
    const act = keys[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  };

  const listening = new AbortController();
  const { signal } = listening;
  top.addEventListener("pointerdown", down, { signal });
  top.addEventListener("pointermove", move, { signal });
  top.addEventListener("pointerup", up, { signal });
  top.addEventListener("pointercancel", up, { signal });
  top.addEventListener("pointerleave", leave, { signal });
  top.addEventListener("wheel", wheel, { signal, passive: false });
  top.addEventListener("keydown", key, { signal });
  return () => listening.abort();
}
