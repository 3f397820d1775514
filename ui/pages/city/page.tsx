import { lazy } from "../../src/lazy.tsx";
import "../../src/map/map.css";
import type { Page } from "../../src/page.ts";
import { plant } from "../../src/plant.ts";
import "./page.css";
import { t } from "./title.ts";

export default {
  title: () => t().title,
  icon: "M2.5 17.5h15M4 17.5v-7h4v7M8 17.5v-14h5v14M13 17.5v-9h3.5v9M10 6.5h1M10 9.5h1M10 12.5h1",
  order: 12,
  available: () => (plant.value?.zones ?? 0) > 0,
  view: lazy(() => import("./city.tsx").then((it) => it.City)),
} satisfies Page;
