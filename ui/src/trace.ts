/** A short piece of a series' life, kept for a sparkline. */
export interface Trace {
  t: number[];
  v: number[];
}

/** Adds a point and forgets what has left the span; a repeated instant replaces its point. */
export function extend(trace: Trace, t: number, v: number, span: number): void {
  const last = trace.t.at(-1);
  if (last !== undefined && t < last) return;
  if (last === t) trace.v[trace.v.length - 1] = v;
  else {
    trace.t.push(t);
    trace.v.push(v);
  }
  let old = 0;
  while ((trace.t[old] ?? Number.POSITIVE_INFINITY) < t - span) old++;
  if (old > 0) {
    trace.t.splice(0, old);
    trace.v.splice(0, old);
  }
}
