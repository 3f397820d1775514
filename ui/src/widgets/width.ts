import type { RefObject } from "preact";
import { useEffect, useState } from "preact/hooks";

/** An element's width in CSS pixels as it changes; 0 until it is laid out. */
export function useWidth(ref: RefObject<Element>): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = ref.current;
    if (!element) return undefined;
    const size = new ResizeObserver(() => setWidth(element.clientWidth));
    size.observe(element);
    return () => size.disconnect();
  }, []);
  return width;
}
