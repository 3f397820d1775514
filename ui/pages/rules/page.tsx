import { lazy } from "../../src/lazy.tsx";
import type { Page } from "../../src/page.ts";
import { plant } from "../../src/plant.ts";
import "./page.css";
import { t } from "./title.ts";

export default {
  title: () => t().title,
  icon: "M2.5 6.5h15M3 15.5l3.5-4 3 2 3.5-10 4 9",
  order: 42,
  available: () => (plant.value?.series_total ?? 0) > 0,
  view: lazy(() => import("./rules.tsx").then((it) => it.Rules)),
} satisfies Page;
