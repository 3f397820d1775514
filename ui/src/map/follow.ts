import { devices } from "../api/devices.ts";
import type { Head, Swarm } from "./swarm.ts";

interface Following {
  told: (head: Head) => void;
  failed: (cause: Error) => void;
  glides: boolean;
  /** From an answer to the next question. */
  every_ms: number;
  /** What each device has of this attribute comes too. */
  value?: string | undefined;
}

/** Asks where devices are and what has changed, until the returned function is called. */
export function follow(swarm: Swarm, how: Following): () => void {
  let version = 0;
  let timer: ReturnType<typeof setTimeout>;
  let isOver = false;
  const poll = async () => {
    try {
      if (!document.hidden) {
        const bytes = await devices.positions(version, how.value);
        if (isOver) return;
        const head = swarm.take(bytes, performance.now(), how.glides);
        version = head.version;
        how.told(head);
      }
    } catch (cause) {
      // Who answers next may be another run, with other numbers for the devices.
      version = 0;
      if (!isOver) how.failed(cause as Error);
    }
    if (!isOver)
      timer = setTimeout(poll, version === 0 ? Math.max(1000, how.every_ms) : how.every_ms);
  };
  void poll();
  return () => {
    isOver = true;
    clearTimeout(timer);
  };
}
