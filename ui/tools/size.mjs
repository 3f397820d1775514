// npm run size [-- --outDir DIR]: what a page loads, compressed; fails above the promise.
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { root } from "./bundle.mjs";

const promise = 100_000;
const { values } = parseArgs({
  options: { outDir: { type: "string", default: join(root, "dist") } },
});
const out = resolve(process.env.INIT_CWD ?? process.cwd(), values.outDir);
let total = 0;
for (const name of readdirSync(out).sort()) {
  const size = gzipSync(readFileSync(join(out, name)), { level: 9 }).length;
  total += size;
  console.log(`${String(size).padStart(7)} B  ${name}`);
}
console.log(`${String(total).padStart(7)} B  all, gzip; the promise is ${promise} B`);
process.exit(total > promise ? 1 : 0);
