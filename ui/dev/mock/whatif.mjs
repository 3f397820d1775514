// Two futures of the make-believe plant: every third sensor goes off a little, and comes back.
const bucket_ms = 300_000;

export function whatIf(
  { hours, setpoints = {}, weather = null, weather_minutes = null },
  from,
  series,
  known,
) {
  const buckets = Math.round((hours * 3.6e6) / bucket_ms);
  const courses = series.slice(0, 60).map((info, k) => {
    const middle = ((info.low ?? 0) + (info.high ?? 1)) / 2;
    const wave = (i) => middle * (1 + 0.1 * Math.sin((i + 10 * k) / 45));
    const bump = (i) => 0.2 * middle * Math.exp(-(((i - buckets / 3) / (buckets / 8)) ** 2));
    const unchanged = Array.from({ length: buckets }, (_, i) => wave(i));
    const changed = k % 3 === 0 ? unchanged.map((v, i) => v + bump(i)) : null;
    return { series: info.id, name: info.name, unchanged, changed };
  });
  const differences = courses
    .map(({ changed, unchanged }, k) => ({
      series: series[k].id,
      name: series[k].name,
      entity: series[k].entity,
      quantity: series[k].quantity,
      unit: series[k].unit,
      decimals: series[k].decimals,
      noise: 0.01,
      deviation: changed ? 60 - k : 0,
      largest: changed ? changed[Math.round(buckets / 3)] - unchanged[Math.round(buckets / 3)] : 0,
      largest_ms: changed ? from + (buckets / 3) * bucket_ms : null,
      first_ms: changed ? from + k * bucket_ms : null,
      unchanged: unchanged[0],
      changed: changed ? changed[Math.round(buckets / 4)] : unchanged[0],
    }))
    .sort((a, b) => b.deviation - a.deviation);
  const verdict = (value, ok) => ({
    value,
    reduction_pct: 95,
    samples: 1,
    failed: ok ? 0 : 1,
    gross: false,
    ok,
  });
  const energy = (kwh) => ({ kwh, kwh_per_day: kwh, kwh_per_m3: kwh / 24500, removal_percent: 94 });
  return {
    from_ms: from,
    to_ms: from + buckets * bucket_ms,
    bucket_ms,
    took_s: 0.2,
    sensors: series.length,
    running: [],
    change: {
      began: [],
      undone: [],
      setpoints: Object.entries(setpoints).map(([name, value]) => {
        const one = known.find((it) => it.name === name);
        return { name, words: one.words, unit: one.unit, before: one.value, value };
      }),
      weather,
      weather_minutes,
    },
    differences,
    courses,
    compliance: {
      directive: "91/271/EEC",
      sample_hours: Math.min(24, hours),
      unusual_unchanged: 0,
      unusual_changed: weather === "storm" ? 1 : 0,
      parameters: [
        ["BOD5", 25, 70, 4, 9],
        ["TSS", 35, 90, 4, 41],
      ].map(([parameter, limit, min_reduction_pct, before, after]) => ({
        parameter,
        limit,
        min_reduction_pct,
        annual_mean: false,
        unit: "mg/l",
        unchanged: verdict(before, before <= limit),
        changed: verdict(after, after <= limit),
      })),
    },
    energy: { unchanged: energy(9480), changed: energy(8900) },
  };
}
