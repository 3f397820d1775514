// Checks every dashboard of deploy/grafana against Grafana's own types (@grafana/schema): writes
// each as a TypeScript literal and lets tsc look at it, so an unknown key, a misspelt choice or a
// wrong type is an error with its place. No Grafana opens them here: none can be had.
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
`;

function checks(dashboard) {
  const lines = [`export const dashboard: Json<Dashboard> = ${JSON.stringify(dashboard, null, 1)};`];
  for (const panel of dashboard.panels) {
    if (!(panel.type in options)) throw new Error(`${panel.title}: no types for a '${panel.type}'`);
    const at = `// ${panel.title}\nexport const`;
    lines.push(`${at} options${panel.id}: Needed<${panel.type}.Options> = ${JSON.stringify(panel.options)};`);
    const custom = panel.fieldConfig.defaults.custom;
    if (custom) {
      lines.push(`${at} custom${panel.id}: Needed<timeseries.FieldConfig> = ${JSON.stringify(custom)};`);
    }
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

const work = mkdtempSync(join(here, "check-")); // here, so that node_modules is found
try {
  const files = readdirSync(folder).filter((name) => name.endsWith(".json"));
  if (files.length === 0) throw new Error(`no dashboard in ${folder}`);
  for (const file of files) {
    const dashboard = JSON.parse(readFileSync(join(folder, file), "utf8"));
    layout(dashboard);
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
