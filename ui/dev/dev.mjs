// npm run dev: builds on every change into dist/, and serves it with the mock server.
import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { context } from "esbuild";
import { options, root } from "../tools/bundle.mjs";

const out = join(root, "dist");
mkdirSync(out, { recursive: true });
for (const name of ["index.html", "favicon.svg"]) copyFileSync(join(root, name), join(out, name));
const bundle = await context({
  ...options,
  entryPoints: { app: join(root, "src/main.tsx") },
  outdir: out,
  sourcemap: "inline",
});
await bundle.watch();
await import("./mock-server.mjs");
