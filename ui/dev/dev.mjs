// npm run dev: builds on every change, and serves it with the mock server.
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { context } from "esbuild";
import { cache, options, pages, root } from "../tools/bundle.mjs";

const out = cache("dev");
for (const name of ["index.html", "favicon.svg"]) copyFileSync(join(root, name), join(out, name));
const bundle = await context({
  ...options,
  ...pages,
  outdir: out,
  sourcemap: "inline",
});
await bundle.watch();
process.argv.push("--pages", out);
await import("./mock-server.mjs");
