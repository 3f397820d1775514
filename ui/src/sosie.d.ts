declare module "sosie:pages" {
  import type { Page } from "./page.ts";
  export const pages: Page[];
}
declare module "*.css";
