import type { RefObject } from "preact";
import { useEffect, useState } from "preact/hooks";

/** Whether an element is in sight, or nearly: what is not is neither asked for nor drawn. */
export function useSeen(ref: RefObject<Element>): boolean {
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    const element = ref.current;
    if (!element) return undefined;
    const eye = new IntersectionObserver(
      (entries) => setSeen(entries.some((entry) => entry.isIntersecting)),
      { rootMargin: "80px" },
    );
    eye.observe(element);
    return () => eye.disconnect();
  }, []);
  return seen;
}
