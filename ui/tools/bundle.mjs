// What the build, the tests and the development server share: how a bundle is made.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/// An empty folder for what is built but not kept. Not dist/: the program would embed that one.
export function cache(name) {
  const folder = join(root, "node_modules/.cache/sosie", name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return folder;
}

/// The pages as a browser gets them: app.js and app.css, and what is loaded later or shared, named after
/// what is in it.
export const pages = {
  entryPoints: { app: join(root, "src/main.tsx") },
  splitting: true,
  chunkNames: "[name]-[hash]",
  metafile: true,
};

/// index.html, which has what app.js needs fetched at once.
export function indexOf(metafile, out) {
  const app = Object.keys(metafile.outputs).find((name) => name.endsWith("app.js"));
  const needed = metafile.outputs[app].imports.filter((it) => it.kind === "import-statement");
  const links = needed.map((it) => `<link rel="modulepreload" href="${basename(it.path)}">\n    `);
  const text = readFileSync(join(root, "index.html"), "utf8");
  writeFileSync(join(out, "index.html"), text.replace("<script ", `${links.join("")}<script `));
}

/// A folder that is built into again must not keep the parts of before.
export function clearParts(out) {
  for (const name of readdirSync(out)) {
    if (/-[A-Z0-9]{8}\.(js|css)$/.test(name)) rmSync(join(out, name));
  }
}

/// The menu is made of the folders: `sosie:pages` is the list of what stands in `pages/*/page.tsx`.
const pagesFromFolders = {
  name: "pages-from-folders",
  setup(build) {
    build.onResolve({ filter: /^sosie:pages$/ }, () => ({ path: "pages", namespace: "sosie" }));
    build.onLoad({ filter: /.*/, namespace: "sosie" }, () => {
      const folders = readdirSync(join(root, "pages"), { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map((entry) => entry.name)
        .sort();
      const imports = folders.map((name, i) => `import p${i} from "./pages/${name}/page.tsx";`);
      const entries = folders.map((name, i) => `{ ...p${i}, name: ${JSON.stringify(name)} }`);
      return {
        contents: `${imports.join("\n")}\nexport const pages = [${entries.join(", ")}];`,
        loader: "ts",
        resolveDir: root,
        watchDirs: [join(root, "pages")],
      };
    });
  },
};

/// What Leaflet is taken from: its module form, and its style sheet as text ("late:"), since app.css is
/// loaded at once and only a page with a map needs it.
const leaflet = {
  name: "leaflet",
  setup(build) {
    const find = (path, resolveDir) =>
      build.resolve(path, { resolveDir, kind: "import-statement" });
    build.onResolve({ filter: /^leaflet$/ }, ({ resolveDir }) =>
      find("leaflet/dist/leaflet-src.esm.js", resolveDir),
    );
    build.onResolve({ filter: /^late:/ }, async ({ path, resolveDir }) => ({
      path: (await find(path.slice("late:".length), resolveDir)).path,
      namespace: "late",
    }));
    build.onLoad({ filter: /.*/, namespace: "late" }, async ({ path }) => {
      const sheet = readFileSync(path, "utf8");
      const { code } = await build.esbuild.transform(sheet, { loader: "css", minify: true });
      return { contents: code, loader: "text" };
    });
  },
};

export const options = {
  absWorkingDir: root,
  bundle: true,
  format: "esm",
  target: ["es2020", "firefox100", "safari15"],
  jsx: "automatic",
  jsxImportSource: "preact",
  plugins: [pagesFromFolders, leaflet],
  logLevel: "warning",
};
