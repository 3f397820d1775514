// npm run build [-- --outDir DIR]: the pages as a few files with fixed names.
import { copyFileSync, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { clearParts, indexOf, options, pages, root } from "./bundle.mjs";

const { values } = parseArgs({
  options: { outDir: { type: "string", default: join(root, "dist") } },
});
const out = resolve(process.env.INIT_CWD ?? process.cwd(), values.outDir);

mkdirSync(out, { recursive: true });
clearParts(out);
const { metafile } = await build({
  ...options,
  ...pages,
  outdir: out,
  minify: true,
  legalComments: "none",
});
indexOf(metafile, out);
copyFileSync(join(root, "favicon.svg"), join(out, "favicon.svg"));
