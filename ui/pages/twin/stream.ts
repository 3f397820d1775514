/**
 * Server-sent events over fetch: an EventSource can show neither a tenant nor a token, which the
 * broker knows by headers.
 */
export interface StreamEvent {
  id: string;
  /** null: a comment, which says no more than that the other side is there. */
  data: string | null;
}

/** Takes a stream piece by piece; gives the events that are complete (HTML, "Event stream"). */
export function eventReader(): (piece: string) => StreamEvent[] {
  let rest = "";
  let id = "";
  let data: string[] = [];
  return (piece) => {
    const lines = (rest + piece).split(/\r\n|\n|\r/);
    rest = lines.pop() ?? "";
    const events: StreamEvent[] = [];
    for (const line of lines) {
      if (line === "") {
        if (data.length > 0) events.push({ id, data: data.join("\n") });
        data = [];
        continue;
      }
      const colon = line.indexOf(":");
      if (colon === 0) {
        events.push({ id: "", data: null });
        continue;
      }
      const field = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
      if (field === "id") id = value;
      if (field === "data") data.push(value);
    }
    return events;
  };
}
