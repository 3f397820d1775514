/**
 * Objects that would cover each other are shown as one disc with their number. Groups are made in
 * cells of the world at a whole level of zoom, so that they stay while the map is moved.
 */
export interface Cluster {
  x: number;
  y: number;
  count: number;
  /** The most urgent alarm of its objects, 1 to 4; 0: none. */
  priority: number;
  /** Somebody has yet to acknowledge an alarm of that priority. */
  isNew: boolean;
  /** One of them: the only one, where `count` is 1. */
  slot: number;
}

export interface Members {
  size: number;
  x: ArrayLike<number>;
  y: ArrayLike<number>;
  state: ArrayLike<number>;
}

const cell_px = 72;
/** Nearer to each other than that their discs would touch. */
const least_px = 40;
const row_factor = 2 ** 26;

function take(into: Cluster, from: Cluster): void {
  const count = into.count + from.count;
  into.x += ((from.x - into.x) * from.count) / count;
  into.y += ((from.y - into.y) * from.count) / count;
  into.count = count;
  const { priority, isNew } = from;
  if (priority === 0 || (into.priority !== 0 && priority > into.priority)) return;
  into.isNew = isNew || (into.priority === priority && into.isNew);
  into.priority = priority;
}

function put(into: Cluster, of: Members, slot: number): void {
  const state = of.state[slot] as number;
  into.x = of.x[slot] as number;
  into.y = of.y[slot] as number;
  into.count = 1;
  into.priority = state & 7;
  into.isNew = (state & 7) !== 0 && (state & 8) === 0;
  into.slot = slot;
}

function single(of: Members, slot: number): Cluster {
  const made = { x: 0, y: 0, count: 1, priority: 0, isNew: false, slot };
  put(made, of, slot);
  return made;
}

/** Puts what stands too near to a larger neighbour into it. */
function merge(cells: Map<number, Cluster>, scale: number): Cluster[] {
  const least = least_px / scale;
  const kept: Cluster[] = [];
  const done = new Set<Cluster>();
  const byCount = [...cells].sort(([, a], [, b]) => b.count - a.count);
  for (const [key, cluster] of byCount) {
    if (done.has(cluster)) continue;
    done.add(cluster);
    for (const dy of [-row_factor, 0, row_factor]) {
      for (const dx of [-1, 0, 1]) {
        const other = cells.get(key + dx + dy);
        if (!other || done.has(other)) continue;
        if (Math.hypot(other.x - cluster.x, other.y - cluster.y) >= least) continue;
        take(cluster, other);
        done.add(other);
      }
    }
    kept.push(cluster);
  }
  return kept;
}

/** Each by itself; `pool` is used again, so that ten thousand a frame leave nothing behind. */
export function singlesOf(
  of: Members,
  isWanted: (slot: number) => boolean,
  pool: Cluster[],
): Cluster[] {
  const found: Cluster[] = [];
  for (let i = 0; i < of.size; i++) {
    if (!isWanted(i)) continue;
    let one = pool[i];
    if (one) put(one, of, i);
    else {
      one = single(of, i);
      pool[i] = one;
    }
    found.push(one);
  }
  return found;
}

/** `scale`: pixels that the world is wide at the whole level of zoom. */
export function clustersOf(
  of: Members,
  scale: number,
  isWanted: (slot: number) => boolean,
): Cluster[] {
  const per_cell = scale / cell_px;
  const cells = new Map<number, Cluster>();
  for (let i = 0; i < of.size; i++) {
    if (!isWanted(i)) continue;
    const column = Math.floor((of.x[i] as number) * per_cell);
    const row = Math.floor((of.y[i] as number) * per_cell);
    const key = row * row_factor + column;
    const known = cells.get(key);
    if (known) take(known, single(of, i));
    else cells.set(key, single(of, i));
  }
  return merge(cells, scale);
}
