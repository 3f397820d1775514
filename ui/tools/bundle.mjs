// What the build, the tests and the development server share: how a bundle is made.
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/// An empty folder for what is built but not kept. Not dist/: the program would embed that one.
export function cache(name) {
  const folder = join(root, "node_modules/.cache/sosie", name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return folder;
}

/// The pages as a browser gets them. Names are fixed, so that whoever embeds them need not look: what a
/// page of its own `import()` needs is named after its file ("fleet.js"), what it shares with app.js is
/// chunk.js.
export const pages = {
  entryPoints: { app: join(root, "src/main.tsx") },
  splitting: true,
  chunkNames: "[name]",
};

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

export const options = {
  absWorkingDir: root,
  bundle: true,
  format: "esm",
  target: ["es2020", "firefox100", "safari15"],
  jsx: "automatic",
  jsxImportSource: "preact",
  plugins: [pagesFromFolders],
  logLevel: "warning",
};
