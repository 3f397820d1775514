import { lazy } from "../../src/lazy.tsx";
import type { Page } from "../../src/page.ts";
import { parts } from "../../src/plant.ts";
import "./page.css";
import { t } from "./title.ts";

export default {
  title: () => t().title,
  icon: "M2.5 10h6M8.500 10c4 0 4-5.500 9-5.500M8.500 10c4 0 4 5.500 9 5.500M15 2.500l2.500 2-2.500 2M15 13.500l2.500 2-2.500 2",
  order: 82,
  available: () => parts.value.simulator,
  view: lazy(() => import("./whatif.tsx").then((it) => it.WhatIfPage)),
} satisfies Page;
