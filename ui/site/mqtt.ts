/**
 * What a page that only listens needs of MQTT 3.1.1 over a websocket: connect, subscribe at QoS 0, take
 * messages, stay alive, come back. The npm package `mqtt` does this and all the rest in 111 kB compressed,
 * and wants a worker from a blob, which the site's policy refuses.
 */
const keep_alive_s = 60;
const longest_wait_ms = 15_000;
const type = { connect: 1, connack: 2, publish: 3, subscribe: 8, pingreq: 12 } as const;
const utf8 = new TextEncoder();
const text = new TextDecoder();

function lengthOf(size: number): number[] {
  const bytes: number[] = [];
  let left = size;
  do {
    const low = left % 128;
    left = Math.floor(left / 128);
    bytes.push(left > 0 ? low | 128 : low);
  } while (left > 0);
  return bytes;
}

function word(value: number): number[] {
  return [value >> 8, value & 255];
}

function string(value: string): number[] {
  const bytes = [...utf8.encode(value)];
  return [...word(bytes.length), ...bytes];
}

export function packet(kind: number, flags: number, body: number[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array([(kind << 4) | flags, ...lengthOf(body.length), ...body]);
}

export function connectPacket(client: string, user?: string, password?: string) {
  const flags = 2 | (user === undefined ? 0 : 128) | (password === undefined ? 0 : 64);
  return packet(type.connect, 0, [
    ...string("MQTT"),
    4,
    flags,
    ...word(keep_alive_s),
    ...string(client),
    ...(user === undefined ? [] : string(user)),
    ...(password === undefined ? [] : string(password)),
  ]);
}

export function subscribePacket(filters: readonly string[]) {
  return packet(type.subscribe, 2, [...word(1), ...filters.flatMap((it) => [...string(it), 0])]);
}

/** Cuts what comes into packets: a websocket's message may end within one, or hold several. */
export class Cutter {
  private rest = new Uint8Array(0);

  take(piece: Uint8Array, each: (kind: number, flags: number, body: Uint8Array) => void): void {
    let bytes = piece;
    if (this.rest.length > 0) {
      bytes = new Uint8Array(this.rest.length + piece.length);
      bytes.set(this.rest);
      bytes.set(piece, this.rest.length);
    }
    let at = 0;
    while (at + 1 < bytes.length) {
      let size = 0;
      let head = at + 1;
      let more = true;
      for (let factor = 1; more && head < bytes.length; factor *= 128, head++) {
        const byte = bytes[head] as number;
        size += (byte & 127) * factor;
        more = byte > 127;
      }
      if (more || head + size > bytes.length) break;
      const first = bytes[at] as number;
      each(first >> 4, first & 15, bytes.subarray(head, head + size));
      at = head + size;
    }
    this.rest = bytes.slice(at);
  }
}

/** Topic and text of a PUBLISH; at QoS 0 there is no number between them. */
export function readPublish(flags: number, body: Uint8Array): { topic: string; text: string } {
  const size = ((body[0] as number) << 8) | (body[1] as number);
  const begin = 2 + size + ((flags & 6) !== 0 ? 2 : 0);
  return {
    topic: text.decode(body.subarray(2, 2 + size)),
    text: text.decode(body.subarray(begin)),
  };
}

export interface Listening {
  url: string;
  user?: string | undefined;
  password?: string | undefined;
  filters: readonly string[];
  message: (topic: string, text: string) => void;
  /** Whether it is connected; why not, in the broker's words where it says so. */
  connected: (is: boolean, why: string) => void;
}

const refusals = ["", "protocol", "client's name", "unavailable", "user or password", "no right"];

/** Connects, and connects again whenever it has lost the broker, until the page is closed. */
export function listen(to: Listening, tries = 0): void {
  const socket = new WebSocket(to.url, "mqtt");
  socket.binaryType = "arraybuffer";
  const cutter = new Cutter();
  let alive: ReturnType<typeof setInterval> | undefined;
  let isIn = false;
  let why = "";
  socket.onopen = () => {
    const name = [...crypto.getRandomValues(new Uint32Array(2))].join("");
    socket.send(connectPacket(`map${name}`, to.user, to.password));
    alive = setInterval(() => socket.send(packet(type.pingreq, 0, [])), (1000 * keep_alive_s) / 2);
  };
  socket.onmessage = ({ data }) =>
    cutter.take(new Uint8Array(data as ArrayBuffer), (kind, flags, body) => {
      if (kind === type.publish) {
        const { topic, text } = readPublish(flags, body);
        to.message(topic, text);
      } else if (kind === type.connack) {
        isIn = body[1] === 0;
        why = refusals[body[1] ?? 0] ?? "";
        if (!isIn) return;
        socket.send(subscribePacket(to.filters));
        to.connected(true, "");
      }
    });
  socket.onclose = () => {
    clearInterval(alive);
    to.connected(false, why);
    const next = isIn ? 0 : tries + 1;
    setTimeout(() => listen(to, next), Math.min(longest_wait_ms, 1000 * 2 ** Math.min(next, 10)));
  };
}
