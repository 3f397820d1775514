// Checks objects of Kubernetes' extensions (KEDA, the Prometheus operator) against the types that are
// made from their definitions: writes each as a TypeScript literal and lets tsc look at it.
//
//   node tests/deploy/extensions.mjs FILE.json      an array of objects
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const types = {
  ScaledObject: ["IScaledObject", "@kubernetes-models/keda/keda.sh/v1alpha1"],
  TriggerAuthentication: ["ITriggerAuthentication", "@kubernetes-models/keda/keda.sh/v1alpha1"],
  ServiceMonitor: ["IServiceMonitor", "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1"],
};

const objects = JSON.parse(readFileSync(process.argv[2], "utf8"));
const lines = [...Object.values(types)].map(([name, from]) => `import type { ${name} } from "${from}";`);
objects.forEach((object, i) => {
  if (!(object.kind in types)) throw new Error(`no types for a ${object.kind}`);
  lines.push(`export const object${i}: ${types[object.kind][0]} = ${JSON.stringify(object, null, 1)};`);
});

const work = mkdtempSync(join(here, "check-")); // here, so that node_modules is found
try {
  const file = join(work, "objects.ts");
  writeFileSync(file, lines.join("\n") + "\n");
  const tsc = join(here, "node_modules/typescript/bin/tsc");
  const flags = ["--noEmit", "--strict", "--skipLibCheck", "--module", "esnext", "--moduleResolution", "bundler",
    "--target", "es2022"];
  execFileSync(process.execPath, [tsc, ...flags, file], { stdio: "inherit" });
  console.log(`extensions: ${objects.length} checked`);
} catch (error) {
  console.error(`extensions: ${error.message}`);
  process.exitCode = 1;
} finally {
  rmSync(work, { recursive: true });
}
