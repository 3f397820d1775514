declare module "sosie:pages" {
  import type { NamedPage } from "./page.ts";
  export const pages: NamedPage[];
}
declare module "*.css";
declare module "late:*.css" {
  const text: string;
  export default text;
}
