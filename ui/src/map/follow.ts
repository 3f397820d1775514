import { devices } from "../api/devices.ts";
import type { Head, Swarm } from "./swarm.ts";

interface Following {
  told: (head: Head) => void;
  failed: (cause: Error) => void;
  glides: boolean;
  /** From an answer to the next question, as long as there are news. */
  every_ms: number;
  /** And where there have been none for a while; as `every_ms`, if it is not given. */
  quiet_ms?: number;
  /** What each device has of this attribute comes too. */
  value?: string | undefined;
}

/** How long to wait for the next question: longer with each answer without news, up to `quiet_ms`. */
export function waitAfter(
  before_ms: number,
  hasNews: boolean,
  { every_ms, quiet_ms = every_ms }: Pick<Following, "every_ms" | "quiet_ms">,
): number {
  return hasNews ? every_ms : Math.min(quiet_ms, before_ms + every_ms / 3);
}

/** Asks where devices are and what has changed, until the returned function is called. */
export function follow(swarm: Swarm, how: Following): () => void {
  let version = 0;
  let wait_ms = how.every_ms;
  let timer: ReturnType<typeof setTimeout>;
  let isOver = false;
  const poll = async () => {
    try {
      if (!document.hidden) {
        const bytes = await devices.positions(version, how.value);
        if (isOver) return;
        const head = swarm.take(bytes, performance.now(), how.glides);
        version = head.version;
        wait_ms = waitAfter(wait_ms, head.told > 0, how);
        how.told(head);
      }
    } catch (cause) {
      // Who answers next may be another run, with other numbers for the devices.
      version = 0;
      if (!isOver) how.failed(cause as Error);
    }
    if (!isOver) timer = setTimeout(poll, version === 0 ? Math.max(1000, wait_ms) : wait_ms);
  };
  void poll();
  return () => {
    isOver = true;
    clearTimeout(timer);
  };
}
