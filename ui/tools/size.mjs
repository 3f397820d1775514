// npm run size: builds what a page loads, and measures it compressed; fails above the promise. What is
// loaded only when its page is opened is told apart.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { cache, root } from "./bundle.mjs";

const promise = 100_000;
const out = cache("size");
execFileSync(process.execPath, [join(root, "tools/build.mjs"), "--outDir", out]);

/// app.js and what it imports, and that imports …
function atOnce(name, known = new Set()) {
  if (known.has(name)) return known;
  known.add(name);
  const text = readFileSync(join(out, name), "utf8");
  for (const [, other] of text.matchAll(/(?:from|import)\s*"\.\/([^"]+)"/g)) atOnce(other, known);
  return known;
}

const first = atOnce("app.js");
let total = 0;
for (const name of readdirSync(out).sort()) {
  const size = gzipSync(readFileSync(join(out, name)), { level: 9 }).length;
  const isLater = name.endsWith(".js") && !first.has(name);
  if (!isLater) total += size;
  console.log(
    `${String(size).padStart(7)} B  ${name}${isLater ? ", when its page is opened" : ""}`,
  );
}
console.log(`${String(total).padStart(7)} B  at once, gzip; the promise is ${promise} B`);
process.exit(total > promise ? 1 : 0);
