/** Pages by the part after '#', so that any server and any sub-path will do. */
import { computed, signal } from "@preact/signals";

export interface Route {
  page: string;
  /** What follows the page's name: "#/sensor/12" → "12"; "" when nothing does. */
  argument: string;
}

export function parseHash(hash: string): Route {
  const [page = "", ...rest] = hash.replace(/^#?\/?/, "").split("/");
  let argument = rest.join("/");
  try {
    argument = decodeURIComponent(argument);
  } catch {
    // A stray '%' in a hand-written address: taken as it stands.
  }
  return { page: page || "overview", argument };
}

const hash = signal(typeof location === "undefined" ? "" : location.hash);
if (typeof window !== "undefined") {
  window.addEventListener("hashchange", () => {
    hash.value = location.hash;
  });
}

/** Another address in place of this one, at once: nobody has gone anywhere. */
export function redirect(to: string): void {
  history.replaceState(null, "", to);
  hash.value = to;
}

export const route = computed(() => parseHash(hash.value));

export function link(page: string, argument: string | number = ""): string {
  return argument === "" ? `#/${page}` : `#/${page}/${encodeURIComponent(String(argument))}`;
}
