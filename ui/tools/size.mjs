// npm run size: builds what a page loads, and measures it compressed; fails above the promise.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { cache, root } from "./bundle.mjs";

const promise = 100_000;
const out = cache("size");
execFileSync(process.execPath, [join(root, "tools/build.mjs"), "--outDir", out]);
let total = 0;
for (const name of readdirSync(out).sort()) {
  const size = gzipSync(readFileSync(join(out, name)), { level: 9 }).length;
  total += size;
  console.log(`${String(size).padStart(7)} B  ${name}`);
}
console.log(`${String(total).padStart(7)} B  all, gzip; the promise is ${promise} B`);
process.exit(total > promise ? 1 : 0);
