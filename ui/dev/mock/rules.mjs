// Rules tried on the make-believe plant: limits and the like of them only, sampled coarsely.
const samples = 2000;

const wild = (pattern) =>
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, "\\$&")
      .replaceAll("*", ".*")
      .replaceAll("?", ".")}$`,
  );

function episodesOf(info, { high, low, deadband }, from, to, valueAt) {
  const found = [];
  let open = null;
  for (let i = 0; i <= samples; i++) {
    const t = Math.round(from + (i / samples) * (to - from));
    const value = valueAt(info.id, t);
    if (!open && (value > high || value < low)) {
      const side = value > high ? ["above", "au-dessus", high] : ["below", "au-dessous", low];
      const said = [value.toPrecision(4), info.unit].join(" ");
      open = {
        subject: info.name,
        series: info.id,
        onset_ms: t,
        detected_ms: t,
        closed_ms: null,
        value,
        sentence: {
          en: `${info.name}: ${said}, ${side[0]} ${side[2]}`,
          fr: `${info.name} : ${said}, ${side[1]} de ${side[2]}`,
        },
      };
      found.push(open);
    } else if (open && value < high - deadband && value > low + deadband) {
      open.closed_ms = t;
      open = null;
    }
  }
  return found;
}

function tryOne(block, from, to, series, valueAt) {
  const said = (key) => block.match(new RegExp(`^${key} = (.*)$`, "m"))?.[1] ?? "";
  const number = (key, otherwise) => (said(key) === "" ? otherwise : Number(said(key)));
  const limits = {
    high: number("high", Number.POSITIVE_INFINITY),
    low: number("low", Number.NEGATIVE_INFINITY),
    deadband: number("deadband", 0),
  };
  const patterns = JSON.parse(said("series") || said("devices") || "[]").map(wild);
  const fitting = series.filter(({ name, entity }) =>
    patterns.some((one) => one.test(name) || one.test(entity)),
  );
  const all = fitting.map((info) => [info.name, episodesOf(info, limits, from, to, valueAt)]);
  const listed = all.flatMap(([, found]) => found).sort((a, b) => b.onset_ms - a.onset_ms);
  const subjects = all
    .map(([name, found]) => ({ name, episodes: found.length }))
    .filter(({ episodes }) => episodes > 0)
    .sort((a, b) => b.episodes - a.episodes);
  const rule = {
    name: JSON.parse(said("name")),
    kind: JSON.parse(said("kind")),
    episodes: listed.length,
    open: listed.filter(({ closed_ms }) => closed_ms === null).length,
    lasting_s: listed.reduce((sum, e) => sum + ((e.closed_ms ?? to) - e.onset_ms) / 1000, 0),
    subjects_total: subjects.length,
    subjects: subjects.slice(0, 50),
    listed: listed.slice(0, 100),
  };
  return { rule, series: fitting.length };
}

const limit = (name, on, unit, high, low, more = {}) => ({
  name,
  kind: "limit",
  on: [on],
  priority: "medium",
  on_delay_s: 120,
  off_delay_s: 0,
  grouped: false,
  unit,
  deadband: 0,
  high,
  low,
  scenario: { high, low },
  since_ms: null,
  ...more,
});
const inForce = [
  limit("noise", "noise-*.laeq", "dB(A)", 80, null),
  limit("garage_full", "garage-*.free", "", null, 1, { priority: "low" }),
  { name: "silence", kind: "silence", on: ["noise-*"], priority: "medium", after_s: 180 },
];
const ruleLog = [];

export const rulesInForce = () => ({ rules: inForce, log: ruleLog });

export function moveRule(name, body, at_ms) {
  const rule = inForce.find((one) => one.name === name);
  const limits = () => ({ high: rule.high, low: rule.low });
  const from = limits();
  for (const side of ["high", "low"]) {
    if (side in body) rule[side] = body[side] ?? rule.scenario[side];
  }
  rule.since_ms = at_ms;
  const to = limits();
  ruleLog.unshift({ rule: name, from, to, reset: false, since_ms: at_ms, at_ms, ...body });
  return rule;
}

export function tryRules(toml, from, to, series, valueAt) {
  const made = toml
    .split("[[rule]]")
    .slice(1)
    .map((block) => tryOne(block, from, to, series, valueAt));
  const looked = made.reduce((sum, one) => sum + one.series, 0);
  return {
    from_ms: from,
    to_ms: to,
    cut: false,
    series: looked,
    readings: looked * samples,
    rules: made.map(({ rule }) => rule),
  };
}
