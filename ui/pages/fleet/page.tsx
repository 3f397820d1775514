import { lazy } from "../../src/lazy.tsx";
import type { Page } from "../../src/page.ts";
import { plant } from "../../src/plant.ts";
import "../../src/map/map.css";
import "./page.css";
import { t } from "./title.ts";

/** Devices that have a place, or more of them than the other pages list. */
function isFleet(): boolean {
  const { devices, series, series_total } = plant.value ?? {};
  return (devices?.placed ?? 0) > 0 || (series_total ?? 0) > (series?.length ?? 0);
}

export default {
  title: () => t().title,
  icon: "M10 18s5.5-5.2 5.5-9.5a5.5 5.5 0 0 0-11 0C4.5 12.8 10 18 10 18zM10 6.5a2 2 0 1 0 0 4 2 2 0 0 0 0-4",
  order: 15,
  available: isFleet,
  view: lazy(() => import("./fleet.tsx").then((it) => it.Fleet)),
} satisfies Page;
