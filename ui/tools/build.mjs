// npm run build [-- --outDir DIR]: the pages as a few files with fixed names.
import { copyFileSync, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { options, pages, root } from "./bundle.mjs";

const { values } = parseArgs({
  options: { outDir: { type: "string", default: join(root, "dist") } },
});
const out = resolve(process.env.INIT_CWD ?? process.cwd(), values.outDir);

mkdirSync(out, { recursive: true });
await build({
  ...options,
  ...pages,
  outdir: out,
  minify: true,
  legalComments: "none",
});
for (const name of ["index.html", "favicon.svg"]) copyFileSync(join(root, name), join(out, name));
