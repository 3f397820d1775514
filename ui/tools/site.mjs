// npm run site -- --outDir DIR: the city's map as files for a web server, beside an MQTT broker (deploy/nginx).
import { copyFileSync, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { clearParts, indexOf, options, pages, root } from "./bundle.mjs";

const { values } = parseArgs({
  options: { outDir: { type: "string", default: join(root, "dist-site") } },
});
const out = resolve(process.env.INIT_CWD ?? process.cwd(), values.outDir);

mkdirSync(out, { recursive: true });
clearParts(out);
const { metafile } = await build({
  ...options,
  ...pages,
  entryPoints: { app: join(root, "site/main.tsx") },
  outdir: out,
  minify: true,
  legalComments: "none",
  define: { global: "globalThis" },
});
indexOf(metafile, out);
copyFileSync(join(root, "favicon.svg"), join(out, "favicon.svg"));
