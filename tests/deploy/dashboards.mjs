// Checks every dashboard of deploy/grafana against Grafana's own types (@grafana/schema): writes
// each as a TypeScript literal and lets tsc look at it, so an unknown key, a misspelt choice or a
// wrong type is an error with its place; and what they ask for must be documented: every metric in
// docs/metrics.md, every path of the API in docs/api.md. No Grafana opens them here: none can be had.
//
//   npm ci --prefix tests/deploy && node tests/deploy/dashboards.mjs
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const folder = process.argv[2] ?? join(here, "../../deploy/grafana/dashboards");
const raw = "@grafana/schema/dist/esm/raw";

// The panels' own options, by panel type.
const options = {
  stat: "composable/stat/panelcfg/x/StatPanelCfg_types.gen",
  timeseries: "composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen",
  gauge: "composable/gauge/panelcfg/x/GaugePanelCfg_types.gen",
  bargauge: "composable/bargauge/panelcfg/x/BarGaugePanelCfg_types.gen",
  table: "composable/table/panelcfg/x/TablePanelCfg_types.gen",
};

const head = `
import type { Dashboard } from "${raw}/dashboard/x/dashboard_types.gen.js";
${Object.entries(options)
  .map(([type, path]) => `import type * as ${type} from "${raw}/${path}.js";`)
  .join("\n")}
// As JSON writes it: an enum by its value.
type Json<T> = T extends string ? \`\${T}\` : T extends number | boolean | null | undefined ? T
  : T extends (infer E)[] ? Json<E>[] : T extends object ? { [K in keyof T]: Json<T[K]> } : T;
type Needed<T> = Partial<Json<T>>;
// What we use of the queries of the three data sources.
type Source = { type: string; uid: string };
type Prometheus = { refId: string; datasource: Source; expr: string; legendFormat: string; editorMode: "code";
  format: "time_series"; instant: boolean; range: boolean };
type Influx = { refId: string; datasource: Source; query: string; rawQuery: true; resultFormat: "time_series" | "table";
  alias: string };
type Column = { selector: string; text: string; type: "string" | "number" | "timestamp_epoch" };
type Infinity = { refId: string; datasource: Source; type: "json"; source: "url"; url: string;
  url_options: { method: "GET" }; format: "table"; root_selector: string; columns: Column[] } &
  ({ parser: "backend" } | { parser: "simple"; json_options: { columnar: true } });
`;
const queries = { prometheus: "Prometheus", influxdb: "Influx", "yesoreyeram-infinity-datasource": "Infinity" };

function checks(dashboard) {
  const lines = [`export const dashboard: Json<Dashboard> = ${JSON.stringify(dashboard, null, 1)};`];
  for (const panel of dashboard.panels) {
    if (!(panel.type in options)) throw new Error(`${panel.title}: no types for a '${panel.type}'`);
    const at = `// ${panel.title}\nexport const`;
    lines.push(`${at} options${panel.id}: Needed<${panel.type}.Options> = ${JSON.stringify(panel.options)};`);
    const custom = panel.fieldConfig.defaults.custom;
    if (custom) {
      lines.push(`${at} custom${panel.id}: Needed<${panel.type}.FieldConfig> = ${JSON.stringify(custom)};`);
    }
    const query = queries[panel.datasource.type];
    if (!query) throw new Error(`${panel.title}: no types for queries of '${panel.datasource.type}'`);
    lines.push(`${at} targets${panel.id}: ${query}[] = ${JSON.stringify(panel.targets)};`);
  }
  return head + lines.join("\n") + "\n";
}

// What types cannot say: ids are unique and panels do not overlap.
function layout(dashboard) {
  const taken = new Map();
  const ids = new Set();
  for (const { id, title, gridPos: g } of dashboard.panels) {
    if (ids.has(id)) throw new Error(`${title}: id ${id} is taken`);
    ids.add(id);
    if (g.x + g.w > 24) throw new Error(`${title}: wider than the page`);
    for (let x = g.x; x < g.x + g.w; ++x) {
      for (let y = g.y; y < g.y + g.h; ++y) {
        const cell = `${x},${y}`;
        if (taken.has(cell)) throw new Error(`${title} lies on ${taken.get(cell)}`);
        taken.set(cell, title);
      }
    }
  }
}

const docs = (name) => readFileSync(join(here, "../../docs", name), "utf8");
const pattern = (text) => new RegExp(`^${text.replace(/<\w+>|\{\w+\}/g, "[^/]+")}$`);
const families = [...docs("metrics.md").matchAll(/`((?:sosie|edge_ai|station)_[\w<>]+)`/g)].map((m) => pattern(m[1]));
const paths = [...docs("api.md").matchAll(/`GET (\/[^`\s?]*)/g)].map((m) => pattern(m[1]));

// Nothing is asked for that the documentation does not have.
function asked(dashboard) {
  const targets = dashboard.panels.flatMap((panel) => panel.targets);
  const variables = dashboard.templating.list.flatMap(({ query }) => query.infinityQuery ?? { expr: query.query ?? "" });
  for (const { expr, url } of [...targets, ...variables]) {
    for (const [name] of (expr ?? "").matchAll(/\b(?:sosie|edge_ai|station)_\w+(?![\w.])/g)) {
      const family = name.replace(/_(bucket|sum|count)$/, "");
      if (!families.some((known) => known.test(name) || known.test(family)))
        throw new Error(`${dashboard.title}: docs/metrics.md has no ${name}`);
    }
    const path = url?.split("?")[0].replace(/\$\{\w+\}/g, "x");
    if (path && !paths.some((known) => known.test(path))) throw new Error(`${dashboard.title}: docs/api.md has no ${url}`);
  }
}

const work = mkdtempSync(join(here, "check-")); // here, so that node_modules is found
try {
  const files = readdirSync(folder).filter((name) => name.endsWith(".json"));
  if (files.length === 0) throw new Error(`no dashboard in ${folder}`);
  for (const file of files) {
    const dashboard = JSON.parse(readFileSync(join(folder, file), "utf8"));
    layout(dashboard);
    asked(dashboard);
    writeFileSync(join(work, `${file.replace(/\W/g, "_")}.ts`), checks(dashboard));
  }
  const sources = readdirSync(work).map((name) => join(work, name));
  const tsc = join(here, "node_modules/typescript/bin/tsc");
  const flags = ["--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext", "--target", "es2022"];
  execFileSync(process.execPath, [tsc, ...flags, ...sources], { stdio: "inherit" });
  console.log(`dashboards: ${files.length} checked against @grafana/schema`);
} catch (error) {
  console.error(`dashboards: ${error.message}`);
  process.exitCode = 1;
} finally {
  rmSync(work, { recursive: true });
}
